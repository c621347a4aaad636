/** Leadership transfer: whom to, what is refused meanwhile, how it ends; and TimeoutNow. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ChangeCommand } from '../../../sim/protocol/raft/configuration.ts';
import { ApplyError, Role } from '../../../sim/protocol/raft/types.ts';
import type { VoteRequest } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  ELECTION_MICROS,
  SECOND,
  acknowledge,
  answerTo,
  append,
  grant,
  heartbeat,
  heartbeatTo,
  leaderOf,
  pipelined,
  propose,
  raftServer,
  requestVote,
  requests,
  responseOf,
  results,
  sendingTo,
} from './server.ts';
import type { RaftServer, ServerOptions } from './server.ts';

const TAG = 80;

function transfer(server: RaftServer, target = -1, tag = TAG): void {
  server.deliver(Kind.TRANSFER, tag, target);
}

/** A leader that everybody follows. */
function stable(options: ServerOptions = {}): RaftServer {
  const server = leaderOf(options);
  for (const { id } of server.state.latest.servers) if (id !== 0) acknowledge(server, id);
  return server;
}

function timeoutNow(server: RaftServer) {
  return server.waits('call').find(({ input }) => input === Kind.TIMEOUT_NOW);
}

function outcome(server: RaftServer, tag = TAG): number | undefined {
  return results(server).find((result) => result.tag === tag)?.error;
}

describe('the target', () => {
  test(ref('raft 1.14 #1', 'is whoever was named'), () => {
    const server = stable();
    transfer(server, 2);
    expect(timeoutNow(server)).toMatchObject({ to: 2, timeoutMicros: 10 * SECOND });
  });

  test(ref('raft 1.14 #1', 'or the voter with the highest next index, the first on ties'), () => {
    const servers = [0, 1, 2, 3].map((id) => ({ id, voter: id !== 1 }));
    const tied = stable({ servers });
    transfer(tied);
    expect(timeoutNow(tied)).toMatchObject({ to: 2 });
    const server = leaderOf({ servers });
    acknowledge(server, 3);
    transfer(server);
    expect(timeoutNow(server)).toMatchObject({ to: 3 });
  });

  test(ref('raft 1.14 #1', 'must be somebody else with a replicator'), () => {
    for (const target of [0, 7]) {
      const server = stable();
      transfer(server, target);
      expect(outcome(server)).toBe(ApplyError.transferFailed);
      expect(server.state.transfer).toBeNull();
    }
    const alone = leaderOf({ servers: 1 });
    transfer(alone);
    expect(outcome(alone)).toBe(ApplyError.transferFailed);
  });

  test(ref('raft 1.14 #1', 'is one at a time'), () => {
    const server = stable();
    transfer(server, 2);
    transfer(server, 1, TAG + 1);
    expect(outcome(server, TAG + 1)).toBe(ApplyError.transferInProgress);
    const follower = raftServer();
    transfer(follower);
    expect(outcome(follower)).toBe(ApplyError.notLeader);
  });
});

describe('during a transfer', () => {
  test(ref('raft 1.14 #2', 'proposals and changes are refused'), () => {
    const server = stable();
    transfer(server);
    propose(server, 5);
    const change = { command: ChangeCommand.addVoter, server: 4, previousIndex: 0, tag: 6 };
    server.deliver(Kind.CHANGE, 0, change);
    expect(outcome(server, 5)).toBe(ApplyError.transferInProgress);
    expect(outcome(server, 6)).toBe(ApplyError.transferInProgress);
    expect(server.unwritten()).toEqual([]);
  });

  test(ref('raft 1.8 apply-transfer', 'each proposal that waits is refused'), () => {
    const server = stable();
    propose(server, 4);
    transfer(server);
    for (const digest of [5, 6]) propose(server, digest);
    server.writeAll();
    expect(outcome(server, 5)).toBe(ApplyError.transferInProgress);
    expect(outcome(server, 6)).toBe(ApplyError.transferInProgress);
    expect(server.state.lastIndex).toBe(3);
  });

  test(ref('raft 1.14 #2', 'leadership can be verified'), () => {
    const server = stable();
    transfer(server, 2);
    server.deliver(Kind.VERIFY, 7, null);
    server.answer(heartbeatTo(server, 1)!, responseOf(server));
    expect(outcome(server, 7)).toBe(ApplyError.none);
  });
});

