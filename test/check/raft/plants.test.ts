/** Each planted bug, brought out by the schedule that its literature tells; without it, none is. */
import { describe, expect, test } from 'vitest';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { createLog } from '../../../sim/protocol/raft/log.ts';
import { EntryType } from '../../../sim/protocol/raft/types.ts';
import type { Entry, RaftDurable } from '../../../sim/protocol/raft/types.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import { checkedCluster } from '../../support/checked.ts';
import type { CheckedCluster } from '../../support/checked.ts';
import * as kit from './kit.ts';

const { SECOND } = kit;

function names(cluster: CheckedCluster): Set<InvariantName> {
  return new Set(cluster.violations().map(({ invariant }) => invariant));
}

describe('B2: a leader counts replicas of entries from older terms', () => {
  /** Raft paper, figure 8: s1 and s2 hold an entry of term 2, s5 one of term 3; s1 leads term 4. */
  function figureEight(planted: boolean): CheckedCluster {
    const log = (first: Entry, ...terms: number[]): Entry[] => {
      const entries = [first];
      for (const term of terms) {
        const { prefix, index } = entries.at(-1)!;
        const data = { digest: 100 * term };
        entries.push(makeEntry(prefix, index + 1, term, EntryType.command, data));
      }
      return entries;
    };
    const configuration = makeEntry(0, 1, 1, EntryType.configuration, {
      servers: [0, 1, 2, 3, 4].map((id) => ({ id, voter: true })),
      digest: 5,
    });
    const terms = [[2], [2], [], [], [3]];
    const durable = (server: number): Partial<RaftDurable> => ({
      log: createLog(log(configuration, ...terms[server]!)),
      currentTerm: server === 4 ? 3 : 4,
      lastVoteTerm: server === 4 ? 3 : 4,
      lastVoteCandidate: server === 4 ? 4 : 0,
      lastVoteCandidateTerm: server === 4 ? 3 : 4,
      formedLeader: server === 4 ? -1 : 0,
    });
    const bugs = { B2: planted };
    const cluster = checkedCluster({ servers: 5, seed: 1, durable, bugs, start: false });
    const { disk } = cluster.world.hosts[0]!;
    for (const server of [1, 2, 3, 0]) cluster.restart(server);
    // Its Noop takes so long that s3 and s4 hold the entry of term 2 first.
    disk.slowDown(300);
    cluster.run(SECOND / 4);
    expect(cluster.durable(2).log.entries[1]!.term).toBe(2);
    // And it gets no further than to the leader itself.
    cluster.isolate([0]);
    cluster.run(SECOND / 4);
    return cluster;
  }

  /** The two that hold neither entry make s5 leader, which only knows that of term 3. */
  function electFifth(cluster: CheckedCluster): void {
    // A kill would leave what the leader has sent to its kernel, which sends it on after the heal.
    cluster.crash(0, 'power');
    cluster.crash(1);
    cluster.run(1000);
    cluster.heal();
    cluster.restart(4);
    cluster.run(1000);
    kit.waitForLeader(cluster, 4);
    cluster.run(15 * SECOND);
  }

  test('what it commits so is overwritten', () => {
    const cluster = figureEight(true);
    expect(cluster.raft(0)!.commitIndex).toBe(2);
    electFifth(cluster);
    expect(cluster.durable(2).log.entries[1]!.term).toBe(3);
    expect(names(cluster)).toEqual(new Set(['raft.leader-completeness']));
    const [first] = cluster.violations();
    const { term } = cluster.raft(4)!;
    expect(first).toMatchObject({
      invariant: 'raft.leader-completeness',
      message: `s5 leads term ${term} without the committed entry 2 of term 2: it has one of term 3`,
      status: 'violation',
    });
  });

  test('without the plant the same schedule loses nothing', () => {
    const cluster = figureEight(false);
    expect(cluster.raft(0)!.commitIndex).toBe(0);
    electFifth(cluster);
    expect(cluster.durable(2).log.entries[1]!.term).toBe(3);
    expect(cluster.violations()).toEqual([]);
  });
});

describe('B4: a vote is answered before it is stored', () => {
  /** s1 and s2 cannot reach each other. Whoever asks s3 first gets its vote, of which s3 then dies. */
  function voterCrashes(planted: boolean, seed: number): CheckedCluster {
    const cluster = checkedCluster({ servers: 3, seed, bugs: { B4: planted } });
    const { world } = cluster;
    const voter = world.processes[2]!;
    let struck = false;
    world.observe({
      wants: [RaftNote.voted],
      onNote: (_kind, process, _term, candidate) => {
        if (struck || process !== voter.index || candidate === voter.index) return;
        struck = true;
        voter.crashPoint = { write: 1, how: 'kill', tag: 0 };
        // Time for the vote to arrive; then the new leader is alone, and the voter is back.
        cluster.at(world.now + 2000, () => {
          voter.crashPoint = null;
          cluster.isolate([candidate]);
          cluster.restart(voter.index);
        });
      },
    });
    cluster.isolate([0], [1]);
    cluster.run(10 * SECOND);
    return cluster;
  }

  test('the voter has forgotten, and sometimes elects a second leader of the term', () => {
    const all = Array.from({ length: 40 }, (_, seed) => names(voterCrashes(true, seed)));
    // In the others s3 campaigns first.
    expect(all.filter((found) => found.has('raft.vote-once')).length).toBeGreaterThan(20);
    expect(all.filter((found) => found.has('raft.election-safety')).length).toBeGreaterThan(5);
  });

  test('a vote on its way to a slow disk is not lost yet', () => {
    const fsync = { kind: 'constant', micros: 1_200_000 } as const;
    const cluster = checkedCluster({ servers: 3, seed: 1, bugs: { B4: true }, fsync });
    cluster.run(30 * SECOND);
    expect(cluster.summary('raft.vote-once').exercised).toBeGreaterThan(1);
    expect(names(cluster)).not.toContain('raft.vote-once');
  });

  test('without the plant the same schedule elects one', () => {
    for (let seed = 0; seed < 40; seed++) {
      expect(voterCrashes(false, seed).violations()).toEqual([]);
    }
  });
});
