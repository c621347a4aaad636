/** The path of a request: who answers it, what is tried again and for how long. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../sim/core/machine.ts';
import { HOLD_TIMER, LEAVE, RPC_WRITE } from '../../sim/consul/requests/inputs.ts';
import { NEVER, Role } from '../../sim/protocol/raft/types.ts';
import { ref } from '../support/reference.ts';
import { SECOND, follower, raftState, read, replies, serverOf, write } from './support/server.ts';
import type { RaftBeside, ServerAlone } from './support/server.ts';

const TAG = 0;
const NO_LEADER = { error: 'No cluster leader', indefinite: false };

function leaderless(): RaftBeside {
  return { ...follower(), leader: -1 };
}

/** Draws of the waits, as fractions of their ranges. */
function waits(server: ServerAlone, ...fractions: number[]): number[] {
  server.script('retry', ...fractions);
  return fractions.map(() => {
    const before = server.now;
    server.fire(HOLD_TIMER, TAG);
    return server.now - before;
  });
}

describe('who answers', () => {
  test(
    ref('consul 2.3 #2', 'a stale read is answered by a follower that has heard of a leader'),
    () => {
      const raft = follower();
      const server = serverOf(raft);
      expect(replies(server, read(server, 'stale'))).toMatchObject([{ value: { value: 'v' } }]);
      raft.lastContact = NEVER;
      expect(replies(server, read(server, 'stale'))).toEqual([]);
      expect(server.of('request')).toHaveLength(1);
    },
  );

  test(
    ref('consul 2.3 #3', 'a server that leaves refuses at once what the leader must answer'),
    () => {
      const raft = leaderless();
      const server = serverOf(raft);
      const held = write(server);
      expect(replies(server, held)).toEqual([]);
      server.deliver(LEAVE, 0, null);
      expect(replies(server, held)).toMatchObject([NO_LEADER]);
      raft.role = Role.leader;
      expect(replies(server, read(server))).toMatchObject([NO_LEADER]);
      expect(replies(server, read(server, 'stale'))).toMatchObject([{ value: { value: 'v' } }]);
      expect(server.due(HOLD_TIMER, TAG)).toBeUndefined();
    },
  );

  test(ref('consul 2.3 #4', 'who believes to lead answers, lease or not, ready or not'), () => {
    const server = serverOf({ ...raftState(), fsmIndex: 0 });
    expect(replies(server, read(server))).toMatchObject([{ value: { value: 'v' }, index: 3 }]);
  });

  test(ref('consul 2.3 #5', 'everybody else asks the leader that Raft knows'), () => {
    const server = serverOf(follower());
    const exchange = write(server);
    const [forwarded] = server.of('request');
    expect(forwarded).toMatchObject({ to: 4, input: RPC_WRITE, timeoutMicros: 60 * SECOND });
    server.answer(forwarded, { applied: true });
    expect(replies(server, exchange)).toEqual([{ applied: true }]);
  });
});

describe('what is tried again', () => {
  test(
    ref('consul 2.3 #6', 'a request without a leader is held, and goes on when there is one'),
    () => {
      const raft = leaderless();
      const server = serverOf(raft);
      const exchange = write(server);
      waits(server, 0.5);
      raft.leader = 4;
      server.fire(HOLD_TIMER, TAG);
      server.answer(server.of('request')[0], { applied: true });
      expect(replies(server, exchange)).toEqual([{ applied: true }]);
    },
  );

  test('a server that has become the leader meanwhile answers itself', () => {
    const raft = leaderless();
    const server = serverOf(raft);
    const exchange = read(server);
    raft.role = Role.leader;
    server.fire(HOLD_TIMER, TAG);
    expect(replies(server, exchange)).toMatchObject([{ value: { value: 'v' } }]);
  });

  test(ref('consul 2.3 #8', 'a leader that cannot be reached fails the request at once'), () => {
    for (const cause of [ErrorCause.refused, ErrorCause.dialTimeout, ErrorCause.timeout]) {
      const server = serverOf(follower());
      const exchange = read(server);
      server.answer(server.of('request')[0], undefined, cause);
      expect(replies(server, exchange)).toMatchObject([{ retry: '' }]);
    }
  });

  test(
    ref('consul 2.3 #7', 'a stream that ends is tried again for reads, and leaves a write open'),
    () => {
      const server = serverOf(follower());
      const [reading, writing] = [read(server), write(server)];
      const [first, second] = server.of('request');
      server.answer(first, undefined, ErrorCause.eof);
      server.answer(second, undefined, ErrorCause.eof);
      expect(replies(server, writing)).toMatchObject([{ indefinite: true }]);
      expect(replies(server, reading)).toEqual([]);
      server.fire(HOLD_TIMER, TAG);
      server.answer(server.of('request')[2], undefined, ErrorCause.refused);
      expect(replies(server, reading)).toMatchObject([{ error: 'rpc error making call: refused' }]);
    },
  );

  test('the leader says itself whether its error may be tried again', () => {
    const server = serverOf(follower());
    const [held, failed] = [write(server, 1), write(server, 2)];
    const [first, second] = server.of('request');
    server.answer(first, { ...NO_LEADER, retry: 'no leader' }, ErrorCause.remote);
    const lost = { error: 'leadership lost while committing log', indefinite: true, retry: '' };
    server.answer(second, lost, ErrorCause.remote);
    expect(replies(server, held)).toEqual([]);
    expect(replies(server, failed)).toEqual([lost]);
  });
});

