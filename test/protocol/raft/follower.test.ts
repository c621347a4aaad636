/** The follower loop: when it looks for its leader, what counts as contact, when it campaigns. */
import { describe, expect, test } from 'vitest';
import { ApplyError, NEVER, Role } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  HEARTBEAT_MICROS,
  MILLISECOND,
  SECOND,
  append,
  campaign,
  heartbeat,
  leaderOf,
  logOf,
  propose,
  raftServer,
  requestVote,
  requests,
  results,
  win,
} from './server.ts';

const VOTERS_AND_US = [
  { id: 0, voter: false },
  { id: 1, voter: true },
  { id: 2, voter: true },
];

describe('the timer of a follower', () => {
  test(ref('raft 1.4 #1', 'is drawn when the loop is entered, also after stepping down'), () => {
    const server = raftServer();
    expect(server.due(Kind.FOLLOWER_TIMER)).toBe(HEARTBEAT_MICROS);
    campaign(server);
    expect(server.due(Kind.FOLLOWER_TIMER)).toBeUndefined();
    append(server, { term: 1 });
    server.writeAll();
    expect(server.due(Kind.FOLLOWER_TIMER)).toBe(server.now + HEARTBEAT_MICROS);
  });

  test(
    ref('raft 1.4 #2', 'is drawn anew; contact younger than the timeout keeps the leader'),
    () => {
      const server = raftServer();
      server.now = 1;
      append(server, { term: 1 });
      server.fire(Kind.FOLLOWER_TIMER);
      expect(server.state).toMatchObject({ role: Role.follower, leader: 1 });
      expect(server.due(Kind.FOLLOWER_TIMER)).toBe(2 * HEARTBEAT_MICROS);
      server.fire(Kind.FOLLOWER_TIMER);
      expect(server.state).toMatchObject({ role: Role.candidate, leader: -1 });
    },
  );

  test(ref('raft 1.4 #2 no-peers', 'does nothing in a server that has no configuration'), () => {
    const server = raftServer({ servers: [] });
    server.fire(Kind.FOLLOWER_TIMER);
    server.fire(Kind.FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.follower);
    expect(requests(server, Kind.PRE_VOTE)).toEqual([]);
  });

  test(ref('raft 1.4 #2 no-vote', 'lets a non-voter of a committed configuration stay'), () => {
    const server = raftServer({ servers: VOTERS_AND_US });
    server.now = 1;
    append(server, { term: 1, leaderCommit: 1 });
    expect(server.state.committedIndex).toBe(1);
    server.advance(3 * HEARTBEAT_MICROS);
    expect(server.state).toMatchObject({ role: Role.follower, leader: -1 });
  });

  test(ref('raft 1.4 #2 voter', 'makes a voter of the latest configuration a candidate'), () => {
    const server = raftServer();
    server.fire(Kind.FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.candidate);
  });

  test(ref('raft 1.4 #2 uncommitted', 'lets a non-voter of an uncommitted one stay too'), () => {
    const server = raftServer({ servers: VOTERS_AND_US });
    expect(server.state).toMatchObject({ latestIndex: 1, committedIndex: 0 });
    server.fire(Kind.FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.follower);
  });

  test(ref('raft 1.4 #6', 'is not reset by contact: age at detection is between T and 3T'), () => {
    const server = raftServer();
    server.script('heartbeat-timer', 0.999, 0.999);
    server.now = 1;
    append(server, { term: 1 });
    server.fire(Kind.FOLLOWER_TIMER);
    // Contact half a microsecond too young at the first check; the next one comes almost 2T later.
    expect(server.now).toBe(HEARTBEAT_MICROS);
    server.fire(Kind.FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.candidate);
    expect(server.now - 1).toBeGreaterThan(2.9 * HEARTBEAT_MICROS);
    expect(server.now - 1).toBeLessThan(3 * HEARTBEAT_MICROS);
  });

  test(
    ref('raft 1.4 #7', 'makes a server without any contact campaign at its first firing'),
    () => {
      const server = raftServer();
      expect(server.state.lastContact).toBe(NEVER);
      campaign(server);
      expect(server.now).toBe(HEARTBEAT_MICROS);
      expect(server.state.role).toBe(Role.candidate);
      server.crash();
      server.start();
      expect(server.state).toMatchObject({ role: Role.follower, lastContact: NEVER });
      campaign(server);
      expect(server.state.role).toBe(Role.candidate);
    },
  );
});

test(ref('raft 1.4 #2', 'contact exactly one timeout old is too old'), () => {
  const server = raftServer();
  append(server, { term: 1 });
  server.fire(Kind.FOLLOWER_TIMER);
  expect(server.now - server.state.lastContact).toBe(HEARTBEAT_MICROS);
  expect(server.state.role).toBe(Role.candidate);
});

