/**
 * Consul's key-value store as a client sees it: entries with the index of their last write,
 * sessions that hold keys, and lock-delays.
 *
 * Clients do not always learn the index of a write, so an entry knows its ModifyIndex as a range
 * that reads narrow down. Flags, ACLs and size limits are not modelled.
 */
import type { Scalar } from '../../operation.ts';

/** No upper bound for an index. */
export const INDEX_MAX = Number.MAX_SAFE_INTEGER;

export interface Entry {
  readonly value: Scalar;
  /** Session that holds the key; empty: none. */
  readonly session: string;
  readonly lockIndex: number;
  /** The ModifyIndex lies between these, both included. */
  readonly low: number;
  readonly high: number;
}

export interface Store {
  /** Sorted by key. */
  readonly entries: readonly (readonly [string, Entry])[];
  /** Sessions that ended, sorted. All others are taken to exist. */
  readonly ended: readonly string[];
  /** Sessions whose keys are deleted when they end, sorted; the others release theirs. */
  readonly deleting: readonly string[];
  /** Keys for which a lock-delay may be running, sorted. */
  readonly delayed: readonly string[];
  /** Largest index that a write is known to have had. */
  readonly last: number;
}

export const EMPTY_STORE: Store = { entries: [], ended: [], deleting: [], delayed: [], last: 0 };

export function entryOf(store: Store, key: string): Entry | undefined {
  for (const [name, entry] of store.entries) if (name === key) return entry;
  return undefined;
}

/** Equal for equal stores only. */
export function storeIdentity({ entries, ended, deleting, delayed, last }: Store): string {
  let text = `${last}`;
  for (const [key, { value, session, lockIndex, low, high }] of entries) {
    const top = high === INDEX_MAX ? '' : high;
    text += `|${JSON.stringify([key, value, session])}${lockIndex},${low}-${top}`;
  }
  return ended.length + deleting.length + delayed.length === 0
    ? text
    : `${text}#${JSON.stringify([ended, deleting, delayed])}`;
}

/**
 * A Raft entry with this index was applied: everything written before has a smaller one.
 * Undefined when that cannot be; index 0 means that the client did not learn it.
 */
export function commit(store: Store, index: number): Store | undefined {
  if (index === 0) return store;
  if (index <= store.last) return undefined;
  if (store.entries.some(([, { low }]) => low >= index)) return undefined;
  const entries = store.entries.map(([key, entry]) =>
    entry.high < index ? ([key, entry] as const) : ([key, { ...entry, high: index - 1 }] as const),
  );
  return { ...store, entries, last: index };
}

/** What a write at `index` leaves under `key`. Call `commit` first. */
export function put(
  store: Store,
  key: string,
  fields: Pick<Entry, 'value' | 'session' | 'lockIndex'>,
  index: number,
): Store {
  const low = index === 0 ? store.last + 1 : index;
  const high = index === 0 ? INDEX_MAX : index;
  return replace(store, key, { ...fields, low, high });
}

export function replace(store: Store, key: string, entry: Entry | undefined): Store {
  const entries = store.entries.filter(([name]) => name !== key);
  if (entry !== undefined) {
    const after = entries.findIndex(([name]) => name > key);
    entries.splice(after < 0 ? entries.length : after, 0, [key, entry]);
  }
  return { ...store, entries };
}

/** The store once it is known that the entry's ModifyIndex is `index`; undefined if it cannot be. */
export function learnIndex(store: Store, key: string, index: number): Store | undefined {
  const entry = entryOf(store, key);
  if (entry === undefined || index < entry.low || index > entry.high) return undefined;
  if (entry.low === entry.high) return store;
  const known = replace(store, key, { ...entry, low: index, high: index });
  return { ...known, last: Math.max(store.last, index) };
}

/** A sorted list with `name` in it. */
export function withName(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names : [...names, name].sort();
}

export function withoutName(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names.filter((other) => other !== name) : names;
}
