/** Intervals keep their promise on data whose truth is known, and nothing is told of few runs. */
import { describe, expect, test } from 'vitest';
import { exp, log, normalQuantile } from '../../../sim/core/math.ts';
import { Streams } from '../../../sim/core/draws.ts';
import * as bootstrap from '../../../sim/explore/statistics/bootstrap.ts';
import type { Interval } from '../../../sim/explore/statistics/bootstrap.ts';
import { compare } from '../../../sim/explore/statistics/comparison.ts';

const TRIALS = 2000;
const SEEDS = 30;
const { RUNS_MIN, meanInterval, quantileInterval } = bootstrap;

/** Times as runs have them: lognormal around a median of 1, with mean exp(0.125). */
const time = (unit: number): number => exp(0.5 * normalQuantile(Math.max(unit, 1e-9)));

function samples(name: string, draw: (unit: number) => number): number[] {
  const draws = new Streams('coverage').stream(name);
  return Array.from({ length: SEEDS }, () => draw(draws.unit()));
}

/** The share of trials whose interval holds the truth. */
function coverage(truth: number, intervalOf: (trial: number) => Interval | null): number {
  let covered = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const { low, high } = intervalOf(trial)!;
    if (low <= truth && truth <= high) covered++;
  }
  return covered / TRIALS;
}

describe('a 95 % interval covers the truth in 93 to 97 % of 2 000 trials', () => {
  test('of a median', () => {
    const covered = coverage(1, (trial) =>
      quantileInterval(samples(`median ${trial}`, time), 0.5, `median ${trial}`),
    );
    expect(covered).toBeGreaterThanOrEqual(0.93);
    expect(covered).toBeLessThanOrEqual(0.97);
  }, 60_000);

  test('of the mean of paired differences, skewed ones too', () => {
    // What a seed does to both sides is large; the second side is slower by 0.25 on average.
    const covered = coverage(0.25, (trial) => {
      const common = samples(`seed ${trial}`, (unit) => 10 * time(unit));
      const own = samples(`own ${trial}`, (unit) => -0.25 * log(1 - unit));
      const pairs = common.map((both, i) => [both, both + own[i]!] as const);
      return meanInterval(
        pairs.map(([one, other]) => other - one),
        `difference ${trial}`,
      );
    });
    expect(covered).toBeGreaterThanOrEqual(0.93);
    expect(covered).toBeLessThanOrEqual(0.97);
  }, 60_000);
});

describe('nothing is told', () => {
  const values = Array.from({ length: 40 }, (_, i) => i * 1.5);

  test('of fewer than ten runs', () => {
    for (const runs of [0, 1, RUNS_MIN - 1]) {
      const few = values.slice(0, runs);
      expect(quantileInterval(few, 0.5, 'x')).toBeNull();
      expect(meanInterval(few, 'x')).toBeNull();
      expect(bootstrap.unpairedInterval(few, values, 'x')).toBeNull();
    }
    expect(quantileInterval(values.slice(0, RUNS_MIN), 0.5, 'x')).not.toBeNull();
  });

  test('of a percentile beyond what so many runs know', () => {
    expect(quantileInterval(values, 0.99, 'x')).toBeNull();
    expect(quantileInterval(values, 0.8, 'x')).not.toBeNull();
  });
});

test('the same values have the same interval, whatever was asked before', () => {
  const values = samples('same', time);
  const once = quantileInterval(values, 0.5, 'a');
  quantileInterval(values, 0.25, 'b');
  expect(quantileInterval(values, 0.5, 'a')).toEqual(once);
  expect(quantileInterval(values.toReversed(), 0.5, 'a')).toEqual(once);
  expect(once!.low).toBeLessThan(once!.high);
});

test('values without a spread have an interval without a width', () => {
  const values = Array.from({ length: 12 }, () => 3);
  expect(quantileInterval(values, 0.5, 'x')).toEqual({ low: 3, high: 3 });
  expect(meanInterval(values, 'x')).toEqual({ low: 3, high: 3 });
});

test('pairs are far narrower than the same values unpaired, and say which side is lower', () => {
  const common = samples('both', (unit) => 10 * time(unit));
  const noise = samples('noise', (unit) => unit);
  const pairs = common.map((both, i) => [both, both - 1 - noise[i]!] as const);
  const { interval, unpaired, finding, lower, difference } = compare(pairs, 'x');
  expect(finding).toBe('lower');
  expect(lower).toBe(SEEDS);
  expect(difference).toBeCloseTo(-1.5, 0);
  expect(interval!.high - interval!.low).toBeLessThan((unpaired!.high - unpaired!.low) / 2);
  const same = compare(
    pairs.map(([one]) => [one, one]),
    'x',
  );
  expect(same).toMatchObject({ finding: 'same', equal: SEEDS, difference: 0 });
});
