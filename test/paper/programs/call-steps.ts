/** Steps A4 to A6: how clients find instances, pick one, and call it. */
import { COMMIT_SECONDS } from './steps.ts';
import type { Step } from './steps.ts';

const FACT = { unit: '1', window: [1, 1], rule: '1' } as const;
/** A client has to be told, and calls every 80 ms or so. */
const TOLD_SECONDS = COMMIT_SECONDS + 0.1;

export const CALL_STEPS = {
  ordered: {
    step: 'A4',
    what: 'plain queries with equal indexes give equal lists, unshuffled',
    ...FACT,
  },
  empty: {
    step: 'A4',
    what: 'maintenance of all instances to an empty list, not an error, at a watching client',
    unit: 's',
    window: [0, TOLD_SECONDS],
    rule: 'a commit and a wake-up',
  },
  refusedAtOnce: {
    step: 'A4',
    what: 'a query that meets servers whose leader has just died, to its error',
    unit: 's',
    window: [0, 0.6],
    rule: 'at once, or after one retry of up to 0.44 s',
  },
  held: {
    step: 'A4',
    what: 'a query that finds no leader to its error',
    unit: 's',
    window: [7, 35],
    rule: 'after 7 s, at the next attempt; 4 % above 17 s',
  },
  streamKept: {
    step: 'A4',
    what: 'the loss of the leader is not felt by a stream of another server',
    ...FACT,
  },
  streamLost: {
    step: 'A4',
    what: 'loss of the server of a stream to the error of the watching client',
    unit: 's',
    window: [0, 0.1],
    rule: 'at once',
  },
  turns: {
    step: 'A5',
    what: 'round robin: difference between the most and the least picked instance',
    unit: '1',
    window: [0, 1],
    rule: 'at most 1',
  },
  random: {
    step: 'A5',
    what: 'random: chi-square of the picks, three degrees of freedom',
    unit: '1',
    // Above that once in ten million.
    window: [0, 36],
    rule: '3 on average',
  },
  weighted: {
    step: 'A5',
    what: 'smooth weighted 5, 1, 1, 1: so in any eight picks in a row',
    ...FACT,
  },
  refused: {
    step: 'A6',
    what: 'death of an instance to the last call that it refuses',
    unit: 's',
    window: [0, 10 + TOLD_SECONDS],
    rule: 'the next check, a commit, a wake-up',
  },
  hung: {
    step: 'A6',
    what: 'hang of an instance to the last call that is sent to it',
    unit: 's',
    window: [1.5, 12 + TOLD_SECONDS],
    rule: 'the next check, 2 s, a commit, a wake-up',
  },
  dark: {
    step: 'A6',
    what: 'loss of a whole host to the last call that is sent to it',
    unit: 's',
    window: [4, 40],
    rule: 'a probe, suspicion of 4.6 s or more, a commit',
  },
} as const satisfies Readonly<Record<string, Step>>;
export type CallStep = keyof typeof CALL_STEPS;
