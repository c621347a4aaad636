/** The goroutine that brings one peer's log up to date, request by request. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import type { AppendRequest } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  COMMIT_MICROS,
  MILLISECOND,
  SECOND,
  acknowledge,
  keyOf,
  leaderOf,
  propose,
  raftServer,
  responseOf,
  sendingTo,
  win,
} from './server.ts';
import type { RaftServer } from './server.ts';

const LONG = Array.from({ length: 200 }, () => 1);

function sending(server: RaftServer, peer: number): AppendRequest {
  return sendingTo(server, peer)!.body as AppendRequest;
}

function indexes({ entries }: AppendRequest): number[] {
  return entries.map(({ index }) => index);
}

function replication(server: RaftServer, peer: number) {
  return server.state.replications[keyOf(server, peer)]!;
}

/** A leader that s3 keeps in office, whatever becomes of s2. */
function lastingLeader(): RaftServer {
  const server = leaderOf();
  replication(server, 2).lastContact = 2 ** 50;
  return server;
}

/** Rejects what is on its way to the peer. */
function reject(server: RaftServer, peer: number, lastLog: number, noRetryBackoff = true): void {
  const answer = responseOf(server, { success: false, lastLog, noRetryBackoff });
  server.answer(sendingTo(server, peer)!, answer);
}

describe('a replicator wakes', () => {
  test(ref('raft 1.9 wakes', 'at its start, before there is anything new to send'), () => {
    const server = raftServer({ log: [1, 1] });
    win(server);
    expect(sending(server, 1)).toMatchObject({ prevIndex: 2, prevTerm: 1, entries: [] });
  });

  test(ref('raft 1.9 wakes', 'at new entries and, when idle, after U[50 ms, 100 ms)'), () => {
    const server = leaderOf();
    const key = keyOf(server, 1);
    server.answer(sendingTo(server, 1)!, undefined, ErrorCause.refused);
    // The Noop has been stored meanwhile, and its trigger waits: no need for the timer.
    expect(replication(server, 1).failures).toBe(1);
    server.advance(10 * MILLISECOND);
    expect(indexes(sending(server, 1))).toEqual([2]);
    server.answer(sendingTo(server, 1)!, undefined, ErrorCause.refused);
    expect(server.due(Kind.COMMIT_TIMER, key)).toBe(server.now + COMMIT_MICROS);
    server.fire(Kind.COMMIT_TIMER, key);
    server.advance(10 * MILLISECOND);
    expect(indexes(sending(server, 1))).toEqual([2]);
  });

  test(
    ref('raft 1.9 wakes', 'and sends the entry before, our commit index, 64 entries at most'),
    () => {
      const server = leaderOf({ log: LONG });
      reject(server, 1, 20);
      const first = sending(server, 1);
      expect(first).toMatchObject({ leader: 0, term: 2, prevIndex: 20, prevTerm: 1 });
      expect(first).toMatchObject({ leaderCommit: 0 });
      expect(indexes(first)).toEqual(Array.from({ length: 64 }, (_, at) => 21 + at));
      server.answer(sendingTo(server, 1)!, responseOf(server));
      expect(indexes(sending(server, 1))[0]).toBe(85);
    },
  );

  test(ref('raft 1.9 wakes', 'and goes on while entries are left that it knew of'), () => {
    const server = leaderOf({ log: LONG });
    reject(server, 1, 20);
    for (const last of [84, 148, 200]) {
      expect(indexes(sending(server, 1)).at(-1)).toBe(last);
      server.answer(sendingTo(server, 1)!, responseOf(server));
    }
    // The Noop, entry 201, came after the round had begun.
    expect(sendingTo(server, 1)).toBeUndefined();
    expect(server.waits('open-pipeline')).toHaveLength(1);
  });
});

