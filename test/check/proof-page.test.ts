/** The figures of docs/proof/linearizability.md keep what is promised of the history checkers. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SUBJECTS } from './linearizability/reference/subjects.ts';

const page = readFileSync(new URL('../../docs/proof/linearizability.md', import.meta.url), 'utf8');

/** Rows of the table below a heading, as cells by column. */
function tableOf(heading: string): Record<string, string>[] {
  const part = page.split(`## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const lines = part.split('\n').filter((line) => line.startsWith('|'));
  const cells = (line: string): string[] => line.slice(2, -2).split(' | ');
  const head = cells(lines[0]!);
  return lines.slice(2).map((line) => {
    const row = cells(line);
    return Object.fromEntries(head.map((name, i) => [name, row[i]!]));
  });
}

const number = (text: string): number => Number(text.replaceAll(' ', '').replace(/%$/, ''));

describe('docs/proof/linearizability.md', () => {
  test('every model agrees with brute force on 100 000 histories', () => {
    const rows = tableOf('Agreement with brute force');
    expect(rows.map(({ model }) => model)).toEqual(
      SUBJECTS.map(({ title, model }) => title ?? model),
    );
    for (const row of rows) {
      expect(number(row['histories']!)).toBeGreaterThanOrEqual(100_000);
      expect(number(row['lost answers']!)).toBeGreaterThan(20_000);
      expect(row['differences']).toBe('0');
    }
  });

  test('published histories are judged as their publishers say', () => {
    const rows = tableOf('Published histories');
    expect(rows.length).toBeGreaterThanOrEqual(4);
    for (const { histories, agree } of rows) expect(agree).toBe(histories);
  });

  test('hopeless searches end within their budget and 5 %', () => {
    const rows = tableOf('Hopeless searches');
    expect(new Set(rows.map(({ limit }) => limit))).toEqual(new Set(['time', 'memory']));
    for (const { over, verdict, window } of rows) {
      expect(number(over!)).toBeLessThanOrEqual(5);
      expect(verdict).toBe('unknown');
      expect(window).toMatch(/^\d+ operations, records \d+ to \d+$/);
    }
  });

  test('fast enough', () => {
    const rows = tableOf('Speed and growth');
    const of = (what: string): Record<string, string>[] =>
      rows.filter((row) => row['what']!.startsWith(what));
    const million = of('fast path').at(-1)!;
    expect(million['size']).toBe('1 000 000');
    expect(Number(million['seconds'])).toBeLessThan(5);
    expect(number(of('general search')[0]!['per second']!)).toBeGreaterThanOrEqual(2000);
    expect(number(of('list-append').at(-1)!['per second']!)).toBeGreaterThanOrEqual(150_000);
  });
});
