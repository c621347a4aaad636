/** Views that streams keep up to date: who waits for what, and what errors do. */
import { describe, expect, test } from 'vitest';
import { RESUBSCRIBE_TIMER, VIEW_EXPIRY } from '../../../sim/consul/agent/reads/inputs.ts';
import { NEXT_EVENT, SUBSCRIBE } from '../../../sim/consul/requests/inputs.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ref } from '../../support/reference.ts';
import {
  MINUTE,
  SECOND,
  calls,
  event,
  health,
  instance,
  query,
  readsOf,
  result,
  streamed,
} from './kit.ts';

const a = instance('a1');
const b = instance('b2');

function following() {
  const reads = readsOf();
  const first = query(reads, health(0, { cached: true }));
  event(reads, 10, [b, a], true);
  return { reads, first };
}

describe('which road a query takes', () => {
  test(
    ref('agents 3.3 #1', 'without an index and without the cache a plain RPC, then a stream'),
    () => {
      const reads = readsOf();
      query(reads, health(0));
      expect(calls(reads)).toHaveLength(1);
      expect(streamed(reads)).toHaveLength(0);
      query(reads, health(5));
      expect(streamed(reads)).toMatchObject([
        { input: SUBSCRIBE, body: { service: 'web', index: 0 } },
      ]);
    },
  );

  test('who sorts by distance, or has no streaming backend, always asks', () => {
    const reads = readsOf();
    const { request, cached } = health(5);
    query(reads, {
      request: { ...request, input: { ...(request.input as object), near: 'a1' } },
      cached,
    });
    expect(streamed(reads)).toHaveLength(0);
    const without = readsOf({ streaming: false });
    query(without, health(5));
    expect(streamed(without)).toHaveLength(0);
    expect(calls(without)).toHaveLength(1);
  });
});

describe('a view', () => {
  test(
    ref('agents 3.3 #2', 'has one stream for all who ask, sorted by node, then by service'),
    () => {
      const { reads, first } = following();
      expect(result(reads, first)).toMatchObject({ ids: ['a1', 'b2'], index: 10 });
      expect(reads.answerOf(first)).toMatchObject({ knownLeader: false, lastContactMicros: 0 });
      const second = query(reads, health(0, { cached: true }));
      expect(result(reads, second)).toMatchObject({ hit: true, index: 10 });
      expect(streamed(reads).filter(({ input }) => input === SUBSCRIBE)).toHaveLength(1);
      expect(streamed(reads).at(-1)).toMatchObject({ input: NEXT_EVENT, body: 3 });
    },
  );

  test(
    ref('agents 3.3 #3', 'every change wakes those who wait, though their list stays the same'),
    () => {
      const { reads } = following();
      const waiting = query(reads, health(10));
      expect(result(reads, waiting)).toBeUndefined();
      event(reads, 12, [instance('c3', 'critical')]);
      expect(result(reads, waiting)).toMatchObject({ ids: ['a1', 'b2'], index: 12 });
    },
  );

  test('follows what becomes critical, comes back and goes', () => {
    const { reads } = following();
    event(reads, 12, [instance('a1', 'critical')]);
    expect(result(reads, query(reads, health(1)))).toMatchObject({ ids: ['b2'] });
    event(reads, 13, [a]);
    const gone = {
      subscription: 3,
      index: 14,
      snapshot: false,
      updates: [{ key: 'n-b2\0b2', instance: null }],
    };
    reads.answer(streamed(reads).at(-1)!, gone);
    expect(result(reads, query(reads, health(1)))).toMatchObject({ ids: ['a1'], index: 14 });
  });

  test('a ping wakes nobody', () => {
    const { reads } = following();
    const waiting = query(reads, health(10));
    event(reads, 10, []);
    expect(result(reads, waiting)).toBeUndefined();
    expect(streamed(reads).at(-1)!.input).toBe(NEXT_EVENT);
  });

  test(ref('agents 3.3 #4', 'waits 300 s, or what is asked up to 600 s, without jitter'), () => {
    for (const [asked, waits] of [
      [0, 300],
      [30, 30],
      [900, 600],
    ]) {
      const { reads } = following();
      const waiting = query(reads, health(10, { waitMicros: asked! * SECOND }));
      reads.advance(waits! * SECOND - 1);
      expect(result(reads, waiting)).toBeUndefined();
      reads.advance(1);
      expect(result(reads, waiting)).toMatchObject({ ids: ['a1', 'b2'], index: 10 });
    }
  });

  test(
    ref('agents 3.3 #5', 'before its first snapshot a wait ends with nothing, of index 1'),
    () => {
      const reads = readsOf();
      const waiting = query(reads, health(8, { waitMicros: SECOND }));
      reads.advance(SECOND);
      expect(result(reads, waiting)).toMatchObject({ ids: [], index: 1 });
    },
  );

  test(ref('agents 3.3 #6', 'is forgotten 20 min after the last who asked'), () => {
    const { reads } = following();
    expect(reads.due(VIEW_EXPIRY, 1)).toBe(reads.now + 20 * MINUTE);
    reads.fire(VIEW_EXPIRY, 1);
    expect(reads.state.views.size).toBe(0);
    query(reads, health(0, { cached: true }));
    expect(streamed(reads).at(-1)!.input).toBe(SUBSCRIBE);
  });
});