describe('catching up', () => {
  test(ref('raft 1.14 #3', 'comes before TimeoutNow'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    expect(sendingTo(server, 2)!.body).toMatchObject({ prevIndex: 1 });
    transfer(server, 2);
    expect(timeoutNow(server)).toBeUndefined();
    acknowledge(server, 2);
    expect(timeoutNow(server)).toMatchObject({ to: 2 });
  });

  test(ref('raft 1.14 #3', 'asks the pipeline again until the last answer is in'), () => {
    const server = stable();
    propose(server, 5);
    server.writeAll();
    const entry = pipelined(server, 2).at(-1)!;
    transfer(server, 2);
    // One more request fills the pipeline; then it waits.
    expect(pipelined(server, 2).at(-1)!.body).toMatchObject({ entries: [], prevIndex: 3 });
    expect(timeoutNow(server)).toBeUndefined();
    server.answer(entry, responseOf(server));
    expect(timeoutNow(server)).toMatchObject({ to: 2 });
  });

  test(ref('raft 1.14 #3', 'and TimeoutNow together may take one election timeout'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    transfer(server, 2);
    const due = server.due(Kind.TRANSFER_TIMER);
    expect(due).toBe(server.now + ELECTION_MICROS);
    server.fire(Kind.TRANSFER_TIMER);
    expect(outcome(server)).toBe(ApplyError.transferFailed);
    expect(server.state.transfer).toBeNull();
    propose(server, 5);
    expect(server.unwritten()).toHaveLength(1);
    // The round that it waited for has nobody to tell.
    server.writeAll();
    acknowledge(server, 2);
    expect(timeoutNow(server)).toBeUndefined();
  });

  test(ref('raft 1.14 #3', 'that finds a newer term fails'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    transfer(server, 2);
    server.answer(sendingTo(server, 2)!, responseOf(server, { success: false, term: 9 }));
    expect(outcome(server)).toBeDefined();
    expect(server.state).toMatchObject({ role: Role.follower, transfer: null });
  });
});

describe('TimeoutNow at the leader', () => {
  test(ref('raft 1.14 #3 hang', 'that hangs keeps writes out after the answer'), () => {
    const server = stable();
    transfer(server, 2);
    server.fire(Kind.TRANSFER_TIMER);
    expect(outcome(server)).toBe(ApplyError.transferFailed);
    propose(server, 5);
    expect(outcome(server, 5)).toBe(ApplyError.transferInProgress);
    server.answer(timeoutNow(server)!, undefined, ErrorCause.timeout);
    propose(server, 6);
    expect(server.unwritten()).toHaveLength(1);
  });

  test(ref('raft 1.14 #3 hang', 'that hangs outlives the leadership'), () => {
    const server = stable();
    transfer(server, 2);
    server.deliver(Kind.STEP_DOWN, 0, null);
    expect(outcome(server)).toBe(ApplyError.none);
    expect(server.state.transfer).toMatchObject({ phase: 'draining' });
    server.answer(timeoutNow(server)!, null);
    expect(server.state.transfer).toBeNull();
  });

  test(ref('raft 1.14 #3', 'that fails ends the transfer'), () => {
    const server = stable();
    transfer(server, 2);
    server.answer(timeoutNow(server)!, undefined, ErrorCause.refused);
    expect(outcome(server)).toBe(ApplyError.transferFailed);
    expect(server.due(Kind.TRANSFER_TIMER)).toBeUndefined();
    propose(server, 5);
    expect(server.unwritten()).toHaveLength(1);
  });

  test(ref('raft 1.14 #5', 'that is answered: losing leadership is the success'), () => {
    const server = stable();
    transfer(server, 2);
    server.answer(timeoutNow(server)!, null);
    propose(server, 5);
    expect(outcome(server, 5)).toBe(ApplyError.transferInProgress);
    expect(outcome(server)).toBeUndefined();
    requestVote(server, {
      candidate: 2,
      term: 3,
      lastIndex: 2,
      lastTerm: 2,
      leadershipTransfer: true,
    });
    server.writeAll();
    expect(outcome(server)).toBe(ApplyError.none);
    expect(server.state).toMatchObject({ role: Role.follower, term: 3, transfer: null });
  });

  test(ref('raft 1.14 #5', 'after which nothing happens is given up after that long again'), () => {
    const server = stable();
    transfer(server, 2);
    server.now += 100_000;
    server.answer(timeoutNow(server)!, null);
    expect(server.due(Kind.TRANSFER_TIMER)).toBe(server.now + ELECTION_MICROS);
    server.fire(Kind.TRANSFER_TIMER);
    expect(outcome(server)).toBe(ApplyError.transferFailed);
    propose(server, 5);
    expect(server.unwritten()).toHaveLength(1);
  });

  test(ref('raft B22', 'with the plant lets writes in as soon as it is answered'), () => {
    const server = stable({ bugs: { B22: true } });
    transfer(server, 2);
    server.answer(timeoutNow(server)!, null);
    propose(server, 5);
    expect(server.unwritten()).toHaveLength(1);
  });
});

