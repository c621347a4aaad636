/** Both vote tables, row by row: what is refused before the term is looked at, and what after. */
import { describe, expect, test } from 'vitest';
import { NEVER, Role } from '../../../sim/protocol/raft/types.ts';
import type { VoteRequest } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  MILLISECOND,
  answerTo,
  append,
  campaign,
  heartbeat,
  leaderOf,
  notes,
  raftServer,
  requestVote,
} from './server.ts';
import type { RaftServer } from './server.ts';

const { PRE_VOTE, VOTE } = Kind;
/** s3 has been made a non-voter. */
const DEMOTED = [
  { id: 0, voter: true },
  { id: 1, voter: true },
  { id: 2, voter: false },
];

/** Answer to a request after all writes, and the rule that refused it, or 0. */
function ask(
  server: RaftServer,
  request: Partial<VoteRequest> & { readonly term: number },
  kind: number = VOTE,
): { term: number; granted: boolean; rule: number } {
  const refusals = notes(server, Kind.RaftNote.refused).length;
  const exchange = requestVote(server, request, kind);
  server.writeAll();
  const refusal = notes(server, Kind.RaftNote.refused)[refusals];
  const { term, granted } = answerTo(server, exchange);
  return { term, granted, rule: refusal?.[2] ?? 0 };
}

