/**
 * Published election experiments of Ongaro's dissertation ("Consensus: Bridging Theory and Practice",
 * chapter 9), run from the scenarios of the library under `raft.variant: paper`.
 */
import type { Scenario } from '../../scenarios/scenario.ts';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { Execution } from '../../sim/run/execution.ts';
import { bundled } from '../run/kit.ts';
import { Watch } from './watch.ts';

const MICROS = 1e6;

/** A point of the split-vote table: latency in units of the width of the timeout range, here 1 s. */
export interface SplitCase {
  readonly servers: number;
  readonly live: number;
  /** Constant, or the ends of a range. */
  readonly latency: number | readonly [number, number];
  /** Published share of elections that fail. */
  readonly stated: number;
  /** Beside three standard errors: "about 16 %", "nearly 40 %" are read off a curve. */
  readonly tolerance?: number;
}

export const SPLIT_CASES: readonly SplitCase[] = [
  { servers: 5, live: 4, latency: 0.01, stated: 0.000592 },
  { servers: 5, live: 4, latency: 0.1, stated: 0.0523 },
  { servers: 5, live: 4, latency: 0.2, stated: 0.1808 },
  { servers: 5, live: 3, latency: 0.1, stated: 0.271 },
  { servers: 5, live: 3, latency: 0.15, stated: 0.386 },
  { servers: 5, live: 3, latency: 0.2, stated: 0.488 },
  { servers: 7, live: 4, latency: 0.1, stated: 0.344 },
  { servers: 9, live: 5, latency: 0.1, stated: 0.4095 },
  { servers: 3, live: 2, latency: 0.1, stated: 0.19 },
  { servers: 3, live: 3, latency: 0.1, stated: 0.028 },
  { servers: 5, live: 4, latency: [0.1, 0.2], stated: 0.16, tolerance: 0.02 },
  { servers: 5, live: 3, latency: [0.1, 0.2], stated: 0.4, tolerance: 0.02 },
];

/** The shortest timeout of scenarios/questions/split-votes.yaml, in seconds. */
const TIMEOUT_SECONDS_MIN = 1;

/** Split iff c = s - floor(n/2) + 1 servers time out within the latency of the first (§9.3). */
export function splitProbability({ servers, live, latency }: SplitCase): number {
  if (typeof latency !== 'number') return Number.NaN;
  const enough = live - Math.floor(servers / 2);
  let sum = 0;
  for (let k = enough; k <= live; k++) {
    sum += choose(live, k) * latency ** k * (1 - latency) ** (live - k);
  }
  return sum;
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}

export interface Split {
  /** Share of first terms in which nobody won. */
  readonly share: number;
  /** Mean time to the first timeout, in widths of the range after its beginning. */
  readonly firstTimeout: number;
  /** Mean number of terms until a leader. */
  readonly terms: number;
}

export function measureSplits(one: SplitCase, seeds: number): Split {
  const { servers, live, latency } = one;
  const millis = (share: number): string => `${Math.round(share * 1000)}ms`;
  const text = typeof latency === 'number' ? millis(latency) : latency.map(millis).join('..');
  const down = live === servers ? [] : [`initial={s${live + 1}..s${servers}: {down: true}}`];
  const scenario = bundled('questions/split-votes', [
    ...(live === servers ? ['initial={}'] : down),
    `cluster.datacenters.dc1.servers=${servers}`,
    `network.lan.latency=${text}`,
  ]);
  let splits = 0;
  let first = 0;
  let terms = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const { firstMicros, elections } = untilLeader(scenario, seed);
    if (elections > 1) splits++;
    first += firstMicros / MICROS - TIMEOUT_SECONDS_MIN;
    terms += elections;
  }
  return { share: splits / seeds, firstTimeout: first / seeds, terms: terms / seeds };
}

/** First timeout, and in how many terms servers campaigned until one of them led. */
function untilLeader(scenario: Scenario, seed: number): { firstMicros: number; elections: number } {
  const execution = new Execution(scenario, seed, { trace: 'off', observers: false });
  const watch = new Watch(execution, [RaftNote.election, RaftNote.becameLeader]);
  const leads = (): boolean => watch.seen.at(-1)?.kind === RaftNote.becameLeader;
  execution.start();
  while (!leads() && execution.step());
  const campaigns = watch.seen.filter(({ kind }) => kind === RaftNote.election);
  return {
    firstMicros: campaigns[0]!.time,
    elections: new Set(campaigns.map(({ a: term }) => term)).size,
  };
}

/** Milliseconds until the first leader that lasts has its majority, ascending; one per seed. */
export function measureFirstLeaders(down: number, seeds: number): number[] {
  const overrides = down === 0 ? [] : [`initial={s${6 - down}..s5: {down: true}}`];
  const scenario = bundled('questions/wan-first-leader', overrides);
  const times: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const execution = new Execution(scenario, seed, { trace: 'off', observers: false });
    const watch = new Watch(execution, [RaftNote.becameLeader]);
    execution.start();
    // Ten times what the slowest of ten thousand takes: whoever leads then goes on leading.
    while (execution.world.now < HORIZON_MICROS && execution.step());
    times.push(watch.seen.at(-1)!.time / 1000);
  }
  return times.sort((x, y) => x - y);
}

const HORIZON_MICROS = 5 * MICROS;

export interface WanCase {
  readonly down: number;
  /** Milliseconds. */
  readonly expected: Readonly<Record<WanFigure, number>>;
}
export type WanFigure = 'mean' | 'p50' | 'p90' | 'p99' | 'p999';

export const WAN_CASES: readonly WanCase[] = [
  { down: 0, expected: { mean: 430, p50: 410, p90: 489, p99: 834, p999: 985 } },
  { down: 1, expected: { mean: 469, p50: 423, p90: 563, p99: 1007, p999: 1385 } },
];

/** Of 10 000 elections. */
export const WAN_TOLERANCE: Readonly<Record<WanFigure, number>> = {
  mean: 0.025,
  p50: 0.02,
  p90: 0.05,
  p99: 0.07,
  p999: 0.12,
};

export interface Return {
  /** Times a leader stepped down from the heal on. */
  readonly stepDowns: number;
  /** How much higher the leader's term is at the end than at the heal. */
  readonly termJump: number;
}

/** What the heal of scenarios/questions/returning-follower.yaml does; one per seed. */
export function measureReturns(preVote: boolean, seeds: number): Return[] {
  const scenario = bundled('questions/returning-follower', [`cluster.raft.pre_vote=${preVote}`]);
  const healMicros = 10 * MICROS;
  return Array.from({ length: seeds }, (_, index): Return => {
    const execution = new Execution(scenario, index + 1, { trace: 'off', observers: false });
    const { world, simulation } = execution;
    execution.start();
    while (world.now < healMicros - 1 && execution.step());
    const leaders = new Set<number>();
    for (const { process } of simulation.servers) {
      if (simulation.raft(process)!.leader === process) leaders.add(process);
    }
    const before = simulation.raft([...leaders][0]!)!.term;
    const watch = new Watch(execution, [RaftNote.becameLeader, RaftNote.becameFollower]);
    while (execution.step());
    let stepDowns = 0;
    for (const { kind, process } of watch.seen) {
      if (kind === RaftNote.becameLeader) leaders.add(process);
      else if (leaders.delete(process)) stepDowns++;
    }
    return { stepDowns, termJump: simulation.raft([...leaders][0]!)!.term - before };
  });
}
