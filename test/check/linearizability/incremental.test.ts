/** A running history is judged as it grows, and in the end as if it had been recorded. */
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../../sim/check/linearizability/check.ts';
import { HistoryWatch } from '../../../sim/check/linearizability/incremental.ts';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';
import type { RunRecord } from '../../../sim/check/linearizability/operation-log.ts';
import type { Operation } from '../../../sim/check/linearizability/operation.ts';
import { randomFrom } from './reference/agreement.ts';
import { randomHistory } from './reference/random-history.ts';
import { SUBJECTS } from './reference/subjects.ts';

const model = createModel('consul-kv')!;

/** The records that a run would have written. */
function recordsOf(operations: readonly Operation[]): RunRecord[] {
  const records: (RunRecord & { position: number })[] = [];
  for (const one of operations) {
    const { id: op, process, f, key, input, output, outcome, index, expected } = one;
    const base = { process, f, key, op, mode: 'default', host: 's1' };
    const compared = expected >= 0 ? { index: expected } : {};
    const invoke = { ...base, ...compared, type: 'invoke' as const, value: input, time: one.call };
    records.push({ ...invoke, position: one.call });
    if (outcome === 'unknown') continue;
    const type = outcome === 'ok' ? 'ok' : 'fail';
    const error = outcome === 'ok' ? {} : { error: 'cas: index mismatch' };
    const value = f === 'get' ? output : input;
    const answer = { ...base, ...error, type, value, time: one.return, index } as const;
    records.push({ ...answer, position: one.return });
  }
  return records.sort((left, right) => left.position - right.position);
}

const record = (fields: Partial<RunRecord>): RunRecord => ({
  process: 0,
  type: 'ok',
  f: 'put',
  key: 'k',
  value: null,
  time: 0,
  op: 0,
  ...fields,
});

function contradictions(records: readonly RunRecord[]): string[] {
  const watch = new HistoryWatch(model);
  return records.flatMap((one) => watch.append(one)?.message ?? []);
}

/** A put of `value` at `index` and then a read, one after the other. */
const putThenGet = (read: Partial<RunRecord>): RunRecord[] => [
  record({ type: 'invoke', value: 'a', op: 1 }),
  record({ value: 'a', op: 1, index: 5 }),
  record({ type: 'invoke', f: 'get', op: 2 }),
  record({ f: 'get', op: 2, ...read }),
];

describe('an answer is wrong at once', () => {
  test.each([
    [{ value: null }, 'a read found nothing although index 5 had been answered'],
    [{ value: 'b', index: 6 }, 'a read saw a value that nobody had written'],
    [{ value: 'a', index: 4 }, 'one write got the indexes 5 and 4'],
  ])('%j', (read, message) => {
    expect(contradictions(putThenGet(read))[0]).toContain(message);
  });

  test('an earlier state is told from an impossible one', () => {
    const earlier = [
      record({ type: 'invoke', value: '0', op: 3 }),
      record({ value: '0', op: 3, index: 4 }),
      ...putThenGet({ value: '0', index: 4 }),
    ];
    const kindOf = (records: readonly RunRecord[]): unknown => {
      const watch = new HistoryWatch(model);
      return records.map((one) => watch.append(one)?.kind).find((kind) => kind !== undefined);
    };
    expect(contradictions(earlier)[0]).toContain('a read saw index 4 although 5 had been answered');
    expect(kindOf(earlier)).toBe('stale');
    expect(kindOf(putThenGet({ value: null }))).toBe('stale');
    expect(kindOf(putThenGet({ value: 'b', index: 6 }))).toBe('wrong');
  });

  test('a good one is not', () => {
    expect(contradictions(putThenGet({ value: 'a', index: 5 }))).toEqual([]);
  });

  test('a write that was reported as failed is seen (B32)', () => {
    const records = [
      record({ type: 'invoke', value: 'a', op: 1 }),
      record({ type: 'fail', value: 'a', op: 1, error: 'leadership lost' }),
      record({ type: 'invoke', f: 'get', op: 2 }),
      record({ f: 'get', op: 2, value: 'a', index: 5 }),
    ];
    expect(contradictions(records)[0]).toContain('a write that was reported as failed');
  });

  test('a compare-and-set that was overtaken', () => {
    const records = [
      record({ type: 'invoke', value: 'a', op: 1 }),
      record({ type: 'invoke', value: 'b', op: 2 }),
      record({ type: 'invoke', f: 'cas', value: 'c', op: 3, index: 5 }),
      record({ value: 'a', op: 1, index: 5 }),
      record({ f: 'cas', value: 'c', op: 3, index: 7 }),
      record({ value: 'b', op: 2, index: 6 }),
    ];
    expect(contradictions(records)[0]).toContain('a cas on index 5 got index 7, with 6 in between');
  });
});

