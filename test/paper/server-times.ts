/**
 * How long the duties of a Consul server take, measured over many crashes and returns, beside what
 * follows from the rules: autopilot looks every 10 s, and a server without a vote must have been
 * healthy for 10 s; a new leader answers default reads before it has applied what it inherited. The
 * first append of its replicators is empty, and the Noop goes with the second one, the barrier of the
 * leader loop beside it: two round trips and a follower's disk (hashicorp/raft:replication.go
 * (replicate), hashicorp/raft:raft.go (startStopReplication)). A request without a leader is tried again
 * until an attempt fails after 7 s (hashicorp/consul:agent/consul/rpc.go (canRetry, getWaitTime)).
 */
import type { NoteKind, ProcessIndex } from '../../sim/core/machine.ts';
import type { Observer } from '../../sim/core/observer.ts';
import { AutopilotNote } from '../../sim/consul/autopilot/vocabulary.ts';
import { LeaderNote } from '../../sim/consul/leader/vocabulary.ts';
import { MemberStatus } from '../../sim/consul/membership/members.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { SerfNote } from '../../sim/protocol/serf/vocabulary.ts';
import { Execution } from '../../sim/run/execution.ts';
import { parse } from '../run/kit.ts';
import { measureSessions } from './session-times.ts';

const SECOND = 1_000_000;
/** By then the server that is left has given its leader up. */
const FORGOTTEN_MICROS = 40 * SECOND;
/** s3, whose crashes and returns are measured. */
const VICTIM = 2;

/** Times in seconds, sorted. */
export interface Times {
  readonly removal: readonly number[];
  readonly promotion: readonly number[];
  readonly window: readonly number[];
  readonly ready: readonly number[];
  readonly givingUp: readonly number[];
  readonly expiry: readonly number[];
  readonly inherited: readonly number[];
  readonly release: readonly number[];
}

/** Of each: by the rules, in seconds. */
export interface Expected {
  readonly low: number;
  readonly median: number;
  readonly high: number;
  /** Spread over the time between two looks, by which differences are judged. */
  readonly span?: number;
}

/** 5 %, 50 % and 95 %. */
export const EXPECTED: Readonly<Record<keyof Times, Expected>> = {
  removal: { low: 0.5, median: 5, high: 9.5, span: 10 },
  promotion: { low: 10.5, median: 15, high: 19.5, span: 10 },
  // One in some has to dial first, a round trip more.
  window: { low: 0.045, median: 0.045, high: 0.065 },
  ready: { low: 0.045, median: 0.045, high: 0.065 },
  // Waits of U[previous, 437 ms x 2^(n - 1)), tried until an attempt fails after 7 s.
  givingUp: { low: 7.4, median: 9.8, high: 16.6 },
  // Twice a TTL of 10 s; the lock after 15 s more.
  expiry: { low: 20, median: 20, high: 20 },
  inherited: { low: 20, median: 20, high: 20 },
  release: { low: 35, median: 35, high: 35 },
};

class Clock implements Observer {
  readonly wants: readonly NoteKind[] = [
    SerfNote.status,
    AutopilotNote.health,
    RaftNote.reconfigured,
    RaftNote.becameLeader,
    RaftNote.applied,
    LeaderNote.established,
  ];
  readonly times = {
    removal: [] as number[],
    promotion: [] as number[],
    window: [] as number[],
    ready: [] as number[],
  };
  private failedAt = -1;
  private healthyAt = -1;
  private electedAt = -1;
  private readonly execution: Execution;