describe('RequestVote', () => {
  test(
    ref('raft 1.6 #2', 'of a server outside our configuration is refused, term not adopted'),
    () => {
      const server = raftServer();
      expect(ask(server, { candidate: 7, term: 5 })).toEqual({ term: 1, granted: false, rule: 2 });
      expect(server.state.term).toBe(1);
      expect(server.of('write')).toEqual([]);
    },
  );

  test(ref('raft 1.6 #2', 'is judged further where there is no configuration at all'), () => {
    const server = raftServer({ servers: [] });
    expect(ask(server, { candidate: 7, term: 5, lastIndex: 0, lastTerm: 0 }).granted).toBe(true);
  });

  test(ref('raft 1.6 #3', 'is refused while we know another leader, term not adopted'), () => {
    const server = raftServer();
    append(server, { term: 1, leader: 2 });
    expect(ask(server, { term: 5 })).toEqual({ term: 1, granted: false, rule: 3 });
    expect(server.state).toMatchObject({ term: 1, leader: 2 });
  });

  test(ref('raft 1.6 #3', 'is not refused for it when the leader itself asks'), () => {
    const server = raftServer();
    append(server, { term: 1, leader: 1 });
    expect(ask(server, { term: 5 })).toEqual({ term: 5, granted: true, rule: 0 });
  });

  test(ref('raft 1.6 #3', 'is not refused for it when leadership is being transferred'), () => {
    const server = raftServer();
    append(server, { term: 1, leader: 2 });
    expect(ask(server, { term: 5, leadershipTransfer: true }).granted).toBe(true);
  });

  test(ref('raft 1.6 #3', 'never deposes a sitting leader, which knows itself'), () => {
    const server = leaderOf();
    expect(ask(server, { term: 50, lastIndex: 99, lastTerm: 49 }).rule).toBe(3);
    expect(server.state).toMatchObject({ role: Role.leader, term: 2 });
  });

  test(ref('raft 1.6 #4', 'of an older term is refused'), () => {
    const server = raftServer({ durable: { currentTerm: 6 } });
    expect(ask(server, { term: 5 })).toEqual({ term: 6, granted: false, rule: 4 });
  });

  test(
    ref('raft 1.6 #5', 'of a newer term is adopted, on disk first, even if it is refused'),
    () => {
      const server = raftServer({ log: [1, 1, 1] });
      campaign(server);
      const exchange = requestVote(server, { term: 5, lastIndex: 1 });
      expect(server.state).toMatchObject({ role: Role.follower, term: 1, leader: -1 });
      expect(answerTo(server, exchange)).toBeUndefined();
      server.write();
      expect(server.durable.currentTerm).toBe(5);
      expect(server.state.term).toBe(5);
      expect(answerTo(server, exchange)).toMatchObject({ term: 5, granted: false });
    },
  );

  test(ref('raft 1.6 #5', 'of a newer term makes us forget the leader'), () => {
    const server = raftServer({ log: [1, 1, 1] });
    append(server, { term: 1, leader: 1 });
    expect(ask(server, { candidate: 1, term: 5, lastIndex: 1 }).rule).toBe(8);
    expect(server.state.leader).toBe(-1);
  });

  test(ref('raft 1.6 #6', 'of a non-voter is refused, after its term has been adopted'), () => {
    const server = raftServer({ servers: DEMOTED });
    expect(ask(server, { candidate: 2, term: 5 })).toEqual({ term: 5, granted: false, rule: 6 });
    expect(server.durable.currentTerm).toBe(5);
  });

  test(ref('raft 1.6 #7', 'in a term we voted in is granted to the same candidate only'), () => {
    const server = raftServer();
    expect(ask(server, { candidate: 2, term: 3 }).granted).toBe(true);
    expect(ask(server, { candidate: 1, term: 3 })).toEqual({ term: 3, granted: false, rule: 7 });
    expect(ask(server, { candidate: 2, term: 3 })).toEqual({ term: 3, granted: true, rule: 0 });
  });

  test(
    ref('raft 1.6 #7', 'repeated, is granted without a look at the log or a new contact'),
    () => {
      const server = raftServer({ log: [1, 1, 1] });
      expect(ask(server, { candidate: 2, term: 3, lastIndex: 3 }).granted).toBe(true);
      const contact = server.state.lastContact;
      server.now += 300 * MILLISECOND;
      expect(ask(server, { candidate: 2, term: 3, lastIndex: 1 }).granted).toBe(true);
      expect(server.state.lastContact).toBe(contact);
      expect(server.of('write')).toHaveLength(2);
    },
  );

  test(
    ref('raft 1.6 #7', 'finds a candidate that votes for itself: refused in its own term'),
    () => {
      const server = raftServer({ durable: { lastVoteTerm: 1, lastVoteCandidate: 0 } });
      expect(ask(server, { candidate: 2, term: 1 }).rule).toBe(7);
    },
  );

  test(ref('raft 1.6 #8', 'is refused when our last entry has a newer term, or more index'), () => {
    const server = raftServer({ log: [1, 2, 2] });
    expect(ask(server, { term: 3, lastTerm: 1, lastIndex: 9 }).rule).toBe(8);
    expect(ask(server, { term: 4, lastTerm: 2, lastIndex: 2 }).rule).toBe(8);
    expect(ask(server, { term: 5, lastTerm: 2, lastIndex: 3 }).granted).toBe(true);
    expect(ask(server, { term: 6, lastTerm: 3, lastIndex: 1 }).granted).toBe(true);
  });

  test(ref('raft 1.6 #9', 'is stored as term, then candidate, before it is granted'), () => {
    const server = raftServer({ durable: { lastVoteTerm: 1, lastVoteCandidate: 2 } });
    server.now = 5 * MILLISECOND;
    const exchange = requestVote(server, { term: 2 });
    server.write();
    expect(server.durable).toMatchObject({ currentTerm: 2, lastVoteTerm: 1 });
    server.write();
    expect(server.durable).toMatchObject({ lastVoteTerm: 2, lastVoteCandidate: 2 });
    expect(answerTo(server, exchange)).toBeUndefined();
    expect(server.state.lastContact).toBe(NEVER);
    server.write();
    expect(server.durable).toMatchObject({ lastVoteTerm: 2, lastVoteCandidate: 1 });
    expect(answerTo(server, exchange)).toEqual({ term: 2, granted: true });
    expect(server.state.lastContact).toBe(5 * MILLISECOND);
  });

  test(ref('raft 1.6 #9', 'is not granted when it cannot be stored'), () => {
    const server = raftServer();
    const exchange = requestVote(server, { term: 2 });
    server.write();
    server.failWrite();
    expect(answerTo(server, exchange)).toEqual({ term: 2, granted: false });
    expect(server.state.lastContact).toBe(NEVER);
  });
});

