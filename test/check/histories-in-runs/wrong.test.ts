/** Answers that no order explains, sessions that go back, and what cannot be judged. */
import { describe, expect, test } from 'vitest';
import { Linearizable } from '../../../sim/check/linearizable.ts';
import type { CheckContext } from '../../../sim/check/invariant.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { unsetRow } from '../../../sim/consul/state/table.ts';
import { advance, begin, bundled, parse } from '../../run/kit.ts';
import { SECOND, kindsOf, toldCluster } from './kit.ts';

const STEADY = `
name: steady
duration: 20s
settle: 10s
cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 3 } } }
load: { kv: { kind: kv, clients: 3, rate: 40/s, keys: 1, mix: { put: 5%, get: 95% } } }
`;

test('a client that takes an unknown outcome for a failure and tries again counts twice (B32)', () => {
  const cluster = toldCluster();
  cluster.tell(1, { value: '1', index: 5 });
  cluster.tell(2, {
    f: 'cas',
    value: '2',
    type: 'fail',
    error: 'leadership lost while committing log',
  });
  cluster.tell(3, { f: 'get', value: '2', index: 6 });
  cluster.tell(4, { f: 'cas', value: '3', index: 7 });
  const [first, ...others] = cluster.violations();
  expect(first).toMatchObject({ invariant: 'kv.linearizable', status: 'violation' });
  expect(first!.message).toContain('a write that was reported as failed');
  expect(others).toEqual([]);
});

test('a write that a store loses behind the protocol’s back is missed by its readers', () => {
  const execution = begin(parse(STEADY));
  advance(execution, 10 * SECOND);
  expect(execution.checks!.violations()).toEqual([]);
  for (const { process } of execution.simulation.servers) {
    unsetRow((execution.simulation.raft(process)!.fsm as Store).kv, 'k0');
  }
  while (execution.step());
  execution.finish(true);
  const kinds = kindsOf(execution.checks!.violations());
  expect(kinds).toContain('kv.linearizable violation');
  expect(kinds).toContain('session.monotonic-reads violation');
});

describe('sessions', () => {
  test.each([
    ['monotonic-reads', { f: 'get', process: 1 }, { f: 'get', process: 1, value: 'a', index: 5 }],
    ['read-your-writes', null, { f: 'get', value: 'a', index: 5 }],
    ['monotonic-writes', null, { value: 'c', index: 4, leaderIndex: 4 }],
    ['writes-follow-reads', { f: 'get', process: 1 }, { process: 1, value: 'c', index: 4 }],
  ] as const)('%s', (name, seen, wrong) => {
    const cluster = toldCluster();
    cluster.tell(1, { value: 'a', index: 5, process: 7 });
    cluster.tell(2, { value: 'b', index: 6 });
    if (seen !== null) cluster.tell(3, { ...seen, value: 'b', index: 6 });
    const count = cluster.summary(`session.${name}`).exercised;
    expect(cluster.violations()).toEqual([]);
    cluster.tell(4, wrong);
    expect(kindsOf(cluster.violations())).toContain(`session.${name} violation`);
    expect(cluster.summary(`session.${name}`).exercised).toBe(count + 1);
  });
});

test('what the budget does not suffice for is unknown, and names the operations', () => {
  const cluster = toldCluster();
  const context = {
    history: cluster.checks.history,
    windows: { windows: () => [] },
    replay: { start: () => {}, complete: false },
    told: { listen: () => {} },
    report: () => expect.fail('nothing is wrong'),
  } as unknown as CheckContext;
  const check = new Linearizable(context, { steps: 20, bytes: 1e6 });
  // Transactions that tell no index: only a search can tell.
  const base = { key: '', f: 'txn', time: 0, mode: 'default' } as const;
  const both = (type: 'invoke' | 'ok', op: number): void => {
    // One of them saw what was never there at a time, and many orders have to be tried to know.
    const verb = op === 1 ? 'get-or-empty' : 'set';
    const value = [
      [verb, 'k', op === 1 ? '2' : `${op}`],
      [verb, 'l', op === 1 ? '4' : `${op}`],
    ];
    cluster.checks.history.append({ ...base, type, op, process: op, value });
  };
  for (let op = 1; op < 40; op++) both('invoke', op);
  for (let op = 1; op < 40; op++) both('ok', op);
  expect(check.exercised).toBe(39);
  expect(check.undecided).toBeNull();
  check.judge();
  expect(check.undecided).toMatch(/^The operations on k, l.* could not be judged/);
});

test('saved and restored, a run is judged the same', () => {
  const execution = begin(bundled('incidents/stale-default-read'), 2);
  const finish = (): string => {
    while (execution.step());
    execution.finish(true);
    return JSON.stringify([execution.checks!.summaries(), execution.checks!.violations()]);
  };
  advance(execution, 30 * SECOND);
  const early = execution.world.save();
  advance(execution, 65 * SECOND);
  const late = execution.world.save();
  const straight = finish();
  expect(straight).toContain('consul#54');
  execution.world.restore(early);
  expect(finish()).toBe(straight);
  execution.world.restore(late);
  expect(finish()).toBe(straight);
});

test('without answers nothing is exercised', () => {
  const cluster = toldCluster();
  cluster.checks.judgeHistories();
  for (const { name, exercised } of cluster.checks.summaries()) {
    if (name === 'kv.linearizable' || name.startsWith('session.')) expect(exercised).toBe(0);
  }
});
