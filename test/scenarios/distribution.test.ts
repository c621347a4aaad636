import { expect, test } from 'vitest';
import { maxMicros, minMicros, parseDistribution } from '../../scenarios/distribution.ts';

const show = (raw: unknown): unknown => {
  const result = parseDistribution(raw);
  return result.ok ? result.value : result.reason;
};

test.each([
  ['5ms', { kind: 'constant', micros: 5000 }],
  [0, { kind: 'constant', micros: 0 }],
  ['1ms..5ms', { kind: 'uniform', micros: [1000, 5000] }],
  ['0..5ms', { kind: 'uniform', micros: [0, 5000] }],
  ['3ms..3ms', { kind: 'constant', micros: 3000 }],
  ['exp 5ms', { kind: 'exponential', meanMicros: 5000 }],
  [
    { median: '1ms', p99: '8ms' },
    { kind: 'lognormal', medianMicros: 1000, p99Micros: 8000 },
  ],
  [
    { median: '1ms', p99: '1ms' },
    { kind: 'constant', micros: 1000 },
  ],
  [
    { table: ['9ms', '1ms', '2ms'] },
    {
      kind: 'table',
      points: [
        [0, 1000],
        [0.5, 2000],
        [1, 9000],
      ],
    },
  ],
  [{ table: ['9ms'] }, { kind: 'constant', micros: 9000 }],
  [
    {
      table: [
        ['0%', '1ms'],
        ['90%', '2ms'],
        ['100%', '9ms'],
      ],
    },
    {
      kind: 'table',
      points: [
        [0, 1000],
        [0.9, 2000],
        [1, 9000],
      ],
    },
  ],
])('%j', (raw, spec) => {
  expect(show(raw)).toEqual(spec);
});

test.each([
  ['exp', '"" is no duration; write 5s, 250us or 1h30m'],
  ['exp 0', '"exp 0" is always 0; write 0'],
  ['5ms..1ms', '"5ms..1ms" runs backwards; write 1ms..5ms'],
  [5, '"5" has no unit; write 5s or 5ms'],
  [
    ['1ms'],
    'expected a time such as 5ms, 1ms..5ms, exp 5ms or { median: 1ms, p99: 8ms }, got a list',
  ],
  [{ mean: '5ms' }, 'a time has no field "mean"; write { median: 1ms, p99: 8ms } or { table }'],
  [{ median: '5ms' }, 'a lognormal time needs both median and p99, as { median: 1ms, p99: 8ms }'],
  [{ median: '5ms', p99: '1ms' }, 'p99 must not be less than the median'],
  [{ median: '0s', p99: '1ms' }, 'the median must be more than 0'],
  [{ table: [] }, 'a table is a list of times, or of [percent, time] pairs'],
  [
    { table: ['1ms', ['50%', '1ms']] },
    'every entry of this table must be a pair such as [50%, 2ms]',
  ],
  [
    {
      table: [
        ['10%', '1ms'],
        ['100%', '2ms'],
      ],
    },
    'a table begins at 0% and ends at 100%',
  ],
  [
    {
      table: [
        ['0%', '1ms'],
        ['0%', '2ms'],
      ],
    },
    'the percentages of a table must rise and its times must not fall',
  ],
  [
    {
      table: [
        ['0%', '5ms'],
        ['100%', '2ms'],
      ],
    },
    'the percentages of a table must rise and its times must not fall',
  ],
  [
    { table: Array.from({ length: 5000 }, () => '1ms') },
    'a table has at most 4096 entries, this one 5000',
  ],
])('refuse %j', (raw, reason) => {
  expect(show(raw)).toBe(reason);
});

test('know their ends', () => {
  expect(minMicros({ kind: 'uniform', micros: [1, 5] })).toBe(1);
  expect(maxMicros({ kind: 'uniform', micros: [1, 5] })).toBe(5);
  expect(minMicros({ kind: 'exponential', meanMicros: 5 })).toBe(0);
  expect(maxMicros({ kind: 'lognormal', medianMicros: 5, p99Micros: 9 })).toBe(Infinity);
  expect(
    maxMicros({
      kind: 'table',
      points: [
        [0, 1],
        [1, 9],
      ],
    }),
  ).toBe(9);
});
