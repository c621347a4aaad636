/** The figures that docs/proof/queues.md states are within their tolerances. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BACKLOGS, BACKLOG_TOLERANCE, DISRUPTIONS } from './overload.ts';
import { BALANCED, DISCOVERED, FORMULAS, SLOW_REPLICA, STORMS, UNEVEN } from './queues.ts';

function readPage(name: string): string {
  return readFileSync(new URL(`../../docs/proof/${name}.md`, import.meta.url), 'utf8');
}
const PAGE = readPage('queues');

/** Cells of the table under a heading, without its head. */
function rowsUnder(heading: string, page = PAGE): string[][] {
  const section = page.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`))!;
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines
    .slice(2)
    .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')));
}

/** `4.2 (4.1)`: what was measured and what was expected. */
function figures(cell: string): number[] {
  return [...cell.matchAll(/[\d.]+/g)].map(Number);
}

const QUEUES = [...FORMULAS, ...BALANCED, ...UNEVEN, ...DISCOVERED];
const rows = [
  ...rowsUnder('Queues, balancing and retries'),
  ...rowsUnder('Balancing'),
  ...rowsUnder('Balancing through discovery', readPage('queues-discovered')),
];

test('has all cases', () => {
  expect(rows).toHaveLength(QUEUES.length);
  expect(rowsUnder('A slow replica')).toHaveLength(SLOW_REPLICA.length);
  expect(rowsUnder('Retry storms')).toHaveLength(STORMS.length);
  expect(rowsUnder('Backlogs')).toHaveLength(BACKLOGS.length);
});

describe('queues', () => {
  test.each(rows.map((row, at) => [row[0], row[1], row, QUEUES[at]!] as const))(
    '%s at %s',
    (_name, _load, row, one) => {
      const [mean, expected] = figures(row[3]!) as [number, number];
      const error = Number(row[4]);
      expect(expected).toBeCloseTo(one.mean, 3);
      expect(Math.abs(mean - expected)).toBeLessThanOrEqual(
        Math.max(one.tolerance * expected, 3 * error),
      );
      expect(Math.abs(Number(row[6]) - 1)).toBeLessThanOrEqual(0.005);
    },
  );
});

test.each(rowsUnder('A slow replica'))('slow replica: %s', (_policy, cell) => {
  const [found, expected] = figures(cell!) as [number, number];
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(0.15);
});

test.each(rowsUnder('Retry storms'))('storm at %s, %s', (_load, _retries, cell) => {
  const [found, least, most] = figures(cell!) as [number, number, number];
  expect(found).toBeGreaterThanOrEqual(least);
  expect(found).toBeLessThanOrEqual(most);
});

test.each(rowsUnder('Backlogs'))('backlog of %s calls a second', (_rate, cell) => {
  const [found, expected] = figures(cell!) as [number, number];
  expect(Math.abs(found / expected - 1)).toBeLessThanOrEqual(BACKLOG_TOLERANCE);
});

test("Maglev's disruption is as published, within three percent of it", () => {
  const table = rowsUnder("Maglev's disruption");
  expect(table).toHaveLength(DISRUPTIONS.length);
  for (const [, cell] of table) {
    const [found, expected] = figures(cell!) as [number, number];
    expect(Math.abs(found / expected - 1)).toBeLessThanOrEqual(0.03);
  }
});
