/**
 * How long failure detection takes in a healthy pool without latency, measured over seeds: the wait
 * until somebody probes a member that has crashed, and the time until somebody takes it for dead; and
 * how long one that is cut off needs to take all others for dead. The expected figures follow from
 * the rules of memberlist (round robin over shuffled lists with free-running phases, SWIM §3.1 and
 * §4.3; suspicion with confirmations, Lifeguard §IV-B), not from measurements.
 */
import { GossipNote } from '../../sim/protocol/gossip/vocabulary.ts';
import { SECOND, gossipPool } from '../support/gossip-pool.ts';
import type { Pool } from '../support/gossip-pool.ts';

export interface DetectionCase {
  readonly members: number;
  /** Intervals from the crash to the first probe that will fail: mean, median, 99 %. */
  readonly wait?: readonly [number, number, number];
  /** Seconds from the crash to the first member that takes it for dead: mean, and 99 %. */
  readonly detection: readonly [number, number?];
}

export const DETECTION_CASES: readonly DetectionCase[] = [
  { members: 3, detection: [5.75] },
  { members: 5, wait: [0.82, 0.64, 3.0], detection: [5.8, 7.7] },
  { members: 10, wait: [0.91, 0.67, 3.7], detection: [6.0, 8.5] },
  { members: 30, wait: [0.97, 0.69, 4.3], detection: [8.0] },
  { members: 100, wait: [0.99, 0.69, 4.5], detection: [9.9, 11.9] },
];

export interface IsolationCase {
  readonly members: number;
  /** Seconds until it holds all others dead: mean. */
  readonly seconds: number;
}

export const ISOLATION_CASES: readonly IsolationCase[] = [
  { members: 5, seconds: 51 },
  { members: 10, seconds: 92 },
  { members: 20, seconds: 179 },
];

export interface Detections {
  /** Sorted, in intervals. */
  readonly waits: readonly number[];
  /** Sorted, in seconds. */
  readonly detections: readonly number[];
}

function poolOf(members: number, seed: number): Pool {
  const latency = { kind: 'constant', micros: 1 } as const;
  return gossipPool({ members, seed, latency, trace: 'off' });
}

export function measureDetections(members: number, seeds: number): Detections {
  const waits: number[] = [];
  const detections: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const pool = poolOf(members, seed);
    const failed = pool.notes(GossipNote.probeFailed);
    const died = pool.notes(GossipNote.died);
    // Any moment of a probe's interval.
    const at = 2 * SECOND + ((seed * 618_034) % SECOND);
    pool.world.runUntil(at);
    pool.crash(seed % members);
    while (died.length === 0) pool.run(SECOND);
    waits.push((failed[0]!.time - at) / SECOND - 1);
    detections.push((died[0]!.time - at) / SECOND);
  }
  return { waits: waits.toSorted(ascending), detections: detections.toSorted(ascending) };
}

/** Seconds that a member which is cut off needs to take all others for dead, sorted. */
export function measureIsolation(members: number, seeds: number): number[] {
  const times: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const pool = poolOf(members, seed);
    const died = pool.notes(GossipNote.died);
    pool.run(2 * SECOND);
    pool.cut([0]);
    const mine = (): number => died.filter(({ member }) => member === 0).length;
    while (mine() < members - 1) pool.run(5 * SECOND);
    const last = died.findLast(({ member }) => member === 0)!;
    times.push(last.time / SECOND - 2);
  }
  return times.toSorted(ascending);
}

function ascending(one: number, other: number): number {
  return one - other;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of sorted values. */
export function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(share * values.length))]!;
}

/** How far a figure is from what is expected, as a share of that. */
export function difference(found: number, expected: number): number {
  return Math.abs(found / expected - 1);
}
