/**
 * Histories of simulated clusters: the checkers find the stale reads that Consul's default mode
 * allows, label each with its cause, and find nothing where there is nothing.
 */
import { describe, expect, test } from 'vitest';
import { readHistory } from '../../sim/check/histories/read-history.ts';
import { Budget } from '../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../sim/check/linearizability/check.ts';
import { HistoryWatch } from '../../sim/check/linearizability/incremental.ts';
import { createModel } from '../../sim/check/linearizability/models/index.ts';
import type { RunRecord } from '../../sim/check/linearizability/operation-log.ts';
import type { History } from '../../sim/check/linearizability/operation.ts';
import type { LeaderWindow } from '../../sim/check/session-guarantees/consul-modes.ts';
import { checkConsulMode } from '../../sim/check/session-guarantees/consul-modes.ts';
import { LeaderWindows } from '../../sim/check/session-guarantees/leader-windows.ts';
import type { Anomaly } from '../../sim/check/session-guarantees/result.ts';
import { begin, bundled, parse } from '../run/kit.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

const model = createModel('consul-kv')!;

interface Recorded {
  readonly history: History;
  readonly records: readonly RunRecord[];
  readonly windows: readonly LeaderWindow[];
}

function record(scenario: Scenario, seed: number): Recorded {
  const execution = begin(scenario, seed, { trace: 'off', observers: true });
  const { world, simulation } = execution;
  const windows = new LeaderWindows({
    world,
    servers: simulation.servers,
    raft: (process) => simulation.raft(process),
    name: (process) => world.processes[process].host.name,
  });
  world.observe(windows);
  while (execution.step());
  const read = readHistory(execution.history.lines().join('\n'));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const records: readonly RunRecord[] = execution.history.records();
  return { history: read.history, records, windows: windows.windows() };
}

/** Anomalies over seeds 1 to `seeds`; everything else about the histories must be in order. */
function anomaliesOf(text: string, seeds: number): Anomaly[] {
  const scenario = parse(text);
  return Array.from({ length: seeds }, (_, i) => record(scenario, i + 1)).flatMap((recorded) => {
    const { history, windows, records } = recorded;
    const verdict = checkConsulMode(history.operations, 'default', new Budget(), windows);
    expect(verdict.linearizable.verdict).toBe('pass');
    expect(verdict.verdict).toBe('pass');
    // As if all reads were consistent, the history has an order exactly when none was stale.
    const strict = checkHistory(history.operations, model, new Budget());
    expect(strict.verdict).toBe(verdict.anomalies.length > 0 ? 'fail' : 'pass');
    const watch = new HistoryWatch(model);
    const caught = records.filter((one) => watch.append(one) !== undefined);
    expect(caught.length).toBe(verdict.anomalies.length);
    return [...verdict.anomalies];
  });
}

describe('stale default reads', () => {
  // The disk holds up the main thread, so that the leader's lease is not looked at.
  test('of a leader that does not know yet that it was replaced (B12)', () => {
    const anomalies = anomaliesOf(
      `
      name: replaced-leader
      duration: 40s
      settle: 10s
      cluster: { raft: { alone: true }, agent: { performance: { raft_multiplier: 1 } }, datacenters: { dc1: { servers: 3 } } }
      load: { kv: { kind: kv, clients: 6, rate: 40/s, keys: 2, mix: { put: 40%, get: 60%, cas: 0% } } }
      faults:
        - { at: 10s, for: 20s, disk: leader, stall: true }
        - { at: 10.1s, for: 20s, partition: { isolate: leader }, only: [raft] }
      `,
      6,
    );
    expect(anomalies.length).toBeGreaterThan(0);
    for (const { reference, status } of anomalies) {
      expect([reference, status]).toEqual(['consul#54', 'allowed']);
    }
  });

  test('of a new leader that has not applied what it inherited (B13)', () => {
    const anomalies = anomaliesOf(
      `
      name: unready-leader
      duration: 60s
      settle: 20s
      cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 3 } } }
      disks: { all: { fsync: 80ms..120ms } }
      load: { kv: { kind: kv, clients: 12, rate: 120/s, keys: 3, mix: { put: 40%, get: 60%, cas: 0% } } }
      faults: [ { at: 10s, for: 5s, crash: leader, how: kill }, { at: 35s, for: 5s, crash: leader, how: kill } ]
      `,
      6,
    );
    expect(anomalies.length).toBeGreaterThan(0);
    for (const { reference, status } of anomalies) {
      expect([reference, status]).toEqual(['consul#2644', 'allowed']);
    }
  });
});

test('a client that takes lost answers for failures (B32)', () => {
  const impatient = parse(`
    name: impatient
    duration: 20s
    settle: 5s
    cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 3 } } }
    disks: { all: { fsync: 2ms..40ms } }
    load: { kv: { kind: kv, clients: 3, rate: 60/s, keys: 3, mix: { put: 50%, get: 50%, cas: 0% }, timeout: 40ms } }
  `);
  const seen: string[] = [];
  for (let seed = 1; seed <= 2; seed++) {
    const { records, history } = record(impatient, seed);
    expect(checkHistory(history.operations, model, new Budget()).verdict).toBe('pass');
    const mistaken = records.map((one) => (one.type === 'info' ? { ...one, type: 'fail' } : one));
    const read = readHistory(mistaken.map((one) => JSON.stringify(one)).join('\n'));
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    const { operations, failed } = read.history;
    const { findings } = checkHistory(operations, model, new Budget(), { failed });
    seen.push(...findings.map(({ reason }) => reason));
  }
  expect(seen.length).toBeGreaterThan(0);
  for (const reason of seen) {
    expect(reason).toMatch(/nobody had written, except for a \w+ in line \d+ .* as failed/);
  }
});

test.each(['basic/steady-state', 'basic/leader-crash'])('%s has an order', (name) => {
  const { history, records } = record(bundled(name), 1);
  expect(history.operations.length).toBeGreaterThan(500);
  expect(checkHistory(history.operations, model, new Budget()).verdict).toBe('pass');
  const watch = new HistoryWatch(model);
  for (const one of records) expect(watch.append(one)).toBeUndefined();
  expect(watch.finish(new Budget()).verdict).toBe('pass');
  expect(watch.exercised).toBeGreaterThan(500);
});
