/** Keys as the state store keeps them: verbs, indexes, tombstones. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import { foldKeys, getKey, listKeys } from '../../../sim/consul/state/kv-queries.ts';
import { Driver } from './driver.ts';

let store: Driver;
beforeEach(() => {
  store = new Driver();
});

const entry = (key: string) => getKey(store.store, key, null).entry;
const list = (prefix: string) => listKeys(store.store, prefix, null);
const YES = { applied: true };
const NO = { applied: false };

/** Sessions `s` and `t` in the first three entries. */
function addSessions(): void {
  store.register('n1');
  store.session('s');
  store.session('t');
}

describe('a put', () => {
  test(
    ref('consul 3.1 #1', 'makes a key with the index of its entry, and keeps CreateIndex'),
    () => {
      store.apply({ op: 'reap-tombstones', index: 0, digest: 1 }, 6);
      expect(store.kv('put', 'k', 'a', { flags: 5 })).toEqual({ applied: true, modifyIndex: 7 });
      store.kv('put', 'k', 'b');
      expect(entry('k')).toEqual({
        key: 'k',
        value: 'b',
        flags: 0,
        session: '',
        lockIndex: 0,
        createIndex: 7,
        modifyIndex: 8,
      });
    },
  );

  test(ref('consul 3.1 #2', 'keeps the holder of the key and resets LockIndex'), () => {
    addSessions();
    store.kv('lock', 'k', 'a', { session: 's' });
    store.kv('put', 'k', 'b');
    expect(entry('k')).toMatchObject({ value: 'b', session: 's', lockIndex: 0 });
    store.kv('cas', 'k', 'c', { compareIndex: store.index });
    expect(entry('k')).toMatchObject({ value: 'c', session: 's', lockIndex: 0 });
  });

  test(ref('consul 3.1 #3', 'of what is there already writes nothing and wakes nobody'), () => {
    store.kv('put', 'k', 'a', { flags: 1 });
    getKey(store.store, 'k', []);
    expect(store.kv('put', 'k', 'a', { flags: 1 })).toEqual({ applied: true, modifyIndex: 1 });
    expect(list('').index).toBe(1);
    expect(store.store.touches).toEqual([]);
    store.kv('put', 'k', 'a', { flags: 2 });
    expect(entry('k')).toMatchObject({ modifyIndex: 3, flags: 2 });
    expect(store.store.touches).toHaveLength(1);
  });

  test(ref('consul 3.1 #3', 'of the same value writes where it resets LockIndex'), () => {
    addSessions();
    store.kv('lock', 'k', 'a', { session: 's' });
    store.kv('put', 'k', 'a');
    expect(entry('k')).toMatchObject({ lockIndex: 0, modifyIndex: 5 });
  });
});

test(
  ref('consul 3.1 #4', 'cas with 0 creates only, with another index it asks for exactly that'),
  () => {
    expect(store.kv('cas', 'k', 'a', { compareIndex: 9 })).toMatchObject(NO);
    expect(store.kv('cas', 'k', 'a')).toMatchObject(YES);
    expect(store.kv('cas', 'k', 'b')).toMatchObject(NO);
    expect(store.kv('cas', 'k', 'b', { compareIndex: 1 })).toMatchObject(NO);
    expect(store.kv('cas', 'k', 'b', { compareIndex: 2 })).toEqual({
      applied: true,
      modifyIndex: 5,
    });
    expect(list('').index).toBe(5);
  },
);

describe('a lock', () => {
  test(ref('consul 3.1 #5', 'needs a session that exists'), () => {
    expect(store.kv('lock', 'k', 'a', { session: 'gone' })).toEqual({
      error: 'invalid session "gone"',
    });
    expect(store.kv('lock', 'k', 'a')).toEqual({ error: 'missing session' });
    expect(store.kv('unlock', 'k', 'a')).toEqual({ error: 'missing session' });
    expect(entry('k')).toBeUndefined();
  });

  test(ref('consul 3.1 #6', 'counts in LockIndex whenever the key was free, and from 1'), () => {
    addSessions();
    store.kv('lock', 'k', 'a', { session: 's' });
    expect(entry('k')).toMatchObject({ session: 's', lockIndex: 1 });
    store.kv('lock', 'k', 'b', { session: 's' });
    expect(entry('k')).toMatchObject({ value: 'b', lockIndex: 1, modifyIndex: 5 });
    store.kv('lock', 'k', 'b', { session: 's' });
    expect(entry('k')).toMatchObject({ modifyIndex: 5 });
    expect(store.kv('lock', 'k', 'c', { session: 't' })).toMatchObject(NO);
    store.kv('unlock', 'k', 'd', { session: 's' });
    store.kv('lock', 'k', 'c', { session: 't' });
    expect(entry('k')).toMatchObject({ session: 't', lockIndex: 2, value: 'c' });
  });

  test(
    ref('consul 3.1 #7', 'a release by others, or of nothing, is refused; by the holder it writes'),
    () => {
      addSessions();
      expect(store.kv('unlock', 'k', 'a', { session: 's' })).toMatchObject(NO);
      store.kv('lock', 'k', 'a', { session: 's' });
      expect(store.kv('unlock', 'k', 'b', { session: 't' })).toMatchObject(NO);
      expect(store.kv('unlock', 'k', 'b', { session: 's', flags: 3 })).toMatchObject(YES);
      expect(entry('k')).toMatchObject({ value: 'b', flags: 3, session: '', lockIndex: 1 });
    },
  );

  test(ref('consul 3.1 #13', 'keeps nobody from writing or deleting the key'), () => {
    addSessions();
    store.kv('lock', 'k', 'a', { session: 's' });
    expect(store.kv('put', 'k', 'b')).toMatchObject(YES);
    expect(store.kv('delete', 'k')).toMatchObject(YES);
    expect(entry('k')).toBeUndefined();
    expect(store.store.heldKeys.size).toBe(0);
  });
});

