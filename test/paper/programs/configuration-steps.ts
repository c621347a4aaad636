/** Steps B5 to B11: how programs read their configuration, and are told of changes. */
import type { Step } from './steps.ts';

const FACT = { unit: '1', window: [1, 1], rule: '1' } as const;
/** Watchers of one prefix. */
export const HERD = 6;

export const CONFIGURATION_STEPS = {
  absent: {
    step: 'B5',
    what: 'a key that is not there has an index, which the next query waits from',
    ...FACT,
  },
  timedOut: {
    step: 'B6',
    what: 'a query of 20 s to its answer when nothing has changed',
    unit: 's',
    window: [20, 21.3],
    uniform: [20, 21.25],
    rule: '20 s and U[0, 1.25 s) of the server',
  },
  spurious: {
    step: 'B6, B10',
    what: 'no watcher of a key that is there is woken by what is written to others',
    ...FACT,
  },
  deleted: { step: 'B6', what: 'a watcher is told of a delete', ...FACT },
  increments: {
    step: 'B7',
    what: 'with ?cas counters show no less than the increments that were acknowledged',
    ...FACT,
  },
  coalesced: {
    step: 'B7',
    what: 'changes of a prefix for each answer to a program that waits up to 8 s before it asks again',
    unit: '1',
    window: [1.1, 20],
    rule: 'above 1: the last value, not the history',
  },
  ordered: { step: 'B8', what: 'the configuration of no program goes back', ...FACT },
  unnoticed: { step: 'B9', what: 'no program notices the death of a follower', ...FACT },
  leaderLost: {
    step: 'B9',
    what: 'death of the leader to the error of a waiting query',
    unit: 's',
    window: [0, 0.6],
    rule: 'at once, or after one retry of up to 0.44 s',
  },
  leaderless: {
    step: 'B9',
    what: 'a waiting query that meets no leader to its error',
    unit: 's',
    window: [28.25, 120],
    rule: 'after 7 s + 20 s x 17/16, at the next attempt',
  },
  kept: { step: 'B9', what: 'every program has its last configuration after every error', ...FACT },
  herd: {
    step: 'B10',
    what: `answers to ${HERD} watchers of a prefix for one write`,
    unit: '1',
    window: [HERD, HERD],
    rule: 'one for each',
  },
  pushed: {
    step: 'B11',
    what: 'commit of a write to its answer at a watcher, while nothing is wrong',
    unit: 's',
    window: [0, 0.1],
    rule: 'a wake-up and its way: no term of polling',
  },
} as const satisfies Readonly<Record<string, Step>>;
export type ConfigurationStep = keyof typeof CONFIGURATION_STEPS;
