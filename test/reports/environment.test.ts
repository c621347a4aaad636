import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../reports/environment.ts';
import type { ColourMode } from '../../reports/environment.ts';

const TERMINAL = { isTTY: true, columns: 100, rows: 40 };

describe('colour', () => {
  test.each([
    ['terminal', {}, TERMINAL, 'auto', true],
    ['pipe', {}, {}, 'auto', false],
    ['NO_COLOR', { NO_COLOR: '1' }, TERMINAL, 'auto', false],
    ['empty NO_COLOR says nothing', { NO_COLOR: '' }, TERMINAL, 'auto', true],
    ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, {}, 'auto', true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, TERMINAL, 'auto', false],
    ['FORCE_COLOR beats NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, {}, 'auto', true],
    ['dumb terminal', { TERM: 'dumb' }, TERMINAL, 'auto', false],
    ['--color always', { NO_COLOR: '1' }, {}, 'always', true],
    ['--color never', { FORCE_COLOR: '1' }, TERMINAL, 'never', false],
  ])('%s', (_, variables, stream, mode, expected) => {
    expect(readEnvironment(variables, stream, mode as ColourMode).colour).toBe(expected);
  });
});

test('size: of the terminal, forced, or of a pipe', () => {
  expect(readEnvironment({}, TERMINAL)).toMatchObject({ tty: true, columns: 100, rows: 40 });
  const forced = readEnvironment({ LICTOR_FORCE_TTY: '80x24' }, {});
  expect(forced).toMatchObject({ tty: true, columns: 80, rows: 24 });
  expect(readEnvironment({}, {})).toMatchObject({ tty: false, columns: 80, rows: null });
  expect(readEnvironment({}, { isTTY: true, columns: 0, rows: 0 })).toMatchObject({
    columns: 80,
    rows: 24,
  });
  expect(readEnvironment({}, { isTTY: true, columns: 10, rows: 5 }).columns).toBe(40);
});

test('CI', () => {
  expect(readEnvironment({ CI: 'true' }, {}).ci).toBe(true);
  expect(readEnvironment({ CI: 'false' }, {}).ci).toBe(false);
  expect(readEnvironment({}, {}).ci).toBe(false);
});
