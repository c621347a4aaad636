/** Raft servers and clients that only write, brought to a steady state and measured by the second. */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import { Execution } from '../../sim/run/execution.ts';
import type { BenchCase, Runner } from './harness.ts';

const SLICE_MICROS = 1_000_000;
const WARM_UP_MICROS = 5_000_000;
/** Longer than any measurement lasts. */
const DURATION = '8000h';

export interface Cluster {
  readonly servers: number;
  readonly multiplier: number;
  /** A second; 0 for no clients. */
  readonly writes: number;
}

export function scenarioOf({ servers, multiplier, writes }: Cluster): Scenario {
  const kv = { kind: 'kv', clients: 10, rate: `${writes}/s`, keys: 50, mix: { put: '100%' } };
  const text = JSON.stringify({
    duration: DURATION,
    settle: '1s',
    cluster: {
      raft: { alone: true },
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

/** A cluster that runs with its trace, and with or without observers; useful are commits. */
export function clusterCase<Case extends { name: string; observers: boolean }>(
  one: Case,
  scenario: (one: Case) => Scenario,
  runSeconds: number,
): BenchCase {
  const { name, observers, ...params } = one;
  return {
    name,
    params: { ...params, observers: observers ? 'on' : 'off' },
    usefulUnit: 'commits/s',
    subject: () => {
      const options = { trace: 'ring', observers, history: false } as const;
      const built = scenario(one);
      return runnerOf(() => new Execution(built, 1, options), runSeconds);
    },
  };
}

/** Runs second after second; a new cluster now and then, since logs grow and nothing trims them. */
export function runnerOf(create: () => Execution, runSeconds: number): Runner {
  let execution = begin(create);
  return () => {
    if (execution.world.now > runSeconds * SLICE_MICROS) execution = begin(create);
    const { world } = execution;
    const [events, commits] = [world.event, committed(execution)];
    world.runUntil(world.now + SLICE_MICROS);
    return {
      events: world.event - events,
      simulatedSeconds: SLICE_MICROS / 1e6,
      useful: committed(execution) - commits,
    };
  };
}

function begin(create: () => Execution): Execution {
  const execution = create();
  execution.start();
  execution.world.runUntil(WARM_UP_MICROS);
  return execution;
}

function committed({ simulation }: Execution): number {
  for (const { process } of simulation.servers) {
    const state = simulation.raft(process);
    if (state?.role === Role.leader) return state.commitIndex;
  }
  return 0;
}
