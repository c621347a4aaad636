/**
 * Raft servers under a load of writes, as a run has them: real clients, forwarding, key-value FSM,
 * trace, fingerprint and the ten invariants. Useful work is commits; the history is not recorded.
 */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import { Execution } from '../../sim/run/execution.ts';
import type { Bench, BenchCase, Runner } from './harness.ts';

const SLICE_MICROS = 1_000_000;
/** Longer than any measurement lasts. */
const DURATION = '8000h';

interface Case {
  readonly name: string;
  readonly servers: number;
  readonly multiplier: number;
  readonly writes: number;
  readonly observers: boolean;
}

function scenarioOf({ servers, multiplier, writes }: Case): Scenario {
  const kv = { kind: 'kv', clients: 10, rate: `${writes}/s`, keys: 50, mix: { put: '100%' } };
  const text = JSON.stringify({
    duration: DURATION,
    settle: '1s',
    cluster: {
      datacenters: { dc1: { servers } },
      agent: { performance: { raft_multiplier: multiplier } },
    },
    load: writes === 0 ? {} : { kv },
    disks: { all: { fsync: { median: '800us', p99: '5ms' } } },
    limits: { events: 1e15, trace: '32MiB' },
    known_issues: 'fix',
  });
  const loaded = loadScenario(text, { file: 'bench.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return loaded.scenario;
}

/** A new cluster now and then: logs grow, since nothing trims them yet. */
const RUN_MICROS = 600 * SLICE_MICROS;

function runner(one: Case): () => Runner {
  return () => {
    const scenario = scenarioOf(one);
    let execution = begin(scenario, one);
    return () => {
      if (execution.world.now > RUN_MICROS) execution = begin(scenario, one);
      const { world } = execution;
      const [events, commits] = [world.event, committed(execution)];
      world.runUntil(world.now + SLICE_MICROS);
      return {
        events: world.event - events,
        simulatedSeconds: SLICE_MICROS / 1e6,
        useful: committed(execution) - commits,
      };
    };
  };
}

function begin(scenario: Scenario, { observers }: Case): Execution {
  const execution = new Execution(scenario, 1, { trace: 'ring', observers, history: false });
  execution.start();
  execution.world.runUntil(5 * SLICE_MICROS);
  return execution;
}

function committed({ simulation }: Execution): number {
  for (const { process } of simulation.servers) {
    const state = simulation.raft(process);
    if (state?.role === Role.leader) return state.commitIndex;
  }
  return 0;
}

function benchCase(one: Case): BenchCase {
  const { name, servers, multiplier, writes, observers } = one;
  return {
    name,
    params: { servers, multiplier, writes, observers: observers ? 'on' : 'off' },
    usefulUnit: 'commits/s',
    subject: runner(one),
  };
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
  ].map(benchCase),
};