  constructor(execution: Execution) {
    this.execution = execution;
    execution.world.observe(this);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number): void {
    const { simulation, world } = this.execution;
    const raft = simulation.raft(process);
    if (raft === undefined || raft.role !== Role.leader) return;
    const { now } = world;
    const take = (times: number[], since: number): void => void times.push((now - since) / SECOND);
    switch (kind) {
      case SerfNote.status:
        if (a === VICTIM && b === MemberStatus.failed) this.failedAt = now;
        break;
      case AutopilotNote.health:
        if (a === VICTIM && b === 1) this.healthyAt = now;
        break;
      case RaftNote.becameLeader:
        // Whoever stops meanwhile begins again: only undisturbed ones count.
        this.failedAt = -1;
        this.healthyAt = -1;
        this.electedAt = now;
        break;
      case RaftNote.applied:
        if (this.electedAt < 0 || a !== raft.leaderState?.startIndex) return;
        take(this.times.window, this.electedAt);
        break;
      case LeaderNote.established:
        if (this.electedAt >= 0) take(this.times.ready, this.electedAt);
        this.electedAt = -1;
        break;
      case RaftNote.reconfigured: {
        const victim = raft.latest.servers.find(({ id }) => id === VICTIM);
        if (victim === undefined && this.failedAt >= 0) take(this.times.removal, this.failedAt);
        if (victim?.voter === true && this.healthyAt >= 0) {
          take(this.times.promotion, this.healthyAt);
        }
        this.failedAt = -1;
        if (victim?.voter !== false) this.healthyAt = -1;
        break;
      }
    }
  }
}

const CLUSTER = `
settle: 1s
known_issues: fix
cluster: { datacenters: { dc1: { servers: 3 } }, agent: { performance: { raft_multiplier: 1 } } }
network: { lan: { latency: 10ms } }
disks: { all: { fsync: 5ms } }
limits: { events: 1000M, trace: 32MiB }
`;

function measure(faults: string, seconds: number, seed: number): Clock['times'] {
  const scenario = parse(`duration: ${seconds}s\n${CLUSTER}faults:\n  - ${faults}\n`);
  const execution = new Execution(scenario, seed, { trace: 'off', observers: false });
  const { times } = new Clock(execution);
  execution.start();
  while (execution.step());
  return times;
}

/** How long requests are held by a server that knows no leader, and never will. */
function measureGivingUp(seconds: number, seed: number): number[] {
  const load =
    'load: { kv: { kind: kv, clients: 30, rate: 10/s, keys: 5, timeout: 60s, mix: { put: 100% } } }';
  const faults = 'faults: [{ at: 5s, crash: [s2, s3] }]';
  const scenario = parse(`duration: ${seconds + 60}s\n${CLUSTER}${load}\n${faults}\n`);
  const options = { trace: 'off', observers: true, invariants: false, measures: false } as const;
  const execution = new Execution(scenario, seed, options);
  const began = new Map<number, number>();
  const times: number[] = [];
  execution.history.listen(({ type, op, time, error }) => {
    if (type === 'invoke') began.set(op, time);
    const since = began.get(op)!;
    // Of those that begin near the end only the short ones would count.
    const late = since > FORGOTTEN_MICROS && since < (seconds + 20) * SECOND && time > since;
    if (late && error === 'No cluster leader') times.push((time - since) / SECOND);
  });
  execution.start();
  while (execution.step());
  return times;
}

/** For each seed so many crashes and returns of s3, and as many ends of leaders. */
export function measureTimes(seeds: number, rounds: number): Times {
  const all: Record<keyof Times, number[]> = {
    removal: [],
    promotion: [],
    window: [],
    ready: [],
    givingUp: [],
    expiry: [],
    inherited: [],
    release: [],
  };
  for (let seed = 1; seed <= seeds; seed++) {
    const away = measure('{ every: 61s..71s, for: 30s, crash: s3 }', rounds * 66, seed);
    all.removal.push(...away.removal);
    all.promotion.push(...away.promotion);
    const ended = measure('{ every: 19s..23s, for: 5s, crash: leader }', rounds * 21, seed);
    all.window.push(...ended.window);
    all.ready.push(...ended.ready);
    all.givingUp.push(...measureGivingUp(rounds * 20, seed));
    const sessions = measureSessions(CLUSTER, rounds * 100, seed);
    all.expiry.push(...sessions.expiry);
    all.inherited.push(...sessions.inherited);
    all.release.push(...sessions.release);
  }
  for (const times of Object.values(all)) times.sort((left, right) => left - right);
  return all;
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Times that are spread over the 10 s of a look differ by a share of those; others by one of their own. */
export function differs(name: keyof Times, found: number, expected: number): number {
  return Math.abs(found - expected) / (EXPECTED[name].span ?? expected);
}
