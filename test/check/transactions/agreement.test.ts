/**
 * Random small histories of lists, compared with a brute force over all serial orders: whatever
 * the checker condemns has none, and of those that have none it finds nearly all.
 */
import seedrandom from 'seedrandom';
import { describe, expect, test } from 'vitest';
import type { Operation, Value } from '../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../sim/check/linearizability/operation.ts';
import { checkTransactions } from '../../../sim/check/transactions/check-transactions.ts';

type Step = [string, string, Value];
type Lists = ReadonlyMap<string, readonly number[]>;

/** Runs one transaction; undefined when its reads do not fit. */
function run(lists: Lists, operation: Operation): Lists | undefined {
  const after = new Map(lists);
  const known = operation.outcome === 'ok';
  for (const [verb, key, value] of (known ? operation.output : operation.input) as Step[]) {
    const list = after.get(key) ?? [];
    if (verb === 'append') after.set(key, [...list, value as number]);
    else if (known && JSON.stringify(list) !== JSON.stringify(value)) return undefined;
  }
  return after;
}

function hasSerialOrder(rest: readonly Operation[], lists: Lists, strict: boolean): boolean {
  if (rest.every(({ outcome }) => outcome === 'unknown')) return true;
  return rest.some((operation) => {
    if (strict && rest.some((other) => other.return < operation.call)) return false;
    const after = run(lists, operation);
    const others = rest.filter((other) => other !== operation);
    return after !== undefined && hasSerialOrder(others, after, strict);
  });
}

function randomHistory(draw: () => number): Operation[] {
  const pick = (n: number): number => Math.floor(draw() * n);
  const lists = new Map<string, number[]>();
  const counts = new Map<string, number>();
  const operations: Operation[] = [];
  // Each transaction runs in order, but may see the lists as they were a little earlier.
  const past: Lists[] = [new Map()];
  const count = 2 + pick(4);
  for (let id = 0; id < count; id++) {
    const stale = past[Math.max(0, past.length - 1 - (draw() < 0.5 ? pick(3) : 0))]!;
    const own = new Map<string, number[]>();
    const steps: Step[] = [];
    for (let i = 0; i <= pick(3); i++) {
      const key = 'xy'[pick(2)]!;
      if (draw() < 0.5) {
        steps.push(['r', key, [...(stale.get(key) ?? []), ...(own.get(key) ?? [])]]);
      } else {
        const value = (counts.get(key) ?? 0) + 1;
        counts.set(key, value);
        own.set(key, [...(own.get(key) ?? []), value]);
        steps.push(['append', key, value]);
      }
    }
    for (const [key, values] of own) lists.set(key, [...(lists.get(key) ?? []), ...values]);
    past.push(new Map([...lists].map(([key, list]) => [key, list.slice()])));
    const lost = draw() < 0.1;
    const call = 2 * id - (draw() < 0.4 ? 3 * draw() : 0);
    operations.push(
      createOperation({
        f: 'txn',
        process: `${id}`,
        input: steps.map(([verb, key, value]) => [verb, key, verb === 'r' ? null : value]),
        output: lost ? null : steps,
        outcome: lost ? 'unknown' : 'ok',
        call,
        return: lost ? Infinity : 2 * id + 1 + (draw() < 0.4 ? 3 * draw() : 0),
      }),
    );
  }
  operations.sort((left, right) => left.call - right.call);
  return operations.map((operation, id) => ({ ...operation, id }));
}

describe.each(['serializable', 'strict-serializable'] as const)('%s', (level) => {
  test('agrees with brute force', () => {
    const draw = seedrandom.alea(level);
    let none = 0;
    let found = 0;
    for (let i = 0; i < 6000; i++) {
      const operations = randomHistory(draw);
      const strict = level === 'strict-serializable';
      const order = hasSerialOrder(operations, new Map(), strict);
      const { verdict } = checkTransactions({ operations, failed: [] }, 'list-append', level);
      if (!order) none++;
      if (verdict === 'fail') found++;
      if (verdict === 'fail' && order) expect(JSON.stringify(operations)).toBe('to fail');
    }
    // A read of the past that is seen by nobody leaves room for other explanations.
    expect(none).toBeGreaterThan(300);
    expect(found / none).toBeGreaterThan(0.98);
  });
});
