/** Open bugs that one server shows by itself. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import { COMMIT_TIMER, FOLLOWER_TIMER } from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  HEARTBEAT_MICROS,
  append,
  keyOf,
  leaderOf,
  logOf,
  propose,
  raftServer,
  sendingTo,
  tailOf,
} from './server.ts';
import type { RaftServer } from './server.ts';

describe('what a follower commits (B27)', () => {
  /** One entry that it has is compared; its own tail conflicts with what the leader has committed. */
  const commit = (B27: boolean): number => {
    const server = raftServer({ log: [1, 1, 2, 2], bugs: { B27 } });
    const entries = logOf([1, 1]).slice(1);
    append(server, { term: 3, prevIndex: 1, prevTerm: 1, entries, leaderCommit: 4 });
    server.writeAll();
    expect(server.marks.has('B27')).toBe(B27);
    return server.state.commitIndex;
  };

  test(ref('raft B27', 'is everything up to its own last entry'), () => {
    expect(commit(true)).toBe(4);
  });

  test('is what has been compared, once fixed', () => {
    expect(commit(false)).toBe(2);
  });
});

describe('the backoff of appends (B33)', () => {
  const waitMicros = (B33: boolean): number => {
    const server = leaderOf({ bugs: { B33 } });
    const key = keyOf(server, 1);
    server.state.replications[key]!.failures = 11;
    server.answer(sendingTo(server, 1)!, undefined, ErrorCause.refused);
    server.fire(COMMIT_TIMER, key);
    expect(server.marks.has('B33')).toBe(B33);
    const { until, time } = server.waits('sleep').at(-1)!;
    return until - time;
  };

  test(ref('raft B33', 'grows to 10.24 s, where that of heartbeats has a limit'), () => {
    expect(waitMicros(true)).toBe(10_240_000);
  });

  test('has the limit of heartbeats, once fixed', () => {
    expect(waitMicros(false)).toBe(500_000);
  });
});

describe('a server whose log cannot be written (B8)', () => {
  function steppedDown(B8: boolean): RaftServer {
    const server = leaderOf({ bugs: { B8 } });
    propose(server, 7);
    server.failWrite();
    expect(server.state.role).toBe(Role.follower);
    return server;
  }

  test(ref('raft B8', 'stands for election as soon as its timer fires'), () => {
    const server = steppedDown(true);
    server.fire(FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.candidate);
    expect(server.marks).toContain('B8');
  });

  test('lets the others go first, once fixed, for thirty timeouts at most', () => {
    const server = steppedDown(false);
    const from = server.now;
    while (server.state.role === Role.follower) server.fire(FOLLOWER_TIMER);
    expect(server.now - from).toBe(30 * HEARTBEAT_MICROS);
    expect(server.marks).not.toContain('B8');
  });

  test('stands again, once fixed, when an append has been stored', () => {
    const server = steppedDown(false);
    append(server, { term: 3, prevIndex: 2, prevTerm: 2, entries: tailOf([1, 2, 3], 2) });
    server.writeAll();
    expect(server.state.logFailed).toBe(false);
    server.now += HEARTBEAT_MICROS;
    server.fire(FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.candidate);
  });
});
