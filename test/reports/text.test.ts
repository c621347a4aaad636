import { expect, test } from 'vitest';
import { COLOURED } from '../../reports/paint.ts';
import * as text from '../../reports/text.ts';

test.each([
  [0, '0s'],
  [0.00025, '250us'],
  [0.0009996, '1ms'],
  [0.00125, '1.25ms'],
  [0.9994, '999ms'],
  [0.9996, '1s'],
  [2.314, '2.31s'],
  [99.96, '1m 40s'],
  [105, '1m 45s'],
  [7500, '2h 5m'],
  [-0.05, '-50ms'],
])('%s s reads %s', (seconds, expected) => {
  expect(text.formatSeconds(seconds)).toBe(expected);
});

test.each([
  [1, '100%'],
  [0.9999999, '99.99999%'],
  [0.998, '99.8%'],
  [0, '0%'],
  [0.00001, '0.001%'],
])('a share of %s reads %s, never more than it is', (share, expected) => {
  expect(text.formatShare(share)).toBe(expected);
});

test('counts', () => {
  expect([7, 4115, 58_210, 1_234_567].map(text.formatCount)).toEqual([
    '7',
    '4115',
    '58 210',
    '1 234 567',
  ]);
  expect([0, 980_000, 1_164_200].map(text.formatLarge)).toEqual(['0', '980 k', '1.16 M']);
  expect([text.plural(1, 'run'), text.plural(2, 'run')]).toEqual(['1 run', '2 runs']);
});

test('a table lines up, colours or not', () => {
  const rows = [
    [COLOURED.bad('a'), '1'],
    ['bbb', '22'],
  ];
  expect(text.table(rows, new Set([1]))).toEqual([`${COLOURED.bad('a')}     1`, 'bbb  22']);
});

test('wrapping and cutting', () => {
  expect(text.wrap('one two  three', 7)).toEqual(['one two', 'three']);
  expect(text.wrap('', 7)).toEqual([]);
  expect(text.shorten('abcdefgh', 6)).toBe('abc...');
  expect(text.shorten('abcdef', 6)).toBe('abcdef');
});