describe('contact', () => {
  const at = 700 * MILLISECOND;

  test(
    ref('raft 1.4 #3', 'is an append or heartbeat that succeeds, and a granted real vote'),
    () => {
      const appended = raftServer();
      appended.now = at;
      append(appended, { term: 1, prevIndex: 1, prevTerm: 1 });
      expect(appended.state.lastContact).toBe(at);

      const beaten = raftServer();
      beaten.now = at;
      heartbeat(beaten, 1, 1);
      expect(beaten.state.lastContact).toBe(at);

      const voter = raftServer();
      voter.now = at;
      requestVote(voter, { term: 2 });
      voter.write(2);
      expect(voter.state.lastContact).toBe(NEVER);
      voter.write(1);
      expect(voter.state.lastContact).toBe(at);
    },
  );

  test(ref('raft 1.4 #3', 'is not a rejected append, a refused vote or a granted pre-vote'), () => {
    const server = raftServer({ log: [1, 1] });
    server.now = at;
    append(server, { term: 1, prevIndex: 7, prevTerm: 1 });
    append(server, { term: 0 });
    server.state.leader = -1;
    requestVote(server, { term: 1, lastIndex: 1 });
    requestVote(server, { term: 2, lastIndex: 2 }, Kind.PRE_VOTE);
    expect(server.of('reply').map(({ body }) => (body as { granted?: boolean }).granted)).toEqual([
      undefined,
      undefined,
      false,
      true,
    ]);
    expect(server.state.lastContact).toBe(NEVER);
  });

  test(ref('raft 1.4 #3', 'begins for a leader that steps down when it does'), () => {
    const server = leaderOf();
    const stepsDownAt = server.now + 3 * SECOND;
    server.now = stepsDownAt;
    append(server, { term: server.state.term + 1, prevIndex: 99 });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, lastContact: stepsDownAt });
  });
});

test(ref('raft 1.4 #4', 'a follower refuses proposals: not the leader'), () => {
  const server = raftServer();
  propose(server, 5);
  expect(results(server)).toEqual([
    expect.objectContaining({ tag: 5, error: ApplyError.notLeader }),
  ]);
});

describe('memory and disk', () => {
  test(ref('raft 1.3 #1', 'term, vote and entries survive; all else begins anew'), () => {
    const server = raftServer({ log: [1, 1] });
    requestVote(server, { term: 4, lastIndex: 2 });
    server.writeAll();
    append(server, { term: 4, prevIndex: 2, prevTerm: 1, entries: logOf([1, 1, 4]).slice(2) });
    server.writeAll();
    append(server, { term: 4, prevIndex: 3, prevTerm: 4, leaderCommit: 3 });
    expect(server.state).toMatchObject({ commitIndex: 3, lastApplied: 3, fsmIndex: 3 });
    server.crash();
    server.start();
    expect(server.durable).toMatchObject({ currentTerm: 4, lastVoteTerm: 4, lastVoteCandidate: 1 });
    expect(server.state).toMatchObject({ term: 4, lastIndex: 3, lastTerm: 4, role: Role.follower });
    expect(server.state).toMatchObject({ commitIndex: 0, lastApplied: 0, leader: -1, fsmIndex: 0 });
  });

  test(ref('raft 1.3 #2', 'the commit index starts at 0 and contact never was'), () => {
    expect(raftServer().state).toMatchObject({
      commitIndex: 0,
      lastApplied: 0,
      leader: -1,
      lastContact: NEVER,
    });
  });

  test(
    ref('raft 1.3 #5', 'every change of role forgets the leader, even one to the same role'),
    () => {
      const server = raftServer();
      append(server, { term: 1 });
      expect(server.state.leader).toBe(1);
      // A newer term: follower to follower.
      requestVote(server, { candidate: 2, term: 3, leadershipTransfer: true, lastIndex: 0 });
      expect(server.state).toMatchObject({ role: Role.follower, leader: -1 });
    },
  );

  test(
    ref('raft 1.16 #1', 'a start reads term, log and configurations, and applies nothing'),
    () => {
      const server = raftServer({ log: [1, 1, 2], durable: { currentTerm: 3 } });
      expect(server.state).toMatchObject({ term: 3, lastIndex: 3, lastTerm: 2, latestIndex: 1 });
      expect(server.state).toMatchObject({ committedIndex: 0, lastApplied: 0 });
      win(server);
      expect(server.state.role).toBe(Role.leader);
      expect(server.state.fsmIndex).toBe(0);
    },
  );
});
