/**
 * A week of three servers to whom nobody writes, Raft alone: how long it takes, and that it does not
 * grow. One run from beginning to end; what the first day took is noted too.
 */
import { Execution } from '../../sim/run/execution.ts';
import { runnerOf, scenarioOf } from './cluster.ts';
import type { Bench } from './harness.ts';

const CLUSTER = { servers: 3, multiplier: 5, writes: 0 };
const DAY_SECONDS = 86_400;

export const bench: Bench = {
  name: 'week',
  title: 'a week of three idle servers',
  cases: [
    {
      name: 'idle-week',
      params: { servers: CLUSTER.servers, multiplier: CLUSTER.multiplier, observers: 'off' },
      usefulUnit: 'commits/s',
      stations: [DAY_SECONDS, 7 * DAY_SECONDS],
      subject: () => {
        const options = { trace: 'ring', observers: false, history: false } as const;
        return runnerOf(() => new Execution(scenarioOf(CLUSTER), 1, options), Infinity);
      },
    },
  ],
};
