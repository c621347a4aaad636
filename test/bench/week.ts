/**
 * A week of three servers to whom nobody writes: Raft alone, and with all duties of Consul and every
 * invariant. How long it takes, and that it does not grow: what a run holds is noted now and then. One
 * run from beginning to end. Coordinates of the network fill the log until snapshots trim it, which
 * takes two days.
 */
import type { Scenario } from '../../scenarios/scenario.ts';
import { Execution } from '../../sim/run/execution.ts';
import { runnerOf, scenarioOf } from './cluster.ts';
import type { Bench, BenchCase } from './harness.ts';
import { idleScenario } from './server.ts';

const SERVERS = 3;
const MULTIPLIER = 5;
const DAY_SECONDS = 86_400;
const DAYS: readonly number[] = [1, 2, 3, 5, 7];

function weekOf(name: string, scenario: () => Scenario, observers: boolean): BenchCase {
  return {
    name,
    params: { servers: SERVERS, multiplier: MULTIPLIER, observers: observers ? 'on' : 'off' },
    usefulUnit: 'commits/s',
    stations: DAYS.map((days) => days * DAY_SECONDS),
    subject: () => {
      const options = { trace: 'ring', observers, history: false } as const;
      return runnerOf(() => new Execution(scenario(), 1, options), Infinity);
    },
  };
}

export const bench: Bench = {
  name: 'week',
  title: 'a week of three idle servers',
  cases: [
    weekOf(
      'raft-alone',
      () => scenarioOf({ servers: SERVERS, multiplier: MULTIPLIER, writes: 0 }),
      false,
    ),
    weekOf('all-duties', () => idleScenario(SERVERS, MULTIPLIER), true),
  ],
};
