/** The agent's cache: who is answered from it, who waits, and how it keeps itself up to date. */
import { describe, expect, test } from 'vitest';
import { ENTRY_EXPIRY, FETCH_TIMER } from '../../../sim/consul/agent/reads/inputs.ts';
import type { AgentQuery } from '../../../sim/consul/agent/reads/vocabulary.ts';
import { CATALOG_NODES, CATALOG_SERVICE_NODES } from '../../../sim/consul/requests/endpoints.ts';
import { request } from '../../../sim/consul/requests/request.ts';
import { ref } from '../../support/reference.ts';
import {
  HOUR,
  MINUTE,
  SECOND,
  answerCall,
  calls,
  failCall,
  health,
  instance,
  query,
  readsOf,
  result,
} from './kit.ts';

function catalog(index = 0, waitMicros = 0): AgentQuery {
  const wanted = request(
    CATALOG_SERVICE_NODES,
    { service: 'web', tags: [] },
    'default',
    index,
    waitMicros,
  );
  return { request: wanted, cached: true };
}

function filled() {
  const reads = readsOf();
  const first = query(reads, catalog());
  answerCall(reads, [instance('a1')], 7);
  return { reads, first };
}

describe('an entry', () => {
  test(
    ref('agents 3.4 #1', 'fetches by stale blocking queries of 10 min, one after the other'),
    () => {
      const { reads, first } = filled();
      expect(result(reads, first)).toMatchObject({ ids: ['a1'], index: 7, hit: false });
      const [{ request: next }] = calls(reads);
      expect(next).toMatchObject({ mode: 'stale', minIndex: 7, waitMicros: 10 * MINUTE });
      answerCall(reads, [instance('a1'), instance('b2')], 9);
      expect(calls(reads)[0]!.request.minIndex).toBe(9);
      expect(result(reads, query(reads, catalog()))).toMatchObject({
        ids: ['a1', 'b2'],
        hit: true,
      });
      expect(calls(reads)).toHaveLength(1);
    },
  );

  test(
    ref('agents 3.4 #2', 'an older index is a hit at once, the same or a newer one waits'),
    () => {
      const { reads } = filled();
      expect(result(reads, query(reads, catalog(6)))).toMatchObject({ hit: true, index: 7 });
      const waiting = [query(reads, catalog(7)), query(reads, catalog(8))];
      expect(waiting.map((one) => result(reads, one))).toEqual([undefined, undefined]);
      answerCall(reads, [], 8);
      expect(result(reads, waiting[0]!)).toMatchObject({ ids: [], index: 8, hit: false });
      expect(result(reads, waiting[1]!)).toBeUndefined();
    },
  );

  test(
    ref('agents 3.4 #3', 'who waits does so for as long as was asked, or without a limit'),
    () => {
      const { reads } = filled();
      const limited = query(reads, catalog(7, 30 * SECOND));
      const unlimited = query(reads, catalog(7));
      reads.advance(30 * SECOND);
      expect(result(reads, limited)).toMatchObject({ ids: ['a1'], index: 7, hit: false });
      reads.advance(HOUR);
      expect(result(reads, unlimited)).toBeUndefined();
    },
  );

  test(ref('agents 3.4 #4', 'goes 72 h after the last who read it'), () => {
    const { reads } = filled();
    const entry = [...reads.state.entries.keys()][0]!;
    reads.now += HOUR;
    query(reads, catalog());
    expect(reads.due(ENTRY_EXPIRY, entry)).toBe(reads.now + 72 * HOUR);
    reads.fire(ENTRY_EXPIRY, entry);
    expect(reads.state.entries.size).toBe(0);
    // The fetch that was under way ends, and no other follows.
    answerCall(reads, [], 9);
    expect(calls(reads)).toHaveLength(0);
  });

  test(ref('agents 3.4 #5', 'is fetched no more often than entry_fetch_rate allows'), () => {
    const reads = readsOf({ fetchRate: 0.5, fetchBurst: 1 });
    query(reads, catalog());
    const entry = [...reads.state.entries.keys()][0]!;
    answerCall(reads, [], 7);
    expect(calls(reads)).toHaveLength(0);
    expect(reads.due(FETCH_TIMER, entry)).toBe(reads.now + 2 * SECOND);
    reads.fire(FETCH_TIMER, entry);
    expect(calls(reads)).toHaveLength(1);
  });
});

describe('fetches that fail', () => {
  test(
    ref(
      'agents 3.4 #6',
      'three are followed at once, the next wait v + U[0, v), v from 2 s to 60 s',
    ),
    () => {
      const { reads } = filled();
      const entry = [...reads.state.entries.keys()][0]!;
      for (let i = 0; i < 3; i++) {
        failCall(reads);
        expect(calls(reads)).toHaveLength(1);
      }
      for (const seconds of [2, 4, 8, 16, 32, 60, 60]) {
        failCall(reads);
        expect(reads.due(FETCH_TIMER, entry)).toBe(reads.now + seconds * SECOND);
        reads.fire(FETCH_TIMER, entry);
      }
    },
  );

  test(
    ref(
      'agents 3.4 #7',
      'plain readers get the last good value and its age, those who wait the error',
    ),
    () => {
      const { reads } = filled();
      const waiting = query(reads, catalog(7));
      failCall(reads);
      expect(result(reads, waiting)).toMatchObject({ error: 'no' });
      reads.now += 40 * SECOND;
      expect(result(reads, query(reads, catalog()))).toEqual({
        ids: ['a1'],
        index: 7,
        hit: true,
        ageMicros: 40 * SECOND,
      });
      answerCall(reads, [], 9);
      expect(result(reads, query(reads, catalog()))).toMatchObject({ ids: [], ageMicros: 0 });
    },
  );

  test('who is the first to ask gets the error', () => {
    const reads = readsOf();
    const first = query(reads, catalog());
    failCall(reads);
    expect(result(reads, first)).toMatchObject({ error: 'no' });
  });
});

test(
  ref('agents 3.4 #8', 'lists of nodes are not cached, and cached goes ill with consistent'),
  () => {
    const reads = readsOf();
    query(reads, { request: request(CATALOG_NODES, {}), cached: true });
    query(reads, { request: request(CATALOG_NODES, {}), cached: true });
    expect(calls(reads)).toHaveLength(2);
    expect(reads.state.entries.size).toBe(0);
    const wanted = { ...health(0).request, mode: 'consistent' as const };
    const exchange = query(reads, { request: wanted, cached: true });
    expect(result(reads, exchange)).toMatchObject({ error: expect.stringContaining('consistent') });
  },
);

test('without streams the health of a service is cached like the catalog', () => {
  const reads = readsOf({ streaming: false });
  query(reads, health(0, { cached: true }));
  answerCall(reads, [instance('a1')], 7);
  expect(result(reads, query(reads, health(0, { cached: true })))).toMatchObject({ hit: true });
});
