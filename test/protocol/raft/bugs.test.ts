/**
 * Each bug by itself, brought about step by step: the schedule is the test's, the wrong is the
 * machine's. The same schedule without the bug is harmless.
 */
import { describe, expect, test } from 'vitest';
import { createLog } from '../../../sim/protocol/raft/log.ts';
import { ApplyError, Role } from '../../../sim/protocol/raft/types.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import { raftCluster } from '../../support/cluster.ts';
import type { ClusterOptions, RaftCluster } from '../../support/cluster.ts';
import { ref } from '../../support/reference.ts';
import { cut, hold, leaders, lose, onNote, runUntil, termsWithTwoLeaders } from './hold.ts';
import { MILLISECOND, SECOND, logOf } from './server.ts';

/** Servers that start one after the other, so that s1 is the first to campaign. */
function staggered(options: Omit<ClusterOptions, 'servers' | 'seed'>): RaftCluster {
  const cluster = raftCluster({ servers: 3, seed: 11, start: false, ...options });
  cluster.restart(0);
  cluster.run(950 * MILLISECOND);
  cluster.restart(1);
  cluster.restart(2);
  cluster.run(0);
  return cluster;
}

function prefixes(cluster: RaftCluster, server: number): string[] {
  return cluster.durable(server).log.entries.map(({ term, prefix }) => `${term}/${prefix}`);
}

describe('a heartbeat beside the main goroutine (B1)', () => {
  /** s1 waits for votes of term 2 while another is elected in term 3 and only its heartbeat comes. */
  function lateVotes(B1: boolean): RaftCluster {
    const cluster = staggered({ bugs: { B1 }, config: { electionMicros: 10 * SECOND } });
    const releaseVotes = hold(cluster, [1, 2], [0], ['raft.vote']);
    hold(cluster, [1, 2], [0], ['raft.append']);
    runUntil(cluster, 20 * SECOND, () => leaders(cluster).length > 0);
    expect(cluster.raft(0)).toMatchObject({ loop: Role.candidate, term: 2 });
    runUntil(cluster, SECOND, () => cluster.raft(0)!.term === 3);
    releaseVotes();
    cluster.run(100 * MILLISECOND);
    return cluster;
  }

  test(ref('raft B1', 'makes a candidate leader of a term that another was elected for'), () => {
    const cluster = lateVotes(true);
    expect(termsWithTwoLeaders(cluster)).toEqual([3]);
    const other = leaders(cluster)[0][0];
    const index = cluster.durable(0).log.entries.length;
    expect(cluster.durable(0).log.entries[index - 1].term).toBe(3);
    // The two Noops differ only in who wrote them; with a command on top the logs differ for good.
    cluster.propose(0, 501);
    cluster.propose(other, 502);
    cluster.run(100 * MILLISECOND);
    const mine = cluster.durable(0).log.entries[index];
    const theirs = cluster.durable(other).log.entries[index];
    expect(mine).toMatchObject({ index: theirs.index, term: theirs.term });
    expect(mine.prefix).not.toBe(theirs.prefix);
    expect([...cluster.world.marks.keys()]).toEqual(['B1']);
  });

  test(ref('raft B1', 'does nothing of the kind once such a heartbeat waits for its turn'), () => {
    const cluster = lateVotes(false);
    expect(termsWithTwoLeaders(cluster)).toEqual([]);
    expect(leaders(cluster)).toHaveLength(1);
  });
});

describe('a vote answered before it is stored (B4)', () => {
  /** s2 votes for s1 and crashes before the vote is on disk; s3, cut off from s1, asks next. */
  function forgottenVote(B4: boolean): RaftCluster {
    const cluster = staggered({ bugs: { B4 } });
    const s2 = cluster.world.processes[1];
    cut(cluster, [0], [2]);
    hold(cluster, [0], [1], ['raft.append', 'raft.heartbeat']);
    let struck = false;
    onNote(cluster, RaftNote.term, 1, () => {
      if (!struck) s2.crashPoint = { write: 1, how: 'kill', tag: 0 };
      struck = true;
    });
    runUntil(cluster, 3 * SECOND, () => s2.status === 'down');
    cluster.restart(1);
    cluster.run(10 * SECOND);
    return cluster;
  }

  test(ref('raft B4', 'gives one term two leaders after a crash of the voter'), () => {
    const cluster = forgottenVote(true);
    expect(leaders(cluster).slice(0, 2)).toEqual([
      [0, 2],
      [2, 2],
    ]);
    expect(termsWithTwoLeaders(cluster)).toEqual([2]);
  });

  test(ref('raft B4', 'cannot happen when the vote is stored first'), () => {
    const cluster = forgottenVote(false);
    expect(leaders(cluster)).not.toEqual([]);
    expect(termsWithTwoLeaders(cluster)).toEqual([]);
  });
});

