/**
 * Elections that a reader of the Raft paper would not expect of hashicorp/raft, each as a small story
 * with an assertion that names the surprise. `npx vitest run test/golden -u` writes the stories anew.
 */
import { expect, test } from 'vitest';
import { createLog } from '../../sim/protocol/raft/log.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import type { RaftDurable } from '../../sim/protocol/raft/types.ts';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { raftCluster } from '../support/cluster.ts';
import type { RaftCluster } from '../support/cluster.ts';
import { cut, hold, leaders, onNote, runUntil } from '../protocol/raft/hold.ts';
import { logOf } from '../protocol/raft/server.ts';
import { MILLISECOND, REAL_BUGS as bugs, SECOND, story } from './story.ts';

const file = (name: string): string => `surprises/${name}.txt`;

/** Times at which a server notes something of this kind. */
function timesOf(cluster: RaftCluster, kind: number, server: number): number[] {
  const { world } = cluster;
  const { notes } = world;
  const rows = Array.from({ length: notes.rows }, (_, row) => row);
  return rows
    .filter((row) => notes.kind(row) === kind && notes.process(row) === server)
    .map((row) => world.trace.time(notes.event(row)));
}

function rulesOf(cluster: RaftCluster): Set<number> {
  const { notes } = cluster.world;
  const rules = new Set<number>();
  for (let row = 0; row < notes.rows; row++) {
    if (notes.kind(row) === RaftNote.refused) rules.add(notes.c(row));
  }
  return rules;
}

const termsOn = (cluster: RaftCluster, server: number): number[] =>
  cluster.durable(server).log.entries.map(({ term }) => term);

