/** Snapshots as evidence: trimmed logs are no loss, what a snapshot lacks is. */
import { describe, expect, test } from 'vitest';
import type { RaftDurable } from '../../../sim/protocol/raft/types.ts';
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import type { CheckedCluster } from '../../support/checked.ts';
import * as kit from './kit.ts';

const SECOND = kit.SECOND;
const config = { snapshotIntervalMicros: SECOND, snapshotThreshold: 10, trailingLogs: 2 };

/** Thirty values are written, and all servers have snapshots. */
function snapshotted(name: InvariantName): CheckedCluster {
  const cluster = kit.formedCluster(name, { config });
  kit.writeValues(cluster, 30);
  cluster.run(3 * SECOND);
  kit.runToHalf(cluster);
  for (const server of [0, 1, 2]) {
    expect(cluster.durable(server).snapshots.length).toBeGreaterThan(0);
    expect(cluster.durable(server).log.firstIndex).toBeGreaterThan(1);
  }
  return cluster;
}

const ALWAYS: readonly InvariantName[] = [
  'raft.leader-append-only',
  'raft.log-matching',
  'raft.leader-completeness',
  'raft.state-machine-safety',
  'kv.acknowledged-write-survives',
  'raft.snapshot-monotonic',
];

describe('trimmed logs', () => {
  test.each(ALWAYS)('are no violation of %s, over crashes and installs', (name) => {
    const cluster = snapshotted(name);
    cluster.isolate([2]);
    kit.writeValues(cluster, 30);
    cluster.run(3 * SECOND);
    cluster.heal();
    cluster.run(5 * SECOND);
    expect(cluster.raft(2)!.snapshotIndex).toBeGreaterThan(30);
    const leader = cluster.leader();
    cluster.crash(leader);
    cluster.run(10 * SECOND);
    cluster.restart(leader);
    cluster.run(5 * SECOND);
    kit.writeValues(cluster, 5);
    cluster.run(2 * SECOND);
    kit.expectHealthy(cluster, name);
  });
});

function spoil(durable: RaftDurable, over: object): void {
  durable.snapshots = durable.snapshots.map((one) => ({ ...one, ...over }));
}

describe('what a snapshot lacks', () => {
  test('the leader lacks too', () => {
    const cluster = snapshotted('raft.leader-completeness');
    cluster.crash(cluster.leader());
    cluster.run(10 * SECOND);
    kit.expectHealthy(cluster, 'raft.leader-completeness');
    spoil(cluster.durable(cluster.leader()), { prefix: 1 });
    kit.runOverSecond(cluster);
    expect(cluster.violations().map(({ message }) => message)).toEqual([
      expect.stringContaining('without the committed entry 1'),
    ]);
  });

  test('is gone when the log was trimmed without any', () => {
    const cluster = snapshotted('raft.state-machine-safety');
    cluster.durable(1).snapshots = [];
    kit.runOverSecond(cluster);
    expect(cluster.violations()[0]!.message).toContain('s2 has lost it');
  });

  test('shows where it is restored', () => {
    const cluster = snapshotted('raft.state-machine-safety');
    cluster.isolate([2]);
    kit.writeValues(cluster, 30);
    cluster.run(3 * SECOND);
    spoil(cluster.durable(cluster.leader()), { digest: 1 });
    cluster.heal();
    cluster.run(5 * SECOND);
    expect(cluster.violations()[0]!.message).toMatch(
      /The states of s\d and s3 at index \d+ differ/,
    );
  });

  test('shows where two servers capture different states', () => {
    const cluster = kit.formedCluster('raft.state-machine-safety', { config });
    kit.writeValues(cluster, 5);
    (cluster.raft(1)!.fsm as number[])[2] = 666;
    kit.writeValues(cluster, 30);
    cluster.run(3 * SECOND);
    const [first] = cluster.violations();
    expect(first!.message).toMatch(/The states of .* differ/);
  });
});

describe('raft.snapshot-monotonic', () => {
  const NAME = 'raft.snapshot-monotonic';

  test('notices a snapshot that is gone after a crash', () => {
    const cluster = snapshotted(NAME);
    const [{ index }] = cluster.durable(1).snapshots as RaftDurable['snapshots'] &
      [{ index: number }];
    kit.restartWith(cluster, 1, () => void (cluster.durable(1).snapshots = []));
    expect(cluster.violations()[0]!.message).toBe(
      `s2 had a snapshot of index ${index}, none is left`,
    );
  });

  test('notices that a server believes in an older one', () => {
    const cluster = snapshotted(NAME);
    cluster.raft(1)!.snapshotIndex -= 1;
    kit.runOverSecond(cluster);
    expect(cluster.violations()[0]!.message).toMatch(/^s2 went from the snapshot of index/);
  });

  test('has nothing to do where nobody snapshots', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 5);
    expect(cluster.summary(NAME).exercised).toBe(0);
  });
});

describe('raft.follower-catches-up', () => {
  const NAME = 'raft.follower-catches-up';

  test('holds where all do', () => {
    const cluster = kit.formedCluster(NAME);
    kit.writeValues(cluster, 5);
    cluster.run(5 * SECOND);
    expect(cluster.checks.pending()).toEqual([]);
    kit.expectHealthy(cluster, NAME);
  });

  test('names who stays behind', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.isolate([2]);
    kit.writeValues(cluster, 5);
    cluster.run(5 * SECOND);
    const [[, sentence]] = cluster.checks.pending() as [[string, string]];
    expect(sentence).toMatch(/^s3 does not catch up: it has applied 2 of 7 entries/);
  });

  test('is not exercised where nothing is committed', () => {
    const cluster = kit.formedCluster(NAME, { start: false });
    cluster.run(5 * SECOND);
    expect(cluster.summary(NAME).exercised).toBe(0);
  });
});
