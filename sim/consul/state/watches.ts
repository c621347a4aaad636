/**
 * Who waits for what to change, as in `hashicorp/go-memdb:watch.go` over `hashicorp/go-immutable-radix:iradix.go`:
 * a query names the channels of the radix nodes that it went by, and a write closes those of every node
 * that it copies. So a watch of an absent key wakes for whatever happens below the nearest node, and a
 * new key that splits a node wakes those who watch it.
 *
 * No tree is kept: its shape follows from the keys in order. Nodes stand at the common beginnings of
 * the keys, and one at each key, with a NUL behind it as go-memdb puts it.
 */
import { firstKeyWithPrefix, keyAtOrAfter, keyBefore, lastKeyWithPrefix } from './order.ts';
import type { Order } from './order.ts';
import { orderOfTable, rowOf } from './table.ts';
import type { Table } from './table.ts';

export interface Channel {
  /** Name of the table. */
  readonly table: string;
  /** Key of a leaf, or what the keys below a node begin with; NUL ends a whole key. */
  readonly path: string;
  readonly leaf: boolean;
}

/** Channels that a query depends on. */
export type WatchSet = Channel[];

/** A row was written or removed. */
export interface Touch {
  readonly table: string;
  readonly key: string;
  /** Node that was split from, or merged with, the one above; "" for none. */
  readonly child: string;
}

const END = '\0';

function commonLength(a: string, b: string | undefined): number {
  if (b === undefined) return 0;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

/** The highest node whose keys all begin with `prefix`; there must be such keys. */
function nodeBelow(order: Order, prefix: string): string {
  const first = firstKeyWithPrefix(order, prefix)!;
  const last = lastKeyWithPrefix(order, prefix)!;
  return first === last ? first + END : first.slice(0, commonLength(first, last));
}

/** What `text` has in common with some key, at most. */
function branch(order: Order, text: string): string {
  const above = commonLength(text, keyAtOrAfter(order, text));
  const below = commonLength(text, keyBefore(order, text));
  return text.slice(0, Math.max(above, below));
}

/** The last node that a search for `text` comes to. */
function nodeNear(order: Order, text: string): string {
  const prefix = branch(order, text);
  return prefix === '' ? '' : nodeBelow(order, prefix);
}

export function watchKey(table: Table<unknown>, key: string, set: WatchSet): void {
  const known = rowOf(table, key) !== undefined;
  const path = known ? key : nodeNear(orderOfTable(table), key);
  set.push({ table: table.name, path, leaf: known });
}

export function watchPrefix(table: Table<unknown>, prefix: string, set: WatchSet): void {
  const path = nodeNear(orderOfTable(table), prefix);
  set.push({ table: table.name, path, leaf: false });
}

/**
 * Above so many channels a query names a coarser one instead (`consul:agent/consul/state/state_store.go
 * (watchLimit)`, `hashicorp/go-memdb:watch.go (AddWithLimit)`).
 */
export const WATCH_CHANNELS_MAX = 8192;

export function addWithLimit(set: WatchSet, channel: Channel, coarser: Channel): void {
  if (set.length < WATCH_CHANNELS_MAX) set.push(channel);
  else if (!set.includes(coarser)) set.push(coarser);
}

/** What a write did: call it while a new key is not yet, or an old one no longer, in the order. */
export function touchOf(table: Table<unknown>, key: string, structural: boolean): Touch {
  let child = '';
  if (structural) {
    const order = orderOfTable(table);
    const parent = branch(order, key);
    const below = parent === '' ? '' : nodeBelow(order, parent);
    // A node that stands at the branch already only gets, or loses, one more edge.
    if (below !== parent) child = below;
  }
  return { table: table.name, key, child };
}

interface TableWatches {
  readonly leaves: Map<string, Set<number>>;
  readonly nodes: Map<string, Set<number>>;
  /** How many watched nodes have a path of this length. */
  readonly lengths: Map<number, number>;
}

/** Memory of a server: who waits, by a number that grows with every query. */
export interface Watches {
  readonly tables: Map<string, TableWatches>;
  readonly waiting: Map<number, WatchSet>;
}

export function createWatches(): Watches {
  return { tables: new Map(), waiting: new Map() };
}

export function addWatch(watches: Watches, id: number, set: WatchSet): void {
  watches.waiting.set(id, set);
  for (const { table, path, leaf } of set) {
    let of = watches.tables.get(table);
    if (of === undefined) {
      of = { leaves: new Map(), nodes: new Map(), lengths: new Map() };
      watches.tables.set(table, of);
    }
    const channels = leaf ? of.leaves : of.nodes;
    const ids = channels.get(path);
    if (ids !== undefined) {
      ids.add(id);
      continue;
    }
    channels.set(path, new Set([id]));
    if (!leaf) of.lengths.set(path.length, (of.lengths.get(path.length) ?? 0) + 1);
  }
}

export function removeWatch(watches: Watches, id: number): void {
  const set = watches.waiting.get(id);
  if (set === undefined) return;
  watches.waiting.delete(id);
  for (const { table, path, leaf } of set) {
    const of = watches.tables.get(table)!;
    const channels = leaf ? of.leaves : of.nodes;
    const ids = channels.get(path);
    // A set may name a channel twice.
    if (ids === undefined) continue;
    ids.delete(id);
    if (ids.size > 0) continue;
    channels.delete(path);
    if (!leaf) forgetLength(of, path.length);
  }
}

function forgetLength({ lengths }: TableWatches, length: number): void {
  const left = lengths.get(length)! - 1;
  if (left === 0) lengths.delete(length);
  else lengths.set(length, left);
}

/** Who is woken by these writes, in the order in which they began to wait; they wait no longer. */
export function wokenBy(watches: Watches, touches: readonly Touch[]): number[] {
  const woken = new Set<number>();
  const wake = (ids: ReadonlySet<number> | undefined): void => ids?.forEach((id) => woken.add(id));
  for (const { table, key, child } of touches) {
    const of = watches.tables.get(table);
    if (of === undefined) continue;
    wake(of.leaves.get(key));
    if (of.nodes.size === 0) continue;
    const whole = key + END;
    for (const length of of.lengths.keys()) {
      if (length <= whole.length) wake(of.nodes.get(whole.slice(0, length)));
    }
    if (child !== '') wake(of.nodes.get(child));
  }
  const ids = [...woken].sort((a, b) => a - b);
  for (const id of ids) removeWatch(watches, id);
  return ids;
}

/** Everybody: what they watch belongs to a store that is no more. */
export function abandonAll(watches: Watches): number[] {
  const ids = [...watches.waiting.keys()];
  for (const id of ids) removeWatch(watches, id);
  return ids;
}

export function saveWatches({ waiting }: Watches): Watches {
  const copy = createWatches();
  for (const [id, set] of waiting) addWatch(copy, id, set);
  return copy;
}
