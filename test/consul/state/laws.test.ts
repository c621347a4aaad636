/** What holds of the state store whatever the commands: watches, copies, and a model of plain maps. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import {
  listCheckedInstances,
  listChecksInState,
  listNodeChecks,
  listNodeServices,
  listNodes,
  listServiceChecks,
  listServiceNodes,
  listServices,
} from '../../../sim/consul/state/catalog-queries.ts';
import { kvCommand } from '../../../sim/consul/state/commands.ts';
import type { StoreCommand } from '../../../sim/consul/state/commands.ts';
import { applyCommand } from '../../../sim/consul/state/fsm.ts';
import { getKey, listKeys } from '../../../sim/consul/state/kv-queries.ts';
import type { CheckDefinition, CheckStatus } from '../../../sim/consul/state/rows.ts';
import {
  getSession,
  listSessions,
  nodeSessions,
} from '../../../sim/consul/state/session-queries.ts';
import { digestOf } from '../../../sim/consul/state/snapshots.ts';
import { copyStore, createStore, tablesOf } from '../../../sim/consul/state/store.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { rowOf, rowsWithPrefix } from '../../../sim/consul/state/table.ts';
import { addWatch, createWatches, wokenBy } from '../../../sim/consul/state/watches.ts';
import type { WatchSet } from '../../../sim/consul/state/watches.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { checkOf, kvOf, nodeOf, serviceOf, sessionOf } from './driver.ts';
import { NaiveKv } from './naive-kv.ts';

const key = fc.constantFrom('a', 'a/1', 'a/2', 'ab', 'b/1', 'b/2', 'c');
const session = fc.constantFrom('s1', 's2', 's3');
const node = fc.constantFrom('n1', 'n2', 'n3');
const value = fc.constantFrom('x', 'y');
const status = fc.constantFrom<CheckStatus>('passing', 'warning', 'critical');
const index = fc.nat(30);
const digest = 1;

const kv: fc.Arbitrary<StoreCommand> = fc
  .tuple(
    fc.constantFrom('put', 'cas', 'delete', 'delete-cas', 'delete-tree', 'lock', 'unlock'),
    key,
    value,
    index,
    fc.oneof(session, fc.constant('')),
  )
  .map(([op, at, text, compare, by]) => kvCommand(op as 'put', at, text, compare, digest, 0, by));

const sessions: fc.Arbitrary<StoreCommand> = fc.oneof(
  fc
    .record({ id: session, node, deletes: fc.boolean(), bound: fc.boolean() })
    .map(({ id, node: at, deletes, bound }) => ({
      op: 'session-create' as const,
      digest,
      session: sessionOf(id, at, {
        behavior: deletes ? 'delete' : 'release',
        checks: bound ? ['c1'] : [],
      }),
    })),
  session.map((id) => ({ op: 'session-destroy' as const, id, digest })),
);

/**
 * A check of a node that becomes one of a service wakes nobody who watches its other services, here as
 * in Consul (ensureCheckTxn looks at the new service only): so each has an id of its own.
 */
function ofService(id: string, service: string, state: CheckStatus): CheckDefinition {
  if (service === '') return checkOf(id, { status: state });
  return checkOf(`${id}-${service}`, { status: state, serviceId: `${service}-1` });
}

const catalog: fc.Arbitrary<StoreCommand> = fc.oneof(
  fc
    .record({
      node,
      service: fc.constantFrom('', 'web', 'db'),
      status,
      check: fc.constantFrom('', 'c1'),
    })
    .map(({ node: at, service, status: state, check }) => ({
      op: 'register' as const,
      digest,
      node: nodeOf(at, { address: service }),
      skipNodeUpdate: false,
      service: service === '' ? null : serviceOf(`${service}-1`, service),
      checks: check === '' ? [] : [ofService(check, service, state)],
    })),
  fc
    .record({ node, serviceId: fc.constantFrom('', 'web-1'), checkId: fc.constantFrom('', 'c1') })
    .map((rest) => ({ op: 'deregister' as const, digest, ...rest })),
);

const txn: fc.Arbitrary<StoreCommand> = fc
  .array(
    fc
      .record({
        verb: fc.constantFrom('set', 'delete', 'cas', 'lock', 'get', 'delete-tree'),
        key,
        index,
        session,
        value,
      })
      .map(({ verb, key: at, ...rest }) => kvOf(verb as 'set', at, rest)),
    { minLength: 1, maxLength: 4 },
  )
  .map((operations) => ({ op: 'txn', operations, digest }));

const command = fc.oneof(
  { weight: 4, arbitrary: kv },
  { weight: 3, arbitrary: sessions },
  { weight: 3, arbitrary: catalog },
  { weight: 1, arbitrary: txn },
);

type Query = (store: Store, set: WatchSet | null) => { index: number };