describe('a vote stored in two transactions (B5)', () => {
  const log = [1, 1, 1];

  /**
   * s1 once voted for s3. It crashes between the two writes of its vote for s2, and then s3, whose
   * log lacks two entries that a majority has, asks for the same term. Without pre-vote, which
   * compares logs.
   */
  function halfAVote(B5: boolean): RaftCluster {
    const cluster = raftCluster({
      servers: 3,
      seed: 12,
      start: false,
      bugs: { B5 },
      config: { preVote: false },
      durable: (server) => ({
        log: createLog(logOf(server === 2 ? [1] : log)),
        lastVoteTerm: 1,
        lastVoteCandidate: 2,
        lastVoteCandidateTerm: 1,
      }),
    });
    cluster.restart(1);
    cluster.run(950 * MILLISECOND);
    cluster.restart(0);
    cluster.restart(2);
    cluster.run(0);
    cut(cluster, [1], [2]);
    const s1 = cluster.world.processes[0];
    onNote(cluster, RaftNote.term, 0, (term) => {
      if (term === 2 && s1.generation === 1) s1.crashPoint = { write: 2, how: 'kill', tag: 0 };
    });
    if (B5) {
      runUntil(cluster, 3 * SECOND, () => s1.status === 'down');
      // Only s3 speaks to it from here on, before it would campaign itself.
      cut(cluster, [0], [1]);
      cluster.run(500 * MILLISECOND);
      cluster.restart(0);
    }
    cluster.run(3 * SECOND);
    return cluster;
  }

  test(ref('raft B5', 'makes a leader of a server that lacks what a majority has stored'), () => {
    const cluster = halfAVote(true);
    expect(leaders(cluster)).toEqual([[2, 2]]);
    expect(cluster.durable(1).log.entries.map(({ term }) => term)).toEqual(log);
    // Entries 2 and 3, on two of three disks, are overwritten.
    expect(cluster.durable(0).log.entries.map(({ term }) => term)).toEqual([1, 2]);
    expect(cluster.world.marks.has('B5')).toBe(true);
  });

  test(ref('raft B5', 'has no middle to crash in when both keys are one transaction'), () => {
    const cluster = halfAVote(false);
    expect(leaders(cluster).map(([server]) => server)).not.toContain(2);
    expect(
      cluster
        .durable(0)
        .log.entries.slice(0, 3)
        .map(({ term }) => term),
    ).toEqual(log);
  });
});

describe('a heartbeat answer of a newer term (B9)', () => {
  /**
   * s3, cut off from the leader s1 only, is elected by s2; appends of s1 to s2 are held, heartbeats
   * are not. No leader stickiness (B15), for otherwise s2 would not elect another.
   */
  function twoReigns(B9: boolean): RaftCluster {
    const cluster = raftCluster({ servers: 3, seed: 13, formed: 0, bugs: { B9, B15: true } });
    cluster.run(SECOND);
    cut(cluster, [0], [2]);
    hold(cluster, [0], [1], ['raft.append']);
    runUntil(cluster, 5 * SECOND, () => leaders(cluster).length === 2);
    cluster.run(300 * MILLISECOND);
    return cluster;
  }

  test(ref('raft B9', 'lets a deposed leader reign on beside its successor'), () => {
    const cluster = twoReigns(true);
    cluster.run(4 * SECOND);
    expect(cluster.raft(0)).toMatchObject({ role: Role.leader, term: 2 });
    expect(cluster.raft(2)).toMatchObject({ role: Role.leader, term: 3 });
    expect(cluster.world.marks.has('B9')).toBe(true);
  });

  test(ref('raft B9', 'deposes it at the next heartbeat when it is heeded'), () => {
    const cluster = twoReigns(false);
    expect(cluster.raft(0)).toMatchObject({ role: Role.follower, term: 2 });
    expect(cluster.raft(2)).toMatchObject({ role: Role.leader, term: 3 });
  });
});

