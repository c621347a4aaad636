/**
 * Transactions (`consul:agent/consul/state/txn.go`; reference: consul §3.2): every operation is carried
 * out and every error told; with any of them nothing was written.
 */
import {
  deleteCheck,
  deleteNode,
  deleteService,
  ensureCheck,
  ensureNode,
  ensureService,
} from './catalog.ts';
import { deleteKey, deleteTree, lockKey, putKey, unlockKey } from './kv.ts';
import type { KvWriteResult } from './kv.ts';
import type { Indexed, KvEntry } from './rows.ts';
import { allOrNothing, isStoreError, keyOf } from './store.ts';
import type { Store, StoreError } from './store.ts';
import { rowOf, rowsWithPrefix } from './table.ts';
import type { Table } from './table.ts';
import type {
  CatalogTransactionVerb,
  KvTransactionOperation,
  TransactionError,
  TransactionOperation,
  TransactionResult,
  TransactionRow,
} from './transaction-types.ts';

/** `consul:agent/txn_endpoint.go (maxTxnOps)`. */
export const TRANSACTION_OPERATIONS_MAX = 128;

export function applyTransaction(
  store: Store,
  operations: readonly TransactionOperation[],
  index: number,
): TransactionResult {
  const failed = ({ errors }: TransactionResult): boolean => errors.length > 0;
  return allOrNothing(store, () => runAll(store, operations, index), failed);
}

/** A transaction that writes nothing is a read, and does not go through the log. */
export function readTransaction(
  store: Store,
  operations: readonly TransactionOperation[],
): TransactionResult {
  return runAll(store, operations, 0);
}

const READS: ReadonlySet<string> = new Set([
  'get',
  'get-or-empty',
  'get-tree',
  'check-index',
  'check-session',
  'check-not-exists',
]);

export function isReadOnly(operations: readonly TransactionOperation[]): boolean {
  return operations.every(({ verb }) => READS.has(verb));
}

function runAll(
  store: Store,
  operations: readonly TransactionOperation[],
  index: number,
): TransactionResult {
  const results: TransactionRow[] = [];
  const errors: TransactionError[] = [];
  operations.forEach((operation, at) => {
    const rows = run(store, operation, index);
    if (isStoreError(rows)) errors.push({ operation: at, error: rows.error });
    else results.push(...rows);
  });
  return errors.length > 0 ? { results: [], errors } : { results, errors };
}

type Rows = readonly TransactionRow[];
const NONE: Rows = [];

function run(store: Store, operation: TransactionOperation, index: number): Rows | StoreError {
  if (operation.kind === 'kv') return runKv(store, operation, index);
  const { verb } = operation;
  switch (operation.kind) {
    case 'node': {
      const { node } = operation;
      return runCatalog(store.nodes, keyOf(node.node), verb, operation.index, 'node', {
        ensure: () => ensureNode(store, node, index),
        remove: () => deleteNode(store, node.node, index),
      });
    }
    case 'service': {
      const { node, service } = operation;
      return runCatalog(store.services, keyOf(node, service.id), verb, operation.index, 'service', {
        ensure: () => ensureService(store, node, service, index),
        remove: () => deleteService(store, node, service.id, index),
      });
    }
    case 'check': {
      const { node, check } = operation;
      return runCatalog(store.checks, keyOf(node, check.id), verb, operation.index, 'check', {
        ensure: () => ensureCheck(store, node, check, index),
        remove: () => deleteCheck(store, node, check.id, index),
      });
    }
  }
}

interface Changes {
  ensure(): StoreError | null;
  remove(): void;
}

function runCatalog<Row extends TransactionRow & Indexed>(
  table: Table<Row>,
  key: string,
  verb: CatalogTransactionVerb,
  expected: number,
  what: string,
  { ensure, remove }: Changes,
): Rows | StoreError {
  const known = rowOf(table, key);
  switch (verb) {
    case 'get':
      return known === undefined ? { error: `${what} "${key}" doesn't exist` } : [known];
    case 'cas':
      if ((known?.modifyIndex ?? 0) !== expected) return stale(verb, what, key);
      return ensure() ?? [rowOf(table, key)!];
    case 'set':
      return ensure() ?? [rowOf(table, key)!];
    case 'delete-cas':
      if (known?.modifyIndex !== expected) return stale(verb, what, key);
      remove();
      return NONE;
    case 'delete':
      remove();
      return NONE;
  }
}

function stale(verb: string, what: string, key: string): StoreError {
  return { error: `failed to ${verb} ${what} "${key}", index is stale` };
}

function runKv(store: Store, operation: KvTransactionOperation, index: number): Rows | StoreError {
  const { verb, key, value, flags } = operation;
  const known = rowOf(store.kv, key);
  switch (verb) {
    case 'get':
      return known === undefined ? { error: `key "${key}" doesn't exist` } : [known];
    case 'get-or-empty':
      return [known ?? emptyEntry(key)];
    case 'get-tree':
      return rowsWithPrefix(store.kv, key);
    case 'set':
      return [bare(putKey(store, known, key, value, flags, index))];
    case 'cas':
      if ((known?.modifyIndex ?? 0) !== operation.index) return staleKey('set', key);
      return [bare(putKey(store, known, key, value, flags, index))];
    case 'delete':
      if (known !== undefined) deleteKey(store, known, index);
      return NONE;
    case 'delete-cas':
      if (known !== undefined && known.modifyIndex !== operation.index) {
        return staleKey('delete', key);
      }
      if (known !== undefined) deleteKey(store, known, index);
      return NONE;
    case 'delete-tree':
      deleteTree(store, key, index);
      return NONE;
    case 'lock':
      return held(store, key, lockKey(store, known, operation, index), 'lock is already held');
    case 'unlock': {
      const what = "lock isn't held, or is held by another session";
      return held(store, key, unlockKey(store, known, operation, index), what);
    }
    default:
      return checkKv(known, operation);
  }
}

function staleKey(what: string, key: string): StoreError {
  return { error: `failed to ${what} key "${key}", index is stale` };
}

function held(
  store: Store,
  key: string,
  result: KvWriteResult | StoreError,
  refusal: string,
): Rows | StoreError {
  if ('error' in result) return result;
  return result.applied ? [bare(rowOf(store.kv, key)!)] : { error: `failed: ${refusal}` };
}

/** Conditions: they answer the key without its value. */
function checkKv(
  known: KvEntry | undefined,
  { verb, key, index, session }: KvTransactionOperation,
): Rows | StoreError {
  if (verb === 'check-not-exists') {
    return known === undefined ? NONE : { error: `key "${key}" exists` };
  }
  if (known === undefined) {
    return { error: `failed to check ${verb.slice('check-'.length)}, key "${key}" doesn't exist` };
  }
  if (verb === 'check-index' && known.modifyIndex !== index) {
    return {
      error: `failed index check for key "${key}", current modify index ${known.modifyIndex} != ${index}`,
    };
  }
  if (verb === 'check-session' && known.session !== session) {
    return {
      error: `failed session check for key "${key}", current session "${known.session}" != "${session}"`,
    };
  }
  return [bare(known)];
}

function emptyEntry(key: string): KvEntry {
  const none = { flags: 0, session: '', lockIndex: 0, createIndex: 0, modifyIndex: 0 };
  return { key, value: '', ...none };
}

/** Only reads answer values: they may be large. */
function bare(entry: KvEntry): KvEntry {
  return { ...entry, value: '' };
}
