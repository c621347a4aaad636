/** The candidate loop: pre-vote round, real election, and how it ends. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ApplyError, Role } from '../../../sim/protocol/raft/types.ts';
import type { VoteRequest } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  ELECTION_MICROS,
  append,
  campaign,
  grant,
  heartbeat,
  propose,
  raftServer,
  requests,
  results,
  win,
  winPreVote,
} from './server.ts';
import type { RaftServer } from './server.ts';

const NO_PRE_VOTE = { config: { preVote: false } };

function bodies(server: RaftServer, kind: number): VoteRequest[] {
  return requests(server, kind).map(({ body }) => body as VoteRequest);
}

function peersAsked(server: RaftServer, kind: number): number[] {
  return requests(server, kind).map(({ to }) => to);
}

describe('a candidacy', () => {
  test(ref('raft 1.5 #1', 'needs more than half of the voters of the latest configuration'), () => {
    const needed = [1, 2, 3, 4, 5].map((servers) => {
      const server = raftServer({ servers });
      campaign(server);
      return server.state.candidate.votesNeeded;
    });
    expect(needed).toEqual([1, 2, 2, 3, 3]);
    const withOthers = raftServer({
      servers: [0, 1, 2, 3, 4].map((id) => ({ id, voter: id < 3 })),
    });
    campaign(withOthers);
    expect(withOthers.state.candidate).toMatchObject({ votesNeeded: 2, term: 2 });
  });

  test(ref('raft 1.5 #1', 'without pre-vote draws its timer after the writes and requests'), () => {
    const server = raftServer(NO_PRE_VOTE);
    campaign(server);
    server.now += 400_000;
    server.writeAll();
    expect(peersAsked(server, Kind.VOTE)).toEqual([1, 2]);
    expect(server.due(Kind.ELECTION_TIMER)).toBe(server.now + ELECTION_MICROS);
  });

  test(
    ref('raft 1.5 #2', 'begins with pre-vote where it is on, else with the real election'),
    () => {
      const server = raftServer();
      campaign(server);
      expect(peersAsked(server, Kind.PRE_VOTE)).toEqual([1, 2]);
      expect(peersAsked(server, Kind.VOTE)).toEqual([]);
      expect(server.unwritten()).toEqual([]);

      const without = raftServer(NO_PRE_VOTE);
      campaign(without);
      without.writeAll();
      expect(peersAsked(without, Kind.PRE_VOTE)).toEqual([]);
      expect(peersAsked(without, Kind.VOTE)).toEqual([1, 2]);
    },
  );
});

describe('the pre-vote round', () => {
  test(ref('raft 1.5 #3', 'asks voters only, and so does the election'), () => {
    const servers = [0, 1, 2, 3].map((id) => ({ id, voter: id !== 2 }));
    const server = raftServer({ servers });
    winPreVote(server);
    server.writeAll();
    expect(peersAsked(server, Kind.PRE_VOTE)).toEqual([1, 3]);
    expect(peersAsked(server, Kind.VOTE)).toEqual([1, 3]);
  });

  test(
    ref('raft 1.5 #3', 'asks with the next term and our log, storing and raising nothing'),
    () => {
      const server = raftServer({ log: [1, 1, 3] });
      campaign(server);
      for (const body of bodies(server, Kind.PRE_VOTE)) {
        expect(body).toMatchObject({ candidate: 0, term: 4, lastIndex: 3, lastTerm: 3 });
      }
      expect(server.state.term).toBe(3);
      expect(server.of('write')).toEqual([]);
      expect(server.state.candidate.granted).toBe(1);
    },
  );

  test(ref('raft 1.5 #3 newer-term', 'ends with a term above the one asked for: adopted'), () => {
    const server = raftServer();
    campaign(server);
    const [first] = requests(server, Kind.PRE_VOTE);
    server.answer(first, { term: 9, granted: false });
    expect(server.state.role).toBe(Role.follower);
    server.writeAll();
    expect(server.state).toMatchObject({ term: 9, loop: Role.follower });
    expect(server.durable.currentTerm).toBe(9);
  });

  test(ref('raft 1.5 #3 newer-term', 'goes on with a term equal to the one asked for'), () => {
    const server = raftServer();
    campaign(server);
    server.answer(requests(server, Kind.PRE_VOTE)[0], { term: 2, granted: false });
    expect(server.state).toMatchObject({ role: Role.candidate, term: 1 });
  });

  test(
    ref('raft 1.5 #3 granted', 'with a majority redraws the timer and begins the election'),
    () => {
      const server = raftServer();
      campaign(server);
      const before = server.due(Kind.ELECTION_TIMER)!;
      server.now += 300_000;
      grant(server, requests(server, Kind.PRE_VOTE)[0], 2);
      expect(server.due(Kind.ELECTION_TIMER)).toBe(before + 300_000);
      expect(server.unwritten()).toHaveLength(1);
      server.writeAll();
      expect(server.state.term).toBe(2);
      expect(peersAsked(server, Kind.VOTE)).toEqual([1, 2]);
      // The second answer of the round comes too late to count for anything.
      grant(server, requests(server, Kind.PRE_VOTE)[1], 2);
      expect(server.state.candidate.granted).toBe(1);
    },
  );

  test(ref('raft 1.5 #3 refused', 'refused by a majority, waits for the election timer'), () => {
    const server = raftServer();
    campaign(server);
    for (const request of requests(server, Kind.PRE_VOTE)) {
      server.answer(request, { term: 1, granted: false });
    }
    expect(server.state).toMatchObject({ role: Role.candidate, term: 1 });
    expect(requests(server, Kind.PRE_VOTE)).toHaveLength(2);
    server.fire(Kind.ELECTION_TIMER);
    expect(requests(server, Kind.PRE_VOTE)).toHaveLength(4);
  });

  test(ref('raft 1.5 #3 error', 'counts a failed request as refused'), () => {
    const server = raftServer();
    campaign(server);
    for (const request of requests(server, Kind.PRE_VOTE)) {
      server.answer(request, undefined, ErrorCause.eof);
    }
    expect(server.state.candidate).toMatchObject({ granted: 1, refused: 2, preVoting: true });
  });
});

describe('the real election', () => {
  test(ref('raft 1.5 #4', 'stores the term, then asks; its own vote is stored in its turn'), () => {
    const server = raftServer({ self: 1 });
    winPreVote(server);
    expect(peersAsked(server, Kind.VOTE)).toEqual([]);
    server.write();
    expect(server.durable.currentTerm).toBe(2);
    // s1 stands before us in the configuration: it is asked before our vote is durable.
    expect(peersAsked(server, Kind.VOTE)).toEqual([0]);
    server.write();
    expect(server.durable).toMatchObject({ lastVoteTerm: 2, lastVoteCandidate: -1 });
    server.write();
    expect(server.durable).toMatchObject({ lastVoteTerm: 2, lastVoteCandidate: 1 });
    expect(peersAsked(server, Kind.VOTE)).toEqual([0, 2]);
    expect(bodies(server, Kind.VOTE)[1]).toMatchObject({ candidate: 1, term: 2, lastIndex: 1 });
  });

  test(ref('raft 1.5 #4 asked-once', 'asks everybody for the same term, whatever happens'), () => {
    const server = raftServer({ self: 1 });
    winPreVote(server);
    // Its term reaches the disk on its own goroutine, between our term and our vote (B1).
    heartbeat(server, 0, 5);
    server.writeAll();
    expect(server.state.term).toBe(5);
    expect(bodies(server, Kind.VOTE).map(({ term }) => term)).toEqual([2, 2]);
  });

  test(ref('raft 1.5 #4 won', 'with a majority makes us leader, known to ourselves'), () => {
    const server = raftServer();
    win(server);
    expect(server.state).toMatchObject({ role: Role.leader, leader: 0, term: 2 });
  });

  test(ref('raft 1.5 #4 error', 'counts a failed request as refused'), () => {
    const server = raftServer();
    winPreVote(server);
    server.writeAll();
    for (const request of requests(server, Kind.VOTE)) {
      server.answer(request, undefined, ErrorCause.refused);
    }
    expect(server.state).toMatchObject({ role: Role.candidate, term: 2 });
  });

  test(
    ref('raft 1.5 #4 newer-term', 'ends with a newer term in an answer, which is adopted'),
    () => {
      const server = raftServer();
      winPreVote(server);
      server.writeAll();
      server.answer(requests(server, Kind.VOTE)[0], { term: 7, granted: false });
      server.writeAll();
      expect(server.state).toMatchObject({ role: Role.follower, term: 7 });
      expect(server.durable.currentTerm).toBe(7);
    },
  );

  test(
    ref('raft 1.5 #4 own-vote', 'counts no answer when our own vote could not be stored'),
    () => {
      const server = raftServer({ self: 1 });
      winPreVote(server);
      server.write();
      server.failWrite();
      grant(server, requests(server, Kind.VOTE, 0)[0], 2);
      expect(server.state).toMatchObject({ role: Role.candidate, term: 2 });
      // The peer after us is not even asked.
      expect(peersAsked(server, Kind.VOTE)).toEqual([0]);
      server.fire(Kind.ELECTION_TIMER);
      expect(server.state.candidate).toMatchObject({ preVoting: true, term: 3 });
    },
  );

  test(ref('raft 1.5 #4 panic', 'ends the program when the term cannot be stored'), () => {
    const server = raftServer();
    winPreVote(server);
    server.failWrite();
    expect(server.running).toBe(false);
    expect(server.of('panic')).toHaveLength(1);
  });
});

test(
  ref('raft 1.5 #5', 'the election timer starts all over; only a real election raises a term'),
  () => {
    const server = raftServer();
    campaign(server);
    server.fire(Kind.ELECTION_TIMER);
    server.fire(Kind.ELECTION_TIMER);
    expect(server.state.term).toBe(1);
    for (const request of requests(server, Kind.PRE_VOTE).slice(-2)) grant(server, request, 2);
    server.writeAll();
    expect(server.state.term).toBe(2);
    // An answer of an earlier round is nobody's any more.
    const late = requests(server, Kind.VOTE)[0];
    server.fire(Kind.ELECTION_TIMER);
    expect(bodies(server, Kind.PRE_VOTE).at(-1)).toMatchObject({ term: 3 });
    grant(server, late, 2);
    expect(server.state).toMatchObject({ role: Role.candidate, term: 2 });
    expect(server.state.candidate.granted).toBe(1);
  },
);

test(ref('raft 1.5 #5', 'an answer counts for the round that asked, of either kind'), () => {
  const server = raftServer({ servers: 5 });
  campaign(server);
  const late = requests(server, Kind.PRE_VOTE);
  server.fire(Kind.ELECTION_TIMER);
  for (const request of late) grant(server, request, 2);
  expect(server.state.candidate).toMatchObject({ preVoting: true, granted: 1 });

  const winRound = (): void => {
    for (const request of requests(server, Kind.PRE_VOTE).slice(-4)) {
      grant(server, request, server.state.term + 1);
    }
    server.writeAll();
  };
  winRound();
  const lateVotes = requests(server, Kind.VOTE);
  server.fire(Kind.ELECTION_TIMER);
  winRound();
  expect(server.state.term).toBe(3);
  for (const request of lateVotes) grant(server, request, 2);
  expect(server.state).toMatchObject({ role: Role.candidate, term: 3 });
});

test(
  ref('raft 1.5 #6', 'an append of our term or a newer one makes a candidate a follower'),
  () => {
    const server = raftServer();
    campaign(server);
    append(server, { term: 1, leader: 2 });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, leader: 2, term: 1 });
    expect(server.due(Kind.ELECTION_TIMER)).toBeUndefined();
  },
);

test(ref('raft 1.5 #6', 'a candidate stays one at an older append, and refuses proposals'), () => {
  const server = raftServer({ durable: { currentTerm: 3 } });
  campaign(server);
  append(server, { term: 2, leader: 2 });
  propose(server, 8);
  expect(server.state.role).toBe(Role.candidate);
  expect(results(server)).toMatchObject([{ tag: 8, error: ApplyError.notLeader }]);
});
