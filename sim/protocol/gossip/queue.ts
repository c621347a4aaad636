/**
 * The queue of broadcasts with a limit on transmissions (`hashicorp/memberlist:queue.go`): fewer
 * transmissions first, then longer messages, then newer ones. One sorted array per member, the best
 * item last, so that filling a packet takes the tail and merges it back lower.
 *
 * Known deviation: two items of the same count, length and number, which the original's counter can
 * give after the queue ran empty within a fill, both stay (the original loses one).
 */
import { assert } from '../../core/assert.ts';
import { nameOf } from './messages.ts';
import { BROADCAST_BYTES_MIN, COMPOUND_PART_BYTES } from './sizes.ts';

/** Words of an item: rank, message, `number << 16 | accuser`. */
const ITEM = 3;
/** The rank is `transmits << 12 | (4095 - bytes)`: the lower the sooner. */
const BYTES_BITS = 12;
const BYTES_MASK = 4095;
const NUMBER_MAX = 32_767;
const TAKEN_MAX = 2048;
/** What a fill has taken, best first; written before it is read, so it is nobody's state. */
const TAKEN = new Int32Array(ITEM * TAKEN_MAX);
const NONE = new Int32Array(0);

export interface BroadcastQueue {
  words: Int32Array;
  /** Items. */
  length: number;
  /** Number of the newest item; starts again when the queue runs empty. */
  newest: number;
  /** Message whose end somebody waits for, or -1. */
  awaited: number;
  /** It has ended: sent as often as wanted, or replaced. */
  ended: boolean;
}

export function createQueue(): BroadcastQueue {
  return { words: NONE, length: 0, newest: 0, awaited: -1, ended: false };
}

export function copyQueue(queue: BroadcastQueue): BroadcastQueue {
  const { length, words } = queue;
  return { ...queue, words: length === 0 ? NONE : words.slice(0, ITEM * length) };
}

/** Is the first item sent later than the second? */
function isWorse(rank: number, tag: number, otherRank: number, otherTag: number): boolean {
  return rank > otherRank || (rank === otherRank && tag >>> 16 < otherTag >>> 16);
}

/** Adds a message of so many bytes, which nobody has sent yet. */
export function enqueue(queue: BroadcastQueue, word: number, aux: number, bytes: number): void {
  assert(bytes > 0 && bytes <= BYTES_MASK, 'a broadcast fits into a packet');
  if (queue.newest === NUMBER_MAX) renumber(queue);
  const tag = (++queue.newest << 16) | aux;
  insert(queue, BYTES_MASK - bytes, word, tag);
}

function insert(queue: BroadcastQueue, rank: number, word: number, tag: number): void {
  if (ITEM * queue.length === queue.words.length) grow(queue);
  const { words } = queue;
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isWorse(words[ITEM * middle], words[ITEM * middle + 2], rank, tag)) low = middle + 1;
    else high = middle;
  }
  words.copyWithin(ITEM * (low + 1), ITEM * low, ITEM * queue.length);
  words[ITEM * low] = rank;
  words[ITEM * low + 1] = word;
  words[ITEM * low + 2] = tag;
  queue.length++;
}

function grow(queue: BroadcastQueue): void {
  const wider = new Int32Array(Math.max(4 * ITEM, 2 * queue.words.length));
  wider.set(queue.words);
  queue.words = wider;
}

/** Removes the queued message of the same name, if there is one; who waits for it learns its end. */
export function removeNamesake(queue: BroadcastQueue, word: number): void {
  const { words } = queue;
  const name = nameOf(word);
  for (let at = 0; at < queue.length; at++) {
    if (nameOf(words[ITEM * at + 1]) !== name) continue;
    finish(queue, words[ITEM * at + 1]);
    words.copyWithin(ITEM * at, ITEM * (at + 1), ITEM * queue.length);
    queue.length--;
    if (queue.length === 0) queue.newest = 0;
    return;
  }
}

function finish(queue: BroadcastQueue, word: number): void {
  if (word !== queue.awaited) return;
  queue.awaited = -1;
  queue.ended = true;
}

/**
 * Takes what fits into `limit` bytes (`GetBroadcasts`), each message with its overhead, and appends
 * two words for each to `messages`. Returns the bytes used. A message sent `transmitsMax` times is
 * gone, even if that is 0.
 */
