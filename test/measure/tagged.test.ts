/** Figures of one kind of operation: parts of the whole, and only where a threshold asks. */
import { describe, expect, test } from 'vitest';
import { parse, run as runOf } from '../run/kit.ts';

const run = (text: string) => runOf(parse(text));
const FAULT = 'faults: [{ at: 2s, for: 2s, crash: leader, how: kill }]';
const LOAD = 'load: { kv: { kind: kv, clients: 3, rate: 30/s, keys: 3 } }';
const BASE = `duration: 5s\nsettle: 5s\nknown_issues: fix\n${LOAD}\n${FAULT}\n`;

const NAMES = ['latency', 'availability'].flatMap((name) =>
  ['put', 'get', 'cas'].map((operation) => `kv.${name}{${operation}}`),
);

describe('operations apart', () => {
  const bounds = NAMES.map((name) =>
    name.includes('availability') ? `"${name}": ">1%"` : `"${name}": p99<1m`,
  );
  const { result, history } = run(`${BASE}thresholds: { ${bounds.join(', ')} }\n`);

  test('add up to all of them', () => {
    const { metrics } = result;
    const counts = ['put', 'get', 'cas'].map((one) => metrics[`kv.latency{${one}}`]?.count ?? 0);
    expect(counts.every((count) => count > 0)).toBe(true);
    expect(counts.reduce((sum, count) => sum + count)).toBe(metrics['kv.latency']!.count);
  });

  test('are shares of what was started of their kind', () => {
    for (const operation of ['put', 'get', 'cas']) {
      const own = history.records().filter(({ f }) => f === operation);
      const measured = own.filter(({ type, time }) => type === 'invoke' && time < 5_000_000);
      const started = new Set(measured.map(({ op }) => op));
      const fine = own.filter(({ type, op }) => type === 'ok' && started.has(op)).length;
      const ended = own.filter(({ type, op }) => type !== 'invoke' && started.has(op)).length;
      const refused = own.filter(
        ({ error, op }) => /mismatch/.test(error ?? '') && started.has(op),
      );
      expect(ended).toBeGreaterThan(fine + refused.length);
      const share = result.metrics[`kv.availability{${operation}}`]!.value!;
      expect(share).toBeCloseTo((fine + refused.length) / ended, 9);
    }
  });

  test('are judged', () => {
    expect(result.thresholds.map(({ verdict }) => verdict)).toEqual(NAMES.map(() => 'pass'));
    const missed = run(`${BASE}thresholds: { "kv.latency{get}": "max<1us" }\n`).result;
    expect(missed.exitCode).toBe(4);
  });
});

test('nobody asks, nothing is measured, and nothing else changes', () => {
  const plain = run(BASE).result;
  expect(Object.keys(plain.metrics).filter((name) => /^kv\..*\{/.test(name))).toEqual([]);
  const asked = run(`${BASE}thresholds: { "kv.latency{put}": p99<1m }\n`).result;
  expect(asked.fingerprint).toBe(plain.fingerprint);
  expect(asked.metrics['kv.latency']).toEqual(plain.metrics['kv.latency']);
});
