/**
 * Consul's read modes, on histories with the anomalies that the reference lists: B12 (a leader
 * that does not know it was replaced), B13 (a new leader before it has applied what it inherited)
 * and B32 (a write whose outcome was unknown, taken for failed and tried again).
 */
import { describe, expect, test } from 'vitest';
import { Budget } from '../../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../../sim/check/linearizability/check.ts';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';
import type { Operation } from '../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../sim/check/linearizability/operation.ts';
import type {
  ConsulMode,
  LeaderWindow,
} from '../../../sim/check/session-guarantees/consul-modes.ts';
import { checkConsulMode } from '../../../sim/check/session-guarantees/consul-modes.ts';

function sequence(...steps: readonly Partial<Operation>[]): Operation[] {
  return steps.map((step, id) =>
    createOperation({
      key: 'k',
      call: 2 * id,
      return: step.outcome === 'unknown' ? Infinity : 2 * id + 1,
      callMicros: id * 1_000_000,
      returnMicros: id * 1_000_000 + 10_000,
      ...step,
      id,
    }),
  );
}

const put = (input: string, index: number, host: string): Partial<Operation> => ({
  f: 'put',
  input,
  index,
  host,
});
const get = (
  output: string | null,
  index: number,
  host: string,
  mode = '',
): Partial<Operation> => ({
  f: 'get',
  output,
  index,
  host,
  mode,
  process: 'r',
});

/** s1 was replaced by s2 and still answers from memory. */
const B12 = sequence(
  put('old', 5, 's1'),
  put('new', 6, 's2'),
  get('old', 5, 's1'),
  get('new', 6, 's2'),
);
/** s2 has won and not applied what s1 had acknowledged. */
const B13 = sequence(put('a', 5, 's1'), get(null, 4, 's2'), get('a', 5, 's2'), put('b', 7, 's2'));

const judge = (history: readonly Operation[], mode: ConsulMode, windows?: LeaderWindow[]) =>
  checkConsulMode(history, mode, new Budget(), windows);

describe('stale reads', () => {
  test.each([
    ['B12', B12],
    ['B13', B13],
  ])('%s breaks consistent mode', (_, history) => {
    expect(judge(history, 'consistent').verdict).toBe('fail');
    expect(checkHistory(history, createModel('consul-kv')!, new Budget()).verdict).toBe('fail');
  });

  test.each([
    ['B12', B12, 'replaced', 'consul#54'],
    ['B13', B13, 'unready', 'consul#2644'],
  ] as const)('%s is allowed in default mode, and labelled', (_, history, kind, reference) => {
    const window = { kind, host: 's1', fromMicros: 900_000, toMicros: 2_500_000 };
    const verdict = judge(history, 'default', [window]);
    expect(verdict.verdict).toBe('pass');
    expect(verdict.anomalies).toMatchObject([{ status: 'allowed', reference }]);
    expect(verdict.linearizable.verdict).toBe('pass');
  });

  test('outside of a change of leader nothing excuses them', () => {
    const late = { kind: 'replaced', host: 's1', fromMicros: 50_000_000, toMicros: 60_000_000 };
    const verdict = judge(B12, 'default', [late as LeaderWindow]);
    expect(verdict.verdict).toBe('fail');
    expect(verdict.anomalies[0]).toMatchObject({ status: 'violation', reference: '' });
  });

  test('without windows the label names what may be behind', () => {
    expect(judge(B12, 'default').anomalies[0]!.reference).toBe('consul#54 or consul#2644');
  });

  test('are nothing to speak of in stale mode', () => {
    const verdict = judge(B12, 'stale');
    expect(verdict).toMatchObject({ verdict: 'pass', anomalies: [{ status: 'allowed' }] });
    expect(verdict.anomalies[0]!.message).toBe(
      'process r read "old" of k although "new" had been there for 0.990 s',
    );
  });

  test('a read in order is not to blame for the stale one that it contradicts', () => {
    const history = sequence(
      { f: 'put', input: 'b', host: 's1', call: 0, return: 20 },
      { f: 'put', input: 'c', host: 's1', call: 1, return: 21 },
      get('b', 0, 's1'),
      get('c', 0, 's1'),
      get('b', 0, 's2'),
    );
    const unready = { kind: 'unready', host: 's2', fromMicros: 4e6, toMicros: 5e6 } as const;
    const { verdict, anomalies } = judge(history, 'default', [unready]);
    expect(anomalies).toMatchObject([{ status: 'allowed', reference: 'consul#2644' }]);
    expect(verdict).toBe('pass');
    expect(judge(history, 'default', []).anomalies).toMatchObject([{ status: 'violation' }]);
  });

  test('a read that carries its own mode is judged by it', () => {
    const mixed = B12.map((one) => (one.f === 'get' ? { ...one, mode: 'consistent' } : one));
    expect(judge(mixed, 'stale').verdict).toBe('fail');
  });

  test('no mode excuses a value that nobody wrote', () => {
    const invented = sequence(put('a', 5, 's1'), get('b', 6, 's1'));
    expect(judge(invented, 'stale').verdict).toBe('fail');
  });

  test('nor one that is written later', () => {
    const early = sequence(get('a', 5, 's1'), put('a', 5, 's1'));
    expect(judge(early, 'stale').verdict).toBe('fail');
  });
});

describe('B32', () => {
  test('a write that was taken for failed is seen all the same', () => {
    const history = sequence(put('a', 5, 's1'), get('b', 6, 's1'));
    const failed = [
      createOperation({ f: 'put', key: 'k', input: 'b', call: 1, return: 2, callLine: 9 }),
    ];
    const verdict = checkHistory(history, createModel('consul-kv')!, new Budget(), { failed });
    expect(verdict.verdict).toBe('fail');
    expect(verdict.findings[0]!.reason).toBe(
      'a read saw "b", which nobody had written, except for a put in line 9 that was recorded as failed',
    );
  });

  test('an increment that is tried again counts twice', () => {
    const history = sequence({ f: 'inc' }, { f: 'read', output: 2, process: 'r' });
    const verdict = checkHistory(history, createModel('counter')!, new Budget());
    expect(verdict.verdict).toBe('fail');
    expect(verdict.findings[0]!.reason).toContain('the sum was between 0 and 1');
  });

  test('a lock that a failed request had taken', () => {
    const lock = (session: string, index: number): Partial<Operation> => ({
      f: 'acquire',
      session,
      input: session,
      index,
    });
    const history = sequence({ ...lock('b', 0), outcome: 'refused' }, lock('c', 7));
    expect(checkHistory(history, createModel('consul-kv')!, new Budget()).verdict).toBe('fail');
    const known = sequence({ ...lock('a', 0), outcome: 'unknown' }, ...history.slice(0, 1));
    expect(checkHistory(known, createModel('consul-kv')!, new Budget()).verdict).toBe('pass');
  });
});
