/** Figures of whole runs: computed by hand where every time is constant, from the history elsewhere. */
import { describe, expect, test } from 'vitest';
import type { HistoryRecord } from '../../sim/client/history.ts';
import type { RunOutcome } from '../../sim/run/run.ts';
import { bundled, parse, run } from './kit.ts';

const LAN = 10;
const FSYNC = 3;
const MILLISECOND = 1000;

/** One client that writes, thinks half a second and writes again; every delay is constant. */
function byHand(extra = '', load = 'mix: { put: 100% }'): string {
  return `
duration: 30s
settle: 10s
warmup: 5s
cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 3 } } }
network: { lan: { latency: ${LAN}ms } }
disks: { all: { fsync: ${FSYNC}ms } }
load: { kv: { kind: kv, clients: 1, think: 500ms, keys: 1, ${load} } }
${extra}`;
}

/** A seed whose client asks this server while s1..s3 have the leader of the seed. */
function seedWith(text: string, asksLeader: boolean): number {
  for (let seed = 1; seed <= 50; seed++) {
    const { world, history } = run(parse(text), { seed, maxEvents: 100 });
    const leader = world.processes.findIndex(({ slots }) => {
      const view = slots[0]!.machine.view(slots[0]!.state as never) as { role?: string };
      return view.role === 'leader';
    });
    if ((history.records()[0]!.host === `s${leader + 1}`) === asksLeader) return seed;
  }
  throw new Error('no such seed');
}

function constant(outcome: RunOutcome, metric: string): number {
  const { count, min, max } = outcome.result.metrics[metric]!;
  expect(count).toBeGreaterThan(20);
  expect(max).toBe(min);
  return Math.round(max! * 1e6) / MILLISECOND;
}

describe('with constant delays', () => {
  test('a write is the request, the leader’s disk, a round trip and a follower’s disk', () => {
    const text = byHand();
    const outcome = run(parse(text), { seed: seedWith(text, true) });
    expect(constant(outcome, 'kv.latency')).toBe(LAN + FSYNC + 2 * LAN + FSYNC + LAN);
    expect(constant(outcome, 'raft.commit-latency')).toBe(FSYNC + 2 * LAN + FSYNC);
    expect(constant(outcome, 'raft.replication-lag')).toBe(LAN + FSYNC);
  });

  test('through a follower it takes one more round trip', () => {
    const text = byHand();
    const outcome = run(parse(text), { seed: seedWith(text, false) });
    expect(constant(outcome, 'kv.latency')).toBe(2 * LAN + FSYNC + 2 * LAN + FSYNC + 2 * LAN);
  });

  test('a default read is the round trip to the leader, a stale one to anybody', () => {
    const text = byHand('', 'mix: { get: 100% }');
    const remote = seedWith(text, false);
    expect(constant(run(parse(text), { seed: remote }), 'kv.latency')).toBe(4 * LAN);
    const stale = byHand('', 'mix: { get: 100% }, consistency: stale');
    expect(constant(run(parse(stale), { seed: remote }), 'kv.latency')).toBe(2 * LAN);
  });

  test('service time of a message is paid at the server', () => {
    const slow = byHand().replace('servers: 3 } }', 'servers: 3 } }, cpu: { message: 1ms }');
    const text = slow.replace('put: 100%', 'get: 100%');
    const seed = seedWith(text, true);
    const first = constant(run(parse(text), { seed }), 'kv.latency');
    expect(first).toBe(2 * LAN + 1);
    const half = text.replace('message: 1ms }', 'message: 1ms }, hosts: { s1..s3: { cpu: 50% } }');
    expect(constant(run(parse(half), { seed }), 'kv.latency')).toBe(2 * LAN + 2);
  });

  test('a stalled disk: error latency is the timeout, recovery and outage follow', () => {
    const text = byHand(
      'faults: [ { at: 10s, for: 4s, disk: leader, stall: true } ]',
      'mix: { put: 100% }, timeout: 1s',
    );
    const seed = seedWith(text, true);
    const { result, history } = run(parse(text), { seed });
    const ends = history.records().filter(({ type }) => type !== 'invoke');
    const before = ends.findLast(({ type, time }) => type === 'ok' && time < 10_000_000)!.time;
    const after = ends.find(({ type, time }) => type === 'ok' && time > 10_000_000)!.time;
    const lost = ends.filter(({ type }) => type === 'info');
    expect(lost.length).toBeGreaterThan(1);
    const { metrics } = result;
    // The deadline counts from the end of the dial; after the first loss another server is dialled.
    const dialled = 1 + (2 * LAN) / 1000;
    expect(metrics['kv.error-latency']).toMatchObject({ count: lost.length, min: 1, max: dialled });
    expect(metrics['kv.longest-outage']!.value).toBeCloseTo((after - before) / 1e6, 9);
    expect(metrics['kv.recovery']).toMatchObject({ count: 1, max: (after - 10_000_000) / 1e6 });
    const measured = ends.filter(({ op }) => startOf(history.records(), op) >= 5_000_000);
    const within = measured.filter(({ op }) => startOf(history.records(), op) < 30_000_000);
    const share = within.filter(({ type }) => type === 'ok').length / within.length;
    expect(metrics['kv.availability']!.value).toBe(share);
    expect(metrics['raft.elections']!.value).toBe(0);
    expect(metrics['fault.effect{1}']!.value).toBeGreaterThan(0);
  });
});