describe('TimeoutNow at the target', () => {
  function target(options: ServerOptions = {}): RaftServer {
    const server = raftServer(options);
    heartbeat(server, 1, 1);
    server.answerOf(server.ask(Kind.TIMEOUT_NOW, 1, { term: 1 }));
    return server;
  }

  test(ref('raft 1.14 #4', 'starts the real election at once, with the transfer flag'), () => {
    const server = target();
    expect(requests(server, Kind.PRE_VOTE)).toEqual([]);
    expect(server.state).toMatchObject({
      role: Role.candidate,
      leader: -1,
      transferCandidate: true,
    });
    server.writeAll();
    const asked = requests(server, Kind.VOTE).map(({ body }) => body as VoteRequest);
    expect(asked).toHaveLength(2);
    for (const request of asked)
      expect(request).toMatchObject({ term: 2, leadershipTransfer: true });
    expect(server.due(Kind.ELECTION_TIMER)).toBeDefined();
    grant(server, requests(server, Kind.VOTE)[0]!, 2);
    expect(server.state).toMatchObject({ role: Role.leader, transferCandidate: false });
  });

  test(ref('raft 1.5 #2 transfer', 'and only once: the next round asks for pre-votes'), () => {
    const server = target();
    server.writeAll();
    server.fire(Kind.ELECTION_TIMER);
    expect(requests(server, Kind.PRE_VOTE)).toHaveLength(2);
    expect(server.state.transferCandidate).toBe(false);
  });

  test(ref('raft 1.14 #4', 'wins votes of servers that know a leader, and of the leader'), () => {
    const server = raftServer();
    heartbeat(server, 1, 1);
    const asked = { candidate: 2, term: 2, leadershipTransfer: true };
    const exchange = requestVote(server, asked);
    server.writeAll();
    expect(answerTo(server, exchange)).toMatchObject({ granted: true, term: 2 });
  });

  test(ref('raft 1.14 #6', 'is not undone by an append of the same term'), () => {
    for (const B22 of [false, true]) {
      // A heartbeat is handled beside the main goroutine, which is storing the new term.
      const server = target({ bugs: { B22, B1: true } });
      heartbeat(server, 1, 1);
      server.writeAll();
      expect(server.state.role).toBe(B22 ? Role.follower : Role.candidate);
    }
  });

  test(ref('raft 1.14 #6', 'is undone by an append of a newer one'), () => {
    const server = target();
    append(server, { term: 5 });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, term: 5 });
  });

  test(ref('raft 1.6 timeout-now', 'asks nobody for a term, a sender or a vote'), () => {
    const servers = [0, 1, 2].map((id) => ({ id, voter: id > 0 }));
    const server = raftServer({ servers });
    server.ask(Kind.TIMEOUT_NOW, 7, { term: 0 });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.candidate, term: 2 });
    expect(requests(server, Kind.VOTE)).toHaveLength(2);
    expect(server.durable.lastVoteTerm).toBe(0);
  });

  test(ref('raft 1.6 timeout-now', 'deposes even a leader'), () => {
    const server = stable();
    server.ask(Kind.TIMEOUT_NOW, 1, { term: 2 });
    expect(server.state).toMatchObject({ role: Role.candidate, leaderState: null });
  });

  test(ref('raft B23', 'that is late is obeyed; fixed, it is not'), () => {
    for (const B23 of [true, false]) {
      const server = raftServer({ log: [1, 3], bugs: { B23 } });
      heartbeat(server, 1, 3);
      const exchange = server.ask(Kind.TIMEOUT_NOW, 2, { term: 2 });
      expect(server.state.role).toBe(B23 ? Role.candidate : Role.follower);
      expect([...server.marks.keys()]).toEqual(B23 ? ['B23'] : []);
      expect(server.of('reply').some((reply) => reply.exchange === exchange)).toBe(true);
    }
  });
});