describe('random histories', () => {
  const plain = SUBJECTS.at(-1)!;
  const random = randomFrom('incremental');
  const histories = Array.from({ length: 3000 }, (_, i) =>
    randomHistory(plain, random, { size: 6, repeated: false, lost: i % 3 === 0 }),
  );

  test('what is contradicted while it happens has no order in the end', () => {
    let early = 0;
    let late = 0;
    let settled = 0;
    for (const operations of histories) {
      const watch = new HistoryWatch(model);
      const found = recordsOf(operations).some((one) => watch.append(one) !== undefined);
      const { verdict } = watch.finish(new Budget());
      expect(verdict).toBe(checkHistory(operations, model, new Budget()).verdict);
      if (found) expect(verdict).toBe('fail');
      // What is settled as it comes needs no other judgement.
      if (!found && watch.unsettled().length === 0) {
        settled++;
        expect(verdict).toBe('pass');
      }
      if (found) early++;
      else if (verdict === 'fail') late++;
    }
    expect(early).toBeGreaterThan(100);
    expect(settled).toBeGreaterThan(300);
    // Refusals, and what carries no index, are left to the end.
    expect(late).toBeLessThan(2 * early);
  });

  test('save and restore', () => {
    for (const operations of histories.slice(0, 300)) {
      const records = recordsOf(operations);
      const half = records.length >> 1;
      const watch = new HistoryWatch(model);
      for (const one of records.slice(0, half)) watch.append(one);
      const state = watch.save();
      const first = records.slice(half).map((one) => watch.append(one)?.message);
      const { exercised } = watch;
      watch.restore(state);
      expect(records.slice(half).map((one) => watch.append(one)?.message)).toEqual(first);
      expect(watch.exercised).toBe(exercised);
    }
  });
});

test('another future after going back is judged as if it were the only one', () => {
  const put = (op: number, index: number) => [
    record({ type: 'invoke', f: 'put', value: `v${op}`, op, time: op }),
    record({ f: 'put', value: `v${op}`, op, index, leaderIndex: index, time: op }),
  ];
  const read = (op: number, value: string, index: number) => [
    record({ type: 'invoke', f: 'get', op, time: op }),
    record({ f: 'get', value, op, index, time: op }),
  ];
  const past = [...put(1, 11), ...put(2, 12)];
  const good = [...read(3, 'v2', 12), ...put(4, 14)];
  const stale = [...read(3, 'v1', 11), ...put(4, 14)];
  const model = createModel('consul-kv')!;
  const watch = new HistoryWatch(model);
  for (const one of past) watch.append(one);
  const state = watch.save();
  const messages = (records: typeof past) => records.map((one) => watch.append(one)?.message);
  expect(messages(good)).toEqual([undefined, undefined, undefined, undefined]);
  watch.restore(state);
  const told = messages(stale);
  expect(told.filter((message) => message !== undefined)).toHaveLength(1);
  // The same once more, recognised; and what asks for everything sees no future.
  watch.restore(state);
  expect(watch.known()).toHaveLength(2);
  expect(messages(stale)).toEqual(told);
  watch.restore(state);
  expect(messages(good)).toEqual([undefined, undefined, undefined, undefined]);
  expect(watch.known().map(({ id }) => id)).toEqual([0, 1, 2, 3]);
});

test('keys without indexes are judged when they have doubled', () => {
  const watch = new HistoryWatch(createModel('kv')!);
  const found: number[] = [];
  for (let i = 0; i < 200; i++) {
    const f = i % 2 === 0 ? 'put' : 'get';
    // The hundredth read is of the value before.
    const value = f === 'put' ? `v${i}` : i === 99 ? 'v96' : `v${i - 1}`;
    watch.append(record({ type: 'invoke', f, value: f === 'put' ? value : null, op: i }));
    if (watch.append(record({ f, value, op: i })) !== undefined) found.push(i);
  }
  expect(found).toEqual([127]);
  expect(watch.finish(new Budget()).findings[0]!.brokenAt).toBe(199);
});
