/** Short form of `npm run proof -- lifeguard`: few runs, so wide tolerances. */
import { describe, expect, test } from 'vitest';
import { experiment } from './lifeguard.ts';
import type { Configuration } from './lifeguard.ts';
import { PUBLISHED_DETECTION } from './lifeguard-published.ts';
import { quantile } from './swim.ts';

const SEEDS = [1, 2, 3, 4, 5, 6];

describe('one spell of 16 seconds of eight agents', () => {
  for (const configuration of ['SWIM', 'Lifeguard'] as const) {
    test(`is found out as published by ${configuration}`, () => {
      const spell = { configuration, slow: 8, durationMillis: 16_384, intervalMillis: null };
      const runs = SEEDS.map((seed) => experiment(spell, seed));
      const [first, , , full] = PUBLISHED_DETECTION[configuration];
      const median = (times: number[]): number =>
        quantile(
          times.toSorted((a, b) => a - b),
          0.5,
        );
      expect(Math.abs(median(runs.flatMap((run) => run.first)) - first!)).toBeLessThan(0.6);
      expect(Math.abs(median(runs.flatMap((run) => run.full)) - full!)).toBeLessThan(0.6);
    });
  }
});

describe('spells that repeat', () => {
  const mistakes = (configuration: Configuration): number => {
    const spells = { configuration, slow: 20, durationMillis: 16_384, intervalMillis: 1024 };
    return experiment(spells, 1).falsePositives;
  };

  test('make SWIM take the healthy for dead, Lifeguard hardly ever', () => {
    const base = mistakes('SWIM');
    expect(base).toBeGreaterThan(100);
    expect(mistakes('LHA-Suspicion')).toBeLessThan(base / 20);
    expect(mistakes('Lifeguard')).toBeLessThan(base / 20);
  });
});
