/** The figures that docs/proof/raft-elections.md states are within their tolerances. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ELECTION_CASES } from './elections.ts';
import { SPLIT_CASES, WAN_CASES, WAN_TOLERANCE } from './textbook.ts';

const PAGE = readFileSync(new URL('../../docs/proof/raft-elections.md', import.meta.url), 'utf8');

/** Cells of the table under a heading, without its head. */
function rowsUnder(heading: string): string[][] {
  const section = PAGE.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`))!;
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** `4.2 % (4.1 %)`: what was measured and what was expected; NaN where nothing was. */
function figures(cell: string): readonly [number, number] {
  const [measured, expected = Number.NaN] = [...cell.matchAll(/[\d.]+/g)].map(Number);
  return [measured!, expected];
}

describe('docs/proof/raft-elections.md', () => {
  test('is of all cases and at least 5 000 seeds', () => {
    expect(Number(/seeds 1 to (\d+)/.exec(PAGE)![1])).toBeGreaterThanOrEqual(5000);
    expect(rowsUnder('Election times')).toHaveLength(ELECTION_CASES.length);
    expect(rowsUnder('Split votes')).toHaveLength(SPLIT_CASES.length);
    expect(rowsUnder('First stable leader over a wide area')).toHaveLength(WAN_CASES.length);
  });

  test.each(rowsUnder('Election times'))('%s, %s servers, raft_multiplier %s', (...cells) => {
    for (const cell of cells.slice(3, 7)) {
      const [measured, expected] = figures(cell);
      if (!Number.isNaN(expected)) expect(Math.abs(measured / expected - 1)).toBeLessThan(0.05);
    }
  });

  test.each(rowsUnder('Split votes'))('splits: %s servers, %s live, latency %s', (...cells) => {
    const [share, expected] = figures(cells[3]!);
    const [within] = figures(cells[4]!);
    expect(within).toBeLessThanOrEqual(2);
    expect(Math.abs(share - expected)).toBeLessThanOrEqual(within);
  });

  test.each(rowsUnder('First stable leader over a wide area'))('wide area: %s down', (...cells) => {
    Object.values(WAN_TOLERANCE).forEach((tolerance, at) => {
      const [measured, expected] = figures(cells[at + 1]!);
      expect(Math.abs(measured / expected - 1)).toBeLessThan(tolerance);
    });
  });

  test('a follower that returns deposes the leader once without pre-vote, never with it', () => {
    const [without, withPreVote] = rowsUnder('A follower that returns') as [string[], string[]];
    expect(without[2]).toBe('1');
    expect(figures(without[3]!)[0]).toBeGreaterThan(1);
    expect(withPreVote.slice(2)).toEqual(['0', '0']);
  });
});
