/**
 * How long elections take in whole runs, measured over seeds: a leader killed, a cold start, a
 * leader cut off, and one that hands over. The expected figures are those of a calibration derived from the library's rules
 * (hashicorp/raft:raft.go (runFollower, runCandidate, checkLeaderLease)), not measured ones.
 */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { NoteKind, ProcessIndex } from '../../sim/core/machine.ts';
import type { Observer } from '../../sim/core/observer.ts';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { Execution } from '../../sim/run/execution.ts';

export type Situation = 'leader killed' | 'cold start' | 'leader isolated' | 'transfer';

/** Seconds; undefined where nothing is stated. */
export interface Figures {
  readonly min?: number;
  readonly low?: number;
  readonly median?: number;
  readonly high?: number;
}

export interface ElectionCase {
  readonly situation: Situation;
  readonly servers: number;
  readonly multiplier: number;
  /** Minimum, 5 %, median and 95 %. */
  readonly expected: Figures;
}

/** Messages and stable writes that always take as long, in a transfer: ms. */
const TRANSFER_MESSAGE = 10;
const TRANSFER_WRITE = 5;

export const ELECTION_CASES: readonly ElectionCase[] = [
  {
    situation: 'leader killed',
    servers: 3,
    multiplier: 5,
    expected: { min: 5, low: 6.6, median: 10.3, high: 13.6 },
  },
  {
    situation: 'leader killed',
    servers: 3,
    multiplier: 1,
    expected: { min: 1, low: 1.3, median: 2, high: 2.7 },
  },
  { situation: 'leader killed', servers: 5, multiplier: 5, expected: { median: 9.6, high: 12.3 } },
  { situation: 'leader killed', servers: 5, multiplier: 1, expected: { median: 1.9, high: 2.4 } },
  {
    situation: 'cold start',
    servers: 3,
    multiplier: 5,
    expected: { min: 5, median: 6, high: 8.2 },
  },
  {
    situation: 'cold start',
    servers: 3,
    multiplier: 1,
    expected: { min: 1, median: 1.2, high: 1.7 },
  },
  { situation: 'cold start', servers: 5, multiplier: 5, expected: {} },
  { situation: 'cold start', servers: 5, multiplier: 1, expected: {} },
  {
    situation: 'leader isolated',
    servers: 3,
    multiplier: 5,
    expected: { min: 2.5, median: 2.505, high: 2.51 },
  },
  {
    situation: 'leader isolated',
    servers: 3,
    multiplier: 1,
    expected: { min: 0.5, median: 0.505, high: 0.51 },
  },
  { situation: 'leader isolated', servers: 5, multiplier: 5, expected: { min: 2.42, high: 2.51 } },
  { situation: 'leader isolated', servers: 5, multiplier: 1, expected: { min: 0.43, high: 0.51 } },
  ...transferCases(),
];

/**
 * TimeoutNow, request and vote go one after the other; so do the three writes of the target and those
 * of a voter. But a voter that stands before the target in the configuration is asked after the
 * first: with three servers that is enough where s1 hands over to s2, which is one case of three.
 */
function transferCases(): ElectionCase[] {
  const seconds = (writes: number): number =>
    (3 * TRANSFER_MESSAGE + writes * TRANSFER_WRITE) / 1e3;
  const [quick, slow] = [seconds(4), seconds(6)];
  const situation = 'transfer';
  return [5, 1].flatMap((multiplier): ElectionCase[] => {
    // One TimeoutNow in seven meets a heartbeat on its connection, and dials another.
    const high = multiplier === 1 ? slow + (2 * TRANSFER_MESSAGE) / 1e3 : slow;
    return [
      {
        situation,
        servers: 3,
        multiplier,
        expected: { min: quick, low: quick, median: slow, high },
      },
      {
        situation,
        servers: 5,
        multiplier,
        expected: { min: slow, low: slow, median: slow, high },
      },
    ];
  });
}

const MICROS = 1e6;

/** Many rounds of the followers' timers, so that nothing is left of their common start. */
function faultSeconds(multiplier: number): number {
  return 25 * multiplier;
}

