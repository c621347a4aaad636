/** VerifyLeader: who votes, what decides, and how it ends without a quorum. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ApplyError, Role } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  MILLISECOND,
  SECOND,
  acknowledge,
  append,
  heartbeatTo,
  keyOf,
  leaderOf,
  pipelined,
  propose,
  raftServer,
  reachPipeline,
  responseOf,
  results,
  sendingTo,
} from './server.ts';
import type { RaftServer, ServerOptions } from './server.ts';

const TAG = 70;

/** A leader that everybody follows and that is asked to verify its leadership. */
function verifying(options: ServerOptions = {}): RaftServer {
  const server = leaderOf(options);
  for (const { id } of server.state.latest.servers) if (id !== 0) acknowledge(server, id);
  server.now += MILLISECOND;
  server.deliver(Kind.VERIFY, TAG, null);
  return server;
}

function outcome(server: RaftServer): number | undefined {
  return results(server).find(({ tag }) => tag === TAG)?.error;
}

function beat(server: RaftServer, peer: number, success = true): void {
  const term = success ? server.state.term : server.state.term + 1;
  server.answer(heartbeatTo(server, peer)!, responseOf(server, { success, term }));
}

describe('VerifyLeader', () => {
  test(ref('raft 1.8 verify', 'counts the leader itself and asks everybody at once'), () => {
    const server = verifying({ servers: 5 });
    expect(server.state.verifies).toMatchObject([{ votes: 1, quorum: 3 }]);
    for (const peer of [1, 2, 3, 4]) expect(heartbeatTo(server, peer)).toBeDefined();
    beat(server, 1);
    expect(outcome(server)).toBeUndefined();
    beat(server, 2);
    expect(outcome(server)).toBe(ApplyError.none);
    expect(server.state.verifies).toEqual([]);
  });

  test(ref('raft 1.12 verify #1', 'holds with a quorum of good answers'), () => {
    const server = verifying();
    beat(server, 2);
    expect(outcome(server)).toBe(ApplyError.none);
  });

  test(ref('raft 1.12 verify #2', 'is granted at once to a voter alone'), () => {
    const server = verifying({ servers: 1 });
    expect(outcome(server)).toBe(ApplyError.none);
    expect(server.state.verifies).toEqual([]);
  });

  test(ref('raft 1.12 verify #3', 'takes a good answer to an append for a vote as well'), () => {
    const server = verifying();
    propose(server, 5);
    server.writeAll();
    server.answer(pipelined(server, 1).at(-1)!, responseOf(server));
    expect(outcome(server)).toBe(ApplyError.none);
  });

  test(
    ref('raft 1.12 verify #4', 'fails at the first answer that is not good, and deposes'),
    () => {
      for (const B9 of [true, false]) {
        const server = verifying({ servers: 5, bugs: { B9 } });
        beat(server, 1, false);
        expect(outcome(server)).toBe(ApplyError.notLeader);
        expect(server.state).toMatchObject({ role: Role.follower, term: 2, verifies: [] });
      }
    },
  );

  test(ref('raft 1.12 verify #4', 'and so does a newer term in the answer to an append'), () => {
    const server = verifying();
    propose(server, 5);
    server.writeAll();
    server.answer(pipelined(server, 1).at(-1)!, responseOf(server, { success: false, term: 3 }));
    expect(outcome(server)).toBe(ApplyError.notLeader);
    expect(server.state.role).toBe(Role.follower);
  });

  test(ref('raft 1.12 verify #5', 'without a quorum hangs until the lease is lost'), () => {
    const server = verifying();
    for (const peer of [1, 2]) server.answer(heartbeatTo(server, peer)!, undefined, ErrorCause.eof);
    expect(outcome(server)).toBeUndefined();
    server.now += SECOND;
    server.fire(Kind.LEASE_TIMER);
    expect(outcome(server)).toBe(ApplyError.leadershipLost);
  });

  test(ref('raft 1.12 verify #6', 'is refused by whoever does not lead'), () => {
    const server = raftServer();
    server.deliver(Kind.VERIFY, TAG, null);
    expect(outcome(server)).toBe(ApplyError.notLeader);
  });

  test(
    ref('raft 1.12 verify #7', 'waits for a heartbeat that is under way before it sends its own'),
    () => {
      const server = leaderOf();
      server.fire(Kind.HEARTBEAT_TIMER, keyOf(server, 1));
      server.deliver(Kind.VERIFY, TAG, null);
      server.deliver(Kind.VERIFY, TAG + 1, null);
      const before = server.of('call').length;
      beat(server, 1);
      expect(server.of('call').slice(before)).toMatchObject([{ to: 1, input: Kind.HEARTBEAT }]);
      beat(server, 1);
      expect(heartbeatTo(server, 1)).toBeUndefined();
    },
  );

  test(ref('raft 1.10 #6', 'is not heard during the backoff, but right after it'), () => {
    const server = leaderOf();
    const key = keyOf(server, 1);
    server.fire(Kind.HEARTBEAT_TIMER, key);
    server.answer(heartbeatTo(server, 1)!, undefined, ErrorCause.timeout);
    server.deliver(Kind.VERIFY, TAG, null);
    expect(heartbeatTo(server, 1)).toBeUndefined();
    server.fire(Kind.HEARTBEAT_TIMER, key);
    expect(heartbeatTo(server, 1)).toBeDefined();
  });

  test(
    ref('raft 1.12 verify #8', 'of an earlier leadership still deposes when its answer comes late'),
    () => {
      const server = verifying();
      server.deliver(Kind.STEP_DOWN, 0, null);
      expect(outcome(server)).toBe(ApplyError.leadershipLost);
      expect(server.state.verifies).toHaveLength(1);
      beat(server, 1, false);
      expect(server.state.verifies).toEqual([]);
      expect(results(server).filter(({ tag }) => tag === TAG)).toHaveLength(1);
    },
  );
});

