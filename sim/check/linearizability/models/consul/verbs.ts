/**
 * Consul's KV verbs, one function each: what the store becomes when the condition holds, and
 * whether the condition may fail. Names and rules are those of `consul:agent/consul/state/kvs.go`
 * and of the HTTP endpoint in front of it.
 */
import type { Scalar, Value } from '../../operation.ts';
import { canonical } from '../../operation.ts';
import type { Entry, Store } from './store.ts';
import { commit, entryOf, learnIndex, put, replace, withoutName } from './store.ts';

/** One verb with its arguments, alone or as a part of a transaction. */
export interface Call {
  readonly key: string;
  readonly value: Scalar;
  /** ModifyIndex compared with; -1: none. */
  readonly expected: number;
  readonly session: string;
  /** Raft index of the write; 0: not known. */
  readonly index: number;
  /** What a read answered; undefined when it is not known. */
  readonly answer: Answer | undefined;
}

export interface Answer {
  readonly value: Value;
  /** ModifyIndex; 0: not known. */
  readonly index: number;
}

export interface Effect {
  /** The store when the condition holds; undefined when it cannot. */
  readonly held: Store | undefined;
  /** The condition may be false. */
  readonly refusable: boolean;
}

const IMPOSSIBLE: Effect = { held: undefined, refusable: false };

export function always(held: Store | undefined): Effect {
  return { held, refusable: false };
}

/**
 * PUT: keeps the session, resets LockIndex. Writing what is there already is no write and leaves
 * the ModifyIndex, but its Raft entry still has a place in the log.
 */
export function putKey(store: Store, { key, value, index }: Call): Effect {
  const old = entryOf(store, key);
  if (old !== undefined && old.value === value && old.lockIndex === 0) {
    return always(commit(store, index));
  }
  const session = old?.session ?? '';
  return always(write(store, key, { value, session, lockIndex: 0 }, index));
}

function write(
  store: Store,
  key: string,
  fields: Pick<Entry, 'value' | 'session' | 'lockIndex'>,
  index: number,
): Store | undefined {
  const committed = commit(store, index);
  return committed === undefined ? undefined : put(committed, key, fields, index);
}

/** PUT ?cas=N: 0 only if absent, otherwise only if ModifyIndex is N. */
export function casKey(store: Store, call: Call): Effect {
  const { key, expected } = call;
  const entry = entryOf(store, key);
  if (expected === 0) {
    return entry === undefined ? putKey(store, call) : { held: undefined, refusable: true };
  }
  const known = learnIndex(store, key, expected);
  return {
    held: known === undefined ? undefined : putKey(known, call).held,
    refusable: entry === undefined || entry.low !== entry.high || entry.low !== expected,
  };
}

export function deleteKey(store: Store, { key, index }: Call): Effect {
  const committed = commit(store, index);
  return always(committed === undefined ? undefined : replace(committed, key, undefined));
}

/** DELETE ?cas=N: succeeds on an absent key; 0 on an existing one does not. */
export function deleteCasKey(store: Store, call: Call): Effect {
  const entry = entryOf(store, call.key);
  if (entry === undefined) return always(commit(store, call.index));
  if (call.expected === 0) return { held: undefined, refusable: true };
  const known = learnIndex(store, call.key, call.expected);
  const refusable = entry.low !== entry.high || entry.low !== call.expected;
  return { held: known === undefined ? undefined : deleteKey(known, call).held, refusable };
}

export function deleteTree(store: Store, { key, index }: Call): Effect {
  const keys = store.entries.map(([name]) => name).filter((name) => name.startsWith(key));
  let after = commit(store, index);
  for (const name of keys) {
    if (after !== undefined) after = replace(after, name, undefined);
  }
  return always(after);
}

/** A read that may answer "absent" (as nil). */
export function getKey(store: Store, { key, answer }: Call): Effect {
  if (answer === undefined) return always(store);
  const entry = entryOf(store, key);
  if (entry === undefined) return answer.value === null ? always(store) : IMPOSSIBLE;
  if (canonical(answer.value) !== entry.value) return IMPOSSIBLE;
  return always(answer.index === 0 ? store : learnIndex(store, key, answer.index));
}

/** All keys below a prefix, as a list of `[key, value]` or `[key, value, index]`. */
export function getTree(store: Store, { key, answer }: Call): Effect {
  if (answer === undefined) return always(store);
  const below = store.entries.filter(([name]) => name.startsWith(key));
  const rows = (answer.value ?? []) as readonly (readonly Value[])[];
  if (rows.length !== below.length) return IMPOSSIBLE;
  let after: Store | undefined = store;
  for (const row of rows) {
    const [name, value, index] = row as readonly [string, Value, number | undefined];
    const entry = entryOf(store, name);
    if (entry === undefined || entry.value !== canonical(value) || after === undefined) {
      return IMPOSSIBLE;
    }
    if (index !== undefined && index > 0) after = learnIndex(after, name, index);
  }
  return always(after);
}

/** PUT ?acquire=S. A key whose holder lost its session may be refused while a lock-delay runs. */
export function lockKey(store: Store, { key, value, session, index }: Call): Effect {
  const entry = entryOf(store, key);
  const holder = entry?.session ?? '';
  if (store.ended.includes(session)) return { held: undefined, refusable: true };
  if (holder === session) {
    if (entry!.value === value) return always(commit(store, index));
    const { lockIndex } = entry!;
    return always(write(store, key, { value, session, lockIndex }, index));
  }
  if (holder !== '') return { held: undefined, refusable: true };
  const lockIndex = (entry?.lockIndex ?? 0) + 1;
  const held = write(store, key, { value, session, lockIndex }, index);
  const delayed = withoutName(store.delayed, key);
  return {
    held: held === undefined ? undefined : { ...held, delayed },
    refusable: store.delayed.includes(key),
  };
}

/** PUT ?release=S: the value is replaced too, LockIndex stays. */
export function unlockKey(store: Store, { key, value, session, index }: Call): Effect {
  const entry = entryOf(store, key);
  if (entry === undefined || entry.session !== session) return { held: undefined, refusable: true };
  const { lockIndex } = entry;
  return always(write(store, key, { value: value ?? '', session: '', lockIndex }, index));
}
