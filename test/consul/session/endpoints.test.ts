/** Sessions, locks, transactions and prepared queries as a server is asked for them. */
import { describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import {
  KVS_APPLY,
  QUERY_EXECUTE,
  SESSION_APPLY,
  SESSION_RENEW,
  TXN_APPLY,
} from '../../../sim/consul/requests/endpoints.ts';
import { RPC_READ, RPC_WRITE } from '../../../sim/consul/requests/inputs.ts';
import { queryApply } from '../../../sim/consul/requests/query-endpoints.ts';
import { request } from '../../../sim/consul/requests/request.ts';
import {
  CLEAR_SESSION,
  RESET_SESSION,
  SESSION_MACHINE,
} from '../../../sim/consul/session/vocabulary.ts';
import { kvCommand } from '../../../sim/consul/state/commands.ts';
import type { StoreCommand } from '../../../sim/consul/state/commands.ts';
import { applyCommand } from '../../../sim/consul/state/fsm.ts';
import { startLockDelays, startLostDelays } from '../../../sim/consul/state/lock-delay.ts';
import { restoreStore } from '../../../sim/consul/state/store.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { ApplyError } from '../../../sim/protocol/raft/types.ts';
import type { Proposal } from '../../../sim/protocol/raft/types.ts';
import { APPLY } from '../../../sim/protocol/raft/vocabulary.ts';
import { APPLIED } from '../../../sim/consul/requests/inputs.ts';
import { checkOf, kvOf, nodeOf, queryOf, serviceOf, sessionOf } from '../state/driver.ts';
import { SECOND, follower, raftState, replies, serverOf } from '../support/server.ts';

const TIMES = { bugs: { B18: true, B34: true } };

function setUp(raft = raftState(), bugs = TIMES.bugs) {
  const server = serverOf(raft);
  server.siblings.set(SESSION_MACHINE, { config: { bugs } });
  Object.assign(raft, { config: { bugs: {} } });
  let index = 10;
  const apply = (command: StoreCommand) =>
    applyCommand(raft.fsm, makeEntry(0, ++index, 1, 0, command));
  const registration = { skipNodeUpdate: false, service: null, checks: [], digest: 1 } as const;
  apply({ op: 'register', node: nodeOf('n1'), ...registration });
  /** Raft carries out what it was given last. */
  const commit = () => {
    const { data, tag } = server.of('post').findLast(({ input }) => input === APPLY)!
      .body as Proposal;
    const value = apply(data as StoreCommand);
    server.deliver(APPLIED, tag, { error: ApplyError.none, index, value });
    return data as StoreCommand;
  };
  const told = (input: number) => server.of('post').filter((post) => post.input === input);
  const ask = (endpoint: number, input: unknown) =>
    server.ask(RPC_WRITE, 9, request(endpoint, input));
  const proposed = () => told(APPLY).length;
  return { server, raft, apply, commit, told, ask, proposed };
}

const create = (ttlSeconds: number) => {
  const { id: _, ...session } = sessionOf('', 'n1', { ttlMicros: ttlSeconds * SECOND });
  return { op: 'create', session };
};

describe('a session', () => {
  test(
    ref('consul 2.7 #6', 'gets its id from the leader before the log, and its timer after it'),
    () => {
      const { server, commit, told, ask } = setUp();
      const exchange = ask(SESSION_APPLY, create(10));
      expect(told(RESET_SESSION)).toEqual([]);
      const command = commit();
      const id = command.op === 'session-create' ? command.session.id : '';
      expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(replies(server, exchange)).toMatchObject([{ value: id, applied: true, index: 12 }]);
      expect(told(RESET_SESSION)).toMatchObject([{ body: { id, ttlMicros: 10 * SECOND } }]);
      const destroyed = ask(SESSION_APPLY, { op: 'destroy', id });
      commit();
      expect(replies(server, destroyed)).toMatchObject([{ applied: true }]);
      expect(told(CLEAR_SESSION)).toMatchObject([{ body: id }]);
    },
  );

  test(ref('consul 2.7 #7', 'has a TTL of 10 s to a day, or none'), () => {
    const { server, ask, proposed } = setUp();
    for (const seconds of [9, 86_401]) {
      const exchange = ask(SESSION_APPLY, create(seconds));
      expect(replies(server, exchange)).toMatchObject([
        { error: `Invalid Session TTL '${seconds}s', must be between [10s=24h0m0s]` },
      ]);
    }
    expect(proposed()).toBe(0);
    ask(SESSION_APPLY, create(0));
    expect(proposed()).toBe(1);
  });

  test(
    ref(
      'consul 2.7 #8',
      'is renewed without the log by whoever leads, and by anybody if it may be stale',
    ),
    () => {
      const here = setUp(follower());
      here.apply({ op: 'session-create', session: sessionOf('s', 'n1'), digest: 1 });
      const renew = (mode: 'default' | 'stale', id = 's') =>
        here.server.ask(RPC_READ, 9, request(SESSION_RENEW, { id }, mode));
      renew('default');
      expect(here.server.of('request')).toHaveLength(1);
      expect(here.told(RESET_SESSION)).toEqual([]);
      const exchange = renew('stale');
      expect(replies(here.server, exchange)).toMatchObject([{ value: { id: 's' }, applied: true }]);
      expect(here.told(RESET_SESSION)).toHaveLength(1);
      expect(here.proposed()).toBe(0);
      const unknown = renew('stale', 'nope');
      expect(replies(here.server, unknown)).toMatchObject([{ value: null, applied: false }]);
    },
  );
});

describe('a lock-delay', () => {
  const lock = kvCommand('lock', 'k', 'v', 0, 1, 0, 's2');
  const NO = { applied: false };

  function ended(bugs = TIMES.bugs) {
    const here = setUp(raftState(), bugs);
    for (const id of ['s1', 's2']) {
      here.apply({ op: 'session-create', session: sessionOf(id, 'n1'), digest: 1 });
    }
    here.apply(kvCommand('lock', 'k', 'v', 0, 1, 0, 's1'));
    here.apply({ op: 'session-destroy', id: 's1', digest: 1 });
    const out = { now: () => here.server.now, mark: () => {} } as never;
    startLockDelays(here.raft.fsm, out);
    return { ...here, out };
  }

  test(ref('consul 2.8 #1', 'is kept by the leader, which refuses without the log'), () => {
    const { server, ask, proposed } = ended();
    expect(replies(server, ask(KVS_APPLY, lock))).toMatchObject([NO]);
    const other = ask(KVS_APPLY, { ...lock, key: 'other' });
    expect(replies(server, other)).toEqual([]);
    expect(proposed()).toBe(1);
    server.now = 15 * SECOND;
    ask(KVS_APPLY, lock);
    expect(proposed()).toBe(2);
  });

  test(ref('consul 2.8 #2', 'refuses a transaction that locks the key, before the log'), () => {
    const { server, ask, proposed } = ended();
    const operations = [kvOf('set', 'a'), kvOf('lock', 'k', { session: 's2' })];
    const [answer] = replies(server, ask(TXN_APPLY, { operations }));
    expect(answer).toMatchObject({
      applied: false,
      value: { errors: [{ operation: 1, error: 'Rejecting lock of key k due to lock-delay' }] },
    });
    expect(proposed()).toBe(0);
  });

  test(
    ref('consul 2.8 #3', 'is not in snapshots, and unknown to a leader that lags behind (B18)'),
    () => {
      for (const B18 of [true, false]) {
        const { server, raft, ask, proposed, out } = ended({ B18, B34: true });
        raft.fsm = restoreStore(raft.fsm);
        startLostDelays(raft.fsm, out);
        ask(KVS_APPLY, lock);
        expect(proposed()).toBe(B18 ? 1 : 0);
        expect(server.marks.has('B18')).toBe(B18);
      }
      for (const B18 of [true, false]) {
        const { server, raft, ask, proposed } = setUp(raftState(), { B18, B34: true });
        raft.fsmIndex = 4;
        ask(KVS_APPLY, lock);
        expect(proposed()).toBe(B18 ? 1 : 0);
        expect(server.marks.has('B18')).toBe(B18);
      }
    },
  );
});

test(ref('consul 3.2 #6', 'a transaction has 128 operations at most, and keys'), () => {
  const { server, ask, proposed } = setUp();
  const many = Array.from({ length: 129 }, () => kvOf('set', 'a'));
  const refused = ask(TXN_APPLY, { operations: many });
  expect(replies(server, refused)).toMatchObject([{ indefinite: false }]);
  const [answer] = replies(server, ask(TXN_APPLY, { operations: [kvOf('set', '')] }));
  expect(answer).toMatchObject({ value: { errors: [{ error: 'Must provide key' }] } });
  expect(proposed()).toBe(0);
  ask(TXN_APPLY, { operations: many.slice(1) });
  expect(proposed()).toBe(1);
});

describe('a prepared query', () => {
  function web() {
    const here = setUp();
    const add = (node: string, tags: string[], status: 'passing' | 'warning' | 'critical') =>
      here.apply({
        op: 'register',
        node: nodeOf(node, { meta: [['zone', node]] }),
        skipNodeUpdate: false,
        service: serviceOf('w', 'web', { tags }),
        checks: [checkOf('c', { status, serviceId: 'w' })],
        digest: 1,
      });
    add('a', ['v1'], 'passing');
    add('b', ['v1', 'Old'], 'warning');
    add('c', ['v2'], 'critical');
    add('d', ['v2'], 'passing');
    const set = (more: Parameters<typeof queryOf>[1]) =>
      here.apply({ op: 'query-set', query: queryOf('q', more), digest: 1 });
    const run = (query = 'q', limit = 0) => {
      const exchange = here.server.ask(RPC_READ, 9, request(QUERY_EXECUTE, { query, limit }));
      const [answer] = replies(here.server, exchange) as {
        value: { instances: { node: { node: string } }[] };
      }[];
      return answer?.value?.instances.map(({ node }) => node.node).sort();
    };
    return { ...here, set, run };
  }

  test(
    ref(
      'consul 3.5 #1',
      'leaves out what is critical, or not passing; then goes by metadata and tags',
    ),
    () => {
      const { set, run } = web();
      set({});
      expect(run()).toEqual(['a', 'b', 'd']);
      set({ onlyPassing: true });
      expect(run()).toEqual(['a', 'd']);
      set({ ignoreChecks: ['c'] });
      expect(run()).toEqual(['a', 'b', 'c', 'd']);
      set({ tags: ['V1', '!old'] });
      expect(run()).toEqual(['a']);
      set({ nodeMeta: [['zone', 'd']] });
      expect(run()).toEqual(['d']);
      set({});
      expect(run('q', 2)).toHaveLength(2);
    },
  );

  test(
    ref('consul 3.5 #2', 'is found by ID, by name, or by the longest template that fits'),
    () => {
      const { apply, server, run, set } = web();
      set({ name: 'exact' });
      const template = (id: string, name: string, tags: string[]) =>
        apply({ op: 'query-set', query: queryOf(id, { name, tags, template: true }), digest: 1 });
      template('t1', 'geo-', ['v1']);
      template('t2', 'geo-west-', ['v2']);
      expect(run('exact')).toEqual(['a', 'b', 'd']);
      expect(run('geo-east')).toEqual(['a', 'b']);
      expect(run('geo-west-1')).toEqual(['d']);
      run('nope');
      expect(server.of('reply').at(-1)).toMatchObject({ body: { error: 'Query not found' } });
      expect(set({ name: 'geo-' })).toHaveProperty('error');
    },
  );

  test(ref('consul 3.5 #3', 'without a name must be bound to a session'), () => {
    const make = (more: Parameters<typeof queryOf>[1]) =>
      queryApply.command({ op: 'set', query: queryOf('q', more) } as never, null as never);
    expect(make({ name: '' })).toMatchObject({ error: { error: 'Must be bound to a session' } });
    expect(make({ name: '', session: 's' })).toHaveProperty('command');
    expect(make({ name: '', template: true })).toHaveProperty('command');
  });
});