export function fill(
  queue: BroadcastQueue,
  limit: number,
  transmitsMax: number,
  messages: number[],
): number {
  const { words } = queue;
  let used = 0;
  let taken = 0;
  let at = queue.length - 1;
  for (; at >= 0; at--) {
    const free = limit - used - COMPOUND_PART_BYTES;
    if (free < BROADCAST_BYTES_MIN || taken === TAKEN_MAX) break;
    const rank = words[ITEM * at];
    const bytes = BYTES_MASK - (rank & BYTES_MASK);
    if (bytes > free) continue;
    const word = words[ITEM * at + 1];
    const tag = words[ITEM * at + 2];
    used += COMPOUND_PART_BYTES + bytes;
    messages.push(word, tag & 0xffff);
    TAKEN[ITEM * taken] = rank + (1 << BYTES_BITS);
    TAKEN[ITEM * taken + 1] = word;
    TAKEN[ITEM * taken + 2] = tag;
    words[ITEM * at + 1] = -1;
    taken++;
  }
  if (taken > 0) putBack(queue, at + 1, taken, transmitsMax);
  return used;
}

/** From item `from` on those marked -1 were taken: the rest moves up, they go to their new places. */
function putBack(queue: BroadcastQueue, from: number, taken: number, transmitsMax: number): void {
  const { words } = queue;
  let kept = from;
  for (let at = from; at < queue.length; at++) {
    if (words[ITEM * at + 1] === -1) continue;
    if (kept !== at) words.copyWithin(ITEM * kept, ITEM * at, ITEM * (at + 1));
    kept++;
  }
  if (kept === 0) queue.newest = 0;
  let again = 0;
  for (let i = 0; i < taken; i++) {
    if (TAKEN[ITEM * i] >>> BYTES_BITS >= transmitsMax) {
      finish(queue, TAKEN[ITEM * i + 1]);
      continue;
    }
    if (again !== i) TAKEN.copyWithin(ITEM * again, ITEM * i, ITEM * (i + 1));
    again++;
  }
  queue.length = kept + again;
  // Both are sorted, the kept ones with the best last, the taken ones with the best first.
  let left = kept - 1;
  let right = 0;
  for (let to = queue.length - 1; right < again; to--) {
    const rank = TAKEN[ITEM * right];
    const tag = TAKEN[ITEM * right + 2];
    if (left >= 0 && isWorse(rank, tag, words[ITEM * left], words[ITEM * left + 2])) {
      words.copyWithin(ITEM * to, ITEM * left, ITEM * (left + 1));
      left--;
    } else {
      words[ITEM * to] = rank;
      words[ITEM * to + 1] = TAKEN[ITEM * right + 1];
      words[ITEM * to + 2] = tag;
      right++;
    }
  }
}

/** Keeps the best `items` (`Prune`). */
export function prune(queue: BroadcastQueue, items: number): void {
  const surplus = queue.length - items;
  if (surplus <= 0) return;
  for (let at = 0; at < surplus; at++) finish(queue, queue.words[ITEM * at + 1]);
  queue.words.copyWithin(0, ITEM * surplus, ITEM * queue.length);
  queue.length = items;
  if (items === 0) queue.newest = 0;
}

/** Gives the items small numbers again, in the same order. */
function renumber(queue: BroadcastQueue): void {
  const { words } = queue;
  const order = Array.from({ length: queue.length }, (_, at) => at);
  order.sort((x, y) => (words[ITEM * x + 2] >>> 16) - (words[ITEM * y + 2] >>> 16) || x - y);
  order.forEach((at, number) => {
    words[ITEM * at + 2] = ((number + 1) << 16) | (words[ITEM * at + 2] & 0xffff);
  });
  queue.newest = queue.length;
}

/** What is queued, best first: message, accuser, transmissions so far, bytes. For tests and views. */
export function queued(queue: BroadcastQueue): {
  readonly word: number;
  readonly aux: number;
  readonly transmits: number;
  readonly bytes: number;
}[] {
  return Array.from({ length: queue.length }, (_, index) => {
    const at = ITEM * (queue.length - 1 - index);
    const [rank, word, tag] = queue.words.subarray(at, at + ITEM);
    return {
      word,
      aux: tag & 0xffff,
      transmits: rank >>> BYTES_BITS,
      bytes: BYTES_MASK - (rank & BYTES_MASK),
    };
  });
}
