/** Short form of `npm run proof -- programs`: every step of the two programs, with one seed. */
import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { PARTS } from './parts.ts';
import { ref } from '../../support/reference.ts';
import { summarize } from './steps.ts';

/** With it s1 follows when it dies. */
const SEED = 2;

describe.each(PARTS)('$name', ({ steps, measure }) => {
  const samples = measure(SEED);

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

/** Steps of these parts, in words of the reference. */
describe('every step has its window', () => {
  const stepsOf = (number: string): string[] =>
    PARTS.flatMap(({ steps }) =>
      Object.values(steps).flatMap(({ step, what }) =>
        step.split(', ').includes(number) ? [what] : [],
      ),
    );
  test.each([
    ref('agents 8.1 A1', 'registration is one entry'),
    ref('agents 8.1 A2', 'the first check and its push'),
    ref('agents 8.1 A3', 'periods and deferred output'),
    ref('agents 8.1 A4', 'lists, and what a lost leader does'),
    ref('agents 8.1 A5', 'picks'),
    ref('agents 8.1 A6', 'calls to who is not there any more'),
    ref('agents 8.1 A8', 'who is left behind'),
    ref('agents 8.2 B1', 'the clamp'),
    ref('agents 8.2 B2', 'detection and removal'),
    ref('agents 8.2 B3', 'returns'),
    ref('agents 8.2 B4', 'flapping'),
    ref('agents 8.2 B6', 'waits, deletes, other keys'),
    ref('agents 8.2 B7', 'increments and coalesced changes'),
    ref('agents 8.2 B8', 'no configuration goes back'),
    ref('agents 8.2 B9', 'followers, leaders and nobody'),
    ref('agents 8.2 B10', 'the herd'),
    ref('agents 8.2 B11', 'the latency of a push'),
  ])('%s', (name) => {
    expect(stepsOf(name.split(' ')[2])).not.toEqual([]);
  });
});
