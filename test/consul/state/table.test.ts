/** Tables and their keys in order, copied at any time, compared with plain maps. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  firstKeyWithPrefix,
  keyAtOrAfter,
  keyBefore,
  keysWithPrefix,
  lastKeyWithPrefix,
  orderOf,
} from '../../../sim/consul/state/order.ts';
import {
  copyTable,
  createTable,
  forEachRow,
  orderOfTable,
  rowOf,
  rowsWithPrefix,
  setRow,
  unsetRow,
} from '../../../sim/consul/state/table.ts';
import type { Table } from '../../../sim/consul/state/table.ts';

const key = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '\uffff'), maxLength: 4 }),
  fc.nat(300).map((number) => `n${number}`),
);
const act = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant('set'), key) },
  { weight: 8, arbitrary: fc.tuple(fc.constant('unset'), key) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('list'), key) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('copy'), key) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('other'), key) },
);

interface Pair {
  readonly table: Table<number>;
  readonly model: Map<string, number>;
}

function contentOf(table: Table<number>): [string, number][] {
  const rows: [string, number][] = [];
  forEachRow(table, (row, name) => rows.push([name, row]));
  return rows.sort();
}

function expectEqual({ table, model }: Pair): void {
  expect(contentOf(table)).toEqual([...model].sort());
  expect(table.size).toBe(model.size);
}

describe('a table', () => {
  test('and all copies of it are maps of their own', () => {
    const run = (acts: readonly (readonly [string, string])[]): void => {
      const pairs: Pair[] = [{ table: createTable('t'), model: new Map() }];
      let current = pairs[0];
      for (const [at, [what, name]] of acts.entries()) {
        const { table, model } = current;
        if (what === 'set') {
          setRow(table, name, at, !model.has(name));
          model.set(name, at);
        } else if (what === 'unset' && model.has(name)) {
          unsetRow(table, name);
          model.delete(name);
        } else if (what === 'list') {
          const keys = [...model.keys()].filter((one) => one.startsWith(name)).sort();
          expect(keysWithPrefix(orderOfTable(table), name)).toEqual(keys);
          expect(rowsWithPrefix(table, name)).toEqual(keys.map((one) => model.get(one)));
        } else if (what === 'copy') {
          pairs.push({ table: copyTable(table), model: new Map(model) });
        } else if (what === 'other') {
          current = pairs[at % pairs.length];
        }
        expect(rowOf(current.table, name)).toBe(current.model.get(name));
      }
      pairs.forEach(expectEqual);
    };
    const acts = fc.array(act, { minLength: 50, maxLength: 400 });
    fc.assert(fc.property(acts, run), { numRuns: 150 });
  });

  test('shares what it holds with its copies, however many there are', () => {
    const table = createTable<number>('t');
    for (let at = 0; at < 10_000; at++) setRow(table, `k${at}`, at, true);
    orderOfTable(table);
    const first = copyTable(table);
    setRow(table, 'k1', -1, false);
    setRow(table, 'new', -2, true);
    const second = copyTable(table);
    expect(second.frozen.at(-1)).toBe(first.frozen.at(-1));
    expect(second.frozen[0].size).toBe(2);
    const shared = second.order!.chunks.filter((chunk) => first.order!.chunks.includes(chunk));
    expect(second.order!.chunks.length - shared.length).toBeLessThanOrEqual(2);
  });

  test('has few layers after many copies', () => {
    const table = createTable<number>('t');
    for (let at = 0; at < 5000; at++) {
      setRow(table, `k${at % 700}`, at, at < 700);
      copyTable(table);
    }
    expect(table.frozen.length).toBeLessThanOrEqual(11);
    expect(table.size).toBe(700);
  });
});

test('an order finds neighbours and ends of prefixes', () => {
  const order = orderOf(['b', 'ab', 'a', 'abc', 'a\uffff', '\uffff']);
  expect(keyAtOrAfter(order, 'aa')).toBe('ab');
  expect(keyBefore(order, 'ab')).toBe('a');
  expect(keyBefore(order, 'a')).toBeUndefined();
  expect(firstKeyWithPrefix(order, 'ab')).toBe('ab');
  expect(lastKeyWithPrefix(order, 'ab')).toBe('abc');
  expect(lastKeyWithPrefix(order, 'a\uffff')).toBe('a\uffff');
  expect(lastKeyWithPrefix(order, '\uffff')).toBe('\uffff');
  expect(lastKeyWithPrefix(order, 'x')).toBeUndefined();
  expect(lastKeyWithPrefix(orderOf([]), '')).toBeUndefined();
});
