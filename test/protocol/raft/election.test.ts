/** What the rules of voting amount to in a cluster: when an election ends, and who wins it. */
import { describe, expect, test } from 'vitest';
import { createLog } from '../../../sim/protocol/raft/log.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import { raftCluster } from '../../support/cluster.ts';
import type { ClusterOptions, RaftCluster } from '../../support/cluster.ts';
import { ref } from '../../support/reference.ts';
import { leaders, onNote, runUntil } from './hold.ts';
import { SECOND, logOf } from './server.ts';

const RUNS = 60;

interface Failover {
  /** Seconds from the leader's death to the next leader. */
  readonly seconds: number;
  /** Survivors that had dropped the dead leader by then. */
  readonly noticed: number;
}

function failover(servers: number, seed: number): Failover {
  const cluster = raftCluster({ servers, seed, formed: 0 });
  cluster.run(3 * SECOND);
  const died = cluster.world.now;
  cluster.crash(0);
  cluster.run(0);
  const noticed = new Set<number>();
  for (let server = 1; server < servers; server++) {
    onNote(cluster, RaftNote.leaderKnown, server, (leader) => {
      if (leader < 0) noticed.add(server);
    });
  }
  runUntil(cluster, 10 * SECOND, () => leaders(cluster).length === 2);
  return { seconds: (cluster.world.now - died) / SECOND, noticed: noticed.size };
}

function coldStart(seed: number): number {
  const cluster = raftCluster({ servers: 3, seed });
  runUntil(cluster, 10 * SECOND, () => leaders(cluster).length === 1);
  return cluster.world.now / SECOND;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1];
}

describe('an election after the death of the leader', () => {
  const cases = [
    [3, 2, 2.0],
    [5, 3, 1.9],
  ] as const;
  test.each(cases)(
    `${ref('raft 1.6 emergent', 'ends when enough others have noticed too')}: %i servers`,
    (servers, needed, expected) => {
      const runs = Array.from({ length: RUNS }, (_, seed) => failover(servers, seed));
      for (const { seconds, noticed } of runs) {
        expect(noticed).toBeGreaterThanOrEqual(needed);
        // Contact was refreshed up to 0.2 s before the death, which is where the age begins.
        expect(seconds).toBeGreaterThan(0.8);
        expect(seconds).toBeLessThan(servers === 3 ? 4.7 : 4);
      }
      const typical = median(runs.map(({ seconds }) => seconds));
      expect(Math.abs(typical - expected)).toBeLessThan(0.25);
    },
  );

  test(ref('raft 1.6 cold-start', 'is not needed at a cold start: the first check wins'), () => {
    const runs = Array.from({ length: RUNS }, (_, seed) => coldStart(seed));
    expect(Math.min(...runs)).toBeGreaterThan(1);
    expect(Math.max(...runs)).toBeLessThan(2.1);
    expect(Math.abs(median(runs) - 1.2)).toBeLessThan(0.1);
  });
});

describe('the winner', () => {
  const shorter = (server: number) => ({
    currentTerm: 2,
    log: createLog(logOf(server === 0 ? [1] : [1, 1, 2])),
  });
  const options: Omit<ClusterOptions, 'seed'> = { servers: 3, durable: shorter };

  test(ref('raft 1.6 restriction', 'never lacks an entry that a majority has stored'), () => {
    for (let seed = 0; seed < 20; seed++) {
      const cluster: RaftCluster = raftCluster({ ...options, seed });
      runUntil(cluster, 20 * SECOND, () => leaders(cluster).length > 0);
      expect(leaders(cluster)[0][0]).not.toBe(0);
      cluster.run(3 * SECOND);
      expect(
        cluster
          .durable(0)
          .log.entries.slice(0, 3)
          .map(({ term }) => term),
      ).toEqual([1, 1, 2]);
    }
  });
});
