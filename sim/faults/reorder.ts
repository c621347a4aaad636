/** Each message is held back by its own draw, so that later ones overtake it; a stream puts them back in order and is only later. */
import { addRule, affectedByRule, linksScope, removeRule } from './rules.ts';
import type { RulesHeld } from './rules.ts';
import type { ActionOf, Verb } from './verb.ts';

export const reorder: Verb<ActionOf<'reorder'>, RulesHeld> = {
  begin(action, aim, stage) {
    const scope = linksScope(action.links, aim, stage);
    return {
      held: addRule(
        action.links,
        scope,
        { kind: 'reorder', sampler: stage.sampler(action.delay) },
        stage,
      ),
    };
  },
  affected: affectedByRule,
  end: removeRule,
};
