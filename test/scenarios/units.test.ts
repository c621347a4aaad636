import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DURATION_MICROS_MAX,
  formatDuration,
  parseBytes,
  parseCount,
  parseDuration,
  parseFactor,
  parsePercent,
  parsePpm,
  parseRange,
  parseRate,
  parseShare,
  parseSignedDuration,
} from '../../scenarios/units.ts';
import type { Parsed } from '../../scenarios/units.ts';

const show = (result: Parsed<unknown>): unknown => (result.ok ? result.value : result.reason);

describe('durations', () => {
  test.each([
    ['5s', 5_000_000],
    ['1h30m', 5_400_000_000],
    ['1.5s', 1_500_000],
    ['250us', 250],
    ['250µs', 250],
    ['2000ns', 2],
    ['0.000001s', 1],
    ['0', 0],
    [0, 0],
    ['0s', 0],
    ['1m0.5s', 60_500_000],
    ['8784h', DURATION_MICROS_MAX],
  ])('%s', (text, micros) => {
    expect(show(parseDuration(text))).toBe(micros);
  });

  test.each([
    [60, '"60" has no unit; write 60s or 60ms'],
    ['60', '"60" is no duration; write 5s, 250us or 1h30m'],
    ['5 s', '"5 s" holds a space; write 5s'],
    ['1d', '"1d" has an unknown unit "d"; use h (a day is 24h)'],
    ['3min', '"3min" has an unknown unit "min"; use m'],
    ['3parsec', '"3parsec" has an unknown unit "parsec"; use us, ms, s, m or h'],
    ['constructor', '"constructor" is no duration; write 5s, 250us or 1h30m'],
    ['1constructor', '"1constructor" has an unknown unit "constructor"; use us, ms, s, m or h'],
    ['1ns', '"1ns" is finer than 1us, the smallest step of simulated time'],
    ['1.0000001s', '"1.0000001s" is finer than 1us, the smallest step of simulated time'],
    ['-5s', '"-5s" is negative'],
    ['9000h', '"9000h" is longer than 8784h (366 days), the longest there is'],
    ['', '"" is no duration; write 5s, 250us or 1h30m'],
    [Infinity, 'expected a duration such as 5s, 250us or 1h30m, got "Infinity"'],
    [NaN, 'expected a duration such as 5s, 250us or 1h30m, got "NaN"'],
    [null, 'expected a duration such as 5s, 250us or 1h30m, got nothing'],
    [true, 'expected a duration such as 5s, 250us or 1h30m, got "true"'],
    [[1], 'expected a duration such as 5s, 250us or 1h30m, got a list'],
    [
      '1'.repeat(70),
      '"1111111111111111111111111111111111111..." is no duration; write 5s, 250us or 1h30m',
    ],
  ])('refuse %s', (text, reason) => {
    expect(show(parseDuration(text))).toBe(reason);
  });

  test('may be negative for clocks', () => {
    expect(show(parseSignedDuration('-50ms'))).toBe(-50_000);
    expect(show(parseSignedDuration('-0'))).toBe(0);
  });

  test('come back from their text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DURATION_MICROS_MAX, max: DURATION_MICROS_MAX }), (micros) => {
        expect(show(parseSignedDuration(formatDuration(micros)))).toBe(micros === 0 ? 0 : micros);
      }),
    );
  });
});

test.each([
  [parsePercent, '30%', 0.3],
  [parsePercent, '0.01%', 0.0001],
  [parsePercent, 0, 0],
  [parsePercent, 2, '"2" needs a percent sign; write 2%'],
  [parsePercent, 0.02, '"0.02" needs a percent sign; write 2%'],
  [parsePercent, '101%', '"101%" is outside 0%..100%'],
  [parsePercent, '-1%', '"-1%" is outside 0%..100%'],
  [parsePercent, '1e2%', 'expected a percentage such as 2%, got "1e2%"'],
  [parseShare, 0.5, 0.5],
  [parseShare, '50%', 0.5],
  [parseShare, 1.5, '"1.5" is outside 0..1'],
  [parseShare, NaN, '"NaN" is outside 0..1'],
  [parseRate, '100/s', 100],
  [parseRate, '30/m', 0.5],
  [parseRate, '36/h', 0.01],
  [parseRate, '1.5/ms', 1500],
  [parseRate, 100, '"100" has no unit; write 100/s'],
  [parseRate, '0/s', '"0/s" must be more than 0/s'],
  [parseRate, '2000/ms', '"2000/ms" is over 1000/ms, the highest rate'],
  [parseRate, '100 per second', 'expected a rate such as 100/s or 2/m, got "100 per second"'],
  [parsePpm, '-50ppm', -50],
  [parsePpm, 0, 0],
  [parsePpm, '50', 'expected a clock drift such as 50ppm, got "50"'],
  [parsePpm, '900000ppm', '"900000ppm" is outside -500000ppm..500000ppm'],
  [parseFactor, '4x', 4],
  [parseFactor, '1.5x', 1.5],
  [parseFactor, '0.5x', '"0.5x" is outside 1x..1000000x'],
  [parseFactor, 4, 'expected a factor such as 4x, got "4"'],
  [parseCount, '50M', 50_000_000],
  [parseCount, '1.5k', 1500],
  [parseCount, 7, 7],
  [parseCount, 1.5, '"1.5" is not a whole number'],
  [parseCount, -1, 'expected a whole number such as 3 or 50M, got "-1"'],
  [parseCount, Infinity, 'expected a whole number such as 3 or 50M, got "Infinity"'],
  [parseBytes, '1GiB', 1_073_741_824],
  [parseBytes, '10MB', 10_000_000],
  [parseBytes, '0.5KiB', 512],
  [parseBytes, 512, '"512" has no unit; write 512MiB'],
  [parseBytes, '1 toString', 'expected a size such as 512MiB or 1GiB, got "1 toString"'],
  [parseBytes, '0B', '"0B" is outside 1B..8388608GiB'],
] as const)('%o of %s', (parse, text, expected) => {
  expect(show((parse as (raw: unknown) => Parsed<unknown>)(text))).toBe(expected);
});

test('ranges have an order and at most two ends', () => {
  expect(show(parseRange('-50ppm..50ppm', parsePpm))).toEqual([-50, 50]);
  expect(show(parseRange('0..50ppm', parsePpm))).toEqual([0, 50]);
  expect(show(parseRange('20ms', parseDuration))).toEqual([20_000, 20_000]);
  expect(show(parseRange('5ms..1ms', parseDuration))).toBe(
    '"5ms..1ms" runs backwards; write 1ms..5ms',
  );
  expect(show(parseRange('1ms..2ms..3ms', parseDuration))).toBe(
    '"1ms..2ms..3ms" has more than two ends; write low..high',
  );
});
