/** Short form of `npm run proof -- lifeguard`: few runs, so wide tolerances; and what its page says. */
import { readFileSync } from 'node:fs';
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

describe('the page of the proof', () => {
  const page = readFileSync(new URL('../../docs/proof/lifeguard.md', import.meta.url), 'utf8');
  /** Rows of one table: what was found and, in brackets, what was published. */
  const tableAfter = (text: string): Map<string, [number, number][]> => {
    const lines = page.slice(page.indexOf(text)).split('\n');
    const rows = lines.slice(lines.findIndex((line) => line.startsWith('| ---')) + 1);
    const table = rows.slice(0, rows.indexOf(''));
    return new Map(
      table.map((line) => [
        line.split('|')[1]!.trim(),
        [...line.matchAll(/([0-9.]+) \(([0-9.]+)\)/g)].map(([, found, published]) => [
          Number(found),
          Number(published),
        ]),
      ]),
    );
  };
  const difference = ([found, published]: [number, number]): number =>
    Math.abs(found / published - 1);

  test('has times of detection within 3 % of the published ones, 99 % of them within 6 %', () => {
    const table = tableAfter('# Lifeguard');
    expect([...table.keys()]).toEqual(Object.keys(PUBLISHED_DETECTION));
    for (const [first, first99, , full, full99] of table.values()) {
      for (const median of [first!, full!]) expect(difference(median)).toBeLessThan(0.03);
      for (const tail of [first99!, full99!]) expect(difference(tail)).toBeLessThan(0.06);
    }
  });

  test('has times with other multipliers within 4 %', () => {
    const table = tableAfter('## Multipliers');
    expect(table.size).toBe(9);
    for (const figures of table.values()) {
      expect(figures).toHaveLength(2);
      for (const figure of figures) expect(difference(figure)).toBeLessThan(0.04);
    }
  });

  test('has a hundredth of the mistakes where suspicions wait for others, not without', () => {
    const share = (configuration: string): number =>
      tableAfter('## Mistakes and traffic').get(configuration)![0]![0];
    expect(share('LHA-Suspicion')).toBeLessThan(5);
    expect(share('Lifeguard')).toBeLessThan(5);
    expect(share('LHA-Probe')).toBeGreaterThan(50);
    expect(share('Buddy System')).toBeGreaterThan(50);
  });
});
