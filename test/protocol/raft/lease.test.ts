/** The leader's lease: when it is checked, who counts, and what refreshes it. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  LEASE_MICROS,
  MILLISECOND,
  SECOND,
  heartbeatTo,
  keyOf,
  leaderOf,
  pipelined,
  propose,
  reachPipeline,
  responseOf,
  sendingTo,
} from './server.ts';
import type { RaftServer } from './server.ts';

/** Sets when the leader last heard of a peer. */
function contact(server: RaftServer, peer: number, at: number): void {
  server.state.replications[keyOf(server, peer)]!.lastContact = at;
}

describe('the lease', () => {
  test(
    ref('raft 1.8 lease #1', 'is checked first one lease timeout after the Noop is stored'),
    () => {
      const server = leaderOf();
      expect(server.due(Kind.LEASE_TIMER)).toBe(server.now + LEASE_MICROS);
    },
  );

  test(
    ref('raft 1.8 lease #2', 'is checked again when the oldest contact within it runs out'),
    () => {
      const server = leaderOf({ servers: 5 });
      const check = server.due(Kind.LEASE_TIMER)!;
      contact(server, 1, check - 100 * MILLISECOND);
      contact(server, 2, check - 380 * MILLISECOND);
      contact(server, 3, check - 600 * MILLISECOND);
      contact(server, 4, check - 10 * MILLISECOND);
      server.fire(Kind.LEASE_TIMER);
      expect(server.due(Kind.LEASE_TIMER)).toBe(check + 120 * MILLISECOND);
    },
  );

  test(ref('raft 1.8 lease #2', 'is never checked more often than every 10 ms'), () => {
    const server = leaderOf();
    const check = server.due(Kind.LEASE_TIMER)!;
    contact(server, 1, check - 497 * MILLISECOND);
    contact(server, 2, check - 498 * MILLISECOND);
    server.fire(Kind.LEASE_TIMER);
    expect(server.due(Kind.LEASE_TIMER)).toBe(check + 10 * MILLISECOND);
  });

  test('goes by when an answer was asked for once B10 is fixed, and is checked by that too', () => {
    const server = leaderOf({ bugs: { B10: false } });
    const check = server.due(Kind.LEASE_TIMER)!;
    for (const peer of [1, 2]) contact(server, peer, check - 10 * MILLISECOND);
    server.state.replications[keyOf(server, 1)]!.contactSent = check - 400 * MILLISECOND;
    server.state.replications[keyOf(server, 2)]!.contactSent = check - LEASE_MICROS - 1;
    server.fire(Kind.LEASE_TIMER);
    expect(server.state.role).toBe(Role.leader);
    expect(server.due(Kind.LEASE_TIMER)).toBe(check + 100 * MILLISECOND);
    server.fire(Kind.LEASE_TIMER);
    expect(server.due(Kind.LEASE_TIMER)).toBe(check + 110 * MILLISECOND);
    server.fire(Kind.LEASE_TIMER);
    expect(server.state.role).toBe(Role.follower);
  });

  test(ref('raft 1.8 lease #3', 'counts us and voters in contact, to the microsecond'), () => {
    const keeps = leaderOf();
    const check = keeps.due(Kind.LEASE_TIMER)!;
    contact(keeps, 1, check - LEASE_MICROS);
    contact(keeps, 2, 0);
    keeps.fire(Kind.LEASE_TIMER);
    expect(keeps.state.role).toBe(Role.leader);

    const loses = leaderOf();
    contact(loses, 1, check - LEASE_MICROS - 1);
    contact(loses, 2, 0);
    loses.fire(Kind.LEASE_TIMER);
    expect(loses.state).toMatchObject({ role: Role.follower, term: 2 });
  });

  test(ref('raft 1.8 lease #3', 'does not count servers without a vote'), () => {
    const servers = [0, 1, 2, 3].map((id) => ({ id, voter: id < 3 }));
    const server = leaderOf({ servers });
    const check = server.due(Kind.LEASE_TIMER)!;
    contact(server, 1, 0);
    contact(server, 2, 0);
    contact(server, 3, check);
    server.fire(Kind.LEASE_TIMER);
    expect(server.state.role).toBe(Role.follower);
  });

  test(
    ref('raft 1.8 lease #4', 'is not checked while the main goroutine is at the disk (B7)'),
    () => {
      const server = leaderOf();
      contact(server, 1, 0);
      contact(server, 2, 0);
      propose(server, 5);
      server.fire(Kind.LEASE_TIMER);
      server.now += 60 * SECOND;
      expect(server.state.role).toBe(Role.leader);
      server.write();
      expect(server.state.role).toBe(Role.follower);
    },
  );
});

describe('contact, as the leader sees it,', () => {
  const contactOf = (server: RaftServer, peer: number): number =>
    server.state.replications[keyOf(server, peer)]!.lastContact;

  test(ref('raft 1.8 lease #5', 'is the receipt of any append answer without a newer term'), () => {
    const server = leaderOf();
    server.now += 30 * MILLISECOND;
    server.answer(sendingTo(server, 1)!, responseOf(server, { success: false, lastLog: 0 }));
    expect(contactOf(server, 1)).toBe(server.now);
    const before = contactOf(server, 2);
    server.now += 30 * MILLISECOND;
    server.answer(sendingTo(server, 2)!, undefined, ErrorCause.timeout);
    expect(contactOf(server, 2)).toBe(before);
  });

  test(
    ref('raft 1.8 lease #6', 'is the receipt of any heartbeat answer, of a newer term too'),
    () => {
      const server = leaderOf();
      server.fire(Kind.HEARTBEAT_TIMER, keyOf(server, 1));
      server.now += 30 * MILLISECOND;
      server.answer(heartbeatTo(server, 1)!, responseOf(server, { term: 8, success: false }));
      expect(contactOf(server, 1)).toBe(server.now);
    },
  );

  test(ref('raft 1.8 lease #7', 'is even a pipelined request that fails'), () => {
    const server = leaderOf();
    reachPipeline(server, 1);
    server.fire(Kind.COMMIT_TIMER, keyOf(server, 1));
    server.now += 30 * MILLISECOND;
    server.answer(pipelined(server, 1)[0], undefined, ErrorCause.eof);
    expect(contactOf(server, 1)).toBe(server.now);
  });
});
