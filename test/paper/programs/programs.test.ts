/** Short form of `npm run proof -- programs`: every step of the two programs, with one seed. */
import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { PARTS } from './parts.ts';
import { summarize } from './steps.ts';

describe.each(PARTS)('$name', ({ steps, measure }) => {
  const samples = measure(1);

  test.each(Object.entries(steps).map(([name, step]) => ({ name, ...step })))(
    '$step: $what',
    ({ name, ...step }) => {
      expect(summarize(step, samples[name])).toMatchObject({ outside: 0, holds: true });
    },
  );
});

test('docs/proof/programs.md has every step, over many seeds, with nothing outside', () => {
  const page = readFileSync(new URL('../../../docs/proof/programs.md', import.meta.url), 'utf8');
  expect(Number(/seeds 1 to (\d+)/.exec(page)![1])).toBeGreaterThanOrEqual(60);
  const lines = page.split('\n').filter((line) => line.startsWith('| '));
  const rows = lines.slice(2).map((line) => line.split('|').map((cell) => cell.trim()));
  const whats = PARTS.flatMap(({ steps }) => Object.values(steps).map(({ what }) => what));
  expect(rows.map((cells) => cells[2]).sort()).toEqual(whats.sort());
  expect(rows.map((cells) => cells[8])).toEqual(rows.map(() => '0'));
});
