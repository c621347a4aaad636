/** Packets are lost with a probability, besides what the links lose by themselves. */
import { addRule, affectedByRule, linksScope, removeRule } from './rules.ts';
import type { RulesHeld } from './rules.ts';
import type { ActionOf, Verb } from './verb.ts';

export const loss: Verb<ActionOf<'loss'>, RulesHeld> = {
  begin(action, aim, stage) {
    const scope = linksScope(action.links, aim, stage);
    return {
      held: addRule(action.links, scope, { kind: 'drop', probability: action.probability }, stage),
    };
  },
  affected: affectedByRule,
  end: removeRule,
};
