/**
 * Reads of keys and prefixes, and the index that each answers (`consul:agent/consul/kvs_endpoint.go`,
 * `consul:agent/consul/state/kvs.go (KVSGet, KVSList)`; reference: consul §3.1).
 */
import { rowOf, rowsWithPrefix } from './table.ts';
import type { KvEntry } from './rows.ts';
import type { Store } from './store.ts';
import { watchKey, watchPrefix } from './watches.ts';
import type { WatchSet } from './watches.ts';

/** Index of the tables: what an absent key answers. */
export function kvMaxIndex({ kvIndex, tombstoneIndex }: Store): number {
  return Math.max(kvIndex, tombstoneIndex);
}

export interface KvFound {
  readonly index: number;
  readonly entry: KvEntry | undefined;
}

/** A found key answers its own ModifyIndex. */
export function getKey(store: Store, key: string, set: WatchSet | null): KvFound {
  if (set !== null) {
    store.watching = true;
    watchKey(store.kv, key, set);
  }
  const entry = rowOf(store.kv, key);
  return { index: entry === undefined ? kvMaxIndex(store) : entry.modifyIndex, entry };
}

export interface KvListed {
  readonly index: number;
  /** In the order of their keys. */
  readonly entries: readonly KvEntry[];
}

/**
 * The largest index below the prefix, of tombstones too; the tables' where there is none, and for the
 * empty prefix. Once tombstones are reaped it may go back (B31); and when a tree above the prefix is
 * deleted, whose tombstone lies above it too.
 */
export function listKeys(store: Store, prefix: string, set: WatchSet | null): KvListed {
  if (set !== null) {
    store.watching = true;
    watchPrefix(store.kv, prefix, set);
  }
  const entries = rowsWithPrefix(store.kv, prefix);
  if (prefix === '') return { index: kvMaxIndex(store), entries };
  let index = 0;
  for (const { modifyIndex } of entries) index = Math.max(index, modifyIndex);
  for (const buried of rowsWithPrefix(store.tombstones, prefix)) index = Math.max(index, buried);
  return { index: index === 0 ? kvMaxIndex(store) : index, entries };
}

/** Keys only, folded at the first separator behind the prefix ("": not at all). */
export function foldKeys(
  entries: readonly KvEntry[],
  prefix: string,
  separator: string,
): readonly string[] {
  const keys: string[] = [];
  for (const { key } of entries) {
    const at = separator === '' ? -1 : key.indexOf(separator, prefix.length);
    const folded = at < 0 ? key : key.slice(0, at + separator.length);
    if (keys.at(-1) !== folded) keys.push(folded);
  }
  return keys;
}