test(ref('raft B7', 'a stalled disk of the leader stops all writes, and nobody takes over'), () => {
  const cluster = raftCluster({ servers: 3, seed: 16, formed: 0 });
  cluster.run(SECOND);
  const { disk } = cluster.world.hosts[0];
  cluster.at(cluster.world.now, () => disk.stall(cluster.world));
  cluster.propose(0, 701);
  cluster.run(300 * SECOND);
  expect(leaders(cluster)).toEqual([[0, 2]]);
  expect(cluster.outcomes()).toEqual([]);
  expect(cluster.raft(1)).toMatchObject({ leader: 0, lastIndex: 2 });
  cluster.at(cluster.world.now, () => disk.unstall(cluster.world));
  cluster.run(SECOND);
  expect(cluster.outcomes()).toMatchObject([{ error: ApplyError.none }]);
});

describe('neither pre-vote nor stickiness (B15)', () => {
  function lonelyFollower(B15: boolean): RaftCluster {
    const network = { tcp: { ideal: true } };
    const cluster = raftCluster({ servers: 3, seed: 14, formed: 0, bugs: { B15 }, network });
    cluster.run(SECOND);
    cluster.isolate([2]);
    cluster.run(60 * SECOND);
    cluster.heal();
    cluster.run(10 * SECOND);
    return cluster;
  }

  test(ref('raft B15', 'lets a follower that was cut off depose the leader at the heal'), () => {
    const cluster = lonelyFollower(true);
    expect(leaders(cluster).length).toBeGreaterThan(1);
    expect(cluster.raft(cluster.leader())!.term).toBeGreaterThan(20);
  });

  test(ref('raft B15', 'keeps the leader and its term when they are there'), () => {
    const cluster = lonelyFollower(false);
    expect(leaders(cluster)).toEqual([[0, 2]]);
    expect(cluster.raft(2)).toMatchObject({ term: 2, leader: 0 });
  });
});

describe('an append that cuts off what does not conflict (B24)', () => {
  /**
   * An append of s1 hangs in its connection through a loss that outlasts its deadline. After the heal
   * a new connection brings s2 up to date, s2 acknowledges two writes, and then the old append comes.
   * s3 is down: s1 and s2 are the majority. s2 crashes in the middle of whatever that makes it do.
   */
  function lateAppend(B24: boolean): RaftCluster {
    const cluster = raftCluster({ servers: 3, seed: 15, formed: 0, bugs: { B24 } });
    cluster.crash(2);
    cluster.run(SECOND);
    const release = lose(cluster, [0], [1], ['raft.append']);
    cluster.propose(0, 601);
    cluster.run(10.9 * SECOND);
    expect(cluster.raft(0)).toMatchObject({ role: Role.leader, lastIndex: 3, commitIndex: 2 });
    release();
    cluster.run(0.5 * SECOND);
    cluster.propose(0, 602);
    cluster.run(0.5 * SECOND);
    expect(cluster.raft(0)!.commitIndex).toBe(4);
    const s2 = cluster.world.processes[1];
    onNote(cluster, RaftNote.truncated, 1, () => {
      s2.crashPoint = { write: 2, how: 'kill', tag: 0 };
    });
    cluster.run(2 * SECOND);
    return cluster;
  }

  test(ref('raft B24', 'loses acknowledged entries when it crashes half-way'), () => {
    const cluster = lateAppend(true);
    expect(cluster.world.processes[1].status).toBe('down');
    // Both writes were acknowledged on the strength of its disk, and neither is left there.
    const acknowledged = cluster.outcomes().filter(({ error }) => error === ApplyError.none);
    expect(acknowledged.map(({ index }) => index)).toEqual([3, 4]);
    expect(cluster.durable(1).log.entries).toHaveLength(2);
  });

  test(ref('raft B24', 'changes nothing when only a conflict is cut off'), () => {
    const cluster = lateAppend(false);
    expect(cluster.world.processes[1].status).toBe('running');
    expect(prefixes(cluster, 1)).toEqual(prefixes(cluster, 0));
  });
});