const QUERIES: readonly Query[] = [
  ...['a', 'a/1', 'b/3', 'c'].map(
    (of): Query =>
      (store, set) =>
        getKey(store, of, set),
  ),
  ...['', 'a', 'a/', 'b/', 'd'].map(
    (of): Query =>
      (store, set) =>
        listKeys(store, of, set),
  ),
  (store, set) => getSession(store, 's1', set),
  (store, set) => listSessions(store, set),
  (store, set) => nodeSessions(store, 'n1', set),
  (store, set) => listNodes(store, set),
  (store, set) => listServices(store, set),
  (store, set) => listNodeServices(store, 'n1', set),
  (store, set) => listServiceNodes(store, 'web', set),
  (store, set) => listCheckedInstances(store, 'web', set),
  (store, set) => listCheckedInstances(store, 'db', set),
  (store, set) => listNodeChecks(store, 'n2', set),
  (store, set) => listServiceChecks(store, 'web', set),
  (store, set) => listChecksInState(store, 'critical', set),
  (store, set) => listChecksInState(store, 'any', set),
];

function contentOf(answer: { index: number }): string {
  return JSON.stringify({ ...answer, index: 0 });
}

describe('the state store', () => {
  test(
    ref('consul 3.1 #17', 'wakes every query whose answer changes, and gives it another index'),
    () => {
      const run = (commands: readonly StoreCommand[]): void => {
        const store = createStore();
        store.watching = true;
        for (const [at, one] of commands.entries()) {
          const before = QUERIES.map((query) => {
            const set: WatchSet = [];
            return { answer: query(store, set), set };
          });
          applyCommand(store, makeEntry(0, at + 1, 1, 0, one));
          for (const [which, { answer, set }] of before.entries()) {
            const watches = createWatches();
            addWatch(watches, 1, set);
            const woken = wokenBy(watches, store.touches).length > 0;
            const after = QUERIES[which](store, null);
            if (contentOf(after) === contentOf(answer)) continue;
            expect({ which, woken }).toEqual({ which, woken: true });
            expect(after.index).not.toBe(answer.index);
          }
          store.touches.length = 0;
          store.lockDelays.length = 0;
        }
      };
      fc.assert(fc.property(fc.array(command, { minLength: 5, maxLength: 40 }), run), {
        numRuns: 300,
      });
    },
  );

  test('is what a model of plain maps says, key by key and answer by answer', () => {
    const run = (commands: readonly StoreCommand[]): void => {
      const store = createStore();
      const model = new NaiveKv();
      const setup = { op: 'register', digest, skipNodeUpdate: false, service: null } as const;
      for (const name of ['n1', 'n2', 'n3']) {
        const registration = { ...setup, node: nodeOf(name), checks: [checkOf('c1')] };
        applyCommand(store, makeEntry(0, 1, 1, 0, registration));
      }
      for (const [at, one] of commands.entries()) {
        const answer = applyCommand(store, makeEntry(0, at + 2, 1, 0, one));
        expect(answer).toEqual(model.apply(one, at + 2));
        expect(listKeys(store, '', null).entries).toEqual(model.sorted());
        expect(listKeys(store, 'a', null).index).toBe(model.prefixIndex('a'));
        expect(store.lockDelays.map(({ key: of }) => of).sort()).toEqual(model.delayed.sort());
        store.lockDelays.length = 0;
      }
    };
    const commands = fc.array(fc.oneof(kv, kv, sessions), { minLength: 5, maxLength: 60 });
    fc.assert(fc.property(commands, run), { numRuns: 300 });
  });

  test('is not touched by what becomes of its copies, and every order holds the rows there are', () => {
    const run = (commands: readonly StoreCommand[]): void => {
      const store = createStore();
      const copies: { copy: Store; digest: number }[] = [];
      for (const [at, one] of commands.entries()) {
        applyCommand(store, makeEntry(0, at + 1, 1, 0, one));
        if (at % 5 !== 0) continue;
        const copy = copyStore(store);
        expect(digestOf(copy)).toBe(digestOf(store));
        copies.push({ copy, digest: digestOf(copy) });
        // What it goes on with is a copy's own.
        const other = copyStore(copy);
        applyCommand(other, makeEntry(0, 900, 1, 0, kvCommand('delete-tree', '', '', 0, 1)));
        applyCommand(other, makeEntry(0, 901, 1, 0, kvCommand('put', 'new', '', 0, 1)));
      }
      for (const { copy, digest: then } of copies) expect(digestOf(copy)).toBe(then);
      for (const table of tablesOf(store))
        expect(rowsWithPrefix(table, '')).toHaveLength(table.size);
      for (const of of ['checksByService', 'checksByServiceName', 'checksByStatus'] as const) {
        expect(store[of].size).toBe(store.checks.size);
        for (const place of rowsWithPrefix(store[of], '')) {
          expect(rowOf(store.checks, place)).toBeDefined();
        }
      }
      expect(store.servicesByName.size).toBe(store.services.size);
      const held = rowsWithPrefix(store.kv, '').filter((entry) => entry.session !== '');
      expect(store.heldKeys.size).toBe(held.length);
      expect(store.sessionsByNode.size).toBe(store.sessions.size);
    };
    fc.assert(fc.property(fc.array(command, { minLength: 5, maxLength: 60 }), run), {
      numRuns: 200,
    });
  });
});
