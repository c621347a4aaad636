/** Consul's verbs, sessions and transactions, one rule of the reference after the other. */
import { describe, expect, test } from 'vitest';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';
import type { Operation } from '../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../sim/check/linearizability/operation.ts';

const model = createModel('consul-kv')!;

/** Runs answered operations one after the other; the number of the first that cannot be, or -1. */
function firstImpossible(...steps: Partial<Operation>[]): number {
  let state: unknown = model.initial();
  for (const [i, step] of steps.entries()) {
    const after = model.step(state, createOperation({ key: 'k', ...step }));
    if (after === undefined) return i;
    state = after;
  }
  return -1;
}

const put = (input: string, index = 0): Partial<Operation> => ({ f: 'put', input, index });
const get = (output: string | null, index = 0): Partial<Operation> => ({ f: 'get', output, index });
const cas = (expected: number, input: string, index = 0): Partial<Operation> => ({
  f: 'cas',
  expected,
  input,
  index,
});
const lock = (session: string, input: string, index = 0): Partial<Operation> => ({
  f: 'acquire',
  session,
  input,
  index,
});
const no = (step: Partial<Operation>): Partial<Operation> => ({ ...step, outcome: 'refused' });
const possible = -1;

describe('put, get, delete', () => {
  test('a read sees the last write and its index', () => {
    expect(firstImpossible(put('a', 5), get('a', 5))).toBe(possible);
    expect(firstImpossible(put('a', 5), get('b', 5))).toBe(1);
    expect(firstImpossible(put('a', 5), get('a', 4))).toBe(1);
  });
  test('indexes grow from write to write', () => {
    expect(firstImpossible(put('a', 5), put('b', 5))).toBe(1);
    expect(firstImpossible(put('a', 5), put('b'), put('c', 6))).toBe(2);
    expect(firstImpossible(put('a', 5), put('b'), get('b', 6), put('c', 7))).toBe(possible);
  });
  test('writing the same value again keeps the index', () => {
    expect(firstImpossible(put('a', 5), put('a', 6), get('a', 5))).toBe(possible);
    expect(firstImpossible(put('a', 5), put('a', 6), get('a', 6))).toBe(2);
  });
  test('deleting twice is fine, and leaves nothing', () => {
    const remove = { f: 'delete' };
    expect(firstImpossible(put('a'), remove, remove, get(null))).toBe(possible);
    expect(firstImpossible(put('a'), remove, get('a'))).toBe(2);
  });
});

describe('cas', () => {
  test('0 means only if absent', () => {
    expect(firstImpossible(cas(0, 'a', 5), get('a', 5))).toBe(possible);
    expect(firstImpossible(put('a', 5), cas(0, 'b'))).toBe(1);
    expect(firstImpossible(put('a', 5), no(cas(0, 'b')))).toBe(possible);
    expect(firstImpossible(no(cas(0, 'b')))).toBe(0);
  });
  test('N means only if ModifyIndex is N', () => {
    expect(firstImpossible(put('a', 5), cas(5, 'b', 6), get('b', 6))).toBe(possible);
    expect(firstImpossible(put('a', 5), cas(4, 'b'))).toBe(1);
    expect(firstImpossible(put('a', 5), no(cas(5, 'b')))).toBe(1);
    expect(firstImpossible(cas(5, 'b'))).toBe(0);
  });
  test('delete-cas succeeds on what is absent', () => {
    const remove = { f: 'delete-cas', expected: 7 };
    expect(firstImpossible(remove)).toBe(possible);
    expect(firstImpossible(put('a', 5), remove)).toBe(1);
    expect(firstImpossible(put('a', 7), remove, get(null))).toBe(possible);
    expect(firstImpossible(put('a', 7), { ...remove, expected: 0 })).toBe(1);
  });
});

