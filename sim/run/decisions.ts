/** The decisions of a scenario, as the kernel asks for them. */
import { NamedDecisions } from '../core/named-decisions.ts';
import type { NamedDecision, Outcome } from '../core/named-decisions.ts';
import type { DecisionSpec, Scenario } from '../../scenarios/scenario.ts';
import { MESSAGE_CLASSES } from '../../scenarios/vocabulary.ts';

/** Null where the scenario decides nothing. */
export function decisionsOf({ hosts, decisions = [] }: Scenario): NamedDecisions | null {
  if (decisions.length === 0) return null;
  const process = (name: string): number => hosts.findIndex((host) => host.name === name);
  return new NamedDecisions(decisions.map((one) => named(one, process)));
}

function named(one: DecisionSpec, process: (name: string) => number): NamedDecision {
  switch (one.kind) {
    case 'delay': {
      const { from, to, nth, micros } = one;
      // Class 0 of a world is that of messages without one.
      const messageClass = MESSAGE_CLASSES.indexOf(one.messageClass) + 1;
      const name = { from: process(from), to: process(to), messageClass, ordinal: nth };
      return { kind: 'delay', name, delayMicros: micros };
    }
    case 'select': {
      const { lane, nth, choice } = one;
      return { kind: 'select', process: process(one.process), lane, ordinal: nth, choice };
    }
    case 'draw': {
      const { purpose, nth, value } = one;
      return { kind: 'draw', process: process(one.process), purpose, ordinal: nth, value };
    }
    default:
      return one satisfies never;
  }
}

/** A decision that did not have its say. */
export interface Missed {
  readonly decision: DecisionSpec;
  /** `unasked`: the run never came to it. `defaulted`: what it chose is not there any more. */
  readonly outcome: Exclude<Outcome, 'applied'>;
}

export function missedDecisions(
  { decisions = [] }: Scenario,
  named: NamedDecisions | null,
): Missed[] {
  const outcomes = named?.results() ?? [];
  return decisions.flatMap((decision, place): Missed[] => {
    const outcome = outcomes[place]!;
    return outcome === 'applied' ? [] : [{ decision, outcome }];
  });
}
