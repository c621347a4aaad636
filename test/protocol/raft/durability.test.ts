/** How many stable writes each step takes, in which order, and what a crash between them leaves. */
import { describe, expect, test } from 'vitest';
import { NEVER, Role } from '../../../sim/protocol/raft/types.ts';
import type { RaftDurable } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  acknowledge,
  answerTo,
  append,
  campaign,
  leaderOf,
  propose,
  raftServer,
  requestVote,
  requests,
  responseOf,
  sendingTo,
  tailOf,
  winPreVote,
} from './server.ts';
import type { RaftServer } from './server.ts';

type Fields = 'currentTerm' | 'lastVoteTerm' | 'lastVoteCandidate';

function vote({ durable }: RaftServer): Pick<RaftDurable, Fields> {
  const { currentTerm, lastVoteTerm, lastVoteCandidate } = durable;
  return { currentTerm, lastVoteTerm, lastVoteCandidate };
}

/** Counts the writes until nothing is left to write. */
function writes(server: RaftServer): number {
  let count = 0;
  for (; server.unwritten().length > 0; count++) server.write();
  return count;
}

/** Restarts after `count` further writes. */
function crashAfter(server: RaftServer, count: number): void {
  server.write(count);
  server.crash();
  server.start();
}

describe('stable writes', () => {
  test(ref('raft 1.17 adopt-term', 'one, before the answer, for a newer term of any kind'), () => {
    const appended = raftServer();
    append(appended, { term: 3 });
    expect(writes(appended)).toBe(1);

    const asked = raftServer({ log: [1, 1] });
    requestVote(asked, { term: 3, lastIndex: 1 });
    expect(writes(asked)).toBe(1);

    const answered = raftServer();
    campaign(answered);
    answered.answer(requests(answered, Kind.PRE_VOTE)[0], { term: 9, granted: false });
    expect(writes(answered)).toBe(1);
  });

  test(ref('raft 1.17 same-term', 'one for an append of our own term while we campaign'), () => {
    const server = raftServer();
    campaign(server);
    append(server, { term: 1 });
    expect(writes(server)).toBe(1);
  });

  test(ref('raft 1.17 grant', 'three to grant a vote in a newer term, two in ours'), () => {
    const newer = raftServer();
    requestVote(newer, { term: 3 });
    expect(writes(newer)).toBe(3);
    const ours = raftServer({ durable: { currentTerm: 3 } });
    requestVote(ours, { term: 3 });
    expect(writes(ours)).toBe(2);
  });

  test(ref('raft 1.17 election', 'three to begin a real election'), () => {
    const server = raftServer();
    winPreVote(server);
    expect(writes(server)).toBe(3);
    expect(vote(server)).toEqual({ currentTerm: 2, lastVoteTerm: 2, lastVoteCandidate: 0 });
  });

  test(ref('raft 1.17 pre-vote', 'none on either side of a pre-vote'), () => {
    const server = raftServer();
    campaign(server);
    requestVote(server, { term: 2 }, Kind.PRE_VOTE);
    expect(server.of('write')).toEqual([]);
  });

  test(ref('raft 1.17 leader-append', 'one for a batch of the leader, before it is sent'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    const sent = server.of('pipeline').length;
    for (const digest of [5, 6, 7]) propose(server, digest);
    expect(server.of('pipeline')).toHaveLength(sent);
    expect(writes(server)).toBe(2);
    expect(server.of('pipeline').length).toBeGreaterThan(sent);
  });

  test(
    ref('raft 1.17 follower-append', 'one for a batch of a follower, two with a conflict'),
    () => {
      const plain = raftServer();
      append(plain, { term: 1, prevIndex: 1, prevTerm: 1, entries: tailOf([1, 1, 1, 1], 1) });
      expect(writes(plain)).toBe(1);
      const divergent = raftServer({ log: [1, 1, 1], durable: { currentTerm: 2 } });
      append(divergent, { term: 2, prevIndex: 1, prevTerm: 1, entries: tailOf([1, 2, 2], 1) });
      expect(writes(divergent)).toBe(2);
    },
  );

  test(ref('raft 1.17 commit', 'none to commit and apply: a restart knows nothing of it'), () => {
    const server = raftServer({ log: [1, 1] });
    append(server, { term: 1, prevIndex: 2, prevTerm: 1, leaderCommit: 2 });
    expect(server.of('write')).toEqual([]);
    expect(server.state).toMatchObject({ commitIndex: 2, fsmIndex: 2 });
    server.crash();
    server.start();
    expect(server.state).toMatchObject({ commitIndex: 0, fsmIndex: 0, lastApplied: 0 });
  });

  test(ref('raft 1.17 panic', 'that cannot store the term end the program'), () => {
    for (const begin of [
      (server: RaftServer) => append(server, { term: 3 }),
      (server: RaftServer) => requestVote(server, { term: 3 }),
      (server: RaftServer) => winPreVote(server),
    ]) {
      const server = raftServer();
      begin(server);
      server.failWrite();
      expect(server.running).toBe(false);
      expect(server.durable.currentTerm).toBe(1);
    }
  });
});

