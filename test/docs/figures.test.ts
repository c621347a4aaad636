/** The figures that docs/figures.md states are those of this code, as far as fewer seeds can tell. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Summary } from '../../sim/explore/summary.ts';
import { Desk } from '../cli/support/host.ts';

/** Medians of 40 runs are within a tenth of those of all seeds; the stated ones are of 200. */
const TOLERANCE = 0.1;

test('failover by raft_multiplier', async () => {
  const page = readFileSync(new URL('../../docs/figures.md', import.meta.url), 'utf8');
  const row = /^\| (\d+) \| ([\d.]+) \| ([\d.]+) to ([\d.]+) \| ([\d.]+) \|$/gm;
  const stated = [...page.matchAll(row)].map(([, ...cells]) => cells.map(Number));
  expect(stated.map(([multiplier]) => multiplier)).toEqual([1, 2, 5, 10]);
  const desk = new Desk();
  try {
    const words = ['sweep', 'raft-multiplier', '--seeds', '1..40', '--reporter', 'json', '-q'];
    const { scenarios } = JSON.parse((await desk.run(words)).stdout) as Summary;
    for (const [at, [multiplier, median, low, high, byTheRules]] of stated.entries()) {
      const { metrics, parameters } = scenarios[at]!;
      expect(Object.values(parameters)).toEqual([String(multiplier)]);
      const found = metrics['raft.failover']!.p50!;
      expect(Math.abs(found / median! - 1)).toBeLessThan(TOLERANCE);
      expect(low!).toBeLessThan(median!);
      expect(high!).toBeGreaterThan(median!);
      // The interval that is stated holds what the rules say.
      expect(byTheRules!).toBeGreaterThanOrEqual(low!);
      expect(byTheRules!).toBeLessThanOrEqual(high!);
    }
  } finally {
    desk.clear();
  }
}, 120_000);
