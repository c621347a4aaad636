/** Runs of small clusters with faults written in the scenario language, for the tests of the faults. */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Faults } from '../../sim/faults/controller.ts';
import { Execution } from '../../sim/run/execution.ts';
import type { World } from '../../sim/core/world.ts';

export const SECOND = 1_000_000;

export interface ClusterText {
  /** Items of `faults:`, each as one line of YAML. */
  readonly faults: readonly string[];
  /** Instead of `faults`: the items as they stand in a file. */
  readonly text?: string;
  readonly servers?: number;
  /** Instead of `servers`: the line that says what the cluster is. */
  readonly cluster?: string;
  readonly seed?: number;
  /** More keys of the scenario, as lines of YAML. */
  readonly more?: readonly string[];
  readonly duration?: string;
  /** A load of 50 operations a second, or of as many as that. */
  readonly load?: boolean | number;
  /** How open bugs are treated; fixed unless said otherwise. */
  readonly known?: 'fix' | 'allow';
}

/** Errors: what the loader finds wrong with the text. */
export function scenarioOf(text: ClusterText): Scenario {
  const { faults, servers = 3, more = [], duration = '60s', load = false, known = 'fix' } = text;
  const raft = 'raft: { alone: true }, agent: { performance: { raft_multiplier: 1 } }';
  const lines = [
    'name: faults',
    `duration: ${duration}`,
    'settle: 20s',
    text.cluster ?? `cluster: { datacenters: { dc1: { servers: ${servers} } }, ${raft} }`,
    `known_issues: ${known}`,
    ...(load === false ? [] : [loadText(load === true ? 50 : load)]),
    ...more,
    faults.length === 0 && text.text === undefined ? 'faults: []' : 'faults:',
    ...faults.map((fault) => `  - ${fault}`),
    text.text ?? '',
  ];
  const loaded = loadScenario(lines.join('\n'), { file: 'faults.yaml' });
  if (loaded.ok) return loaded.scenario;
  throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
}

function loadText(rate: number): string {
  return `load: { kv: { kind: kv, clients: 2, rate: ${rate}/s, keys: 5 } }`;
}

export interface FaultRun {
  readonly scenario: Scenario;
  readonly world: World;
  readonly faults: Faults;
  readonly execution: Execution;
  /** Handles every event up to and including that second of the run. */
  to(seconds: number): void;
  /** `down`, `running`, `stopped` or `suspended`, by host. */
  status(name: string): string;
  /** Name of the server that leads in the highest term; empty for nobody. */
  leader(): string;
  /** Results as text: `crash s1 10..15 affected 1`. */
  told(): string[];
}

export function start(text: ClusterText): FaultRun {
  return startScenario(scenarioOf(text), text.seed ?? 1);
}

export function startScenario(scenario: Scenario, seed: number): FaultRun {
  const execution = new Execution(scenario, seed, { trace: 'full', observers: false });
  const { world, faults, simulation } = execution;
  execution.start();
  const named = (name: string) => world.processes.find((process) => process.host.name === name)!;
  return {
    scenario,
    world,
    faults,
    execution,
    to: (seconds) => world.runUntil(Math.round(seconds * SECOND)),
    status: (name) => named(name).status,
    leader: () => {
      let name = '';
      let term = 0;
      for (const server of simulation.servers) {
        const state = simulation.raft(server.process);
        if (state?.role !== 2 || state.term <= term) continue;
        term = state.term;
        name = server.name;
      }
      return name;
    },
    told: () =>
      faults
        .results()
        .map(({ name, begin, end, affected }) => `${name} ${begin}..${end} affected ${affected}`),
  };
}

/** A note of the run: seconds, the host it is about, its first two arguments. */
export interface Told {
  readonly time: number;
  readonly host: string;
  readonly a: number;
  readonly b: number;
}

/** Every note of that kind so far. */
export function notes({ world }: FaultRun, kind: number): Told[] {
  const found: Told[] = [];
  for (let row = 0; row < world.notes.rows; row++) {
    if (world.notes.kind(row) !== kind) continue;
    found.push({
      time: world.trace.time(world.notes.event(row)) / SECOND,
      host: world.processes[world.notes.process(row)].host.name,
      a: world.notes.a(row),
      b: world.notes.b(row),
    });
  }
  return found;
}
