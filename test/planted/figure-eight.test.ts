/**
 * Figure 8 of the Raft paper (§5.4.2), step by step from equal logs: an entry of an old term reaches a
 * majority and is overwritten all the same. Whoever takes it for committed (plant B2) loses it in (d);
 * where an entry of the leader's own term reaches a majority as well, both are safe (e).
 */
import { describe, expect, test } from 'vitest';
import { checkedCluster } from '../support/checked.ts';
import type { CheckedCluster } from '../support/checked.ts';
import { cut, leaders, runUntil } from '../protocol/raft/hold.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import { MILLISECOND, SECOND } from '../protocol/raft/server.ts';

const [S1, S2, S3, S4, S5] = [0, 1, 2, 3, 4] as const;
const ALL = [S1, S2, S3, S4, S5];

const logs = (cluster: CheckedCluster): string[] =>
  ALL.map((server) =>
    cluster
      .durable(server)
      .log.entries.map(({ term }) => term)
      .join(' '),
  );

/**
 * Starts a server that nobody knows the leader of, and has it elected: the others are started anew so
 * often that none of them campaigns.
 */
function elect(cluster: CheckedCluster, first: number, others: readonly number[]): number {
  const { processes } = cluster.world;
  const leads = (): boolean => cluster.raft(first)?.role === Role.leader;
  cluster.restart(first);
  for (let attempts = 0; attempts < 30 && !leads(); attempts++) {
    for (const server of others) {
      if (processes[server]!.status === 'running') cluster.crash(server, 'power');
    }
    cluster.run(0);
    for (const server of others) cluster.restart(server);
    const until = cluster.world.now + 900 * MILLISECOND;
    while (!leads() && cluster.world.step(until));
    if (!leads()) cluster.world.runUntil(until);
  }
  expect(leads()).toBe(true);
  return cluster.raft(first)!.term;
}

/** (a): s1 leads term 2, has its entry 2 on s2 only, and crashes. */
function stepA(B2: boolean): CheckedCluster {
  const cluster = checkedCluster({ servers: 5, seed: 1, formed: S1, bugs: { B2 } });
  const separated = cut(cluster, [S1], [S3, S4, S5]);
  cluster.run(50 * MILLISECOND);
  cluster.crash(S1, 'power');
  cluster.run(0);
  separated();
  return cluster;
}

/** (b): s5 wins term 3 with s3 and s4 and has an entry 2 of its own, alone. */
function stepB(cluster: CheckedCluster): void {
  const separated = cut(cluster, [S2], [S3, S4, S5]);
  cluster.crash(S5, 'power');
  cluster.run(0);
  expect(elect(cluster, S5, [S3, S4])).toBe(3);
  const alone = cut(cluster, [S5], [S1, S2, S3, S4]);
  cluster.run(10 * MILLISECOND);
  cluster.crash(S5, 'power');
  cluster.run(0);
  separated();
  alone();
}

/**
 * (c): s1 wins term 4 and brings entry 2 of term 2 to a majority; its entry 3 stays its own. The paper
 * needs s3 only; the library counts what it has sent itself, and s2 had the entry: so s4 gets it too.
 */
function stepC(cluster: CheckedCluster, keepsItsOwn: boolean): void {
  // Its Noop takes long enough for what is before it to reach s3.
  const { disk } = cluster.world.hosts[S1]!;
  disk.slowDown(100);
  expect(elect(cluster, S1, [S2, S3, S4])).toBe(4);
  runUntil(cluster, SECOND, () => [S3, S4].every((server) => logs(cluster)[server] === '1 2'));
  cluster.run(2 * MILLISECOND);
  if (keepsItsOwn) cut(cluster, [S1], [S2, S3, S4]);
  cluster.run(400 * MILLISECOND);
}

describe.each([true, false])('an entry of an old term on a majority, counted: %s', (B2) => {
  test('(a) to (d)', () => {
    const cluster = stepA(B2);
    expect(logs(cluster)).toEqual(['1 2', '1 2', '1', '1', '1']);
    stepB(cluster);
    expect(logs(cluster)).toEqual(['1 2', '1 2', '1', '1', '1 3']);
    stepC(cluster, true);
    expect(logs(cluster)).toEqual(['1 2 4', '1 2', '1 2', '1 2', '1 3']);
    expect(cluster.raft(S1)!.commitIndex).toBe(B2 ? 2 : 0);
    cluster.crash(S1, 'power');
    elect(cluster, S5, [S2, S3, S4]);
    cluster.run(5 * SECOND);
    expect(
      logs(cluster)
        .slice(1)
        .every((log) => log.startsWith('1 3')),
    ).toBe(true);
    const broken = new Set(cluster.violations().map(({ invariant }) => invariant));
    expect(broken).toEqual(new Set(B2 ? ['raft.leader-completeness'] : []));
  });
});

test('(e) instead: with its own entry on a majority both are committed, and s5 cannot win', () => {
  const cluster = stepA(false);
  stepB(cluster);
  stepC(cluster, false);
  cluster.run(SECOND);
  expect(cluster.raft(S1)!.commitIndex).toBe(3);
  expect(logs(cluster).filter((log) => log.startsWith('1 2 4')).length).toBeGreaterThanOrEqual(3);
  cluster.crash(S1, 'power');
  const before = leaders(cluster).length;
  cluster.restart(S5);
  cluster.run(30 * SECOND);
  const after = leaders(cluster).slice(before);
  expect(after.length).toBeGreaterThan(0);
  expect(after.map(([server]) => server)).not.toContain(S5);
  expect(
    logs(cluster)
      .slice(1)
      .every((log) => log.startsWith('1 2 4')),
  ).toBe(true);
  expect(cluster.violations()).toEqual([]);
});
