/** Policies that look at the requests under way or at latencies. */
import { describe, expect, test } from 'vitest';
import { loadOf } from '../../../sim/client/balance/peak-ewma.ts';
import { ref } from '../../support/reference.ts';
import { Bench } from './kit.ts';

test(ref('clients 6.1 #1', 'random ignores weights'), () => {
  const shares = new Bench('random', [1, 9, 1]).shares(30_000);
  for (const share of shares) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.01);
});

test(
  ref('clients 6.1 #2', 'weighted random follows them, 0 included; all 0 is still somebody'),
  () => {
    const shares = new Bench('weighted-random', [1, 0, 3]).shares(30_000);
    expect(Math.abs(shares[0]! - 0.25)).toBeLessThan(0.01);
    expect(shares[1]).toBe(0);
    expect(new Bench('weighted-random', [0, 0]).pick()).toBeGreaterThanOrEqual(0);
  },
);

test(
  ref('clients 6.1 #7', 'least outstanding: a random one of those with the fewest under way'),
  () => {
    const bench = new Bench('least-outstanding', [1, 1, 1, 1]);
    bench.picking.active = [3, 1, 2, 1];
    const shares = bench.shares(4000);
    expect(shares[0]! + shares[2]!).toBe(0);
    expect(Math.abs(shares[1]! - 0.5)).toBeLessThan(0.03);
  },
);

describe('least request', () => {
  test(
    ref(
      'clients 6.1 #8',
      'of two drawn with replacement the busier of two instances is picked a quarter of the time',
    ),
    () => {
      const bench = new Bench('least-request', [1, 1]);
      bench.picking.active = [5, 0];
      expect(Math.abs(bench.shares(40_000)[0]! - 0.25)).toBeLessThan(0.01);
      const distinct = new Bench('least-request', [1, 1], { replacement: false });
      distinct.picking.active = [5, 0];
      expect(distinct.shares(1000)[0]).toBe(0);
    },
  );

  test(ref('clients 6.1 #9', 'more choices; the first drawn wins among equals'), () => {
    const bench = new Bench('least-request', [1, 1, 1, 1], { choices: 4 });
    bench.picking.active = [0, 1, 1, 1];
    // Missed by all four draws with probability (3/4)^4.
    expect(Math.abs(bench.shares(40_000)[0]! - (1 - 0.75 ** 4))).toBeLessThan(0.01);
  });

  test('weights that differ: weight over requests under way, by earliest deadline', () => {
    const idle = new Bench('least-request', [1, 3]);
    expect(Math.abs(idle.shares(4000)[1]! - 0.75)).toBeLessThan(0.01);
    const busy = new Bench('least-request', [1, 3]);
    busy.picking.active = [0, 2];
    expect(Math.abs(busy.shares(4000)[1]! - 0.5)).toBeLessThan(0.01);
    const blind = new Bench('least-request', [1, 3], { bias: 0 });
    blind.picking.active = [0, 2];
    expect(Math.abs(blind.shares(4000)[1]! - 0.75)).toBeLessThan(0.01);
  });
});

describe('power of two choices', () => {
  test(
    ref(
      'clients 6.1 #10',
      'two different ones: the healthier, then the less loaded; unhealthy winners are drawn again',
    ),
    () => {
      const bench = new Bench('p2c', [1, 1]);
      bench.picking.active = [5, 0];
      expect(bench.shares(2000)[0]).toBe(0);
      const sick = new Bench('p2c', [1, 1, 1, 1]);
      sick.picking.healthy = [false, false, false, true];
      sick.picking.active = [0, 0, 0, 99];
      // Each pair misses the healthy one with probability 1/2; five pairs are drawn.
      expect(Math.abs(sick.shares(20_000)[3]! - (1 - 0.5 ** 5))).toBeLessThan(0.01);
      const dead = new Bench('p2c', [1, 1]);
      dead.picking.healthy = [false, false];
      expect(dead.pick()).toBeGreaterThanOrEqual(0);
    },
  );
});

describe('peak EWMA', () => {
  test(
    ref(
      'clients 6.1 #11',
      'jumps to peaks, decays from them, also idle; without history one probe at a time',
    ),
    () => {
      const average = { cost: 100, stamp: 0 };
      // Idle for one time constant: e^-1 of the cost is left, times (active + 1).
      expect(loadOf(average, 1, 10_000_000, 10_000_000)).toBeCloseTo(200 * 0.367879, 3);
      const fresh = { cost: 0, stamp: 0 };
      expect(loadOf(fresh, 0, 0, 10_000_000)).toBe(0);
      expect(loadOf(fresh, 2, 0, 10_000_000)).toBe(2 ** 47 + 2);
      const bench = new Bench('peak-ewma', [1, 1, 1], { scan: true });
      bench.end(0, 1000);
      bench.end(1, 5000);
      // The third has no history: it is free until a request is under way.
      expect(bench.pick()).toBe(2);
      bench.picking.active = [0, 0, 1];
      expect(bench.pick()).toBe(0);
      bench.end(0, 9000);
      expect(bench.pick()).toBe(1);
    },
  );

  test(
    ref(
      'clients 6.1 #12',
      'tower starts from a default; fast errors attract, unless they count for more',
    ),
    () => {
      const warm = new Bench('peak-ewma', [1, 1], { scan: true, defaultMicros: 30_000 });
      warm.end(0, 40_000);
      expect(warm.pick()).toBe(1);
      const settings = [null, 5_000_000] as const;
      const picked = settings.map((errorMicros) => {
        const bench = new Bench('peak-ewma', [1, 1], { scan: true, errorMicros });
        bench.end(0, 100, false);
        bench.end(1, 10_000);
        return bench.pick();
      });
      expect(picked).toEqual([0, 1]);
    },
  );
});

describe('aperture', () => {
  test(
    ref(
      'clients 6.1 #18',
      'a window from a coordinate of its own widens under load and narrows without',
    ),
    () => {
      const bench = new Bench(
        'aperture',
        Array.from({ length: 20 }, () => 1),
      );
      expect(new Set(bench.picks(50)).size).toBe(1);
      bench.picking.activeTotal = 10;
      for (let second = 1; second <= 120; second++) bench.pick({ now: second * 1e6 });
      const wide = new Set(bench.picks(500)).size;
      expect(wide).toBeGreaterThan(7);
      expect(wide).toBeLessThan(14);
      bench.picking.activeTotal = 0;
      for (let second = 121; second <= 240; second++) bench.pick({ now: second * 1e6 });
      expect(new Set(bench.picks(500)).size).toBeLessThan(3);
    },
  );
});

describe('pick first', () => {
  test(
    ref(
      'clients 6.1 #19',
      'keeps one until its connection fails, then the next of a shuffled list',
    ),
    () => {
      const bench = new Bench('pick-first', [1, 1, 1]);
      const first = bench.pick();
      expect(new Set(bench.picks(20))).toEqual(new Set([first]));
      bench.end(first, 1000, false);
      const second = bench.pick();
      expect(second).not.toBe(first);
      expect(bench.pick({ candidates: [first] })).toBe(first);
    },
  );
});
