/** Policies that take turns: round robin, smooth weights, static stride, weights from reports. */
import { describe, expect, test } from 'vitest';
import { weightOf } from '../../../sim/client/balance/dynamic-weights.ts';
import { scaledWeights } from '../../../sim/client/balance/static-stride.ts';
import { ref } from '../../support/reference.ts';
import { Bench } from './kit.ts';

test(
  ref(
    'clients 6.1 #3',
    'round robin goes through the list from anywhere and keeps its position when the list changes',
  ),
  () => {
    const starts = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const bench = new Bench('round-robin', [1, 1, 1, 1], {}, seed);
      const picks = bench.picks(8);
      starts.add(picks[0]!);
      expect(picks.slice(4)).toEqual(picks.slice(0, 4));
      expect(new Set(picks).size).toBe(4);
      // Eight picks behind it, whatever the first was: position (start + 8) mod 3 of the shorter list.
      expect(bench.pick({ candidates: [0, 2, 3] })).toBe([0, 2, 3][(picks[0]! + 8) % 3]);
    }
    expect(starts.size).toBe(4);
  },
);

describe('smooth weighted round robin', () => {
  test(ref('clients 6.1 #4', 'weights 5, 1, 1 give a a b a c a a'), () => {
    const bench = new Bench('smooth-weighted', [5, 1, 1]);
    expect(bench.picks(14)).toEqual([0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
  });

  test('skips a peer that failed for ten whole seconds, then tries it once', () => {
    const bench = new Bench('smooth-weighted', [1, 1]);
    bench.end(0, 1000, false);
    expect(new Set(bench.picks(10))).toEqual(new Set([1]));
    bench.picking.now = 10_999_999;
    expect(new Set(bench.picks(10))).toEqual(new Set([1]));
    bench.picking.now = 11_000_000;
    expect(bench.picks(4).filter((one) => one === 0)).toHaveLength(1);
    bench.end(0, 1000, true);
    expect(bench.picks(10).filter((one) => one === 0)).toHaveLength(5);
  });

  test('has nobody where all are down, but never skips a single peer', () => {
    const bench = new Bench('smooth-weighted', [1, 1]);
    bench.end(0, 1000, false);
    bench.end(1, 1000, false);
    expect(bench.pick()).toBe(-1);
    expect(bench.pick({ candidates: [1] })).toBe(1);
  });

  test('a failure costs all of the effective weight, which comes back by one a pick', () => {
    const bench = new Bench('smooth-weighted', [4, 4]);
    bench.end(0, 1000, false);
    bench.picking.now = 12_000_000;
    const first = bench.picks(8).filter((one) => one === 0).length;
    expect(first).toBeLessThan(4);
  });
});

describe('static stride', () => {
  test(
    ref(
      'clients 6.1 #5',
      'shares follow weights, scaled to 65535; unknown ones are the mean of the known',
    ),
    () => {
      const bench = new Bench('static-stride', [1, 2, 5]);
      const shares = bench.shares(16_000);
      for (const [at, weight] of [1, 2, 5].entries()) {
        expect(Math.abs(shares[at]! - weight / 8)).toBeLessThan(0.001);
      }
      expect(scaledWeights([1, 2, 5])).toEqual([13_107, 26_214, 65_535]);
      expect(scaledWeights([2, 0, 4])).toEqual([32_768, 49_151, 65_535]);
    },
  );

  test('is plain round robin where weights are equal, or fewer than two are known', () => {
    expect(scaledWeights([3, 3, 3])).toBe(null);
    expect(scaledWeights([7, 0, 0])).toBe(null);
    expect(scaledWeights([0, 0])).toBe(null);
    const picks = new Bench('static-stride', [3, 3, 3]).picks(6);
    expect(picks.slice(3)).toEqual(picks.slice(0, 3));
  });

  test('picks somebody in every generation: the largest is never skipped', () => {
    const bench = new Bench('static-stride', [1, 1, 65_535]);
    const picks = bench.picks(1000);
    expect(picks.filter((one) => one === 2).length).toBeGreaterThan(990);
  });
});

describe('dynamic weights', () => {
  const report = (utilisation: number, errors = 0) => {
    return { requestsPerSecond: 100, errorsPerSecond: errors, utilisation };
  };

  test(
    ref(
      'clients 6.1 #6',
      'weight is requests per second over utilisation and the penalty for errors, used after 10 s, forgotten after 3 min',
    ),
    () => {
      expect(weightOf(report(0.5))).toBe(200);
      expect(weightOf(report(0.5, 50))).toBe(100);
      expect(weightOf(report(0))).toBe(0);
      const bench = new Bench('dynamic-weights', [1, 1]);
      const share = (now: number): number => {
        bench.picking.now = now;
        return bench.shares(3000)[0]!;
      };
      const both = (now: number) => {
        bench.picking.now = now;
        bench.end(0, 1000, true, report(0.25));
        bench.end(1, 1000, true, report(0.75));
      };
      both(1_000_000);
      expect(share(9_000_000)).toBeCloseTo(0.5, 2);
      both(10_900_000);
      expect(share(11_500_000)).toBeCloseTo(0.75, 1);
      expect(share(190_899_000)).toBeCloseTo(0.75, 1);
      expect(share(190_900_000 + 1_000_001)).toBeCloseTo(0.5, 2);
    },
  );
});
