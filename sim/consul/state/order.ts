/**
 * Keys in order, for prefixes and neighbours: chunks of sorted keys, copied when they change after
 * the order was shared. Sharing costs a constant, whatever the number of keys.
 */

/** Identity of whoever may change an array in place. */
type Owner = object;

interface Chunk {
  readonly owner: Owner;
  readonly keys: string[];
}

export interface Order {
  owner: Owner;
  /** Neither empty nor holding empty chunks, unless there are no keys at all. */
  chunks: Chunk[];
  chunksOwner: Owner;
}

/** Chunks split at this many keys. */
const CHUNK_KEYS_MAX = 64;

export function orderOf(keys: readonly string[]): Order {
  const owner = {};
  const sorted = keys.slice().sort(byUnits);
  const chunks: Chunk[] = [];
  for (let at = 0; at < sorted.length; at += CHUNK_KEYS_MAX / 2) {
    chunks.push({ owner, keys: sorted.slice(at, at + CHUNK_KEYS_MAX / 2) });
  }
  return { owner, chunks, chunksOwner: owner };
}

/** UTF-16 units, which is Go's order of bytes for all but rare characters. */
function byUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A second order of the same keys; from now on either copies what it changes. */
export function shareOrder(order: Order): Order {
  order.owner = {};
  return { owner: {}, chunks: order.chunks, chunksOwner: order.chunksOwner };
}

/** Place of the first key that is not below `key`. */
interface Place {
  chunk: number;
  at: number;
}

function placeOf({ chunks }: Order, key: string): Place {
  let low = 0;
  let high = chunks.length;
  // The last chunk that begins with a key at or below ours.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunks[middle].keys[0] <= key) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return { chunk: 0, at: 0 };
  const { keys } = chunks[low - 1];
  let from = 0;
  let to = keys.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (keys[middle] < key) from = middle + 1;
    else to = middle;
  }
  return from < keys.length ? { chunk: low - 1, at: from } : { chunk: low, at: 0 };
}

function ownChunks(order: Order): Chunk[] {
  if (order.chunksOwner !== order.owner) {
    order.chunks = order.chunks.slice();
    order.chunksOwner = order.owner;
  }
  return order.chunks;
}

function ownKeys(order: Order, chunk: number): string[] {
  const chunks = ownChunks(order);
  if (chunks[chunk].owner !== order.owner) {
    chunks[chunk] = { owner: order.owner, keys: chunks[chunk].keys.slice() };
  }
  return chunks[chunk].keys;
}

/** The key must not be there yet. */
export function insertKey(order: Order, key: string): void {
  const place = placeOf(order, key);
  if (order.chunks.length === 0) {
    ownChunks(order).push({ owner: order.owner, keys: [key] });
    return;
  }
  // Where the next chunk would begin with it, it ends the one before.
  const chunk = place.at === 0 && place.chunk > 0 ? place.chunk - 1 : place.chunk;
  const keys = ownKeys(order, chunk);
  keys.splice(chunk === place.chunk ? place.at : keys.length, 0, key);
  if (keys.length > CHUNK_KEYS_MAX) {
    const upper = keys.splice(CHUNK_KEYS_MAX / 2);
    order.chunks.splice(chunk + 1, 0, { owner: order.owner, keys: upper });
  }
}

/** The key must be there. */
export function removeKey(order: Order, key: string): void {
  const { chunk, at } = placeOf(order, key);
  const keys = ownKeys(order, chunk);
  keys.splice(at, 1);
  if (keys.length === 0) order.chunks.splice(chunk, 1);
}

/** The first key at or above `key`. */
export function keyAtOrAfter(order: Order, key: string): string | undefined {
  const { chunk, at } = placeOf(order, key);
  return order.chunks[chunk]?.keys[at];
}

/** The last key below `key`. */
export function keyBefore(order: Order, key: string): string | undefined {
  const { chunk, at } = placeOf(order, key);
  return at > 0 ? order.chunks[chunk].keys[at - 1] : order.chunks[chunk - 1]?.keys.at(-1);
}

export function lastKeyWithPrefix(order: Order, prefix: string): string | undefined {
  const end = endOfPrefix(prefix);
  const last = end === '' ? order.chunks.at(-1)?.keys.at(-1) : keyBefore(order, end);
  return last !== undefined && last.startsWith(prefix) ? last : undefined;
}

export function firstKeyWithPrefix(order: Order, prefix: string): string | undefined {
  const first = keyAtOrAfter(order, prefix);
  return first !== undefined && first.startsWith(prefix) ? first : undefined;
}

export function keysWithPrefix(order: Order, prefix: string): string[] {
  const found: string[] = [];
  const { chunks } = order;
  for (let { chunk, at } = placeOf(order, prefix); chunk < chunks.length; chunk++, at = 0) {
    const { keys } = chunks[chunk];
    for (; at < keys.length; at++) {
      if (!keys[at].startsWith(prefix)) return found;
      found.push(keys[at]);
    }
  }
  return found;
}

/** The least text above all that begin with the prefix, or "" where there is none. */
function endOfPrefix(prefix: string): string {
  let length = prefix.length;
  while (length > 0 && prefix.charCodeAt(length - 1) === 0xffff) length--;
  if (length === 0) return '';
  const next = String.fromCharCode(prefix.charCodeAt(length - 1) + 1);
  return prefix.slice(0, length - 1) + next;
}