describe('locks and sessions', () => {
  test('a held key cannot be acquired by another session', () => {
    expect(firstImpossible(lock('s', 'a'), lock('t', 'b'))).toBe(1);
    expect(firstImpossible(lock('s', 'a'), no(lock('t', 'b')), get('a'))).toBe(possible);
    expect(firstImpossible(lock('s', 'a'), lock('s', 'b'), get('b'))).toBe(possible);
  });
  test('locks are advisory', () => {
    expect(firstImpossible(lock('s', 'a'), put('b'), get('b'), no(lock('t', 'c')))).toBe(possible);
  });
  test('release replaces the value and frees the key', () => {
    const release = { f: 'release', session: 's', input: 'z' };
    expect(firstImpossible(lock('s', 'a'), release, get('z'), lock('t', 'b'))).toBe(possible);
    expect(firstImpossible(put('a'), release)).toBe(1);
    expect(firstImpossible(lock('t', 'a'), no(release))).toBe(possible);
  });
  test('the end of a session frees its keys, but a lock-delay may run', () => {
    const end = { f: 'session-destroy', session: 's', key: '' };
    expect(firstImpossible(lock('s', 'a'), end, lock('t', 'b'))).toBe(possible);
    expect(firstImpossible(lock('s', 'a'), end, no(lock('t', 'b')))).toBe(possible);
    expect(firstImpossible(put('a'), no(lock('t', 'b')))).toBe(1);
    expect(firstImpossible(lock('s', 'a'), end, lock('s', 'b'))).toBe(2);
  });
  test('or deletes them', () => {
    const create = { f: 'session-create', session: 's', key: '', input: 'delete' };
    const end = { f: 'session-destroy', session: 's', key: '' };
    expect(firstImpossible(create, lock('s', 'a'), end, get(null))).toBe(possible);
    expect(firstImpossible(create, lock('s', 'a'), end, get('a'))).toBe(3);
  });
});

describe('transactions', () => {
  const txn = (input: unknown[], output: unknown[] = [], index = 0): Partial<Operation> => ({
    f: 'txn',
    key: '',
    input: input as Operation['input'],
    output: output as Operation['output'],
    index,
  });
  test('all or nothing, at one index', () => {
    const both = txn(
      [
        ['set', 'k', 'a'],
        ['set', 'l', 'b'],
      ],
      [
        ['set', 'k'],
        ['set', 'l'],
      ],
      5,
    );
    expect(firstImpossible(both, get('a', 5), { ...get('b', 5), key: 'l' })).toBe(possible);
    const fails = no(
      txn([
        ['set', 'k', 'a'],
        ['cas', 'l', 'b', 9],
      ]),
    );
    expect(firstImpossible(fails, get(null))).toBe(possible);
    expect(firstImpossible(fails, get('a'))).toBe(1);
  });
  test('a verb sees the verbs before it', () => {
    const rows = [
      ['set', 'k', 'a'],
      ['get', 'k'],
    ];
    expect(
      firstImpossible(
        txn(rows, [
          ['set', 'k'],
          ['get', 'k', 'a'],
        ]),
      ),
    ).toBe(possible);
    expect(
      firstImpossible(
        txn(rows, [
          ['set', 'k'],
          ['get', 'k', 'b'],
        ]),
      ),
    ).toBe(0);
  });
  test('get of an absent key fails, get-or-empty does not', () => {
    expect(firstImpossible(txn([['get', 'k']]))).toBe(0);
    expect(firstImpossible(txn([['get-or-empty', 'k']], [['get-or-empty', 'k', null]]))).toBe(-1);
    expect(firstImpossible(no(txn([['get', 'k']])))).toBe(possible);
  });
  test('checks', () => {
    expect(firstImpossible(put('a', 5), txn([['check-index', 'k', 5]]))).toBe(possible);
    expect(firstImpossible(put('a', 5), txn([['check-index', 'k', 4]]))).toBe(1);
    expect(firstImpossible(lock('s', 'a'), txn([['check-session', 'k', 's']]))).toBe(possible);
    expect(firstImpossible(lock('s', 'a'), txn([['check-session', 'k', 't']]))).toBe(1);
    expect(firstImpossible(txn([['check-not-exists', 'k']]))).toBe(possible);
    expect(firstImpossible(put('a'), txn([['check-not-exists', 'k']]))).toBe(1);
  });
  test('prefixes', () => {
    const tree = (rows: unknown[]): Partial<Operation> => ({
      ...txn([['get-tree', 'a/']], [['get-tree', 'a/', rows]]),
    });
    const one = { ...put('1'), key: 'a/x' };
    const two = { ...put('2'), key: 'b/x' };
    expect(firstImpossible(one, two, tree([['a/x', '1']]))).toBe(possible);
    expect(
      firstImpossible(
        one,
        two,
        tree([
          ['a/x', '1'],
          ['b/x', '2'],
        ]),
      ),
    ).toBe(2);
    const removal = txn([['delete-tree', 'a/']]);
    expect(firstImpossible(one, two, removal, tree([]))).toBe(possible);
  });
  test('at most 128 verbs', () => {
    const many = Array.from({ length: 129 }, () => ['set', 'k', 'a']);
    expect(model.misuse!(createOperation(txn(many)))).toBe('a txn may have 128 verbs, not 129');
  });
});
