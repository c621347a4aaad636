/** A search that explodes ends when it should, and says how far it got. */
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../../sim/check/linearizability/check.ts';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';
import { explosive } from './reference/explosive.ts';

const model = createModel('queue')!;

describe('a history that makes the search explode', () => {
  test('ends at its step limit, with a window', () => {
    const operations = explosive(24);
    const verdict = checkHistory(operations, model, new Budget({ steps: 100_000 }));
    expect(verdict).toMatchObject({ verdict: 'unknown', limit: 'steps' });
    expect(verdict.steps).toBeGreaterThanOrEqual(100_000);
    expect(verdict.steps).toBeLessThan(105_000);
    const [finding] = verdict.findings;
    // The quiet beginning is in order; what is not settled lies in the crowd after it.
    expect(finding!.orderedUpTo).toBeGreaterThan(20);
    expect(finding!.window.from).toBeGreaterThanOrEqual(20);
    expect(finding!.window.operations.length).toBeLessThan(operations.length);
    expect(finding!.order.length).toBeGreaterThan(10);
  });

  test('ends at its time limit', () => {
    // A clock that moves on each time it is looked at: the test must not depend on real time.
    let seconds = 0;
    const budget = new Budget({ seconds: 1, now: () => (seconds += 0.01) });
    const verdict = checkHistory(explosive(24), model, budget);
    expect(verdict).toMatchObject({ verdict: 'unknown', limit: 'time' });
    expect(seconds).toBeLessThan(1.05);
  });

  test('ends at its memory limit', () => {
    const budget = new Budget({ bytes: 2 * 1024 * 1024 });
    const verdict = checkHistory(explosive(24), model, budget);
    expect(verdict).toMatchObject({ verdict: 'unknown', limit: 'memory' });
  });

  test('does not hide a failure on another key', () => {
    const crowd = explosive(24);
    const offset = crowd.length * 2 + 10;
    const [first] = crowd;
    const bad = { ...first!, f: 'dequeue', key: 'other', input: null, output: 7 };
    const operations = [...crowd, { ...bad, call: offset, return: offset + 1 }].map((one, id) => ({
      ...one,
      id,
    }));
    const verdict = checkHistory(operations, model, new Budget({ steps: 200_000 }));
    expect(verdict.verdict).toBe('fail');
    expect(verdict.findings[0]!.keys).toEqual(['other']);
  });
});

describe('operations of unknown outcome', () => {
  test('a thousand of them at the end cost nothing', () => {
    const operations = explosive(0);
    const last = operations.length * 2 + 10;
    for (let i = 0; i < 1000; i++) {
      const call = last + i;
      operations.push({
        ...operations[0]!,
        id: operations.length,
        outcome: 'unknown',
        input: i % 7,
        call,
        return: Infinity,
      });
    }
    const verdict = checkHistory(operations, model, new Budget({ steps: 10_000 }));
    expect(verdict.verdict).toBe('pass');
  });
});