describe('RequestPreVote', () => {
  test(ref('raft 1.6 pre-vote #2', 'of a server outside our configuration is refused'), () => {
    const server = raftServer();
    expect(ask(server, { candidate: 7, term: 2 }, PRE_VOTE)).toMatchObject({ term: 1, rule: 2 });
  });

  test(
    ref('raft 1.6 pre-vote #3', 'is refused while we know another leader, without exception'),
    () => {
      const server = raftServer();
      heartbeat(server, 2, 1);
      expect(ask(server, { term: 2 }, PRE_VOTE)).toMatchObject({ term: 1, rule: 3 });
      const transfer = { term: 2, leadershipTransfer: true };
      expect(ask(server, transfer, PRE_VOTE)).toMatchObject({ term: 1, rule: 3 });
      expect(ask(server, { candidate: 2, term: 2 }, PRE_VOTE).granted).toBe(true);
    },
  );

  test(ref('raft 1.6 pre-vote #4', 'of an older term is refused'), () => {
    const server = raftServer({ durable: { currentTerm: 6 } });
    expect(ask(server, { term: 5 }, PRE_VOTE)).toMatchObject({ term: 6, rule: 4 });
  });

  test(ref('raft 1.6 pre-vote #5', 'of a newer term shows in the answer only'), () => {
    const server = raftServer({ log: [1, 1, 1] });
    expect(ask(server, { term: 9 }, PRE_VOTE)).toEqual({ term: 9, granted: false, rule: 8 });
    expect(server.state).toMatchObject({ role: Role.follower, term: 1 });
    expect(server.durable.currentTerm).toBe(1);
  });

  test(ref('raft 1.6 pre-vote #6', 'of a non-voter is refused'), () => {
    const server = raftServer({ servers: DEMOTED });
    expect(ask(server, { candidate: 2, term: 2 }, PRE_VOTE)).toMatchObject({ term: 2, rule: 6 });
  });

  test(ref('raft 1.6 pre-vote #8', 'is refused when our last entry is newer'), () => {
    const server = raftServer({ log: [1, 2, 2] });
    expect(ask(server, { term: 3, lastTerm: 1, lastIndex: 9 }, PRE_VOTE).rule).toBe(8);
    expect(ask(server, { term: 3, lastTerm: 2, lastIndex: 2 }, PRE_VOTE).rule).toBe(8);
    expect(ask(server, { term: 3, lastTerm: 2, lastIndex: 3 }, PRE_VOTE).granted).toBe(true);
  });

  test(
    ref('raft 1.6 pre-vote #9', 'is granted without a write, a contact or a look at votes'),
    () => {
      const server = raftServer({
        durable: { currentTerm: 2, lastVoteTerm: 2, lastVoteCandidate: 2 },
      });
      expect(ask(server, { candidate: 1, term: 2 }, PRE_VOTE).granted).toBe(true);
      expect(ask(server, { candidate: 1, term: 3 }, PRE_VOTE).granted).toBe(true);
      expect(server.of('write')).toEqual([]);
      expect(server.state.lastContact).toBe(NEVER);
    },
  );

  test(ref('raft 1.6 pre-vote #9', 'is granted by a candidate, which stays one'), () => {
    const server = raftServer();
    campaign(server);
    expect(ask(server, { term: 2 }, PRE_VOTE).granted).toBe(true);
    expect(server.state.role).toBe(Role.candidate);
  });
});

describe('the pre-vote of raft 1.7.0', () => {
  test(ref('raft B16', 'is refused even to the leader that we still remember'), () => {
    const server = raftServer({ bugs: { B16: true } });
    heartbeat(server, 1, 1);
    expect(ask(server, { candidate: 1, term: 2 }, PRE_VOTE)).toMatchObject({ rule: 3 });
  });

  test(ref('raft B17', 'counts as contact when it is granted'), () => {
    const server = raftServer({ bugs: { B17: true } });
    server.now = 5 * MILLISECOND;
    expect(ask(server, { candidate: 1, term: 2 }, PRE_VOTE).granted).toBe(true);
    expect(server.state.lastContact).toBe(5 * MILLISECOND);
  });
});
