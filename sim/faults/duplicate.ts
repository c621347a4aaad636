/** Datagrams arrive twice; of a stream TCP throws the second copy away. */
import { addRule, affectedByRule, linksScope, removeRule } from './rules.ts';
import type { RulesHeld } from './rules.ts';
import type { ActionOf, Verb } from './verb.ts';

export const duplicate: Verb<ActionOf<'duplicate'>, RulesHeld> = {
  begin(action, aim, stage) {
    const scope = linksScope(action.links, aim, stage);
    return {
      held: addRule(
        action.links,
        scope,
        { kind: 'duplicate', probability: action.probability },
        stage,
      ),
    };
  },
  affected: affectedByRule,
  end: removeRule,
};
