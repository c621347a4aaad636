/** A server's request path: reads of each mode, and writes that Raft does not take in time. */
import { describe, expect, test } from 'vitest';
import { Recording } from '../../sim/core/recording.ts';
import {
  APPLIED,
  FORWARDED,
  KV_READ,
  KV_WRITE,
  SERVER_MACHINE,
  serverMachine,
} from '../../sim/consul/server.ts';
import type { ReadMode } from '../../sim/consul/server.ts';
import { kvCommand } from '../../sim/consul/state/commands.ts';
import { applyKv } from '../../sim/consul/state/kv.ts';
import { createStore } from '../../sim/consul/state/store.ts';
import { ApplyError, Role } from '../../sim/protocol/raft/types.ts';
import { APPLY, RAFT_MACHINE, VERIFY } from '../../sim/protocol/raft/vocabulary.ts';

const SECOND = 1_000_000;
const READY_TIMER = (SERVER_MACHINE << 8) | 5;
const ENQUEUE_TIMER = (SERVER_MACHINE << 8) | 6;

/** What the server reads of the Raft beside it. */
function raftState() {
  const fsm = createStore();
  applyKv(fsm, kvCommand('put', 'k', 'v', 0, 1), 3);
  return {
    role: Role.leader as Role,
    leader: 0,
    fsm,
    fsmIndex: 7,
    leaderState: { startIndex: 5 } as { startIndex: number } | null,
    proposalsTaken: 0,
  };
}

function serverOf(raft: ReturnType<typeof raftState>) {
  const server = new Recording(serverMachine, { forwardMicros: 60 * SECOND });
  server.siblings.set(RAFT_MACHINE, raft);
  server.start();
  return server;
}

function read(server: ReturnType<typeof serverOf>, mode: ReadMode): number {
  return server.ask(KV_READ, 9, { key: 'k', mode });
}

function applied(server: ReturnType<typeof serverOf>, tag: number, error: ApplyError): void {
  const value = { applied: true, modifyIndex: 8 };
  server.deliver(APPLIED, tag, { error, index: 8, value });
}

function replies(server: ReturnType<typeof serverOf>, exchange: number): unknown[] {
  return server
    .of('reply')
    .filter((reply) => reply.exchange === exchange)
    .map(({ body }) => body);
}

describe('a consistent read', () => {
  test('is answered once the leadership has been verified', () => {
    const raft = raftState();
    const server = serverOf(raft);
    const exchange = read(server, 'consistent');
    const [asked] = server.of('post');
    expect(asked).toMatchObject({ input: VERIFY });
    expect(replies(server, exchange)).toEqual([]);
    // What is read is what the store holds then.
    applyKv(raft.fsm, kvCommand('put', 'k', 'w', 0, 2), 6);
    applied(server, asked.from, ApplyError.none);
    expect(replies(server, exchange)).toMatchObject([{ value: 'w', index: 6 }]);
  });

  test.each([
    [ApplyError.notLeader, 'node is not the leader'],
    [ApplyError.leadershipLost, 'leadership lost while committing log'],
  ])('fails for good with error %i', (error, text) => {
    const server = serverOf(raftState());
    const exchange = read(server, 'consistent');
    applied(server, server.of('post')[0].from, error);
    expect(replies(server, exchange)).toEqual([{ error: text, indefinite: false }]);
  });

  test('waits for a new leader to apply what it inherited, in steps of 437 ms', () => {
    const raft = { ...raftState(), fsmIndex: 4 };
    const server = serverOf(raft);
    const exchange = read(server, 'consistent');
    const { from: tag } = server.of('post')[0];
    applied(server, tag, ApplyError.none);
    expect(server.due(READY_TIMER, tag)).toBe(server.now + 437_500);
    server.fire(READY_TIMER, tag);
    expect(replies(server, exchange)).toEqual([]);
    raft.fsmIndex = 5;
    server.fire(READY_TIMER, tag);
    expect(replies(server, exchange)).toMatchObject([{ value: 'v' }]);
  });

  test('waits 7 s for that, and then no more', () => {
    const server = serverOf({ ...raftState(), fsmIndex: 4 });
    const exchange = read(server, 'consistent');
    applied(server, server.of('post')[0].from, ApplyError.none);
    server.advance(6.9 * SECOND);
    expect(replies(server, exchange)).toEqual([]);
    server.advance(SECOND);
    expect(replies(server, exchange)).toMatchObject([
      { error: 'Not ready to serve consistent reads' },
    ]);
  });

  test('goes to the leader, as a default one does; a stale one does not', () => {
    const server = serverOf({ ...raftState(), role: Role.follower, leader: 4 });
    const exchange = read(server, 'consistent');
    const [forwarded] = server.of('request');
    expect(forwarded).toMatchObject({ to: 4, input: KV_READ, answer: FORWARDED });
    server.answer(forwarded, { value: 'far' });
    expect(replies(server, exchange)).toEqual([{ value: 'far' }]);
    read(server, 'default');
    expect(server.of('request')).toHaveLength(2);
    expect(replies(server, read(server, 'stale'))).toMatchObject([{ value: 'v' }]);
  });
});

describe('a write', () => {
  test('that Raft has not taken after 30 s fails, and leaves nothing behind', () => {
    const raft = raftState();
    const server = serverOf(raft);
    const first = server.ask(KV_WRITE, 9, { digest: 1 });
    server.now = 20 * SECOND;
    const second = server.ask(KV_WRITE, 9, { digest: 2 });
    const [one] = server.of('post');
    expect(one).toMatchObject({ input: APPLY, body: { enqueueByMicros: 30 * SECOND } });
    server.fire(ENQUEUE_TIMER);
    server.fire(ENQUEUE_TIMER);
    const failure = { error: 'timed out enqueuing operation', indefinite: false };
    expect(replies(server, first)).toEqual([failure]);
    expect(replies(server, second)).toEqual([]);
    applied(server, one.from, ApplyError.enqueueTimeout);
    expect(replies(server, first)).toHaveLength(1);
    server.fire(ENQUEUE_TIMER);
    expect(replies(server, second)).toEqual([failure]);
    expect(server.due(ENQUEUE_TIMER)).toBeUndefined();
  });

  test('that Raft has taken waits without limit', () => {
    const raft = raftState();
    const server = serverOf(raft);
    const exchange = server.ask(KV_WRITE, 9, { digest: 1 });
    raft.proposalsTaken = 1;
    server.advance(300 * SECOND);
    expect(replies(server, exchange)).toEqual([]);
    applied(server, server.of('post')[0].from, ApplyError.none);
    expect(replies(server, exchange)).toMatchObject([{ applied: true, logIndex: 8 }]);
  });
});
