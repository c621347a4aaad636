/**
 * Consul's KV store, sessions and transactions as one model. Indexes in the answers are promises
 * too: a write has a larger one than every write before it, and a read tells the index of the
 * write it saw. Operations without indexes are judged by their values alone.
 *
 * Known deviations: flags are ignored; the index of a prefix read is not checked (it may go back
 * after tombstones were reaped); of two writes to different keys whose indexes were never seen,
 * the order of the indexes is not remembered.
 */
import { ROW } from '../../fast/row.ts';
import type { RegisterRow } from '../../fast/row.ts';
import type { Model } from '../../model.ts';
import { OWN_KEY } from '../../model.ts';
import type { Operation } from '../../operation.ts';
import { canonical } from '../../operation.ts';
import { registerRow as registerRowOf } from '../register.ts';
import { isReadVerb, READ_VERBS, WRITE_VERBS } from '../verbs.ts';
import { createSession, destroySession, renewSession } from './sessions.ts';
import type { Store } from './store.ts';
import { EMPTY_STORE, storeIdentity } from './store.ts';
import {
  isReadOnly,
  runTransaction,
  transactionFootprint,
  transactionMisuse,
} from './transaction.ts';
import type { Call, Effect } from './verbs.ts';
import * as verbs from './verbs.ts';

const TREES = new Set(['get-tree', 'delete-tree']);
const KEY_VERBS = 'cas delete delete-cas delete-tree get-tree acquire release txn'.split(' ');
const SESSION_VERBS = ['session-create', 'session-renew', 'session-destroy'];
const LOCKS = new Set(['acquire', 'release']);

export function createConsulKv(): Model<Store> {
  return {
    name: 'consul-kv',
    summary: "Consul's KV verbs, sessions and transactions, with their Raft indexes",
    verbs: [...READ_VERBS, ...WRITE_VERBS, ...KEY_VERBS, ...SESSION_VERBS],
    misuse,
    footprint,
    initial: () => EMPTY_STORE,
    step,
    identity: storeIdentity,
    isRead: (operation) =>
      isReadVerb(operation.f) ||
      operation.f === 'get-tree' ||
      operation.f === 'session-renew' ||
      (operation.f === 'txn' && isReadOnly(operation)),
    registerRow,
    ordersByIndex: true,
  };
}

function misuse(operation: Operation): string | undefined {
  const { f, expected, session } = operation;
  if (f === 'txn') return transactionMisuse(operation);
  if (f === 'delete-cas' && expected < 0) return 'a delete-cas needs the index it compares with';
  const needsSession = LOCKS.has(f) || SESSION_VERBS.includes(f);
  return needsSession && session === '' ? `${f} needs a session` : undefined;
}

/** Sessions tie together the keys they hold; a prefix ties together all keys. */
function footprint(operation: Operation): readonly string[] {
  const { f, key, session } = operation;
  if (f === 'txn') return transactionFootprint(operation);
  if (TREES.has(f)) return ['*'];
  if (session === '') return OWN_KEY;
  return SESSION_VERBS.includes(f) ? [`session ${session}`] : [key, `session ${session}`];
}

function step(state: Store, operation: Operation): Store | undefined {
  const { held, refusable } = effectOf(state, operation);
  if (operation.outcome === 'ok') return held;
  if (operation.outcome === 'refused') return refusable ? state : undefined;
  return held ?? state;
}

function effectOf(store: Store, operation: Operation): Effect {
  const { f } = operation;
  if (f === 'txn') return runTransaction(store, operation);
  const call = callOf(operation);
  if (isReadVerb(f)) return verbs.getKey(store, call);
  if (lacksComparand(operation)) return { held: verbs.putKey(store, call).held, refusable: true };
  switch (f) {
    case 'cas':
      return verbs.casKey(store, call);
    case 'delete':
      return verbs.deleteKey(store, call);
    case 'delete-cas':
      return verbs.deleteCasKey(store, call);
    case 'delete-tree':
      return verbs.deleteTree(store, call);
    case 'get-tree':
      return verbs.getTree(store, call);
    case 'acquire':
      return verbs.lockKey(store, call);
    case 'release':
      return verbs.unlockKey(store, call);
    case 'session-create':
      return createSession(store, call);
    case 'session-renew':
      return renewSession(store, call);
    case 'session-destroy':
      return destroySession(store, call);
    default:
      return verbs.putKey(store, call);
  }
}

/** Recorders may leave out what a cas compared with; then all that is known is what it wrote. */
function lacksComparand({ f, expected }: Operation): boolean {
  return f === 'cas' && expected < 0;
}

function callOf(operation: Operation): Call {
  const { f, key, input, output, outcome, expected, session, index } = operation;
  const reads = isReadVerb(f) || f === 'get-tree';
  return {
    key,
    value: canonical(input),
    expected,
    session,
    index: reads ? 0 : index,
    answer: reads && outcome === 'ok' ? { value: output, index } : undefined,
  };
}

/** Keys that only see puts, deletes, index compare-and-sets and reads are registers. */
function registerRow(operation: Operation, row: RegisterRow): boolean {
  const { f, input, outcome, expected } = operation;
  if (isReadVerb(f)) return registerRowOf(operation, row);
  row.version = operation.index;
  row.value = f === 'delete' ? null : canonical(input);
  if (lacksComparand(operation)) {
    row.kind = outcome === 'refused' ? ROW.nothing : ROW.write;
    return true;
  }
  if (f === 'cas') {
    row.kind = outcome === 'refused' ? ROW.notVersion : ROW.casVersion;
    row.fromVersion = expected;
    return true;
  }
  row.kind = ROW.write;
  return f === 'put' || f === 'write' || f === 'w' || f === 'delete';
}
