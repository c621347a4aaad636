/**
 * Servers with all duties of Consul, as a run has them: reads and writes of every mode, watchers with
 * blocking queries, all invariants. Useful work is commits; the history is not recorded.
 */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { clusterCase } from './cluster.ts';
import type { Bench } from './harness.ts';

const RUN_SECONDS = 600;

interface Case {
  readonly name: string;
  readonly servers: number;
  /** Operations a second, and watchers of one key each. */
  readonly operations: number;
  readonly watchers: number;
  readonly observers: boolean;
}

function scenarioOf(
  { servers, operations, watchers }: Case,
  multiplier = 1,
  trace = '32MiB',
): Scenario {
  const kv = {
    kind: 'kv',
    clients: 20,
    rate: `${operations}/s`,
    keys: 50,
    mix: { put: '30%', get: '60%', cas: '10%' },
    consistency: { default: '60%', consistent: '10%', stale: '30%' },
  };
  const config = { kind: 'watch', clients: watchers, keys: 1000, watch: 'key', writes: '10/s' };
  const text = JSON.stringify({
    duration: '8000h',
    settle: '1s',
    cluster: {
      datacenters: { dc1: { servers } },
      agent: { performance: { raft_multiplier: multiplier } },
    },
    load: { ...(operations === 0 ? {} : { kv }), ...(watchers === 0 ? {} : { config }) },
    disks: { all: { fsync: { median: '800us', p99: '5ms' } } },
    limits: { events: 1e15, trace },
    known_issues: 'fix',
  });
  const loaded = loadScenario(text, { file: 'bench.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return loaded.scenario;
}

/** Nobody asks these servers anything; their trace is soon full. */
export function idleScenario(servers: number, multiplier: number): Scenario {
  const idle = { name: 'idle', servers, operations: 0, watchers: 0, observers: true };
  return scenarioOf(idle, multiplier, '4MiB');
}

export const bench: Bench = {
  name: 'server',
  title: 'servers with all duties, mixed operations and watchers',
  cases: [
    { name: 'mixed', servers: 5, operations: 500, watchers: 1000, observers: true },
    { name: 'mixed', servers: 5, operations: 500, watchers: 1000, observers: false },
    { name: 'idle', servers: 5, operations: 0, watchers: 0, observers: true },
    { name: 'idle', servers: 5, operations: 0, watchers: 0, observers: false },
  ].map((one) => clusterCase<Case>(one, (made) => scenarioOf(made), RUN_SECONDS)),
};