test('a polled timer notices lost contact only at its next tick', async () => {
  const cluster = raftCluster({ servers: 3, seed: 59, formed: 0, bugs });
  cluster.run(2 * SECOND);
  cluster.crash(0);
  const lost = cluster.world.now;
  cluster.run(4 * SECOND);
  const noticed = [1, 2].map((server) => timesOf(cluster, RaftNote.becameCandidate, server)[0]!);
  const ages = noticed.map((time) => (time - lost) / SECOND);
  // The paper's timer would have fired between one and two timeouts after the last contact.
  expect(Math.max(...ages)).toBeGreaterThan(2.7);
  expect(Math.max(...ages)).toBeLessThan(3);
  const teaches = [
    'The heartbeat timeout is one second, and the leader is killed at two. A follower does not count',
    'from the last contact: it looks at times of its own, one to two seconds apart, and when the last',
    'contact is not quite a second old it looks away again. One of the two looks when it is just old',
    'enough; the other needs two and three quarters of a second to notice. Because both must before',
    'one can win, the cluster waits for it.',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot(file('polled-timer'));
});

test('a vote is granted to the same candidate again, whatever its log', async () => {
  const durable = (server: number): Partial<RaftDurable> => [
    { log: createLog(logOf([1, 1, 1])), currentTerm: 2, ...voteFor(1, 2) },
    { log: createLog(logOf([1])), currentTerm: 1 },
    {},
  ][server]!;
  const config = { preVote: false };
  const cluster = raftCluster({ servers: 3, seed: 2, bugs, config, durable, start: false });
  cluster.restart(1);
  cluster.run(950 * MILLISECOND);
  cluster.restart(0);
  runUntil(cluster, 10 * SECOND, () => leaders(cluster).length > 0);
  cluster.run(100 * MILLISECOND);
  expect(leaders(cluster)).toEqual([[1, 2]]);
  expect(termsOn(cluster, 0)).toEqual([1, 2]);
  const teaches = [
    's1 has voted for s2 in term 2. Then the disk of s2 was put back from an older copy: it knows',
    'nothing of that term, and lacks two entries that s1 has. It asks for term 2 again. A server that',
    'has voted for the candidate says yes before it compares logs, so that s2 leads, and the entries',
    'that s1 had stored are cut off. (Pre-vote is off: it does compare.)',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot(file('vote-without-log'));
});

function voteFor(candidate: number, term: number): Partial<RaftDurable> {
  return { lastVoteTerm: term, lastVoteCandidate: candidate, lastVoteCandidateTerm: term };
}

test('rules 2 and 3 refuse without adopting the newer term', async () => {
  const cluster = raftCluster({
    servers: 4,
    seed: 3,
    formed: 0,
    bugs,
    config: { preVote: false },
    durable: (server) =>
      server === 3
        ? { log: createLog(logOf([1], 4)), currentTerm: 30, formedLeader: -1 }
        : { log: createLog(logOf([1], 3)) },
  });
  // The leader's appends would tell it of the newer term.
  hold(cluster, [0], [2], ['raft.append', 'raft.heartbeat']);
  cluster.run(5 * SECOND);
  expect(rulesOf(cluster)).toEqual(new Set([2, 3]));
  expect(cluster.raft(2)!.term).toBeGreaterThan(2);
  expect(cluster.raft(3)!.term).toBeGreaterThan(30);
  expect([0, 1].map((server) => cluster.raft(server)!.term)).toEqual([2, 2]);
  const teaches = [
    's3 does not hear the leader, and without pre-vote campaigns in ever higher terms. s4 has been a',
    'member once and is none any more, but has not been told. Both ask everybody for votes. In the',
    'paper their terms would depose the leader. Here s1 and s2 know a leader (rule 3) and know that s4',
    'is no member (rule 2), and look no further: their term stays 2.',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot(file('term-not-adopted'));
});

test('a heartbeat is answered while the main goroutine waits for its disk', async () => {
  const cluster = raftCluster({ servers: 3, seed: 4, formed: 0, bugs });
  cluster.run(500 * MILLISECOND);
  cluster.crash(2);
  const { disk } = cluster.world.hosts[1]!;
  cluster.at(cluster.world.now, () => disk.stall(cluster.world));
  cluster.propose(0, 7);
  cluster.run(30 * SECOND);
  const contact = cluster.raft(1)!.lastContact;
  expect(cluster.world.now - contact).toBeLessThan(SECOND);
  expect(cluster.raft(0)).toMatchObject({ role: Role.leader, term: 2, lastIndex: 3, commitIndex: 2 });
  expect(cluster.outcomes()).toEqual([]);
  const teaches = [
    's3 is dead and the disk of s2 stands still, with an append on its way to it. The main goroutine of',
    's2 waits for that disk; heartbeats are answered beside it. For half a minute, and for ever, s1',
    'keeps its lease by these answers and its one follower does not campaign, while no write commits',
    'and none is refused.',
  ];
  await expect(story(teaches, cluster, { detail: 1 })).toMatchFileSnapshot(
    file('heartbeat-beside-main'),
  );
});

test('a newer term in a heartbeat answer does not depose', async () => {
  const cluster = raftCluster({
    servers: 3,
    seed: 5,
    formed: 0,
    bugs,
    durable: (server) => (server === 1 ? { currentTerm: 9, formedLeader: -1 } : {}),
  });
  hold(cluster, [0], [1], ['raft.append']);
  cluster.run(SECOND);
  cluster.crash(2);
  cluster.run(4 * SECOND);
  expect(cluster.raft(0)).toMatchObject({ role: Role.leader, term: 2 });
  expect(cluster.raft(1)).toMatchObject({ term: 9, leader: -1 });
  expect(cluster.world.marks.has('B9')).toBe(true);
  const teaches = [
    's2 has seen term 9; appends of the leader s1 of term 2 hang on their way to it, heartbeats do not.',
    'Each heartbeat is answered "no, it is term 9". s1 looks only at whether there was an answer: it',
    'counts as contact, and when s3 dies too, these refusals are all that keeps the lease of s1. It',
    'goes on leading with nobody behind it, and default reads are answered.',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot(file('heartbeat-answer'));
});

test('a vote is given again after a crash between its two writes', async () => {
  const cluster = raftCluster({
    servers: 3,
    seed: 12,
    start: false,
    bugs,
    config: { preVote: false },
    durable: (server) => ({
      log: createLog(logOf(server === 2 ? [1] : [1, 1, 1])),
      ...voteFor(2, 1),
    }),
  });
  cluster.restart(1);
  cluster.run(950 * MILLISECOND);
  cluster.restart(0);
  cluster.restart(2);
  cluster.run(0);
  cut(cluster, [1], [2]);
  const s1 = cluster.world.processes[0]!;
  onNote(cluster, RaftNote.term, 0, (term) => {
    if (term === 2 && s1.generation === 1) s1.crashPoint = { write: 2, how: 'kill', tag: 0 };
  });
  runUntil(cluster, 3 * SECOND, () => s1.status === 'down');
  cut(cluster, [0], [1]);
  cluster.run(500 * MILLISECOND);
  cluster.restart(0);
  cluster.run(3 * SECOND);
  expect(leaders(cluster)).toEqual([[2, 2]]);
  expect(termsOn(cluster, 0)).toEqual([1, 2]);
  expect(cluster.world.marks.has('B5')).toBe(true);
  const teaches = [
    's1 once voted for s3. In term 2 it votes for s2, which takes two writes: the term of the vote, then',
    'the candidate. It is killed between them. What is left on its disk says: in term 2, for s3. When',
    's3, which lacks two entries, asks for term 2, it has the vote already, and no log is compared.',
  ];
  await expect(story(teaches, cluster)).toMatchFileSnapshot(file('half-a-vote'));
});
