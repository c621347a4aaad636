/** Clusters of servers of different releases, as an upgrade makes them. */
import { describe, expect, test } from 'vitest';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import { raftCluster } from '../../support/cluster.ts';
import type { RaftCluster } from '../../support/cluster.ts';
import { ref } from '../../support/reference.ts';
import { leaders, onNote, runUntil } from './hold.ts';
import { MILLISECOND, SECOND } from './server.ts';

const ALL = [0, 1, 2];

/** Times at which a server begins a pre-vote round from now on. */
function preVotesOf(cluster: RaftCluster, server: number): number[] {
  const times: number[] = [];
  onNote(cluster, RaftNote.preVote, server, () => times.push(cluster.world.now));
  return times;
}

describe('a server of today among servers from before pre-vote', () => {
  test(
    ref('raft 1.5 #3 old-peer', 'is refused its pre-votes: their ends of the streams close'),
    () => {
      const cluster = raftCluster({ servers: 3, seed: 1, old: [1, 2], start: false });
      for (const server of ALL) cluster.restart(server);
      cluster.run(0);
      let refused = 0;
      const rounds = preVotesOf(cluster, 0);
      // Nobody else campaigns: what it asks is all that happens.
      cluster.at(cluster.world.now, () => {
        for (const server of [1, 2]) cluster.world.hosts[server].disk.stall(cluster.world);
      });
      runUntil(cluster, 3 * SECOND, () => rounds.length === 1);
      runUntil(cluster, 20 * MILLISECOND, () => {
        refused = cluster.raft(0)!.candidate.refused;
        return refused === 2;
      });
      expect(cluster.raft(0)!.candidate).toMatchObject({ preVoting: true, granted: 1, refused: 2 });
      cluster.run(20 * SECOND);
      expect(rounds.length).toBeGreaterThan(5);
      expect(cluster.raft(0)!.term).toBe(1);
      let connections = 0;
      cluster.world.connections.pool.forEach(() => connections++);
      // One in flight at most for each of the two: what was closed is gone on both sides.
      expect(connections).toBeLessThanOrEqual(2);
    },
  );

  test(ref('raft 1.5 #3 old-peer', 'waits until an old one has won, and follows it'), () => {
    for (let seed = 1; seed <= 10; seed++) {
      const cluster = raftCluster({ servers: 3, seed, old: [1, 2] });
      runUntil(cluster, 30 * SECOND, () => leaders(cluster).length > 0);
      cluster.run(SECOND);
      expect(leaders(cluster)[0][0]).toBeGreaterThan(0);
      expect(cluster.raft(0)!.leader).toBe(cluster.leader());
    }
  });
});

describe('a server from before pre-vote among servers of today', () => {
  test(ref('raft 1.5 #2', 'goes straight to the real election, and is granted it'), () => {
    const winners = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      const cluster = raftCluster({ servers: 3, seed, old: [0] });
      const asked = preVotesOf(cluster, 0);
      runUntil(cluster, 30 * SECOND, () => leaders(cluster).length > 0);
      cluster.run(SECOND);
      winners.add(leaders(cluster)[0][0]);
      expect(asked).toEqual([]);
    }
    // With one of the two others granting, a new server wins as well.
    expect([...winners].sort()).toEqual(ALL);
  });
});
