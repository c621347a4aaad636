/**
 * The order in which a member probes (`hashicorp/memberlist:state.go (resetNodes)`): its list of
 * nodes, shuffled at the end of each pass. A list for each of very many members is the largest thing
 * of all, so from some size on the order is computed instead: a keyed permutation of the pool, of
 * which a new key makes a new one.
 *
 * Known deviation: in such large pools a node that joins has its place in the permutation already,
 * where the original appends it and swaps it with a random one; either way it is a random place.
 */
import type { Draws } from '../../core/draws.ts';
import { mix } from '../../core/fingerprint.ts';
import type { Member } from './member.ts';

/** Pools of up to this many nodes have lists. */
const LISTS_MAX = 4000;
const ROUNDS = 4;

/** Bits of half a position: the permutation is of 4^bits numbers, of which the node numbers matter. */
function halfBits(nodes: number): number {
  return Math.max(1, Math.ceil((32 - Math.clz32(nodes - 1)) / 2));
}

/** A Feistel network over pairs of halves, walked until it gives a node. */
export function permuted(key: number, position: number, nodes: number): number {
  const bits = halfBits(nodes);
  const mask = (1 << bits) - 1;
  let at = position;
  do {
    let left = at >>> bits;
    let right = at & mask;
    for (let round = 0; round < ROUNDS; round++) {
      const mixed = mix(mix(key + round, right), 0x9e3779b9);
      const next = left ^ ((mixed ^ (mixed >>> 15)) & mask);
      left = right;
      right = next;
    }
    at = (left << bits) | right;
  } while (at >= nodes);
  return at;
}

export function isComputed(member: Member): boolean {
  return member.pool.size > LISTS_MAX;
}

/** Where a pass ends. */
export function passLength(member: Member): number {
  return member.order === null ? member.pool.size : member.listed;
}

/** Node at a place of the pass; the computed order has places of nodes that it does not know. */
export function nodeAt(member: Member, position: number): number {
  return member.order === null
    ? permuted(member.orderKey, position, member.pool.size)
    : member.order[position];
}

/** All nodes that it knows, in a new random order. */
export function reorder(member: Member, draws: Draws): void {
  if (isComputed(member)) {
    member.orderKey = draws.bits32();
    return;
  }
  const order = ownOrder(member);
  const { views } = member.pool;
  let length = 0;
  for (let node = 0; node < views.nodes; node++) {
    if (views.get(member.index, node) !== 0) order[length++] = node;
  }
  for (let i = length - 1; i > 0; i--) swap(order, i, draws.below(i + 1));
}

/** A node becomes known: it goes to the end, and changes places with a random one before. */
export function addToOrder(member: Member, node: number, draws: Draws): void {
  const before = member.listed++;
  if (isComputed(member)) return;
  const order = ownOrder(member);
  order[before] = node;
  if (before > 0) swap(order, before, draws.below(before));
}

function ownOrder(member: Member): Uint16Array {
  if (member.order === null) member.order = new Uint16Array(member.pool.size);
  else if (member.orderKept) member.order = member.order.slice();
  member.orderKept = false;
  return member.order;
}

function swap(order: Uint16Array, i: number, j: number): void {
  const kept = order[i];
  order[i] = order[j];
  order[j] = kept;
}
