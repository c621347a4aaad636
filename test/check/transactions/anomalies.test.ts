/** One hand-made history for each anomaly, and that each level forbids what it should. */
import { describe, expect, test } from 'vitest';
import type { TransactionModel } from '../../../sim/check/transactions/check-transactions.ts';
import { checkTransactions } from '../../../sim/check/transactions/check-transactions.ts';
import type { AnomalyName, Level } from '../../../sim/check/transactions/levels.ts';
import { ANOMALIES, LEVELS } from '../../../sim/check/transactions/levels.ts';
import type { Timing } from './notation.ts';
import { transactions } from './notation.ts';

type Example = readonly [
  name: AnomalyName,
  model: TransactionModel,
  texts: readonly string[],
  timings?: readonly Timing[],
];

/** One after the other, by one process. */
const session = (count: number): Timing[] =>
  Array.from({ length: count }, (_, i) => ({ call: 2 * i, end: 2 * i + 1, process: 'p' }));
/** One after the other, by different processes. */
const inTurn = (count: number): Timing[] =>
  Array.from({ length: count }, (_, i) => ({ call: 2 * i, end: 2 * i + 1 }));

const LIST = 'list-append';
const REGISTER = 'rw-register';

const EXAMPLES: readonly Example[] = [
  ['G0', LIST, ['ax1 ay1', 'ax2 ay2', 'rx12', 'ry21']],
  ['G1a', LIST, ['ax1!', 'rx1']],
  ['G1b', LIST, ['ax1 ax2', 'rx1']],
  ['G1c', LIST, ['ax1 ry1', 'ay1 rx1']],
  ['G-single', LIST, ['ax1 ay1', 'rx ry1']],
  ['G2', LIST, ['rx ay1', 'ry ax1']],
  ['lost-update', LIST, ['rx ax1', 'rx ax2', 'rx12']],
  ['internal', LIST, ['ax1 rx2', 'ax2']],
  ['garbage-read', LIST, ['rx9']],
  ['duplicate-element', LIST, ['ax1', 'rx11']],
  ['incompatible-order', LIST, ['ax1 ax2', 'rx12', 'rx21']],
  ['G0-realtime', LIST, ['ax1', 'ax2', 'rx21'], inTurn(3)],
  ['G1c-realtime', LIST, ['rx1', 'ax1'], inTurn(2)],
  ['G-single-realtime', LIST, ['ax1', 'rx', 'rx1'], inTurn(3)],
  [
    'G2-realtime',
    LIST,
    ['ax1 ry', 'ay1', 'rx'],
    [
      { call: 0, end: 10 },
      { call: 1, end: 2 },
      { call: 3, end: 4 },
    ],
  ],
  ['G-single-session', LIST, ['ax1', 'rx', 'rx1'], session(3)],
  ['G1a', REGISTER, ['wx1!', 'rx=1']],
  ['G1b', REGISTER, ['wx1 wx2', 'rx=1']],
  ['G0', REGISTER, ['rx= wx1 ry=2 wy1', 'rx=1 wx2 ry= wy2']],
  ['G1c', REGISTER, ['wx1 ry=1', 'wy1 rx=1']],
  ['G-single', REGISTER, ['wx1 wy1', 'rx= ry=1']],
  ['G2', REGISTER, ['rx= wy1', 'ry= wx1']],
  ['lost-update', REGISTER, ['wx1', 'rx=1 wx2', 'rx=1 wx3']],
  ['internal', REGISTER, ['wx1 rx=2', 'wx2']],
  ['garbage-read', REGISTER, ['rx=9']],
  ['cyclic-versions', REGISTER, ['rx=1 wx2', 'rx=2 wx1']],
  ['G-single-realtime', REGISTER, ['wx1', 'wx2', 'rx=1'], inTurn(3)],
];

describe('anomalies', () => {
  test.each(EXAMPLES)('%s in %s', (...example) => {
    const [name, model, texts, timings] = example as unknown as Example;
    const history = transactions(texts, timings);
    const level: Level = name.endsWith('-session') ? 'session-serializable' : 'strict-serializable';
    const verdict = checkTransactions(history, model, level);
    expect(verdict.anomalies.map((anomaly) => anomaly.name)).toContain(name);
    expect(verdict.verdict).toBe('fail');
  });

  test('each has an example and a description', () => {
    const shown = new Set(EXAMPLES.map(([name]) => name.replace(/-(session|realtime)$/, '')));
    expect([...shown].toSorted()).toEqual(Object.keys(ANOMALIES).toSorted());
  });

  test('the shortest cycle explains itself', () => {
    const { anomalies } = checkTransactions(transactions(['ax1 ry1', 'ay1 rx1', 'rx1']), LIST);
    const [cycle] = anomalies;
    expect(cycle!.cycle.map(({ dependency, reason }) => [dependency, reason])).toEqual([
      ['wr', 'T2 read 1 in list "x", which T1 appended'],
      ['wr', 'T1 read 1 in list "y", which T2 appended'],
    ]);
  });
});

describe('levels', () => {
  const verdicts = (texts: readonly string[]): string[] =>
    LEVELS.map((level) => checkTransactions(transactions(texts), LIST, level).verdict);

  test.each([
    ['G0', ['ax1 ay1', 'ax2 ay2', 'rx12', 'ry21'], 'read-uncommitted'],
    ['G1c', ['ax1 ry1', 'ay1 rx1'], 'read-committed'],
    ['G-single', ['ax1 ay1', 'rx ry1'], 'snapshot-isolation'],
    ['G2', ['rx ay1', 'ry ax1'], 'serializable'],
  ] as const)('%s is forbidden from %s on', (_, texts, first) => {
    const from = LEVELS.indexOf(first);
    const expected = LEVELS.map((_, i) => (i >= from ? 'fail' : 'pass'));
    expect(verdicts(texts)).toEqual(expected);
    expect(checkTransactions(transactions(texts), LIST).excluded).toEqual([first]);
  });

  test('a stale read is serializable, and not strictly so', () => {
    const history = transactions(['ax1', 'rx', 'rx1'], inTurn(3));
    expect(checkTransactions(history, LIST, 'serializable').verdict).toBe('pass');
    expect(checkTransactions(history, LIST, 'strict-serializable').verdict).toBe('fail');
  });
});

describe('good histories', () => {
  test.each([
    [LIST, ['ax1 ry', 'ax2 rx12 ay1', 'rx12 ry1', 'ax3?', 'rx123', 'ay2?']],
    [LIST, ['ax1!', 'ax2 rx2', 'rx2']],
    [REGISTER, ['rx= wx1', 'rx=1 wx2 rx=2', 'rx=2', 'wx3?', 'rx=3']],
  ] as const)('%s %j', (model, texts) => {
    const verdict = checkTransactions(transactions(texts, inTurn(texts.length)), model);
    expect(verdict).toMatchObject({ verdict: 'pass', anomalies: [], excluded: [] });
  });

  test('a value written twice cannot be judged', () => {
    const verdict = checkTransactions(transactions(['ax1', 'ax1']), LIST);
    expect(verdict).toMatchObject({
      verdict: 'unknown',
      reason: 'line 2: 1 is appended to "x" twice',
    });
  });
});
