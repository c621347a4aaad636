/**
 * Consul's transactions: up to 128 verbs in one Raft entry, all or nothing. A verb whose condition
 * fails makes the whole refused, and nothing is written (`consul:agent/consul/state/txn.go`).
 *
 * A transaction is written as a list of `[verb, key, ...]`; its answer is the same list with what
 * the reads saw filled in: `["get", key, value, index]`, `["get-tree", prefix, [[key, value]]]`.
 */
import type { Operation, Value } from '../../operation.ts';
import { canonical } from '../../operation.ts';
import type { Call, Effect } from './verbs.ts';
import {
  always,
  casKey,
  deleteCasKey,
  deleteKey,
  deleteTree,
  getKey,
  getTree,
  lockKey,
  putKey,
  unlockKey,
} from './verbs.ts';
import type { Store } from './store.ts';
import { commit, entryOf, learnIndex } from './store.ts';

/** Limit on the verbs of a transaction. */
export const TRANSACTION_VERBS_MAX = 128;

type Verb = (store: Store, call: Call) => Effect;

const VERBS: Readonly<Record<string, Verb>> = {
  set: putKey,
  cas: casKey,
  delete: deleteKey,
  'delete-cas': deleteCasKey,
  'delete-tree': deleteTree,
  lock: lockKey,
  unlock: unlockKey,
  get: getExisting,
  'get-or-empty': getKey,
  'get-tree': getTree,
  'check-index': checkIndex,
  'check-session': checkSession,
  'check-not-exists': checkNotExists,
};

const READS = new Set(['get', 'get-or-empty', 'get-tree']);
const CHECKS = new Set(['check-index', 'check-session', 'check-not-exists']);

export function isReadOnly(operation: Operation): boolean {
  return rowsOf(operation.input).every(([verb]) => READS.has(verb) || CHECKS.has(verb));
}

/** Keys and prefixes; a prefix may concern any key, which is written as `*`. */
export function transactionFootprint(operation: Operation): readonly string[] {
  return rowsOf(operation.input).map(([verb, key]) => (verb.endsWith('-tree') ? '*' : key));
}

export function transactionMisuse({ input }: Operation): string | undefined {
  if (!Array.isArray(input) || input.length === 0) return 'a txn needs a list of verbs';
  if (input.length > TRANSACTION_VERBS_MAX) {
    return `a txn may have ${TRANSACTION_VERBS_MAX} verbs, not ${input.length}`;
  }
  for (const row of input as readonly Value[]) {
    if (!Array.isArray(row) || typeof row[0] !== 'string' || typeof row[1] !== 'string') {
      return 'each part of a txn is [verb, key, ...]';
    }
    if (VERBS[row[0]] === undefined) return `a txn knows no "${row[0]}"`;
  }
  return undefined;
}

function rowsOf(value: Value): readonly (readonly [string, string, ...Value[]])[] {
  return value as unknown as readonly (readonly [string, string, ...Value[]])[];
}

/** Runs the verbs one after the other; `refusable` when any of them may fail. */
export function runTransaction(store: Store, operation: Operation): Effect {
  const rows = rowsOf(operation.input);
  const answers = operation.outcome === 'ok' ? rowsOf(operation.output ?? []) : [];
  let held = isReadOnly(operation) ? store : commit(store, operation.index);
  let refusable = false;
  for (const [place, row] of rows.entries()) {
    if (held === undefined) break;
    const call = callOf(row, answers[place]);
    const effect = VERBS[row[0]]!(held, call);
    refusable ||= effect.refusable;
    held = effect.held === undefined ? undefined : stampWrites(held, effect.held, operation.index);
  }
  return { held, refusable };
}

/** Verbs ran with an index they do not know; the entries they wrote carry the transaction's. */
function stampWrites(before: Store, after: Store, index: number): Store {
  if (index === 0 || before.entries === after.entries) return after;
  const entries = after.entries.map(([key, entry]) => {
    const written = entry.high > index && entry !== entryOf(before, key);
    return [key, written ? { ...entry, low: index, high: index } : entry] as const;
  });
  return { ...after, entries };
}

function callOf(
  row: readonly [string, string, ...Value[]],
  answer: readonly [string, string, ...Value[]] | undefined,
): Call {
  const [verb, key, third = null, fourth] = row;
  const byIndex = verb === 'delete-cas' || verb === 'check-index';
  const expected = byIndex ? third : verb === 'cas' ? fourth : -1;
  const session = verb === 'check-session' ? third : fourth;
  return {
    key,
    value: byIndex ? null : canonical(third),
    expected: typeof expected === 'number' ? expected : -1,
    session: typeof session === 'string' ? session : '',
    index: 0,
    answer: READS.has(verb) && answer !== undefined ? answerOf(answer) : undefined,
  };
}

function answerOf([, , value = null, index]: readonly [
  string,
  string,
  ...Value[],
]): Call['answer'] {
  return { value, index: typeof index === 'number' ? index : 0 };
}

/** In a transaction, reading an absent key fails. */
function getExisting(store: Store, call: Call): Effect {
  if (entryOf(store, call.key) === undefined) return { held: undefined, refusable: true };
  return getKey(store, call);
}

function checkIndex(store: Store, { key, expected }: Call): Effect {
  const entry = entryOf(store, key);
  const refusable = entry === undefined || entry.low !== entry.high || entry.low !== expected;
  return { held: learnIndex(store, key, expected), refusable };
}

function checkSession(store: Store, { key, session }: Call): Effect {
  const holds = entryOf(store, key)?.session === session;
  return { held: holds ? store : undefined, refusable: !holds };
}

function checkNotExists(store: Store, { key }: Call): Effect {
  const absent = entryOf(store, key) === undefined;
  return absent ? always(store) : { held: undefined, refusable: true };
}