describe('quirks of VerifyLeader', () => {
  const MIXED = [0, 1, 2, 3, 4].map((id) => ({ id, voter: id < 3 }));

  test(ref('raft 1.12 verify-V1', 'a server without a vote makes up a quorum (B11)'), () => {
    const server = verifying({ servers: MIXED });
    beat(server, 3);
    expect(outcome(server)).toBe(ApplyError.none);
    expect([...server.marks.keys()]).toEqual(['B11']);
  });

  test(ref('raft B11', 'fixed, only voters count'), () => {
    const server = verifying({ servers: MIXED, bugs: { B11: false } });
    beat(server, 3);
    beat(server, 4);
    expect(outcome(server)).toBeUndefined();
    beat(server, 1);
    expect(outcome(server)).toBe(ApplyError.none);
    expect([...server.marks.keys()]).toEqual([]);
  });

  /** The answer to a request from before the verification. */
  function early(B10: boolean): RaftServer {
    const server = leaderOf({ bugs: { B10 } });
    server.fire(Kind.HEARTBEAT_TIMER, keyOf(server, 1));
    server.now += 10 * MILLISECOND;
    server.deliver(Kind.VERIFY, TAG, null);
    beat(server, 1);
    return server;
  }

  test(ref('raft 1.12 verify-V2', 'an answer to what was sent before counts (B10)'), () => {
    const server = early(true);
    expect(outcome(server)).toBe(ApplyError.none);
    expect([...server.marks.keys()]).toEqual(['B10']);
  });

  test(ref('raft B10', 'fixed, only answers to later requests count'), () => {
    const server = early(false);
    expect(outcome(server)).toBeUndefined();
    beat(server, 1);
    expect(outcome(server)).toBe(ApplyError.none);
  });

  test(
    ref('raft B10', 'the lease goes by when an answer came; fixed, by when it was asked'),
    () => {
      for (const B10 of [true, false]) {
        const server = leaderOf({ bugs: { B10 } });
        server.fire(Kind.HEARTBEAT_TIMER, keyOf(server, 1));
        server.now = server.due(Kind.LEASE_TIMER)! - MILLISECOND;
        server.state.replications[keyOf(server, 1)]!.contactSent = 0;
        server.state.replications[keyOf(server, 1)]!.heartbeatSince = 0;
        server.state.replications[keyOf(server, 2)]!.lastContact = 0;
        server.state.replications[keyOf(server, 2)]!.contactSent = 0;
        server.now += SECOND;
        beat(server, 1);
        server.fire(Kind.LEASE_TIMER);
        expect(server.state.role).toBe(B10 ? Role.leader : Role.follower);
        expect([...server.marks.keys()]).toEqual(B10 ? ['B10'] : []);
      }
    },
  );
});

describe('a verification and replication', () => {
  test(ref('raft 1.12 verify #3', 'counts the answer to a synchronous append'), () => {
    const server = leaderOf();
    server.now += MILLISECOND;
    server.deliver(Kind.VERIFY, TAG, null);
    server.answer(sendingTo(server, 1)!, responseOf(server));
    expect(outcome(server)).toBe(ApplyError.none);
    reachPipeline(server, 2);
  });

  test(ref('raft 1.12 verify #5', 'is over with leadership, whoever comes next'), () => {
    const server = verifying();
    append(server, { term: 5, leader: 2 });
    server.writeAll();
    expect(outcome(server)).toBe(ApplyError.leadershipLost);
  });
});