describe('a delete', () => {
  test(ref('consul 3.1 #8', 'leaves a tombstone; of an absent key it changes nothing'), () => {
    store.kv('put', 'a', '1');
    store.kv('delete', 'a');
    expect(getKey(store.store, 'a', null)).toMatchObject({ index: 2, entry: undefined });
    expect(list('a')).toEqual({ index: 2, entries: [] });
    expect(store.kv('delete', 'a')).toMatchObject(YES);
    expect(getKey(store.store, 'a', null).index).toBe(2);
  });

  test(
    ref('consul 3.1 #9', 'with cas: true for an absent key, never with 0 for one that is there'),
    () => {
      expect(store.kv('delete-cas', 'a', '', { compareIndex: 4 })).toMatchObject(YES);
      store.kv('put', 'a', '1');
      expect(store.kv('delete-cas', 'a')).toMatchObject(NO);
      expect(store.kv('delete-cas', 'a', '', { compareIndex: 1 })).toMatchObject(NO);
      expect(store.kv('delete-cas', 'a', '', { compareIndex: 2 })).toMatchObject(YES);
      expect(entry('a')).toBeUndefined();
    },
  );

  test(ref('consul 3.1 #10', 'of a tree leaves one tombstone, of everything none'), () => {
    for (const key of ['a/1', 'a/2', 'b']) store.kv('put', key, '1');
    store.kv('delete-tree', 'a/');
    expect(store.store.tombstones.size).toBe(1);
    expect(list('a/')).toEqual({ index: 4, entries: [] });
    expect(list('a/1').index).toBe(4);
    store.kv('delete-tree', 'x');
    expect(list('').index).toBe(4);
    store.kv('delete-tree', '');
    expect(store.store.tombstones.size).toBe(1);
    expect(list('')).toEqual({ index: 6, entries: [] });
  });
});

describe('an index', () => {
  test(
    ref('consul 3.1 #11', 'is that of the key, or of the tables where there is no such key'),
    () => {
      store.kv('put', 'a', '1');
      store.kv('put', 'b', '1');
      expect(getKey(store.store, 'a', null).index).toBe(1);
      expect(getKey(store.store, 'c', null).index).toBe(2);
      store.kv('delete', 'b');
      expect(getKey(store.store, 'b', null).index).toBe(3);
    },
  );

  test(
    ref(
      'consul 3.1 #12',
      'of a prefix is the largest below it; it goes back when tombstones are reaped',
    ),
    () => {
      store.kv('put', 'a/1', '1');
      store.kv('put', 'a/2', '1');
      store.kv('put', 'b', '1');
      expect(list('a/').index).toBe(2);
      expect(list('c').index).toBe(3);
      expect(list('').index).toBe(3);
      store.kv('delete', 'a/2');
      expect(list('a/').index).toBe(4);
      store.apply({ op: 'reap-tombstones', index: 3, digest: 1 });
      expect(list('a/').index).toBe(4);
      store.apply({ op: 'reap-tombstones', index: 4, digest: 1 });
      expect(list('a/').index).toBe(1);
      // The tables' own indexes stay.
      expect(list('').index).toBe(4);
    },
  );

  test(ref('consul 3.1 #12', 'of a prefix also goes back when a tree above it is deleted'), () => {
    store.kv('put', 'a/1/x', '1');
    store.kv('delete', 'a/1/x');
    store.kv('put', 'a/1/y', '1');
    expect(list('a/1/').index).toBe(3);
    store.kv('delete-tree', 'a/');
    // The one tombstone lies above the prefix; what is left below it is an older one.
    expect(list('a/1/')).toEqual({ index: 2, entries: [] });
    expect(list('a/').index).toBe(4);
  });

  test(
    ref('consul 3.1 #12', 'of prefixes is about texts, not folders; keys fold at the separator'),
    () => {
      for (const key of ['ab', 'a/1/x', 'a/1/y', 'a/2']) store.kv('put', key, '1');
      const { entries } = list('a');
      expect(entries.map(({ key }) => key)).toEqual(['a/1/x', 'a/1/y', 'a/2', 'ab']);
      expect(foldKeys(entries, 'a', '/')).toEqual(['a/', 'ab']);
      expect(foldKeys(list('a/').entries, 'a/', '/')).toEqual(['a/1/', 'a/2']);
      expect(foldKeys(list('a/').entries, 'a/', '')).toEqual(['a/1/x', 'a/1/y', 'a/2']);
    },
  );
});
