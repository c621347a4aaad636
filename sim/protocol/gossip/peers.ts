/** Random peers (`hashicorp/memberlist:util.go (kRandomNodes)`). */
import type { Draws } from '../../core/draws.ts';
import type { Member } from './member.ts';
import { State, stateOf } from './messages.ts';
import { isComputed } from './order.ts';

/** Is this node, which the member sees so, what is looked for? */
export type Eligible = (member: Member, node: number, held: number, now: number) => boolean;

/** For push/pull: it is alive, and not the member itself. */
export function isAlivePeer(member: Member, node: number, held: number): boolean {
  return stateOf(held) === State.alive && node !== member.node;
}

/** For indirect pings: nor the one that is probed. */
export function isRelay(member: Member, node: number, held: number): boolean {
  return isAlivePeer(member, node, held) && node !== member.probe.target;
}

/** For gossip: those who died a short while ago may hear of it and refute; who left never. */
export function isListener(member: Member, node: number, held: number, now: number): boolean {
  const { pool, config } = member;
  if (node === member.node) return false;
  switch (stateOf(held)) {
    case State.alive:
    case State.suspect:
    case State.confirmed:
      return true;
    case State.dead:
      if (config.bugs.G21) return false;
      return now - pool.views.changedAt(member.index, node) <= config.gossipToTheDeadMicros;
    default:
      return false;
  }
}

/**
 * Up to `wanted` different nodes. Releases before memberlist 0.6.0 draw with replacement, three times
 * the length of the list, and may so miss the few there are in a small cluster.
 */
export function randomPeers(
  member: Member,
  wanted: number,
  eligible: Eligible,
  draws: Draws,
  now: number,
): number[] {
  const { listed, config } = member;
  if (!config.bugs.G23 && listed < 3 * wanted && !isComputed(member)) {
    return allShuffled(member, wanted, eligible, draws, now);
  }
  const found: number[] = [];
  for (let tries = 3 * listed; tries > 0 && found.length < wanted; tries--) {
    const node = drawNode(member, draws);
    const held = member.pool.views.get(member.index, node);
    if (eligible(member, node, held, now) && !found.includes(node)) found.push(node);
  }
  return found;
}

/** One of the nodes that the member knows. */
function drawNode(member: Member, draws: Draws): number {
  const { order, pool } = member;
  if (order !== null) return order[draws.below(member.listed)];
  // Most of a large pool is known, so this seldom draws twice; itself it knows always.
  for (;;) {
    const node = draws.below(pool.size);
    if (pool.views.get(member.index, node) !== 0) return node;
  }
}

function allShuffled(
  member: Member,
  wanted: number,
  eligible: Eligible,
  draws: Draws,
  now: number,
): number[] {
  const nodes = Array.from(member.order!.subarray(0, member.listed));
  draws.shuffle(nodes);
  const found: number[] = [];
  for (const node of nodes) {
    const held = member.pool.views.get(member.index, node);
    if (found.length < wanted && eligible(member, node, held, now)) found.push(node);
  }
  return found;
}