describe('the waits', () => {
  test(ref('consul 2.3 #9', 'wait n lies between the one before it and 437 ms x 2^(n - 1)'), () => {
    const server = serverOf(leaderless());
    server.script('retry', 0.999999);
    write(server);
    const almost = 0.999999;
    server.script('retry', almost, 0, almost);
    const seen = [1, 2, 3].map(() => {
      const before = server.now;
      server.fire(HOLD_TIMER, TAG);
      return server.now - before;
    });
    expect(seen[0]).toBeCloseTo(437_000, -2);
    expect(seen[1]).toBeCloseTo(874_000, -2);
    // The shortest is as long as the one before it.
    expect(seen[2]).toBe(seen[1]);
  });

  test(ref('consul 2.3 #10', 'the budget of 7 s is looked at after failed attempts only'), () => {
    const server = serverOf(leaderless());
    // Attempts at 0, 0.437, 1.311, 3.059, 6.555 s: the one after 7 s is the last.
    server.script('retry', ...Array<number>(5).fill(0.999999));
    const exchange = write(server);
    for (let attempt = 0; attempt < 4; attempt++) server.fire(HOLD_TIMER, TAG);
    expect(replies(server, exchange)).toEqual([]);
    expect(server.now).toBeLessThan(7 * SECOND);
    server.fire(HOLD_TIMER, TAG);
    expect(server.now).toBeGreaterThan(13 * SECOND);
    expect(replies(server, exchange)).toMatchObject([NO_LEADER]);
  });

  test('without rpc_hold_timeout nothing is held', () => {
    const server = serverOf(leaderless(), { holdMicros: 0 });
    expect(replies(server, write(server))).toMatchObject([NO_LEADER]);
  });
});

describe('limits', () => {
  const limits = { mode: 'enforcing', readRate: 1, writeRate: 2 } as const;

  test(
    ref('consul 2.12 #1', 'a bucket holds ten seconds of its rate and fills at that rate'),
    () => {
      const server = serverOf(raftState(), { limits });
      for (let i = 0; i < 10; i++)
        expect(replies(server, read(server))[0]).not.toHaveProperty('error');
      expect(replies(server, read(server))).toMatchObject([{ retry: 'elsewhere' }]);
      server.now += SECOND - 1;
      expect(replies(server, read(server))).toMatchObject([{ retry: 'elsewhere' }]);
      server.now += 1;
      expect(replies(server, read(server))).toMatchObject([{ value: { value: 'v' } }]);
      // Writes have a bucket of their own.
      expect(replies(server, write(server))).toEqual([]);
    },
  );

  test(
    ref('consul 2.12 #2', 'the leader asks for writes later, which servers do; others send away'),
    () => {
      const raft = raftState();
      const server = serverOf(raft, { limits: { ...limits, writeRate: 0 } });
      expect(replies(server, write(server))).toMatchObject([{ retry: 'later' }]);
      raft.role = Role.follower;
      expect(replies(server, write(server))).toMatchObject([{ retry: 'elsewhere' }]);
      const other = serverOf(follower());
      const exchange = write(other);
      const later = { error: 'try again later', indefinite: false, retry: 'later' };
      other.answer(other.of('request')[0], later, ErrorCause.remote);
      expect(replies(other, exchange)).toEqual([]);
      const second = write(other);
      other.answer(other.of('request')[1], { ...later, retry: 'elsewhere' }, ErrorCause.remote);
      expect(replies(other, second)).toMatchObject([{ retry: 'elsewhere' }]);
    },
  );

  test('the permissive mode refuses nothing', () => {
    const server = serverOf(raftState(), {
      limits: { ...limits, mode: 'permissive', readRate: 0 },
    });
    expect(replies(server, read(server))).toMatchObject([{ value: { value: 'v' } }]);
  });
});
