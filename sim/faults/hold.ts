/** Messages wait on their links until the fault ends, then all arrive. */
import { addRule, affectedByRule, linksScope, removeRule } from './rules.ts';
import type { RulesHeld } from './rules.ts';
import type { ActionOf, Verb } from './verb.ts';

export const hold: Verb<ActionOf<'hold'>, RulesHeld> = {
  begin(action, aim, stage) {
    const scope = linksScope(action.links, aim, stage);
    return { held: addRule(action.links, scope, { kind: 'hold' }, stage) };
  },
  affected: affectedByRule,
  end: removeRule,
};