describe('a crash between the writes', () => {
  test(ref('raft 1.17 grant', 'of a vote: after the term, nothing has been given away'), () => {
    const server = raftServer({ durable: { lastVoteTerm: 1, lastVoteCandidate: 2 } });
    const exchange = requestVote(server, { term: 2 });
    crashAfter(server, 1);
    expect(vote(server)).toEqual({ currentTerm: 2, lastVoteTerm: 1, lastVoteCandidate: 2 });
    expect(answerTo(server, exchange)).toBeUndefined();
    expect(server.state).toMatchObject({ term: 2, role: Role.follower, lastContact: NEVER });
    const again = requestVote(server, { candidate: 2, term: 2 });
    server.writeAll();
    expect(answerTo(server, again).granted).toBe(true);
  });

  test(ref('raft B5', 'of a vote: after its term, an earlier candidate holds the new vote'), () => {
    const server = raftServer({
      log: [1, 1, 1],
      durable: { lastVoteTerm: 1, lastVoteCandidate: 2, lastVoteCandidateTerm: 1 },
    });
    requestVote(server, { candidate: 1, term: 2, lastIndex: 3 });
    crashAfter(server, 2);
    expect(vote(server)).toEqual({ currentTerm: 2, lastVoteTerm: 2, lastVoteCandidate: 2 });
    // s3's log is behind ours: the election restriction should refuse it.
    const exchange = requestVote(server, { candidate: 2, term: 2, lastIndex: 1 });
    expect(answerTo(server, exchange)).toEqual({ term: 2, granted: true });
    expect([...server.marks]).toEqual(['B5']);
  });

  test(ref('raft B5', 'of a vote cannot happen when both keys are one transaction'), () => {
    const server = raftServer({
      log: [1, 1, 1],
      bugs: { B5: false },
      durable: { lastVoteTerm: 1, lastVoteCandidate: 2 },
    });
    requestVote(server, { candidate: 1, term: 2, lastIndex: 3 });
    expect(server.unwritten()).toHaveLength(1);
    server.write();
    expect(server.unwritten()).toHaveLength(1);
    crashAfter(server, 0);
    const exchange = requestVote(server, { candidate: 2, term: 2, lastIndex: 1 });
    expect(answerTo(server, exchange).granted).toBe(false);
  });

  test(ref('raft B4', 'of a vote: with the plant it has been answered and is forgotten'), () => {
    const granted = [false, true].map((B4) => {
      const server = raftServer({ bugs: { B4, B5: false } });
      const first = requestVote(server, { candidate: 1, term: 2 });
      server.write();
      server.crash();
      server.start();
      const second = requestVote(server, { candidate: 2, term: 2 });
      server.writeAll();
      return [first, second].map((exchange) => answerTo(server, exchange)?.granted);
    });
    expect(granted).toEqual([
      [undefined, true],
      [true, true],
    ]);
  });

  test(ref('raft 1.17 election', 'of a candidacy: the term is burnt, the vote is not cast'), () => {
    const server = raftServer();
    winPreVote(server);
    crashAfter(server, 1);
    expect(vote(server)).toEqual({ currentTerm: 2, lastVoteTerm: 0, lastVoteCandidate: -1 });
    campaign(server);
    expect(requests(server, Kind.PRE_VOTE).at(-1)!.body).toMatchObject({ term: 3 });
  });

  test(ref('raft 1.17 follower-append', 'of a conflict loses the suffix and nothing else'), () => {
    const server = raftServer({ log: [1, 1, 1, 1], durable: { currentTerm: 2 } });
    append(server, { term: 2, prevIndex: 2, prevTerm: 1, entries: tailOf([1, 1, 2, 2], 2) });
    crashAfter(server, 1);
    expect(server.durable.log.entries.map(({ term }) => term)).toEqual([1, 1]);
    expect(server.state).toMatchObject({ lastIndex: 2, lastTerm: 1, term: 2 });
  });

  test(ref('raft B24', 'of an append: with the plant acknowledged entries are lost'), () => {
    const left = [false, true].map((B24) => {
      const server = raftServer({ log: [1, 1, 1, 1], bugs: { B24 } });
      append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries: tailOf([1, 1], 1) });
      if (server.unwritten().length > 0) crashAfter(server, 1);
      return server.durable.log.entries.length;
    });
    expect(left).toEqual([4, 1]);
  });

  test(ref('raft 1.17 leader-append', 'of a leader: what it had not stored, nobody has'), () => {
    const server = leaderOf();
    propose(server, 5);
    crashAfter(server, 0);
    expect(server.state).toMatchObject({ lastIndex: 2, role: Role.follower });
    expect(sendingTo(server, 1)).toBeUndefined();
    expect(responseOf(server).term).toBe(2);
  });
});

test(
  ref('raft 1.17 torn', 'a batch that was torn is not there after the start, and nobody says so'),
  () => {
    const server = raftServer({ log: [1, 1] });
    append(server, { term: 1, prevIndex: 2, prevTerm: 1, entries: tailOf([1, 1, 1, 1], 2) });
    expect(server.unwritten()).toHaveLength(1);
    server.crash();
    server.start();
    expect(server.of('panic')).toEqual([]);
    expect(server.state).toMatchObject({ lastIndex: 2, lastTerm: 1 });
  },
);
