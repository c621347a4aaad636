/** Whom a write wakes, compared with a radix tree that copies what it changes. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import { kvCommand } from '../../../sim/consul/state/commands.ts';
import { applyKv } from '../../../sim/consul/state/kv.ts';
import { getKey, listKeys } from '../../../sim/consul/state/kv-queries.ts';
import { createStore } from '../../../sim/consul/state/store.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { rowOf } from '../../../sim/consul/state/table.ts';
import {
  WATCH_CHANNELS_MAX,
  abandonAll,
  addWatch,
  addWithLimit,
  createWatches,
  removeWatch,
  saveWatches,
  wokenBy,
} from '../../../sim/consul/state/watches.ts';
import type { WatchSet, Watches } from '../../../sim/consul/state/watches.ts';
import { EMPTY, insert, remove, watchOfKey, watchOfPrefix } from './radix.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'b', '/', 'c'),
  minLength: 1,
  maxLength: 5,
});
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('watch key' as const), text }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('watch prefix' as const),
      text: fc.oneof(text, fc.constant('')),
    }),
  },
);

function woken(store: Store, watches: Watches): number[] {
  const ids = wokenBy(watches, store.touches);
  store.touches.length = 0;
  return ids;
}

describe('watches', () => {
  test(
    ref(
      'consul 3.1 #14',
      'a write wakes exactly those whose node of a radix tree it copies, for any sequence of writes and watches',
    ),
    () => {
      const run = (acts: readonly { do: string; text: string }[]): void => {
        const store = createStore();
        store.watching = true;
        const watches = createWatches();
        let root = EMPTY;
        const expected = new Map<number, object>();
        for (const [at, step] of acts.entries()) {
          const index = at + 1;
          const set: WatchSet = [];
          if (step.do === 'watch key') {
            getKey(store, step.text, set);
            addWatch(watches, index, set);
            expected.set(index, watchOfKey(root, `${step.text}\0`));
          } else if (step.do === 'watch prefix') {
            listKeys(store, step.text, set);
            addWatch(watches, index, set);
            expected.set(index, watchOfPrefix(root, step.text));
          } else {
            const known = rowOf(store.kv, step.text) !== undefined;
            const op = step.do as 'put' | 'delete';
            applyKv(store, kvCommand(op, step.text, `${at}`, 0, at), index);
            const key = `${step.text}\0`;
            const none = { root, left: new Set<object>() };
            const change = op === 'put' ? insert(root, key) : known ? remove(root, key) : none;
            root = change.root;
            const fired = [...expected].filter(([, node]) => change.left.has(node));
            expect(woken(store, watches)).toEqual(fired.map(([id]) => id));
            for (const [id] of fired) expected.delete(id);
          }
        }
      };
      fc.assert(fc.property(fc.array(act, { minLength: 10, maxLength: 80 }), run), {
        numRuns: 300,
      });
    },
  );

  test(ref('consul 3.1 #15', 'a watch of an absent key wakes for its neighbours too'), () => {
    const store = createStore();
    const watches = createWatches();
    const put = (key: string, value: string, index: number): void =>
      void applyKv(store, kvCommand('put', key, value, 0, 1), index);
    put('config/a', '1', 1);
    put('config/b', '1', 2);
    put('other', '1', 3);
    const set: WatchSet = [];
    expect(getKey(store, 'config/c', set)).toMatchObject({ index: 3, entry: undefined });
    addWatch(watches, 1, set);
    put('other', '2', 4);
    expect(woken(store, watches)).toEqual([]);
    put('config/a', '2', 5);
    expect(woken(store, watches)).toEqual([1]);
    expect(woken(store, watches)).toEqual([]);
  });

  test('who is woken by one channel waits at none of the others', () => {
    const watches = createWatches();
    const set: WatchSet = [
      { table: 'kvs', path: 'a', leaf: true },
      { table: 'kvs', path: 'b', leaf: true },
    ];
    addWatch(watches, 7, set);
    addWatch(watches, 5, set);
    const copy = saveWatches(watches);
    expect(wokenBy(watches, [{ table: 'kvs', key: 'b', child: '' }])).toEqual([5, 7]);
    expect(wokenBy(watches, [{ table: 'kvs', key: 'a', child: '' }])).toEqual([]);
    removeWatch(copy, 5);
    expect(wokenBy(copy, [{ table: 'kvs', key: 'a', child: '' }])).toEqual([7]);
    addWatch(copy, 8, set);
    expect(abandonAll(copy)).toEqual([8]);
    expect(wokenBy(copy, [{ table: 'kvs', key: 'a', child: '' }])).toEqual([]);
  });

  test(ref('consul 3.1 #16', 'above 8192 channels a query watches a coarser one instead'), () => {
    const set: WatchSet = [];
    const coarser = { table: 'nodes', path: '', leaf: false };
    for (let at = 0; at < WATCH_CHANNELS_MAX + 10; at++) {
      addWithLimit(set, { table: 'nodes', path: `n${at}`, leaf: true }, coarser);
    }
    expect(set).toHaveLength(8192 + 1);
    expect(set.at(-1)).toBe(coarser);
  });

  test('nobody is told of writes before somebody has watched', () => {
    const store = createStore();
    applyKv(store, kvCommand('put', 'k', '1', 0, 1), 1);
    expect(store.touches).toEqual([]);
    getKey(store, 'k', []);
    applyKv(store, kvCommand('put', 'k', '1', 0, 1), 2);
    expect(store.touches).toEqual([]);
    applyKv(store, kvCommand('put', 'k', '2', 0, 1), 3);
    expect(store.touches).toEqual([{ table: 'kvs', key: 'k', child: '' }]);
  });
});