describe('a stream that fails', () => {
  test(
    ref('agents 3.3 #7', 'tells all who wait at once, keeps its list, and goes to another server'),
    () => {
      const { reads } = following();
      const waiting = [query(reads, health(10)), query(reads, health(10))];
      reads.answer(streamed(reads).at(-1)!, undefined, ErrorCause.eof);
      for (const one of waiting) {
        expect(result(reads, one)).toMatchObject({ error: 'rpc error: Unavailable: eof' });
      }
      expect(result(reads, query(reads, health(0, { cached: true })))).toMatchObject({
        ids: ['a1', 'b2'],
        hit: true,
      });
      expect(streamed(reads).at(-1)).toMatchObject({
        to: 1,
        input: SUBSCRIBE,
        body: { index: 10 },
      });
    },
  );

  test(
    ref('agents 3.3 #8', 'rests after the second failure: v + U[0, v) from 200 ms, 60 s at most'),
    () => {
      const { reads } = following();
      const failNow = (): void => {
        reads.answer(streamed(reads).at(-1)!, undefined, ErrorCause.refused);
      };
      failNow();
      for (const millis of [
        200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000,
      ]) {
        failNow();
        expect(reads.due(RESUBSCRIBE_TIMER, 1)).toBe(reads.now + millis * 1000);
        reads.fire(RESUBSCRIBE_TIMER, 1);
      }
      reads.script('stream-retry', 0.5);
      failNow();
      expect(reads.due(RESUBSCRIBE_TIMER, 1)).toBe(reads.now + 90 * SECOND);
    },
  );

  test(ref('agents 3.3 #9', 'goes to the server whose streams have failed longest ago'), () => {
    const { reads } = following();
    const order = [streamed(reads)[0]!.to];
    for (let i = 0; i < 4; i++) {
      reads.now += SECOND;
      reads.answer(streamed(reads).at(-1)!, undefined, ErrorCause.eof);
      if (reads.due(RESUBSCRIBE_TIMER, 1) !== undefined) reads.fire(RESUBSCRIBE_TIMER, 1);
      order.push(streamed(reads).at(-1)!.to);
    }
    expect(order).toEqual([0, 1, 2, 0, 1]);
  });

  test(
    ref('agents 3.3 #10', 'an abort makes the view begin anew, and nobody hears of the first'),
    () => {
      const { reads } = following();
      const waiting = query(reads, health(10));
      const abort = { aborted: true, error: '' };
      reads.answer(streamed(reads).at(-1)!, abort, ErrorCause.remote);
      expect(result(reads, waiting)).toBeUndefined();
      expect(streamed(reads).at(-1)).toMatchObject({ input: SUBSCRIBE, body: { index: 0 } });
      reads.answer(streamed(reads).at(-1)!, abort, ErrorCause.remote);
      expect(result(reads, waiting)).toMatchObject({ error: 'rpc error: Aborted' });
    },
  );

  test('without a server it is tried again later', () => {
    const reads = readsOf({}, {}, []);
    const waiting = query(reads, health(3));
    expect(result(reads, waiting)).toBeUndefined();
    expect(reads.due(RESUBSCRIBE_TIMER, 1)).toBeDefined();
  });
});
