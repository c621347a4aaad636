/** Short form of `npm run proof -- server-times`: fewer rounds, so a wider tolerance. */
import { expect, test } from 'vitest';
import { EXPECTED, differs, measureTimes, quantile } from './server-times.ts';
import type { Times } from './server-times.ts';

test('removal, promotion and the windows of a new leader take what the rules say', () => {
  const times = measureTimes(8, 6);
  for (const name of Object.keys(EXPECTED) as (keyof Times)[]) {
    expect(times[name].length).toBeGreaterThan(20);
    const median = quantile(times[name], 0.5);
    expect({ name, near: differs(name, median, EXPECTED[name].median) < 0.15 }).toEqual({
      name,
      near: true,
    });
  }
});
