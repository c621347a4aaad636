import { describe, expect, test } from 'vitest';
import { compileSampler } from '../../sim/core/distribution.ts';
import type { DistributionSpec } from '../../sim/core/distribution.ts';
import { Streams } from '../../sim/core/draws.ts';

const LOGNORMAL: DistributionSpec = { kind: 'lognormal', medianMicros: 500_000, p99Micros: 2e6 };
const EXPONENTIAL: DistributionSpec = { kind: 'exponential', meanMicros: 1e6 };

function samples(spec: DistributionSpec, count: number): number[] {
  const draws = new Streams('samples').stream('x');
  const sampler = compileSampler(spec);
  return Array.from({ length: count }, () => draws.sample(sampler));
}

const mean = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

describe('quantiles', () => {
  test.each([0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999])('of an exponential: %d', (p) => {
    const wanted = -1e6 * Math.log(1 - p);
    expect(Math.abs(compileSampler(EXPONENTIAL).draw(p) - wanted)).toBeLessThan(wanted / 500);
  });
  test.each([
    [0.01, 125_000],
    [0.5, 500_000],
    [0.99, 2e6],
    // exp(3.7190165 * ln 4 / 2.3263479) times the median.
    [0.9999, 4_586_229],
  ])('of a lognormal: %d', (p, wanted) => {
    expect(Math.abs(compileSampler(LOGNORMAL).draw(p) - wanted)).toBeLessThan(wanted / 500);
  });
  test('of a table, with a step', () => {
    const points = [
      [0, 1000],
      [0.5, 1000],
      [0.5, 9000],
      [1, 10_000],
    ] as const;
    const sampler = compileSampler({ kind: 'table', points });
    const values = [0, 0.25, 0.4995, 0.5003, 0.75, 1 - 2 ** -32].map((p) => sampler.draw(p));
    expect(values).toEqual([1000, 1000, 1000, 9001, 9500, 10_000]);
  });
  test('beyond the points of a table are its ends', () => {
    const sampler = compileSampler({
      kind: 'table',
      points: [
        [0.4, 10],
        [0.6, 20],
      ],
    });
    expect([0, 0.39, 0.5, 0.7, 0.99999999].map((p) => sampler.draw(p))).toEqual([
      10, 10, 15, 20, 20,
    ]);
  });
  test('never fall, and are integers', () => {
    const units = [];
    for (let i = 0; i < 99_900; i++) units.push(i / 100_000);
    // The tail has cells of its own, which steps of this size reach.
    for (let i = 100_000; i >= 1; i--) units.push(1 - (i * 40) / 2 ** 32);
    for (const spec of [EXPONENTIAL, LOGNORMAL]) {
      const sampler = compileSampler(spec);
      const values = units.map((unit) => sampler.draw(unit));
      expect(values.findIndex((value, i) => i > 0 && value < values[i - 1])).toBe(-1);
      expect(values.every(Number.isInteger)).toBe(true);
    }
  });
});

describe('samples', () => {
  test('have the mean of their distribution', () => {
    // The standard errors are 0.3 % of the mean or less; the seed is fixed.
    expect(mean(samples(EXPONENTIAL, 200_000)) / 1e6).toBeCloseTo(1, 2);
    const sigma = Math.log(4) / 2.3263478740408408;
    const wanted = Math.exp((sigma * sigma) / 2);
    expect(mean(samples(LOGNORMAL, 200_000)) / 500_000 / wanted).toBeCloseTo(1, 2);
    expect(mean(samples({ kind: 'uniform', micros: [10, 20] }, 50_000))).toBeCloseTo(14.5, 1);
  });
  test('of a uniform distribution are all integers from the lower bound to before the upper', () => {
    const values = new Set(samples({ kind: 'uniform', micros: [3, 7] }, 1000));
    expect([...values].toSorted()).toEqual([3, 4, 5, 6]);
  });
  test('of an empty range are its bound', () => {
    expect(samples({ kind: 'uniform', micros: [3, 3] }, 3)).toEqual([3, 3, 3]);
  });
  test('are never below the minimum', () => {
    for (const spec of [EXPONENTIAL, LOGNORMAL]) {
      expect(Math.min(...samples(spec, 20_000))).toBeGreaterThanOrEqual(
        compileSampler(spec).minMicros,
      );
    }
  });
});

test('scaling multiplies every time', () => {
  const specs: DistributionSpec[] = [
    { kind: 'constant', micros: 100 },
    { kind: 'uniform', micros: [1000, 9000] },
    EXPONENTIAL,
    LOGNORMAL,
  ];
  for (const spec of specs) {
    const sampler = compileSampler(spec);
    const slow = sampler.scaled(4);
    for (const unit of [0.1, 0.5, 0.9999]) {
      expect(Math.abs(slow.draw(unit) - 4 * sampler.draw(unit))).toBeLessThanOrEqual(4);
    }
    expect(slow.constant).toBe(sampler.constant);
    expect(Math.abs(slow.minMicros - 4 * sampler.minMicros)).toBeLessThanOrEqual(4);
  }
});

test.each<DistributionSpec>([
  { kind: 'constant', micros: -1 },
  { kind: 'uniform', micros: [5, 4] },
  { kind: 'lognormal', medianMicros: 5, p99Micros: 4 },
  { kind: 'table', points: [] },
  {
    kind: 'table',
    points: [
      [0, 5],
      [1, 4],
    ],
  },
])('refuses %j', (spec) => {
  expect(() => compileSampler(spec)).toThrow('');
});