function startOf(records: readonly HistoryRecord[], op: number): number {
  return records.find((record) => record.op === op)!.time;
}

/** Answered counts as success: a cas that was refused was served. */
function succeeded({ type, error }: HistoryRecord): boolean {
  return type === 'ok' || error === 'cas: index mismatch';
}

/** The metrics of a load, from the lines of its history alone. */
function fromHistory({ history, result }: RunOutcome, from: number, until: number) {
  const records = history.records();
  const starts = new Map(records.flatMap((r) => (r.type === 'invoke' ? [[r.op, r.time]] : [])));
  const ends = records.filter(({ type }) => type !== 'invoke');
  const measured = ends.filter(({ op }) => starts.get(op)! >= from && starts.get(op)! < until);
  const successes = [...ends.filter(succeeded).map(({ time }) => time), Infinity];
  let [outage, last] = [0, -1];
  for (const time of successes) {
    const next = Math.min(time, result.simulatedSeconds * 1e6);
    const tried = [...starts.values()].some((start) => start > last && start <= next);
    if (tried) outage = Math.max(outage, Math.min(next, until) - Math.max(last, from));
    last = time;
  }
  const latencies = measured.filter(succeeded).map((end) => end.time - starts.get(end.op)!);
  const errors = measured.filter((end) => !succeeded(end));
  const recoveries = result.faults.flatMap(({ begin }) => {
    const first = successes.find((time) => time > begin * 1e6 && time < Infinity);
    return first === undefined ? [] : [first / 1e6 - begin];
  });
  return { measured, outage, latencies, errors, recoveries };
}

test.each(['leader-crash', 'power-loss', 'leader-isolated', 'majority-lost', 'slow-leader-disk'])(
  'what clients of %s experience agrees with their history',
  (name) => {
    const scenario = bundled(`basic/${name}`);
    const { warmupMicros, durationMicros } = scenario;
    for (const seed of [1, 2, 3]) {
      const outcome = run(scenario, { seed });
      const { metrics } = outcome.result;
      const told = fromHistory(outcome, warmupMicros, durationMicros);
      expect(metrics['kv.latency']).toMatchObject({
        count: told.latencies.length,
        min: Math.min(...told.latencies) / 1e6,
        max: Math.max(...told.latencies) / 1e6,
      });
      expect(metrics['kv.error-latency']!.count).toBe(told.errors.length);
      const share = told.latencies.length / told.measured.length;
      expect(metrics['kv.availability']!.value).toBeCloseTo(share, 12);
      expect(metrics['kv.longest-outage']!.value).toBeCloseTo(told.outage / 1e6, 9);
      const { recoveries } = told;
      expect(metrics['kv.recovery']!.count).toBe(recoveries.length);
      expect(metrics['kv.recovery']!.max).toBeCloseTo(Math.max(...recoveries), 9);
    }
  },
);
