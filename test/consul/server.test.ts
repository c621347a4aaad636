/** A server's request path: reads of each mode, and writes that Raft does not take in time. */
import { describe, expect, test } from 'vitest';
import {
  ENQUEUE_TIMER,
  FORWARDED,
  READY_TIMER,
  RPC_READ,
} from '../../sim/consul/requests/inputs.ts';
import { ref } from '../support/reference.ts';
import { kvCommand } from '../../sim/consul/state/commands.ts';
import { applyKv } from '../../sim/consul/state/kv.ts';
import { ApplyError } from '../../sim/protocol/raft/types.ts';
import { APPLY, VERIFY } from '../../sim/protocol/raft/vocabulary.ts';
import {
  SECOND,
  applied,
  follower,
  raftState,
  read,
  replies,
  serverOf,
  write,
} from './support/server.ts';

describe('a consistent read', () => {
  test(
    ref('consul 2.4 #2', 'a consistent read is answered once the leadership has been verified'),
    () => {
      const raft = raftState();
      const server = serverOf(raft);
      const exchange = read(server, 'consistent');
      const [asked] = server.of('post');
      expect(asked).toMatchObject({ input: VERIFY });
      expect(replies(server, exchange)).toEqual([]);
      // What is read is what the store holds then.
      applyKv(raft.fsm, kvCommand('put', 'k', 'w', 0, 2), 6);
      applied(server, asked.from, ApplyError.none);
      expect(replies(server, exchange)).toMatchObject([{ value: { value: 'w' }, index: 6 }]);
    },
  );

  test(ref('consul 2.4 #3', 'it fails for good where the leadership cannot be verified'), () => {
    const errors = [
      [ApplyError.notLeader, 'node is not the leader'],
      [ApplyError.leadershipLost, 'leadership lost while committing log'],
    ] as const;
    for (const [error, text] of errors) {
      const server = serverOf(raftState());
      const exchange = read(server, 'consistent');
      applied(server, server.of('post')[0].from, error);
      expect(replies(server, exchange)).toMatchObject([{ error: text, indefinite: false }]);
    }
  });

  test(
    ref(
      'consul 2.4 #2',
      'it waits for a new leader to apply what it inherited, by steps of 437 ms',
    ),
    () => {
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
      expect(replies(server, exchange)).toMatchObject([{ value: { value: 'v' } }]);
    },
  );

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

  test(
    ref('consul 2.4 #1', 'it goes to the leader, as a default one does; a stale one does not'),
    () => {
      const server = serverOf(follower());
      const exchange = read(server, 'consistent');
      const [forwarded] = server.of('request');
      expect(forwarded).toMatchObject({ to: 4, input: RPC_READ, answer: FORWARDED });
      server.answer(forwarded, { value: 'far' });
      expect(replies(server, exchange)).toEqual([{ value: 'far' }]);
      read(server, 'default');
      expect(server.of('request')).toHaveLength(2);
      expect(replies(server, read(server, 'stale'))).toMatchObject([{ value: { value: 'v' } }]);
    },
  );
});

describe('a write', () => {
  test(
    ref('consul 2.2 #2', 'errors of Apply reach the client; a lost leadership leaves it open'),
    () => {
      const errors = [
        [ApplyError.notLeader, 'node is not the leader', false],
        [ApplyError.leadershipLost, 'leadership lost while committing log', true],
        [ApplyError.transferInProgress, 'leadership transfer in progress', false],
      ] as const;
      for (const [code, error, indefinite] of errors) {
        const server = serverOf(raftState());
        const exchange = write(server);
        applied(server, server.of('post')[0].from, code);
        expect(replies(server, exchange)).toEqual([{ error, indefinite, retry: '' }]);
      }
    },
  );

  test(
    ref(
      'consul 2.2 #1',
      'a write that Raft has not taken after 30 s fails, and leaves nothing behind',
    ),
    () => {
      const raft = raftState();
      const server = serverOf(raft);
      const first = write(server, 1);
      server.now = 20 * SECOND;
      const second = write(server, 2);
      const [one] = server.of('post');
      expect(one).toMatchObject({ input: APPLY, body: { enqueueByMicros: 30 * SECOND } });
      server.fire(ENQUEUE_TIMER);
      server.fire(ENQUEUE_TIMER);
      const failure = { error: 'timed out enqueuing operation', indefinite: false };
      expect(replies(server, first)).toMatchObject([failure]);
      expect(replies(server, second)).toEqual([]);
      applied(server, one.from, ApplyError.enqueueTimeout);
      expect(replies(server, first)).toHaveLength(1);
      server.fire(ENQUEUE_TIMER);
      expect(replies(server, second)).toMatchObject([failure]);
      expect(server.due(ENQUEUE_TIMER)).toBeUndefined();
    },
  );

  test('that Raft has taken waits without limit', () => {
    const raft = raftState();
    const server = serverOf(raft);
    const exchange = write(server, 1);
    raft.proposalsTaken = 1;
    server.advance(300 * SECOND);
    expect(replies(server, exchange)).toEqual([]);
    applied(server, server.of('post')[0].from, ApplyError.none);
    expect(replies(server, exchange)).toMatchObject([{ applied: true, logIndex: 8 }]);
  });
});
