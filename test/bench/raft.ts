/**
 * Raft servers under a load of writes, as a run has them: real clients, forwarding, key-value FSM,
 * trace, fingerprint and the ten invariants. Useful work is commits; the history is not recorded.
 */
import { clusterCase, scenarioOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Bench } from './harness.ts';

const RUN_SECONDS = 600;

interface Case extends Cluster {
  readonly name: string;
  readonly observers: boolean;
}

export const bench: Bench = {
  name: 'raft',
  title: 'five Raft servers and their clients',
  cases: [
    { name: 'five-servers', servers: 5, multiplier: 1, writes: 500, observers: true },
    { name: 'five-servers', servers: 5, multiplier: 1, writes: 500, observers: false },
    { name: 'light', servers: 5, multiplier: 5, writes: 50, observers: true },
    { name: 'heavy', servers: 5, multiplier: 1, writes: 5000, observers: true },
    { name: 'idle', servers: 5, multiplier: 5, writes: 0, observers: true },
    { name: 'idle', servers: 5, multiplier: 5, writes: 0, observers: false },
  ].map((one) => clusterCase<Case>(one, scenarioOf, RUN_SECONDS)),
};
