/** Sessions: what they need, what ends them, and what becomes of their keys. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import { getKey, listKeys } from '../../../sim/consul/state/kv-queries.ts';
import {
  getSession,
  listSessions,
  nodeSessions,
} from '../../../sim/consul/state/session-queries.ts';
import type { WatchSet } from '../../../sim/consul/state/watches.ts';
import { Driver, checkOf, queryOf, serviceOf } from './driver.ts';

let store: Driver;
beforeEach(() => {
  store = new Driver();
  store.register('n1', serviceOf('web1', 'web'), [
    checkOf('serfHealth'),
    checkOf('web-check', { serviceId: 'web1' }),
  ]);
});

const SECOND = 1_000_000;
const entry = (key: string) => getKey(store.store, key, null).entry;
const exists = (id: string) => getSession(store.store, id, null).session !== undefined;

describe('creating a session', () => {
  test(ref('consul 3.3 #1', 'needs an id, its node and its checks, none of them critical'), () => {
    expect(store.session('')).toEqual({ error: 'Missing session ID' });
    expect(store.session('s', 'n2')).toEqual({ error: 'Missing node registration' });
    expect(store.session('s', 'n1', { checks: ['nope'] })).toEqual({
      error: "Missing check 'nope' registration",
    });
    store.register('n1', null, [checkOf('serfHealth', { status: 'critical' })]);
    expect(store.session('s', 'n1', { checks: ['serfHealth'] })).toEqual({
      error: "Check 'serfHealth' is in critical state",
    });
    expect(exists('s')).toBe(false);
    expect(store.session('s', 'n1', { checks: ['web-check'] })).toBe('s');
    expect(listSessions(store.store, null)).toMatchObject({ index: 7, sessions: [{ id: 's' }] });
  });

  test(
    ref('consul 3.3 #2', 'a check of type session may be critical, and passes from then on'),
    () => {
      const follows = checkOf('lock', { status: 'critical', type: 'session', sessionName: 'app' });
      store.register('n1', null, [follows]);
      expect(store.session('s', 'n1', { name: 'app', checks: ['lock'] })).toBe('s');
      const check = () => store.store.checks.top.get('n1\0lock');
      expect(check()).toMatchObject({ status: 'passing', output: "Session 'app' in force" });
      store.destroy('s');
      expect(check()).toMatchObject({ status: 'critical', modifyIndex: 4 });
    },
  );
});

describe('the end of a session', () => {
  test(ref('consul 3.3 #3', 'frees its keys in the same entry and keeps their LockIndex'), () => {
    store.session('s');
    store.kv('lock', 'a', '1', { session: 's' });
    store.kv('put', 'b', '1');
    const set: WatchSet = [];
    getKey(store.store, 'a', set);
    store.destroy('s');
    expect(entry('a')).toMatchObject({ session: '', value: '1', lockIndex: 1, modifyIndex: 5 });
    expect(entry('b')).toMatchObject({ modifyIndex: 4 });
    expect(store.wakes(set)).toBe(true);
    expect(exists('s')).toBe(false);
    expect(store.destroy('s')).toBeNull();
    expect(listSessions(store.store, null).index).toBe(5);
  });

  test(
    ref('consul 3.3 #4', 'deletes its keys, with tombstones, where its behaviour is delete'),
    () => {
      store.session('s', 'n1', { behavior: 'delete' });
      store.kv('lock', 'a', '1', { session: 's' });
      store.destroy('s');
      expect(entry('a')).toBeUndefined();
      expect(listKeys(store.store, 'a', null).index).toBe(4);
      expect(store.store.tombstones.size).toBe(1);
      expect(store.store.heldKeys.size).toBe(0);
    },
  );

  test(ref('consul 3.3 #5', 'arms the lock-delay of each of its keys, of 60 s at most'), () => {
    store.session('s', 'n1', { lockDelayMicros: 90 * SECOND });
    store.kv('lock', 'a', '1', { session: 's' });
    store.kv('lock', 'b', '1', { session: 's' });
    store.kv('unlock', 'b', '1', { session: 's' });
    store.destroy('s');
    expect(store.store.lockDelays).toEqual([{ key: 'a', delayMicros: 60 * SECOND }]);
    store.session('t', 'n1', { lockDelayMicros: 0 });
    store.kv('lock', 'a', '1', { session: 't' });
    store.destroy('t');
    expect(store.store.lockDelays).toEqual([]);
    store.session('u', 'n1', { lockDelayMicros: SECOND });
    store.kv('lock', 'a', '1', { session: 'u' });
    store.kv('unlock', 'a', '1', { session: 'u' });
    expect(store.store.lockDelays).toEqual([]);
  });

  test(
    ref(
      'consul 3.3 #6',
      'comes with its node, with a check that goes, and with one that is critical',
    ),
    () => {
      const begin = (id: string) =>
        store.session(id, 'n1', { checks: ['serfHealth', 'web-check'] });
      begin('s');
      store.register('n1', null, [checkOf('serfHealth', { status: 'warning' })]);
      expect(exists('s')).toBe(true);
      store.register('n1', null, [checkOf('serfHealth', { status: 'critical' })]);
      expect(exists('s')).toBe(false);
      store.register('n1', null, [checkOf('serfHealth')]);
      begin('t');
      store.deregister('n1', '', 'web-check');
      expect(exists('t')).toBe(false);
      store.session('u');
      store.deregister('n1', 'web1');
      expect(exists('u')).toBe(true);
      expect(nodeSessions(store.store, 'n1', null).sessions).toHaveLength(1);
      store.deregister('n1');
      expect(exists('u')).toBe(false);
      expect(store.store.sessionChecks.size).toBe(0);
      expect(store.store.sessionsByNode.size).toBe(0);
    },
  );

  test(
    ref('consul 3.3 #7', 'comes with a critical check also when nothing about the check is new'),
    () => {
      const critical = checkOf('db', { status: 'critical', type: 'session', sessionName: 'x' });
      store.register('n1', null, [critical]);
      store.session('s', 'n1', { checks: ['db'] });
      const before = store.store.checks.top.get('n1\0db');
      store.register('n1', null, [critical]);
      expect(exists('s')).toBe(false);
      expect(store.store.checks.top.get('n1\0db')).toBe(before);
    },
  );

  test(ref('consul 3.3 #8', 'takes the prepared queries along that are bound to it'), () => {
    store.session('s');
    const set = (id: string, session: string) =>
      store.apply({ op: 'query-set', query: queryOf(id, { session }), digest: 1 });
    expect(set('q1', 's')).toBeNull();
    expect(set('q2', '')).toBeNull();
    expect(set('q3', 'gone')).toEqual({ error: 'invalid session' });
    store.destroy('s');
    expect(store.store.queries.size).toBe(1);
    expect(store.store.queriesByName.size).toBe(1);
  });
});

test(ref('consul 3.3 #9', 'reads of sessions answer the index of their table'), () => {
  store.session('s');
  const one: WatchSet = [];
  const all: WatchSet = [];
  const ofNode: WatchSet = [];
  expect(getSession(store.store, 's', one)).toMatchObject({ index: 2, session: { node: 'n1' } });
  listSessions(store.store, all);
  nodeSessions(store.store, 'n1', ofNode);
  store.session('t');
  expect([one, all, ofNode].map((set) => store.wakes(set))).toEqual([false, true, true]);
  expect(getSession(store.store, 's', null).index).toBe(3);
  store.destroy('s');
  expect(store.wakes(one)).toBe(true);
});
