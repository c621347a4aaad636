/** The figures under docs/proof are those of this code: a short run must come close to them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PLANTED, sweep } from './campaign.ts';

/** Cells of the rows of a page's table, without its head. */
function rowsOf(page: string): string[][] {
  const text = readFileSync(new URL(`../../docs/proof/${page}.md`, import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/proof/planted.md', () => {
  const rows = rowsOf('planted');

  test.each(PLANTED)('$bug is caught as often as it says', ({ bug, scenario }) => {
    const stated = (plant: string): number[] => {
      const row = rows.find(([name, planted]) => name === scenario && planted === plant)!;
      return [Number(row[2]), Number(row[3])];
    };
    const [seeds, caught] = stated(bug) as [number, number];
    expect(seeds).toBeGreaterThanOrEqual(2000);
    expect(stated('none')).toEqual([seeds, 0]);
    // Three standard deviations of a share over so few seeds.
    const few = 60;
    const share = caught / seeds;
    const tolerance = 3 * Math.sqrt((share * (1 - share)) / few);
    const measured = sweep(scenario, bug, few).caught.length / few;
    expect(Math.abs(measured - share)).toBeLessThan(tolerance);
  });
});

test('docs/proof/determinism.md has no difference, over all basic scenarios and 20 seeds', () => {
  const rows = rowsOf('determinism');
  expect(rows.length).toBeGreaterThanOrEqual(10);
  for (const [, runs, different] of rows) {
    expect(Number(runs)).toBeGreaterThanOrEqual(200);
    expect(Number(different)).toBe(0);
  }
});
