/** Everything on these links takes longer by a time that is drawn for each message. */
import { addRule, affectedByRule, linksScope, removeRule } from './rules.ts';
import type { RulesHeld } from './rules.ts';
import type { ActionOf, Verb } from './verb.ts';

export const delay: Verb<ActionOf<'delay'>, RulesHeld> = {
  begin(action, aim, stage) {
    const scope = linksScope(action.links, aim, stage);
    return {
      held: addRule(
        action.links,
        scope,
        { kind: 'delay', sampler: stage.sampler(action.delay) },
        stage,
      ),
    };
  },
  affected: affectedByRule,
  end: removeRule,
};
