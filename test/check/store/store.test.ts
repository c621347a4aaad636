/** Invariants that compare what clients are told with the committed log. */
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../sim/client/operation.ts';
import { writeRow } from '../../../sim/consul/state/store.ts';
import { heldKey } from '../../../sim/consul/state/kv.ts';
import { rowOf, setRow, unsetRow } from '../../../sim/consul/state/table.ts';
import { advance } from '../../run/kit.ts';
import { LOCKS, SECOND, judged, sessionTimers, steady, storesOf } from './kit.ts';

const KV =
  'kv: { kind: kv, clients: 3, rate: 60/s, keys: 2, mix: { put: 40%, cas: 50%, delete: 10% } }';
const TXN = 'tx: { kind: txn, clients: 3, rate: 40/s, keys: 3, size: 2, conditional: 40% }';

describe('kv.cas', () => {
  test('is silent about compare-and-sets, increments and transactions', () => {
    const counters = 'n: { kind: kv, clients: 3, think: 50ms, keys: 1, mix: { increment: 100% } }';
    const { wrong, exercised, undecided } = judged(steady([KV, TXN, counters].join(', ')));
    expect(wrong).toEqual([]);
    expect(undecided).toEqual([]);
    expect(exercised['kv.cas']).toBeGreaterThan(5000);
  });

  test('tells of a compare-and-set that held on a server and not in the log', () => {
    const execution = steady(KV);
    advance(execution, 10 * SECOND);
    // Servers that lose a key take the next compare-and-set with 0 for one that holds.
    for (const store of storesOf(execution)) {
      for (const key of ['k0', 'k1']) writeRow(store, store.kv, key, lostEntry(key));
    }
    expect(judged(execution).wrong).toContain('kv.cas');
  });

  test('tells of a transaction that saw other rows than its entry does', () => {
    const execution = steady(TXN);
    advance(execution, 10 * SECOND);
    for (const { kv } of storesOf(execution)) {
      for (const key of ['txn/k0', 'txn/k1', 'txn/k2']) setRow(kv, key, lostEntry(key), false);
    }
    expect(judged(execution).wrong).toContain('kv.cas');
  });

  test('tells of a write that was reported as failed and is in the log', () => {
    const execution = steady(KV);
    const { told } = execution.checks!.clusters[0]!;
    let turned = 0;
    const tell = told.tell.bind(told);
    told.tell = (process, operation: Operation, ending) => {
      tell(process, operation, turned++ === 40 ? 'failed' : ending);
    };
    const { wrong, messages } = judged(execution);
    expect(wrong).toEqual(['kv.cas']);
    expect(messages.join()).toMatch(/was reported as failed, and took effect at index \d+/);
  });
});

function lostEntry(key: string) {
  const entry = { key, value: 'x', flags: 0, session: '', lockIndex: 0 };
  return { ...entry, createIndex: 1, modifyIndex: 1 };
}

describe('locks', () => {
  test('of a healthy cluster are held by one at a time, delayed, and their sessions live', () => {
    const { wrong, messages, exercised } = judged(steady(LOCKS));
    expect(wrong).toEqual([]);
    expect(messages).toEqual([]);
    expect(exercised['kv.lock-exclusive']).toBeGreaterThan(15);
    expect(exercised['kv.lock-delay']).toBeGreaterThan(0);
  });

  test('that servers give away while they are held are told of', () => {
    const execution = steady(LOCKS);
    for (let second = 2; second < 60; second++) {
      advance(execution, second * SECOND);
      for (const { kv, heldKeys } of storesOf(execution)) {
        const entry = rowOf(kv, 'lock/k0');
        if (entry === undefined || entry.session === '') continue;
        unsetRow(heldKeys, heldKey(entry.session, 'lock/k0'));
        setRow(kv, 'lock/k0', { ...entry, session: '' }, false);
      }
    }
    expect(judged(execution).wrong).toContain('kv.lock-exclusive');
  });

  test('whose delays servers forget are acquired too early', () => {
    const execution = steady(LOCKS);
    while (execution.world.now < 59 * SECOND && execution.step()) {
      for (const { runningDelays } of storesOf(execution)) runningDelays.clear();
    }
    expect(judged(execution).wrong).toContain('kv.lock-delay');
  });
});

describe('session.not-early', () => {
  const LONG = LOCKS.replace('hold: 500ms..2s', 'hold: 30s').replace('silent: 5%', 'silent: 50%');

  test('is exercised by sessions that their clients forget', () => {
    const { wrong, exercised } = judged(steady(LONG, '', 2));
    expect(wrong).toEqual([]);
    expect(exercised['session.not-early']).toBeGreaterThan(0);
  });

  test('tells of a session whose renewals come to nothing', () => {
    const execution = steady(LONG, '', 2);
    advance(execution, 3 * SECOND);
    // From now on nobody finds the timer of a session that is renewed, so that each runs out.
    for (const state of sessionTimers(execution)) {
      state.numbers.get = () => 1_000;
      state.ids[1_000] = 'nobody';
    }
    const { wrong } = judged(execution);
    expect(wrong).toContain('session.not-early');
  });
});

describe('saved and restored half-way', () => {
  test('a run is judged the same', () => {
    const more = 'faults: [{ at: 20s, for: 10s, crash: leader, how: kill }]';
    const execution = steady([KV, TXN, LOCKS].join(', '), more);
    advance(execution, 25 * SECOND);
    const saved = execution.world.save();
    advance(execution, 40 * SECOND);
    const fingerprint = execution.world.fingerprint.hex();
    const exercised = execution.checks!.summaries();
    execution.world.restore(saved);
    advance(execution, 40 * SECOND);
    expect(execution.world.fingerprint.hex()).toBe(fingerprint);
    expect(execution.checks!.summaries()).toEqual(exercised);
    expect(judged(execution).wrong).toEqual([]);
  });
});
