/** The session guarantees and bounded staleness, on histories that keep or break one at a time. */
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../sim/check/linearizability/operation.ts';
import type { SessionGuarantee } from '../../../sim/check/session-guarantees/sessions.ts';
import {
  checkSessions,
  SESSION_GUARANTEES,
} from '../../../sim/check/session-guarantees/sessions.ts';
import { checkBoundedStaleness } from '../../../sim/check/session-guarantees/staleness.ts';

type Step = readonly [process: string, f: 'put' | 'get', value: string | null, index?: number];

/** Operations one after the other, a second apart, each taking a tenth. */
function sequence(...steps: readonly Step[]): Operation[] {
  return steps.map(([process, f, value, index = 0], id) =>
    createOperation({
      id,
      process,
      f,
      key: 'k',
      input: f === 'put' ? value : null,
      output: f === 'get' ? value : null,
      call: 2 * id,
      return: 2 * id + 1,
      index,
      callMicros: id * 1_000_000,
      returnMicros: id * 1_000_000 + 100_000,
    }),
  );
}

const withIndexes = {
  'monotonic-reads': sequence(
    ['w', 'put', '1', 5],
    ['w', 'put', '2', 6],
    ['r', 'get', '2', 6],
    ['r', 'get', '1', 5],
  ),
  'read-your-writes': sequence(['w', 'put', '1', 5], ['w', 'put', '2', 6], ['w', 'get', '1', 5]),
  'monotonic-writes': sequence(['w', 'put', '1', 6], ['w', 'put', '2', 5]),
  'writes-follow-reads': sequence(['a', 'put', '1', 7], ['b', 'get', '1', 7], ['b', 'put', '2', 6]),
} satisfies Record<SessionGuarantee, Operation[]>;

describe('session guarantees', () => {
  test.each(SESSION_GUARANTEES)('%s: broken', (guarantee) => {
    const verdict = checkSessions(withIndexes[guarantee], guarantee);
    expect(verdict.verdict).toBe('fail');
    expect(verdict.anomalies).toHaveLength(1);
    const last = withIndexes[guarantee].at(-1)!;
    expect(verdict.anomalies[0]!.operations.at(-1)).toBe(last);
  });

  test.each(SESSION_GUARANTEES)('%s: kept', (guarantee) => {
    const kept = sequence(
      ['a', 'get', null],
      ['a', 'put', '1', 5],
      ['b', 'get', '1', 5],
      ['b', 'put', '2', 6],
      ['a', 'get', '2', 6],
      ['a', 'put', '3', 7],
      ['b', 'get', '2', 6],
      ['b', 'get', '3', 7],
      ['b', 'put', '4', 8],
    );
    const verdict = checkSessions(kept, guarantee);
    expect(verdict).toMatchObject({ verdict: 'pass', anomalies: [] });
    expect(verdict.judged).toBeGreaterThan(0);
  });

  test('without indexes, unique values and real time must do', () => {
    const stripped = (operations: Operation[]): Operation[] =>
      operations.map((operation) => ({ ...operation, index: 0 }));
    const back = stripped(withIndexes['monotonic-reads']);
    expect(checkSessions(back, 'monotonic-reads').verdict).toBe('fail');
    const own = stripped(withIndexes['read-your-writes']);
    expect(checkSessions(own, 'read-your-writes').verdict).toBe('fail');
    const writes = stripped(withIndexes['monotonic-writes']);
    expect(checkSessions(writes, 'monotonic-writes').verdict).toBe('unknown');
  });

  test('other sessions may see older values', () => {
    const history = sequence(
      ['w', 'put', '1', 5],
      ['w', 'put', '2', 6],
      ['r', 'get', '2', 6],
      ['s', 'get', '1', 5],
    );
    expect(checkSessions(history, 'monotonic-reads').verdict).toBe('pass');
  });

  test('operations of one process that overlap are not ordered', () => {
    const history = withIndexes['monotonic-reads'].map((operation, i) =>
      i === 3 ? { ...operation, call: 4.5 } : operation,
    );
    expect(checkSessions(history, 'monotonic-reads').verdict).toBe('pass');
  });
});

describe('bounded staleness', () => {
  const history = sequence(
    ['w', 'put', '1', 5],
    ['w', 'put', '2', 6],
    ['r', 'get', '1', 5],
    ['r', 'get', '1', 5],
  );

  test('a read may miss what is younger than the bound', () => {
    expect(checkBoundedStaleness(history.slice(0, 3), 1_000_000).verdict).toBe('pass');
    expect(checkBoundedStaleness(history, 2_000_000).verdict).toBe('pass');
  });

  test('and nothing that is older', () => {
    const verdict = checkBoundedStaleness(history, 1_000_000);
    expect(verdict.verdict).toBe('fail');
    expect(verdict.anomalies.map(({ message }) => message)).toEqual([
      'process r read "1" of k although "2" had been there for 1.900 s, over the bound of 1.000 s',
    ]);
  });

  test('a key that was never seen is as old as its first write', () => {
    const late = sequence(['w', 'put', '1', 5], ['r', 'get', null]);
    expect(checkBoundedStaleness(late, 500_000).verdict).toBe('fail');
  });

  test('a value that was read had been written, even if nobody was told', () => {
    const [put, ...rest] = sequence(['w', 'put', '1', 0], ['r', 'get', '1', 5], ['r', 'get', null]);
    const lost = [{ ...put!, outcome: 'unknown' as const, return: Infinity }, ...rest];
    expect(checkBoundedStaleness(lost, 500_000).verdict).toBe('fail');
  });
});
