import { describe, expect, test } from 'vitest';
import { ApplyError } from '../../sim/protocol/raft/types.ts';
import { raftCluster } from './cluster.ts';

const SECOND = 1_000_000;

describe('a cluster for tests', () => {
  test('elects a leader, which commits what it is asked to', () => {
    const cluster = raftCluster({ servers: 3, seed: 1 });
    cluster.run(10 * SECOND);
    const leader = cluster.leader();
    expect(leader).toBeGreaterThanOrEqual(0);
    const tag = cluster.propose(leader, 77);
    cluster.run(SECOND);
    expect(cluster.outcomes()).toEqual([
      expect.objectContaining({
        tag,
        server: leader,
        digest: 77,
        error: ApplyError.none,
        value: 1,
      }),
    ]);
    for (const server of [0, 1, 2]) expect(cluster.raft(server)!.fsm).toEqual([77]);
  });

  test('starts formed, loses its leader and elects another', () => {
    const cluster = raftCluster({ servers: 3, seed: 2, formed: 1 });
    cluster.run(SECOND);
    expect(cluster.leader()).toBe(1);
    cluster.crash(1);
    cluster.run(10 * SECOND);
    expect([0, 2]).toContain(cluster.leader());
    cluster.restart(1);
    // The new leader has backed off from the dead server for up to 10.24 s.
    cluster.run(15 * SECOND);
    expect(cluster.raft(1)!.lastIndex).toBe(cluster.raft(cluster.leader())!.lastIndex);
  });

  test('cuts servers off and heals, and a saved world goes on as it would have', () => {
    const cluster = raftCluster({ servers: 3, seed: 3, formed: 0 });
    cluster.run(SECOND);
    cluster.isolate([0]);
    cluster.run(5 * SECOND);
    const saved = cluster.world.save();
    const finish = (): string => {
      cluster.heal();
      cluster.propose(cluster.leader(), 5);
      cluster.run(5 * SECOND);
      return `${cluster.world.fingerprint.hex()} ${JSON.stringify(cluster.outcomes())}`;
    };
    const first = finish();
    expect(cluster.raft(0)!.leader).toBe(cluster.leader());
    cluster.world.restore(saved);
    expect(finish()).toBe(first);
  });
});
