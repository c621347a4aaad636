/** Transactions: all or nothing, with every error told. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import { getKey, listKeys } from '../../../sim/consul/state/kv-queries.ts';
import { digestOf } from '../../../sim/consul/state/snapshots.ts';
import { isReadOnly, readTransaction } from '../../../sim/consul/state/transaction.ts';
import type { TransactionOperation } from '../../../sim/consul/state/transaction-types.ts';
import { Driver, checkOf, kvOf, nodeOf, serviceOf } from './driver.ts';

let store: Driver;
beforeEach(() => {
  store = new Driver();
  store.register('n1');
  store.session('s');
  store.kv('put', 'a', '1');
});

const entry = (key: string) => getKey(store.store, key, null).entry;
const errorsOf = (operations: readonly TransactionOperation[]) => store.txn(operations).errors;

describe('a transaction', () => {
  test(
    ref('consul 3.2 #1', 'writes everything under one index, later operations seeing earlier ones'),
    () => {
      const { results, errors } = store.txn([
        kvOf('set', 'b', { value: '2' }),
        kvOf('get', 'b'),
        kvOf('delete', 'a'),
        kvOf('check-not-exists', 'a'),
        kvOf('lock', 'l', { session: 's', value: 'x' }),
        kvOf('check-session', 'l', { session: 's' }),
        kvOf('unlock', 'l', { session: 's', value: 'y' }),
      ]);
      expect(errors).toEqual([]);
      expect(results.map((row) => 'value' in row && row.value)).toEqual(['', '2', '', '', '']);
      expect(listKeys(store.store, '', null).entries).toMatchObject([
        { key: 'b', createIndex: 4, modifyIndex: 4 },
        { key: 'l', value: 'y', session: '', lockIndex: 1 },
      ]);
    },
  );

  test(ref('consul 3.2 #2', 'with any error writes nothing and tells all of them'), () => {
    getKey(store.store, 'a', []);
    const before = digestOf(store.store);
    const { results, errors } = store.txn([
      kvOf('set', 'a', { value: '9' }),
      kvOf('get', 'nope'),
      kvOf('delete-tree', ''),
      kvOf('cas', 'a', { index: 77, value: '3' }),
      { kind: 'node', verb: 'set', node: nodeOf('n2'), index: 0 },
      kvOf('lock', 'b', { session: 'gone' }),
    ]);
    expect(results).toEqual([]);
    expect(errors).toEqual([
      { operation: 1, error: `key "nope" doesn't exist` },
      { operation: 3, error: 'failed to set key "a", index is stale' },
      { operation: 5, error: 'invalid session "gone"' },
    ]);
    expect(digestOf(store.store)).toBe(before);
    expect(store.store.touches).toEqual([]);
    expect(store.store.tombstoneHint).toBe(0);
    expect(entry('a')).toMatchObject({ value: '1' });
  });

  test(
    ref(
      'consul 3.2 #3',
      'turns a refused cas, lock or check into an error; a compared delete of nothing is none',
    ),
    () => {
      store.kv('lock', 'held', 'x', { session: 's' });
      store.session('t');
      const told = errorsOf([
        kvOf('cas', 'a', { index: 0 }),
        kvOf('lock', 'held', { session: 't' }),
        kvOf('unlock', 'a', { session: 's' }),
        kvOf('delete-cas', 'a', { index: 1 }),
        kvOf('delete-cas', 'nope', { index: 1 }),
        kvOf('check-index', 'a', { index: 1 }),
        kvOf('check-index', 'nope', { index: 1 }),
        kvOf('check-session', 'a', { session: 's' }),
        kvOf('check-not-exists', 'a'),
      ]);
      expect(told.map(({ operation }) => operation)).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
    },
  );

  test(
    ref('consul 3.2 #4', 'knows nodes, services and checks: get, set, cas, delete, delete-cas'),
    () => {
      const node = nodeOf('n2');
      const service = serviceOf('w', 'web');
      const check = checkOf('c', { serviceId: 'w' });
      const { results, errors } = store.txn([
        { kind: 'node', verb: 'cas', node, index: 0 },
        { kind: 'service', verb: 'set', node: 'n2', service, index: 0 },
        { kind: 'check', verb: 'set', node: 'n2', check, index: 0 },
        { kind: 'check', verb: 'get', node: 'n2', check, index: 0 },
      ]);
      expect(errors).toEqual([]);
      expect(results).toMatchObject([
        { node: 'n2' },
        { id: 'w' },
        { id: 'c' },
        { serviceName: 'web' },
      ]);
      const stale = errorsOf([
        { kind: 'service', verb: 'cas', node: 'n2', service, index: 1 },
        { kind: 'check', verb: 'delete-cas', node: 'n2', check, index: 1 },
        { kind: 'node', verb: 'get', node: nodeOf('n9'), index: 0 },
      ]);
      expect(stale).toHaveLength(3);
      expect(errorsOf([{ kind: 'node', verb: 'delete-cas', node, index: 4 }])).toEqual([]);
      expect([store.store.services.size, store.store.checks.size]).toEqual([0, 0]);
    },
  );

  test(ref('consul 3.2 #5', 'that only reads needs no log'), () => {
    const reads = [kvOf('get', 'a'), kvOf('get-or-empty', 'b'), kvOf('get-tree', '')];
    expect(isReadOnly(reads)).toBe(true);
    expect(isReadOnly([...reads, kvOf('set', 'c')])).toBe(false);
    expect(readTransaction(store.store, reads).results).toMatchObject([
      { key: 'a', value: '1' },
      { key: 'b', value: '', modifyIndex: 0 },
      { key: 'a' },
    ]);
  });
});
