/** Becoming leader, the events of the leader loop, and leaving it. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ApplyError, EntryType, NEVER, Role } from '../../../sim/protocol/raft/types.ts';
import type { AppendRequest } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  SECOND,
  acknowledge,
  answerTo,
  append,
  heartbeat,
  keyOf,
  leaderOf,
  propose,
  raftServer,
  requestVote,
  responseOf,
  results,
  sendingTo,
  win,
} from './server.ts';
import type { RaftServer } from './server.ts';

const WITH_NON_VOTER = [
  { id: 0, voter: true },
  { id: 1, voter: true },
  { id: 2, voter: false },
];

describe('becoming leader', () => {
  test(ref('raft 1.8 start #1', 'starts a replicator for every other server, voter or not'), () => {
    const server = raftServer({ servers: WITH_NON_VOTER, log: [1, 1] });
    win(server);
    const { replications } = server.state;
    expect(replications.map((replication) => replication!.peer)).toEqual([1, 2]);
    for (const replication of replications) {
      expect(replication).toMatchObject({ nextIndex: 3, lastContact: server.now, term: 2 });
    }
    expect(server.state.leaderState!.match).toHaveLength(2);
  });

  test(
    ref('raft 1.8 start #2', 'dispatches a Noop, the first entry it may commit by counting'),
    () => {
      const server = raftServer({ log: [1, 1] });
      win(server);
      expect(server.state.leaderState!.startIndex).toBe(3);
      server.writeAll();
      expect(server.durable.log.entries.at(-1)).toMatchObject({
        index: 3,
        term: 2,
        type: EntryType.noop,
      });
    },
  );

  test(ref('raft 1.8 start #3', 'lets replicators speak before the Noop is stored'), () => {
    const server = raftServer({ log: [1, 1] });
    win(server);
    expect(server.unwritten()).toHaveLength(1);
    expect(sendingTo(server, 1)!.body).toMatchObject({ prevIndex: 2, entries: [] });
  });
});

describe('a proposal', () => {
  test(ref('raft 1.8 apply', 'is stored with up to 64 more that wait already, in one call'), () => {
    const server = raftServer();
    win(server);
    for (let digest = 1; digest <= 70; digest++) propose(server, digest);
    server.write();
    const first = server.unwritten() as { entries: unknown[] }[];
    expect(first.map(({ entries }) => entries.length)).toEqual([65]);
    server.write();
    const second = server.unwritten() as { entries: unknown[] }[];
    expect(second.map(({ entries }) => entries.length)).toEqual([5]);
    server.writeAll();
    expect(server.state.lastIndex).toBe(72);
  });

  test(ref('raft 1.8 dispatch', 'is on our disk before a replicator hears of it'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    const sent = server.of('call').length;
    propose(server, 5);
    expect(server.state.lastIndex).toBe(2);
    expect(server.of('call')).toHaveLength(sent);
    server.write();
    expect(server.state.lastIndex).toBe(3);
    expect(server.state.leaderState!.match[0]).toBe(3);
    expect(server.of('post').filter(({ input }) => input === Kind.TRIGGER)).not.toEqual([]);
  });

  test(ref('raft 1.8 dispatch-error', 'that cannot be stored fails and deposes the leader'), () => {
    const server = leaderOf();
    propose(server, 5);
    server.failWrite();
    expect(results(server)).toMatchObject([{ tag: 5, error: ApplyError.store }]);
    expect(server.state).toMatchObject({ role: Role.follower, term: 2, lastIndex: 2 });
  });

  test(ref('raft 1.8 commit', 'is applied and answered when a majority has stored it'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    expect(server.state).toMatchObject({ commitIndex: 2, fsmIndex: 2 });
    propose(server, 5);
    server.writeAll();
    expect(results(server)).toEqual([]);
    acknowledge(server, 2);
    expect(server.state).toMatchObject({ commitIndex: 3, fsmIndex: 3 });
    expect(results(server)).toEqual([{ tag: 5, error: ApplyError.none, index: 3, value: 1 }]);
  });

  test(ref('raft 1.8 commit', 'commits the configuration that the commit index reaches'), () => {
    const server = leaderOf();
    expect(server.state.committedIndex).toBe(0);
    acknowledge(server, 1);
    expect(server.state).toMatchObject({ committedIndex: 1, role: Role.leader });
  });
});

test(ref('raft 1.8 rpc', 'a leader handles requests of its peers in its own loop'), () => {
  const server = leaderOf();
  const old = append(server, { term: 1 });
  expect(answerTo(server, old)).toMatchObject({ term: 2, success: false });
  const vote = requestVote(server, { term: 2 });
  expect(answerTo(server, vote)).toMatchObject({ term: 2, granted: false });
  // While it stores a batch, they wait.
  propose(server, 5);
  const waiting = append(server, { term: 1 });
  expect(answerTo(server, waiting)).toBeUndefined();
  server.writeAll();
  expect(answerTo(server, waiting)).toBeDefined();
});

describe('a newer term', () => {
  test(
    ref('raft 1.8 learns #1', 'is learned from an append or heartbeat of a newer leader'),
    () => {
      for (const tell of [
        (server: RaftServer) => append(server, { term: 6 }),
        (server: RaftServer) => heartbeat(server, 1, 6),
      ]) {
        const server = leaderOf({ bugs: { B1: false } });
        tell(server);
        server.writeAll();
        expect(server.state).toMatchObject({ role: Role.follower, term: 6, leader: 1 });
      }
    },
  );

  test(ref('raft 1.8 learns #2', 'in an append answer deposes us, and is not adopted'), () => {
    const server = leaderOf();
    server.answer(sendingTo(server, 1)!, responseOf(server, { term: 6, success: false }));
    expect(server.state).toMatchObject({ role: Role.follower, term: 2, leader: -1 });
    expect(server.durable.currentTerm).toBe(2);
    expect(server.unwritten()).toEqual([]);
  });

  test(ref('raft 1.8 step-down', 'deposes us only when the main goroutine gets to it'), () => {
    const server = leaderOf();
    propose(server, 5);
    server.answer(sendingTo(server, 1)!, responseOf(server, { term: 6, success: false }));
    expect(server.state).toMatchObject({ role: Role.leader, loop: Role.leader });
    server.write();
    expect(server.state).toMatchObject({ role: Role.follower, loop: Role.follower, term: 2 });
  });

  test(
    ref('raft 1.8 step-down', 'survives that the replicator that saw it has ended before'),
    () => {
      const server = leaderOf();
      propose(server, 5);
      // The lease comes due while the main goroutine is at the disk, and is served first.
      server.fire(Kind.LEASE_TIMER);
      server.answer(sendingTo(server, 1)!, responseOf(server, { term: 6, success: false }));
      server.answer(sendingTo(server, 2)!, responseOf(server, { term: 6, success: false }));
      server.write();
      expect(server.state.loop).toBe(Role.follower);
    },
  );

  test(
    ref('raft 1.8 learns #3', 'in a vote request counts during a leadership transfer only'),
    () => {
      const server = leaderOf();
      requestVote(server, { term: 6, lastIndex: 9, lastTerm: 5 });
      expect(server.state).toMatchObject({ role: Role.leader, term: 2 });
      requestVote(server, { term: 6, lastIndex: 9, lastTerm: 5, leadershipTransfer: true });
      server.writeAll();
      expect(server.state).toMatchObject({ role: Role.follower, term: 6 });
    },
  );
});

describe('leaving leadership', () => {
  test(ref('raft 1.8 leave #1', 'leaves what is in flight undecided: leadership lost'), () => {
    const server = leaderOf();
    propose(server, 5);
    server.writeAll();
    append(server, { term: 3 });
    server.writeAll();
    expect(results(server)).toMatchObject([{ tag: 5, error: ApplyError.leadershipLost, index: 3 }]);
  });

  test(ref('raft 1.8 leave #2', 'counts as contact now, and forgets us as leader'), () => {
    const server = leaderOf();
    expect(server.state.lastContact).toBe(NEVER);
    server.now += 9 * SECOND;
    server.answer(sendingTo(server, 1)!, responseOf(server, { term: 6, success: false }));
    expect(server.state).toMatchObject({ lastContact: server.now, leader: -1 });
    expect(server.due(Kind.LEASE_TIMER)).toBeUndefined();
  });

  test(ref('raft 1.8 leave #2', 'leaves nothing behind that would touch what follows'), () => {
    const server = leaderOf();
    propose(server, 5);
    // An append of a new leader waits for the main goroutine, and behind it a commit and a
    // request to step down, both of a leadership that is over by then.
    append(server, { term: 3, leader: 2 });
    acknowledge(server, 1);
    server.answer(sendingTo(server, 2)!, responseOf(server, { term: 6, success: false }));
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, term: 3, leader: 2, commitIndex: 0 });
  });

  test(ref('raft 1.8 leave #3', 'stops idle replicators at once'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    const key = keyOf(server, 1);
    expect(server.state.replications[key]).toMatchObject({ pipeline: 1001, decoding: true });
    append(server, { term: 3, leader: 2 });
    server.writeAll();
    expect(server.state.replications[key]).toBeUndefined();
    expect(server.of('close-pipeline')).toMatchObject([{ connection: 1001 }]);
  });

  test(ref('raft 1.8 leave #4', 'lets a replicator in its backoff send one more append'), () => {
    const server = leaderOf();
    server.answer(sendingTo(server, 1)!, undefined, ErrorCause.eof);
    server.fire(Kind.COMMIT_TIMER, keyOf(server, 1));
    const [sleep] = server.waits('sleep');
    server.answer(sendingTo(server, 2)!, responseOf(server, { term: 3, success: false }));
    expect(server.state.role).toBe(Role.follower);
    server.answer(sleep, undefined);
    const late = sendingTo(server, 1)!;
    expect(late.body as AppendRequest).toMatchObject({ term: 2, leader: 0 });
    server.answer(late, responseOf(server, { term: 2 }));
    expect(sendingTo(server, 1)).toBeUndefined();
    // A follower of the same term takes it: it believes in the leader that has just given up.
    const peer = raftServer({ self: 1, log: [1, 2], durable: { currentTerm: 2 } });
    peer.now = 5 * SECOND;
    const exchange = append(peer, late.body as AppendRequest);
    peer.writeAll();
    expect(answerTo(peer, exchange).success).toBe(true);
    expect(peer.state).toMatchObject({ leader: 0, lastContact: 5 * SECOND });
  });
});
