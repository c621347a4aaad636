/** The operation history: what its lines promise to checkers. */
import { describe, expect, test } from 'vitest';
import { bundled, bundledIn, parse, run } from './kit.ts';

const KEYS = [
  'process',
  'type',
  'f',
  'key',
  'value',
  'time',
  'op',
  'mode',
  'session',
  'index',
  'leaderIndex',
  'host',
  'event',
  'error',
];

interface Line {
  readonly process: number;
  readonly type: string;
  readonly f: string;
  readonly value: string | null | readonly (readonly [string, string, ...unknown[]])[];
  readonly time: number;
  readonly op: number;
  readonly event: number;
  readonly index?: number;
  readonly leaderIndex?: number;
  readonly error?: string;
}

const WRITES = new Set(['put', 'cas', 'acquire', 'release']);
/** Acknowledged ones have an entry; a transaction that only reads has none. */
const IN_LOG = new Set([...WRITES, 'delete', 'session-create', 'session-destroy']);
/** A deleted key has none. */
const WITH_INDEX = new Set([...WRITES, 'get']);

function writtenBy(f: string, value: Line['value']): readonly unknown[] {
  if (f !== 'txn') return WRITES.has(f) ? [value] : [];
  const rows = value as readonly (readonly [string, string, ...unknown[]])[];
  return rows.filter(([verb]) => verb === 'set' || verb === 'cas').map(([, , written]) => written);
}

describe.each(bundledIn('basic'))('%s', (name) => {
  const lines = run(bundled(name), { seed: 2 }).history.lines();
  const records = lines.map((line) => JSON.parse(line) as Line);

  test('each line is one object with the contract’s keys, in the order of events', () => {
    let [time, event] = [0, 0];
    for (const [at, line] of lines.entries()) {
      expect(line).not.toContain('\n');
      const record = records[at]!;
      for (const key of Object.keys(record)) expect(KEYS).toContain(key);
      expect(record.time).toBeGreaterThanOrEqual(time);
      expect(record.event).toBeGreaterThanOrEqual(event);
      ({ time, event } = record);
    }
  });

  test('each operation is invoked once and ends at most once, at the same client', () => {
    const open = new Map<number, Line>();
    const seen = new Set<number>();
    for (const record of records) {
      const { op, type } = record;
      if (type === 'invoke') {
        expect(seen.has(op)).toBe(false);
        seen.add(op);
        open.set(op, record);
        continue;
      }
      const begun = open.get(op)!;
      expect(begun).toMatchObject({ process: record.process, f: record.f });
      expect(open.delete(op)).toBe(true);
    }
    // Settle is longer than any timeout: nothing is left open.
    expect(open.size).toBe(0);
  });

  test('writes have unique values and acknowledged ones an index; reads are never unknown', () => {
    const written = new Set<unknown>();
    for (const { type, f, value, index, leaderIndex, error } of records) {
      for (const one of type === 'invoke' ? writtenBy(f, value) : []) {
        expect(written.has(one)).toBe(false);
        written.add(one);
      }
      if (type === 'ok' && IN_LOG.has(f)) expect(leaderIndex).toBeGreaterThan(0);
      if (type === 'ok' && WITH_INDEX.has(f)) expect(index).toBeGreaterThan(0);
      if (type === 'info') expect(f).not.toBe('get');
      if (type === 'fail' || type === 'info') expect(error).toBeTruthy();
    }
  });
});

test('an outcome that nobody knows is info: the leader dies with the write under way', () => {
  const text = `
duration: 20s
settle: 20s
cluster: { agent: { performance: { rpc_hold_timeout: 0s } } }
network: { lan: { latency: 10ms } }
disks: { all: { fsync: 50ms } }
load: { kv: { kind: kv, clients: 4, rate: 200/s, keys: 5, mix: { put: 100% }, timeout: 1s } }
faults: [ { at: 10s, crash: leader, how: kill, for: 5s } ]
`;
  const { history } = run(parse(text));
  const unknown = history.records().filter(({ type }) => type === 'info');
  expect(unknown.length).toBeGreaterThan(0);
  expect(unknown.some(({ time }) => time >= 10_000_000 && time < 10_100_000)).toBe(true);
  // What was refused before it was sent has surely not happened.
  const failed = history.records().filter(({ type }) => type === 'fail');
  expect(failed.map(({ error }) => error)).toContain('No cluster leader');
});
