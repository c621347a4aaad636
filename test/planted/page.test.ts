/** The figures under docs/proof are those of this code: a short run must come close to them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AGENTS_PLANTED } from './agents.ts';
import { PLANTED, PLANTED_SERVER, sweep } from './campaign.ts';
import { GOSSIP_PLANTED } from './gossip.ts';

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

/** A row of fewer seeds says too little. */
const SEEDS_MIN = 10;
const CLEAN_SEEDS_MIN = 20;

describe.each([
  ['planted-raft', PLANTED, 10],
  ['planted-server', PLANTED_SERVER, 5],
  ['planted-gossip', GOSSIP_PLANTED, 5],
  ['planted-agents', AGENTS_PLANTED, 5],
] as const)('docs/proof/%s.md', (page, list, few) => {
  const rows = rowsOf(page);

  test.each(list)('$bug is caught as often as it says', ({ bug, scenario, planted }) => {
    const stated = (servers: string): number[] => {
      const row = rows.find(
        (cells) => cells[0] === bug && cells[2] === scenario && cells[3] === servers,
      )!;
      return row.slice(4, 7).map(Number);
    };
    const [seeds, caught, first] = stated(`with ${bug}`) as [number, number, number];
    expect(seeds).toBeGreaterThanOrEqual(SEEDS_MIN);
    expect(first).toBeLessThanOrEqual(500);
    const [cleanSeeds, failed] = stated('without') as [number, number];
    expect(cleanSeeds).toBeGreaterThanOrEqual(CLEAN_SEEDS_MIN);
    expect(failed).toBe(0);
    // Three standard deviations of a share over so few seeds.
    const share = caught / seeds;
    const tolerance = 3 * Math.sqrt((share * (1 - share)) / few);
    const measured = sweep(scenario, planted, few).caught.length / few;
    expect(Math.abs(measured - share)).toBeLessThanOrEqual(tolerance);
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
