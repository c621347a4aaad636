/** Backoffs and budgets by their formulas. */
import { describe, expect, test } from 'vitest';
import type { BackoffName, BudgetSpec } from '../../../scenarios/services.ts';
import { BACKOFF } from '../../../sim/client/retry/backoff.ts';
import { mayRetry, newBudget, onAttempt, onCall } from '../../../sim/client/retry/budget.ts';
import { ref } from '../../support/reference.ts';

/** Bounds of the first delays: drawn 0, and drawn (nearly) 1. */
function bounds(kind: BackoffName, base: number, cap: number, count: number): [number, number][] {
  const spec = { kind, baseMicros: base, capMicros: cap };
  return Array.from({ length: count }, (_, at) => [
    Math.round(BACKOFF[kind].micros(spec, at + 1, 0, 0)),
    Math.round(BACKOFF[kind].micros(spec, at + 1, 0, 1)),
  ]);
}

describe('backoffs', () => {
  test(
    ref(
      'clients 6.8 #1',
      'exponential, full and equal jitter: v, U[0,v), v/2 + U[0,v/2), v from 2 x base to the cap',
    ),
    () => {
      expect(bounds('exponential', 10, 100, 5).map(([low]) => low)).toEqual([20, 40, 80, 100, 100]);
      expect(bounds('full-jitter', 10, 100, 4)).toEqual([
        [0, 20],
        [0, 40],
        [0, 80],
        [0, 100],
      ]);
      expect(bounds('equal-jitter', 10, 100, 4)).toEqual([
        [10, 20],
        [20, 40],
        [40, 80],
        [50, 100],
      ]);
    },
  );

  test(
    ref(
      'clients 6.8 #2',
      'decorrelated jitter: from the base to three times the delay before, capped',
    ),
    () => {
      const spec = { kind: 'decorrelated', baseMicros: 10, capMicros: 100 } as const;
      const { micros } = BACKOFF.decorrelated;
      expect([micros(spec, 1, 0, 0), micros(spec, 1, 0, 1)]).toEqual([10, 30]);
      expect([micros(spec, 2, 20, 0), micros(spec, 2, 20, 1)]).toEqual([10, 60]);
      expect(micros(spec, 3, 60, 1)).toBe(100);
    },
  );

  test(ref('clients 6.8 #3', 'gRPC: base x 1.6^(n-1) up to the cap, a fifth more or less'), () => {
    expect(bounds('grpc', 1000, 4000, 4)).toEqual([
      [800, 1200],
      [1280, 1920],
      [2048, 3072],
      [3200, 4800],
    ]);
  });

  test(ref('clients 6.5 #1', 'Envoy: U[0, (2^n - 1) x base), capped'), () => {
    expect(bounds('envoy', 25, 250, 5)).toEqual([
      [0, 25],
      [0, 75],
      [0, 175],
      [0, 250],
      [0, 250],
    ]);
  });

  test(
    ref(
      'clients 6.8 #4',
      'Consul: from the delay before to 437 ms x 2^(k-1) within the hold time of 7 s',
    ),
    () => {
      const spec = { kind: 'consul', baseMicros: 7_000_000, capMicros: 7_000_000 } as const;
      const { micros } = BACKOFF.consul;
      expect([micros(spec, 1, 0, 0), micros(spec, 1, 0, 1)]).toEqual([0, 437_500]);
      expect([micros(spec, 2, 300_000, 0), micros(spec, 2, 300_000, 1)]).toEqual([
        300_000, 875_000,
      ]);
      expect(micros(spec, 9, 0, 1)).toBe(7_000_000);
    },
  );

  test(
    ref('clients 6.8 #7', 'the lock of the Go client waits a fixed time, without jitter'),
    () => {
      expect(bounds('fixed', 5_000_000, 5_000_000, 2)).toEqual([
        [5e6, 5e6],
        [5e6, 5e6],
      ]);
    },
  );
});

describe('budgets', () => {
  const idle = { calls: 0, retries: 0 };
  const spend = (spec: BudgetSpec, calls: number): number => {
    const budget = newBudget(spec);
    for (let i = 0; i < calls; i++) onCall(budget, 0);
    let spent = 0;
    while (spent < 10_000 && mayRetry(budget, idle, 0)) spent++;
    return spent;
  };

  test('a bucket brings a share of a retry with each call, up to its size', () => {
    expect(spend({ kind: 'bucket', ratio: 0.1, cap: 100 }, 0)).toBe(100);
    const budget = newBudget({ kind: 'bucket', ratio: 0.1, cap: 1 });
    expect(mayRetry(budget, idle, 0)).toBe(true);
    for (let i = 0; i < 9; i++) onCall(budget, 0);
    expect(mayRetry(budget, idle, 0)).toBe(false);
    onCall(budget, 0);
    expect(mayRetry(budget, idle, 0)).toBe(true);
  });

  test(
    ref(
      'clients 6.5 #5',
      'Finagle: a share of the calls of the last 10 s, and 10 a second in reserve',
    ),
    () => {
      const spec = { kind: 'finagle', ratio: 0.2, minPerSecond: 10, windowMicros: 10e6 } as const;
      expect(spend(spec, 0)).toBe(100);
      expect(spend(spec, 1000)).toBe(300);
      const budget = newBudget(spec);
      for (let i = 0; i < 1000; i++) onCall(budget, 0);
      for (let i = 0; i < 300; i++) expect(mayRetry(budget, idle, 5e6)).toBe(true);
      expect(mayRetry(budget, idle, 5e6)).toBe(false);
      // The calls have left the window, the retries have not; later those have too.
      expect(mayRetry(budget, idle, 11e6)).toBe(false);
      expect(mayRetry(budget, idle, 16e6)).toBe(true);
    },
  );

  test(
    ref('clients 6.5 #6', 'Envoy: a fifth of what is under way, at least three at a time'),
    () => {
      const budget = newBudget({ kind: 'envoy', ratio: 0.2, min: 3 });
      expect([2, 3].map((retries) => mayRetry(budget, { calls: 5, retries }, 0))).toEqual([
        true,
        false,
      ]);
      expect([9, 10].map((retries) => mayRetry(budget, { calls: 50, retries }, 0))).toEqual([
        true,
        false,
      ]);
    },
  );

  test(
    ref(
      'clients 6.5 #3',
      'gRPC: failures take a token, successes bring a part of one; none at half of them',
    ),
    () => {
      const budget = newBudget({ kind: 'grpc', ratio: 0.5, max: 10 });
      for (let i = 0; i < 4; i++) onAttempt(budget, false);
      expect(mayRetry(budget, idle, 0)).toBe(true);
      onAttempt(budget, false);
      expect(mayRetry(budget, idle, 0)).toBe(false);
      onAttempt(budget, true);
      expect(mayRetry(budget, idle, 0)).toBe(true);
    },
  );
});