describe('an answer', () => {
  test(ref('raft 1.9 success', 'of success moves the next index and matches what was sent'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    expect(replication(server, 1)).toMatchObject({ nextIndex: 3, failures: 0 });
    expect(server.state.leaderState!.match).toEqual([2, 2, 0]);
  });

  test(ref('raft 1.9 success', 'to an empty append matches nothing'), () => {
    const server = raftServer({ log: [1, 1] });
    win(server);
    server.answer(sendingTo(server, 1)!, responseOf(server));
    expect(server.state.leaderState!.match).toEqual([0, 0, 0]);
    expect(replication(server, 1).nextIndex).toBe(3);
  });

  test(ref('raft 1.9 success', 'clears failures and opens a pipeline'), () => {
    const server = leaderOf();
    server.answer(sendingTo(server, 1)!, undefined, ErrorCause.refused);
    server.advance(10 * MILLISECOND);
    server.answer(sendingTo(server, 1)!, responseOf(server));
    expect(replication(server, 1).failures).toBe(0);
    expect(server.waits('open-pipeline')).toMatchObject([{ to: 1, timeoutMicros: 10 * SECOND }]);
  });

  test(ref('raft 1.9 reject', 'of a shorter peer jumps to its end in one step'), () => {
    const server = leaderOf({ log: LONG });
    reject(server, 1, 20);
    expect(sending(server, 1).prevIndex).toBe(20);
  });

  test(ref('raft 1.9 reject', 'of a longer, divergent peer goes back one entry at a time'), () => {
    const server = leaderOf({ log: [1, 1, 1, 1, 1] });
    const seen: number[] = [];
    for (let step = 0; step < 6; step++) {
      seen.push(sending(server, 1).prevIndex);
      reject(server, 1, 40);
    }
    expect(seen).toEqual([5, 4, 3, 2, 1, 0]);
    // Never below 1, however often it is rejected.
    expect(replication(server, 1).nextIndex).toBe(1);
  });

  test(ref('raft 1.9 reject', 'waits before the retry unless it says not to'), () => {
    const server = leaderOf({ log: LONG });
    reject(server, 1, 20);
    expect(replication(server, 1).failures).toBe(0);
    expect(sendingTo(server, 1)).toBeDefined();
    reject(server, 1, 10, false);
    expect(replication(server, 1).failures).toBe(1);
    expect(sendingTo(server, 1)).toBeUndefined();
    expect(server.waits('sleep')).toMatchObject([{ until: server.now + 10 * MILLISECOND }]);
  });

  test(ref('raft 1.9 newer-term', 'of a newer term ends the replicator and the leadership'), () => {
    const server = leaderOf();
    const key = keyOf(server, 1);
    server.answer(sendingTo(server, 1)!, responseOf(server, { term: 3, success: false }));
    expect(server.state).toMatchObject({ role: Role.follower, term: 2 });
    expect(server.due(Kind.COMMIT_TIMER, key)).toBeUndefined();
    expect(server.due(Kind.HEARTBEAT_TIMER, key)).toBeUndefined();
  });
});

describe('an error', () => {
  test(ref('raft 1.9 error', 'is counted; the next attempt waits for the backoff'), () => {
    const server = lastingLeader();
    const waits: number[] = [];
    for (let failures = 1; failures <= 13; failures++) {
      server.answer(sendingTo(server, 1)!, undefined, ErrorCause.timeout);
      // The Noop's trigger starts the second attempt, the idle timer the others.
      if (failures > 1) server.fire(Kind.COMMIT_TIMER, keyOf(server, 1));
      const [sleep] = server.waits('sleep');
      waits.push((sleep.until - server.now) / MILLISECOND);
      server.advance(sleep.until - server.now);
    }
    expect(waits).toEqual([10, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 10240]);
  });

  test(ref('raft 1.9 heal', 'keeps replication silent although new entries come'), () => {
    const server = lastingLeader();
    replication(server, 1).failures = 12;
    server.answer(sendingTo(server, 1)!, undefined, ErrorCause.timeout);
    const sent = server.of('call').filter(({ to }) => to === 1).length;
    for (let digest = 1; digest <= 5; digest++) {
      propose(server, digest);
      server.writeAll();
      server.advance(2 * SECOND);
    }
    const appends = server.of('call').filter(({ to, input }) => to === 1 && input === Kind.APPEND);
    expect(appends).toHaveLength(sent);
    expect(server.state).toMatchObject({ role: Role.leader, lastIndex: 7 });
    server.advance(240 * MILLISECOND);
    // It sends what it knew of when it woke, which was before the backoff.
    expect(indexes(sending(server, 1))).toEqual([2]);
  });

  test(ref('raft 1.9 error', 'in the middle of a round still lets the pipeline begin'), () => {
    const server = leaderOf({ log: LONG });
    reject(server, 1, 20);
    server.answer(sendingTo(server, 1)!, responseOf(server));
    server.answer(sendingTo(server, 1)!, undefined, ErrorCause.eof);
    expect(server.waits('open-pipeline')).toHaveLength(1);
  });
});
