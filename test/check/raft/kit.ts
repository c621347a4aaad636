/** Ways to corrupt a server behind the protocol's back, and clusters to do it to. */
import { expect } from 'vitest';
import type { Violation } from '../../../sim/check/invariant.ts';
import { makeEntry, prefixAt } from '../../../sim/protocol/raft/durable.ts';
import { EntryType } from '../../../sim/protocol/raft/types.ts';
import type { Entry } from '../../../sim/protocol/raft/types.ts';
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import { checkedCluster } from '../../support/checked.ts';
import type { CheckedCluster, CheckedOptions } from '../../support/checked.ts';

export const SECOND = 1_000_000;

/** Three servers, half a second old, s1 leads term 2; only the one invariant looks. */
export function formedCluster(
  name: InvariantName,
  options: Partial<CheckedOptions> = {},
): CheckedCluster {
  const cluster = checkedCluster({
    servers: 3,
    seed: 1,
    formed: 0,
    invariants: [name],
    ...options,
  });
  cluster.run(SECOND / 2);
  return cluster;
}

/** Writes so many values through the leader, 50 ms apart. */
export function writeValues(cluster: CheckedCluster, values: number): void {
  for (let i = 1; i <= values; i++) {
    cluster.write(cluster.leader(), 1000 + i);
    cluster.run(50_000);
  }
}

/** Moves on to half a second after a full one, so that no scan falls between two steps of a test. */
export function runToHalf(cluster: CheckedCluster): void {
  const { now } = cluster.world;
  cluster.run(SECOND - (now % SECOND) + SECOND / 2);
}

/** Runs over the next full second: the scan looks. */
export function runOverSecond(cluster: CheckedCluster): void {
  cluster.run(SECOND);
}

/** Another command in the place of an entry on a server's disk; its term and successors stay. */
export function replaceEntry(cluster: CheckedCluster, server: number, index: number): Entry {
  const durable = cluster.durable(server);
  const { term } = durable.log.entries[index - 1]!;
  const before = prefixAt(durable, index - 1);
  const entry = makeEntry(before, index, term, EntryType.command, { digest: 666 });
  durable.log.entries[index - 1] = entry;
  return entry;
}

/** Takes the server down, changes its disk, and starts it again. */
export function restartWith(cluster: CheckedCluster, server: number, change: () => void): void {
  cluster.crash(server);
  cluster.run(1000);
  change();
  cluster.restart(server);
  cluster.run(1000);
}

/** Waits until this server, or any, leads. */
export function waitForLeader(cluster: CheckedCluster, server = -1): number {
  for (let steps = 0; steps < 1000; steps++) {
    const leader = cluster.leader();
    if (leader >= 0 && (server < 0 || leader === server)) return leader;
    cluster.run(100_000);
  }
  throw new Error('no leader within 100 s');
}

/** Violations as `time between scans?` and message. */
export function foundByNote(violations: readonly Violation[]): Violation[] {
  return violations.filter(({ time }) => time !== Math.round(time));
}

export function foundByScan(violations: readonly Violation[]): Violation[] {
  return violations.filter(({ time }) => time === Math.round(time));
}

/** No report, although the check had work. */
export function expectHealthy(cluster: CheckedCluster, name: InvariantName): void {
  expect(cluster.violations()).toEqual([]);
  expect(cluster.summary(name).exercised).toBeGreaterThan(0);
}