/** Each has led by then, and has connections to all others; the last of them is drawn. */
function handovers(servers: number, multiplier: number): object[] {
  const names = ['s1', 's2', 's3', 's4', 's5'].slice(0, servers);
  return [...names, 'random'].flatMap((to, turn) => {
    return [{ at: `${3 * (turn + 1) * multiplier}s`, transfer: 'leader', to }];
  });
}

function scenarioOf({ situation, servers, multiplier }: ElectionCase): Scenario {
  const at = `${faultSeconds(multiplier)}s`;
  const faults = {
    'leader killed': [{ at, crash: 'leader', how: 'kill' }],
    'cold start': [],
    'leader isolated': [{ at, partition: { isolate: 'leader' } }],
    transfer: [...handovers(servers, multiplier), { at, transfer: 'leader' }],
  }[situation];
  const text = JSON.stringify({
    start: situation === 'cold start' ? 'cold' : 'formed',
    duration: `${faultSeconds(multiplier) + 60}s`,
    settle: '1s',
    cluster: {
      raft: { alone: true },
      datacenters: { dc1: { servers } },
      agent: { performance: { raft_multiplier: multiplier } },
    },
    faults,
    ...(situation === 'transfer'
      ? {
          network: { lan: { latency: `${TRANSFER_MESSAGE}ms` } },
          disks: { all: { fsync: `${TRANSFER_WRITE}ms` } },
        }
      : {}),
    // With its bugs a vote is two writes of its own (B5).
    known_issues: situation === 'transfer' ? 'allow' : 'fix',
  });
  const loaded = loadScenario(text, { file: 'elections.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return loaded.scenario;
}

/** Seconds from the fault, or from the start, to the event in question; one per seed, ascending. */
export function measureElections(one: ElectionCase, seeds: number): number[] {
  const scenario = scenarioOf(one);
  const times: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) times.push(measureOne(scenario, one, seed));
  return times.sort((x, y) => x - y);
}

function measureOne(scenario: Scenario, one: ElectionCase, seed: number): number {
  const execution = new Execution(scenario, seed, { trace: 'off', observers: false });
  const { situation, multiplier } = one;
  const from = situation === 'cold start' ? 0 : faultSeconds(multiplier) * MICROS;
  const isolated = situation === 'leader isolated';
  const watch = isolated ? new StepDown(execution, from) : new Elected(execution, from);
  execution.world.observe(watch);
  execution.start();
  while (watch.seconds < 0 && execution.step());
  return watch.seconds;
}

/** Time of the first leader after the fault, or of all where there is none. */
class Elected implements Observer {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader];
  seconds = -1;
  private readonly execution: Execution;
  private readonly fromMicros: number;

  constructor(execution: Execution, fromMicros: number) {
    this.execution = execution;
    this.fromMicros = fromMicros;
  }

  onNote(): void {
    const { now } = this.execution.world;
    const from = this.fromMicros;
    if (now > from && this.seconds < 0) this.seconds = (now - from) / MICROS;
  }
}

/** From the last answer that the isolated leader had of anybody. */
class StepDown implements Observer {
  readonly wants: readonly NoteKind[] = [RaftNote.becameFollower];
  seconds = -1;
  private readonly execution: Execution;
  private readonly fromMicros: number;

  constructor(execution: Execution, fromMicros: number) {
    this.execution = execution;
    this.fromMicros = fromMicros;
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    const { world, simulation } = this.execution;
    if (world.now < this.fromMicros || this.seconds >= 0) return;
    const state = simulation.raft(process)!;
    const contacts = state.leaderState!.replications.map(
      (id) => state.replications[id]!.lastContact,
    );
    this.seconds = (world.now - Math.max(...contacts)) / MICROS;
  }
}

export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))];
}

export function figuresOf(ascending: readonly number[]): Required<Figures> {
  return {
    min: ascending[0],
    low: quantile(ascending, 0.05),
    median: quantile(ascending, 0.5),
    high: quantile(ascending, 0.95),
  };
}

/** Largest relative difference among the figures that are stated. */
export function worstDifference(expected: Figures, measured: Required<Figures>): number {
  const keys = ['min', 'low', 'median', 'high'] as const;
  return Math.max(
    ...keys.map((key) => {
      const wanted = expected[key];
      return wanted === undefined ? 0 : Math.abs(measured[key] - wanted) / wanted;
    }),
  );
}
