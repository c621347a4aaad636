/**
 * Sentences of the Raft paper that hashicorp/raft does not keep (docs/raft-paper-deviations.md).
 * Each test shows the departure; the machine would be wrong if it kept the sentence.
 */
import { expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  HEARTBEAT_MICROS,
  SECOND,
  answerTo,
  append,
  campaign,
  grant,
  heartbeat,
  heartbeatTo,
  keyOf,
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

test(ref('paper 5.1 #1', 'a leader at its disk goes on although it has met a newer term'), () => {
  const server = leaderOf();
  propose(server, 5);
  server.answer(sendingTo(server, 1)!, responseOf(server, { term: 6, success: false }));
  server.now += 30 * SECOND;
  expect(server.state).toMatchObject({ role: Role.leader, term: 2 });
  server.fire(Kind.HEARTBEAT_TIMER, keyOf(server, 2));
  expect(heartbeatTo(server, 2)!.body).toMatchObject({ term: 2 });
  server.write();
  expect(server.state.role).toBe(Role.follower);
});

test(ref('paper 5.1 #2', 'a term of 5 on disk is followed by a term of 2'), () => {
  const server = raftServer();
  campaign(server);
  // The heartbeat's term is on its way to the disk when the pre-vote is won.
  heartbeat(server, 2, 5);
  grant(server, requests(server, Kind.PRE_VOTE)[0], 2);
  server.write();
  expect(server.durable.currentTerm).toBe(5);
  expect(server.state.term).toBe(5);
  server.write();
  expect(server.durable.currentTerm).toBe(2);
  expect(server.state.term).toBe(2);
});

test(ref('paper 5.1 #3', 'a newer term deposes without being adopted, or changes nothing'), () => {
  const deposed = leaderOf();
  deposed.answer(sendingTo(deposed, 1)!, responseOf(deposed, { term: 6, success: false }));
  deposed.writeAll();
  expect(deposed.state).toMatchObject({ role: Role.follower, term: 2 });

  const unmoved = leaderOf();
  unmoved.fire(Kind.HEARTBEAT_TIMER, keyOf(unmoved, 1));
  unmoved.answer(heartbeatTo(unmoved, 1)!, responseOf(unmoved, { term: 6, success: false }));
  expect(unmoved.state).toMatchObject({ role: Role.leader, term: 2 });

  const stranger = raftServer();
  requestVote(stranger, { candidate: 8, term: 6 });
  expect(stranger.state.term).toBe(1);
});

test(
  ref('paper 5.1 #4', 'a failed vote request is not repeated, a hung heartbeat not joined'),
  () => {
    const candidate = raftServer();
    winPreVote(candidate);
    candidate.writeAll();
    for (const request of requests(candidate, Kind.VOTE)) {
      candidate.answer(request, undefined, ErrorCause.refused);
    }
    candidate.advance(candidate.due(Kind.ELECTION_TIMER)! - candidate.now - 1);
    expect(requests(candidate, Kind.VOTE)).toHaveLength(2);

    const leader = leaderOf();
    const key = keyOf(leader, 1);
    leader.fire(Kind.HEARTBEAT_TIMER, key);
    leader.state.replications[keyOf(leader, 2)]!.lastContact = 2 ** 50;
    leader.advance(9 * SECOND);
    const beats = leader.of('call').filter(({ to, input }) => to === 1 && input === Kind.HEARTBEAT);
    expect(leader.state.role).toBe(Role.leader);
    expect(beats).toHaveLength(1);
  },
);

test(ref('paper 5.2 #1', 'a leader silent for almost three timeouts is not given up'), () => {
  const server = raftServer();
  server.script('heartbeat-timer', 0.999);
  server.now = 1;
  append(server, { term: 1 });
  server.advance(2.9 * HEARTBEAT_MICROS);
  expect(server.state).toMatchObject({ role: Role.follower, leader: 1 });
});

test(
  ref('paper 5.2 #2', 'the others are asked before our own vote, and before that for nothing'),
  () => {
    const server = raftServer({ self: 2 });
    campaign(server);
    expect(requests(server, Kind.PRE_VOTE)).toHaveLength(2);
    expect(server.state.term).toBe(1);
    for (const request of requests(server, Kind.PRE_VOTE)) grant(server, request, 2);
    server.write();
    expect(requests(server, Kind.VOTE)).toHaveLength(2);
    expect(server.durable.lastVoteTerm).toBe(0);
  },
);

test(
  ref('paper 5.2 #3', 'a new leader sends an empty append at once and a heartbeat later'),
  () => {
    const server = leaderOf();
    const calls = server.of('call').map(({ input }) => input);
    expect(new Set(calls)).toEqual(new Set([Kind.APPEND]));
    expect(server.due(Kind.HEARTBEAT_TIMER, keyOf(server, 1))).toBe(server.now + 100_000);
  },
);

test(
  ref('paper 5.2 #4', 'after a crash between two writes a vote belongs to an older candidate'),
  () => {
    const durable = { lastVoteTerm: 1, lastVoteCandidate: 2, lastVoteCandidateTerm: 1 };
    const server = raftServer({ durable });
    requestVote(server, { candidate: 1, term: 2 });
    server.write(2);
    server.crash();
    server.start();
    const first = requestVote(server, { candidate: 1, term: 2 });
    expect(answerTo(server, first).granted).toBe(false);
    const older = requestVote(server, { candidate: 2, term: 2 });
    expect(answerTo(server, older).granted).toBe(true);
  },
);

test(ref('paper 5.2 #5', 'votes of term 2 make a leader of term 5, which has one already'), () => {
  const server = raftServer();
  winPreVote(server);
  server.writeAll();
  heartbeat(server, 2, 5);
  server.writeAll();
  grant(server, requests(server, Kind.VOTE, 1)[0], 2);
  expect(server.state).toMatchObject({ role: Role.leader, term: 5 });
});

test(
  ref('paper 5.3 #1', 'a follower that gets heartbeats alone never learns what is committed'),
  () => {
    const server = raftServer({ log: [1, 1, 1] });
    const leader = leaderOf({ log: [1, 1, 1] });
    leader.state.commitIndex = 3;
    leader.fire(Kind.HEARTBEAT_TIMER, keyOf(leader, 1));
    for (let beat = 0; beat < 10; beat++) {
      server.ask(Kind.HEARTBEAT, 1, { ...(heartbeatTo(leader, 1)!.body as object), leader: 1 });
      server.writeAll();
    }
    expect(server.state.commitIndex).toBe(0);
  },
);

test(ref('paper 5.3 #2', 'an empty append commits entries that it has not compared'), () => {
  const server = raftServer({ log: [1, 1, 1] });
  // It speaks for entry 1 only; entries 2 and 3 may be anybody's.
  append(server, { term: 1, prevIndex: 1, prevTerm: 1, leaderCommit: 3 });
  expect(server.state.commitIndex).toBe(3);
});

test(
  ref('paper 5.3 #3', 'a failed append after a deletion leaves a follower that never agrees'),
  () => {
    const server = raftServer({ log: [1, 1, 2, 2] });
    const request = { term: 3, prevIndex: 2, prevTerm: 1, entries: tailOf([1, 1, 3], 2) };
    append(server, request);
    server.write(2);
    server.failWrite();
    for (let retry = 0; retry < 5; retry++) {
      expect(answerTo(server, append(server, request)).success).toBe(false);
    }
    server.crash();
    server.start();
    const exchange = append(server, request);
    server.writeAll();
    expect(answerTo(server, exchange).success).toBe(true);
  },
);

test(ref('paper 5.4 #1', 'a vote is repeated for a candidate whose log has fallen behind'), () => {
  const server = raftServer({ log: [1, 1, 1] });
  requestVote(server, { term: 2, lastIndex: 3 });
  server.writeAll();
  const exchange = requestVote(server, { term: 2, lastIndex: 1 });
  expect(answerTo(server, exchange).granted).toBe(true);
});

test(ref('paper 5.5 #1', 'a server that is back waits up to ten seconds for its entries'), () => {
  const server = leaderOf();
  const replication = server.state.replications[keyOf(server, 1)]!;
  server.state.replications[keyOf(server, 2)]!.lastContact = 2 ** 50;
  replication.failures = 12;
  server.answer(sendingTo(server, 1)!, undefined, ErrorCause.refused);
  server.advance(10 * SECOND);
  expect(sendingTo(server, 1)).toBeUndefined();
  server.advance(0.3 * SECOND);
  expect(sendingTo(server, 1)).toBeDefined();
});

test(ref('paper 6 #1', 'a vote is refused two timeouts after the last word of the leader'), () => {
  const server = raftServer();
  server.script('heartbeat-timer', 0.999);
  server.now = 1;
  append(server, { term: 1, leader: 2 });
  server.advance(2.5 * HEARTBEAT_MICROS);
  const exchange = requestVote(server, { term: 2 });
  expect(answerTo(server, exchange)).toEqual({ term: 1, granted: false });
});
