/**
 * What a message about a member does to the view of it: the complete table of precedence
 * (`hashicorp/memberlist:state.go (aliveNode, suspectNode, deadNode, refute, mergeState)`).
 *
 * Known deviations: protocol versions are all the same, so that the checks of versions never refuse.
 */
import type { Outbox } from '../../core/machine.ts';
import { applyHealth } from './awareness.ts';
import { broadcast } from './broadcast.ts';
import type { Member } from './member.ts';
import { State, Type, isSuspect, key, message, stateOf } from './messages.ts';
import { addToOrder } from './order.ts';
import { confirm, confirmations, dropSuspicion, startSuspicion } from './suspicion.ts';
import { LONG_AGO } from './views.ts';
import { GossipNote } from './vocabulary.ts';

/** Accuser of a refuted alive: it names none. */
const NOBODY = -1;

/** Sets what the member holds, and when it became so. */
function hold(member: Member, node: number, held: number, out: Outbox): void {
  const now = out.now();
  member.pool.views.set(member.index, node, held, now);
  member.pool.views.setChangedAt(member.index, node, now);
}

/** A name for notes. */
function who(member: Member, node: number): number {
  return node < 0 ? -1 : member.pool.processOf[node];
}

/** `bootstrap`: it says so of itself. */
export function onAlive(
  member: Member,
  node: number,
  incarnation: number,
  aux: number,
  bootstrap: boolean,
  out: Outbox,
): void {
  const { pool, index } = member;
  const { views, delegate } = pool;
  const isSelf = node === member.node;
  if (isSelf && member.leaving) return;
  if (delegate?.allows?.(member, node) === false) return;
  let held = views.get(index, node);
  let takesOver = false;
  if (held === 0) {
    held = key(State.dead, 0);
    views.set(index, node, held, out.now());
    if (views.changedAt(index, node) !== LONG_AGO) views.setChangedAt(index, node, LONG_AGO);
    addToOrder(member, node, out.draw('order'));
    pool.hold(index, node, aux);
  } else if (isElsewhere(member, node, held, incarnation, aux)) {
    if (!isReclaimable(member, node, held, out.now())) {
      const { address } = pool.announcement(aux, node, incarnation);
      out.note(GossipNote.conflict, who(member, node), pool.processOf[address], 0);
      delegate?.onConflict?.(member, node, out);
      return;
    }
    takesOver = true;
  }
  const stored = held >>> 3;
  if (isSelf ? incarnation < stored : incarnation <= stored && !takesOver) return;
  dropSuspicion(member, node, held, out);
  if (isSelf && !bootstrap) {
    if (incarnation === stored && saysTheSame(member, incarnation, aux)) return;
    refute(member, incarnation, NOBODY, out);
    return;
  }
  accept(member, node, held, incarnation, aux, out);
}

/** The view becomes alive at this incarnation, and the news goes on. */
function accept(
  member: Member,
  node: number,
  held: number,
  incarnation: number,
  aux: number,
  out: Outbox,
): void {
  const { pool, index } = member;
  broadcast(member, message(Type.alive, node, incarnation), aux, out);
  const before = tagsHeld(member, node, held >>> 3);
  pool.views.set(index, node, key(State.alive, incarnation), out.now());
  pool.hold(index, node, aux);
  const was = stateOf(held);
  if (was >= State.dead) {
    out.note(GossipNote.joined, who(member, node), incarnation, 0);
    pool.delegate?.onEvent?.(member, 'join', node, out);
    return;
  }
  if (isSuspect(held)) out.note(GossipNote.cleared, who(member, node), incarnation, 0);
  if (before !== pool.announcement(aux, node, incarnation).tags) {
    out.note(GossipNote.updated, who(member, node), incarnation, 0);
    pool.delegate?.onEvent?.(member, 'update', node, out);
  }
}

function tagsHeld(member: Member, node: number, incarnation: number): number {
  const { pool, index } = member;
  return pool.hasUnusual ? pool.announcement(pool.heldBy(index, node), node, incarnation).tags : 0;
}

/** The message gives the name another address than the view does. */
function isElsewhere(
  member: Member,
  node: number,
  held: number,
  incarnation: number,
  aux: number,
): boolean {
  const { pool, index } = member;
  if (!pool.hasUnusual) return false;
  const mine = pool.announcement(pool.heldBy(index, node), node, held >>> 3).address;
  return mine !== pool.announcement(aux, node, incarnation).address;
}

/** Who left, or died long enough ago, may be replaced under its name. */
function isReclaimable(member: Member, node: number, held: number, now: number): boolean {
  if (stateOf(held) === State.left) return true;
  const { deadNodeReclaimMicros: after } = member.config;
  if (stateOf(held) !== State.dead || after === 0) return false;
  return now - member.pool.views.changedAt(member.index, node) > after;
}

/** Is the alive of this incarnation what the member says of itself? */
function saysTheSame(member: Member, incarnation: number, aux: number): boolean {
  const { tags, address } = member.pool.announcement(aux, member.node, incarnation);
  return tags === member.tags && address === member.index;
}

export function onSuspect(
  member: Member,
  node: number,
  incarnation: number,
  from: number,
  out: Outbox,
): void {
  const { views } = member.pool;
  const held = views.get(member.index, node);
  if (held === 0 || incarnation < held >>> 3) return;
  const word = message(Type.suspect, node, incarnation);
  if (stateOf(held) === State.confirmed) {
    witness(member, node, held, incarnation, out);
    return;
  }
  if (stateOf(held) === State.suspect) {
    if (confirm(member, node, from, out)) {
      const count = confirmations(member, node);
      out.note(GossipNote.confirmed, who(member, node), count, who(member, from));
      broadcast(member, word, from, out);
    }
    witness(member, node, views.get(member.index, node), incarnation, out);
    return;
  }
  if (stateOf(held) !== State.alive) {
    witness(member, node, held, incarnation, out);
    return;
  }
  if (node === member.node) {
    refute(member, incarnation, from, out);
    return;
  }
  broadcast(member, word, from, out);
  keepTags(member, node, held >>> 3, incarnation);
  hold(member, node, key(State.suspect, incarnation), out);
  out.note(GossipNote.suspected, who(member, node), incarnation, who(member, from));
  startSuspicion(member, node, from, out);
}

export function onDead(
  member: Member,
  node: number,
  incarnation: number,
  from: number,
  out: Outbox,
): void {
  const { pool, index } = member;
  const held = pool.views.get(index, node);
  if (held === 0 || incarnation < held >>> 3) return;
  dropSuspicion(member, node, held, out);
  if (stateOf(held) >= State.dead) {
    witness(member, node, held, incarnation, out);
    return;
  }
  if (node === member.node && !member.leaving) {
    refute(member, incarnation, from, out);
    return;
  }
  broadcast(member, message(Type.dead, node, incarnation), from, out);
  keepTags(member, node, held >>> 3, incarnation);
  const left = node === from;
  hold(member, node, key(left ? State.left : State.dead, incarnation), out);
  const note = left ? GossipNote.left : GossipNote.died;
  out.note(note, who(member, node), incarnation, who(member, from));
  pool.delegate?.onEvent?.(member, 'leave', node, out);
}

/** Newer evidence that changes no state: the original forgets how new it was (G5). */
function witness(
  member: Member,
  node: number,
  held: number,
  incarnation: number,
  out: Outbox,
): void {
  if (incarnation === held >>> 3) return;
  out.note(GossipNote.witnessed, who(member, node), incarnation, 0);
  if (member.config.bugs.G5) {
    out.mark('G5');
    return;
  }
  keepTags(member, node, held >>> 3, incarnation);
  member.pool.views.set(member.index, node, key(stateOf(held), incarnation), out.now());
}

/** An accusation raises the incarnation without telling the tags that belong to it. */
function keepTags(member: Member, node: number, before: number, after: number): void {
  const { pool, index } = member;
  if (before === after || !pool.hasUnusual) return;
  const { address, tags } = pool.announcement(pool.heldBy(index, node), node, before);
  pool.hold(index, node, pool.announce(address, node, after, tags));
}

/** The member is accused, or somebody says what is not true of it: it says so, louder. */
function refute(member: Member, accused: number, from: number, out: Outbox): void {
  const { pool, node, index } = member;
  member.incarnation = Math.max(member.incarnation, accused) + 1;
  const { incarnation } = member;
  pool.views.set(index, node, key(State.alive, incarnation), out.now());
  out.note(GossipNote.refuted, incarnation, accused, who(member, from));
  applyHealth(member, 1, out);
  const aux = pool.announce(index, node, incarnation, member.tags);
  pool.hold(index, node, aux);
  broadcast(member, message(Type.refutation, node, incarnation), aux, out);
}

/** The member says of itself that it is alive, at the start or with new tags. */
export function announceSelf(member: Member, out: Outbox): void {
  const { pool, node, index } = member;
  const incarnation = ++member.incarnation;
  const aux = pool.announce(index, node, incarnation, member.tags);
  onAlive(member, node, incarnation, aux, true, out);
  out.note(GossipNote.announced, incarnation, 0, 0);
}

/** A message of the wire. */
export function handleMessage(member: Member, word: number, aux: number, out: Outbox): void {
  const node = (word >>> 2) & 0xffff;
  const incarnation = word >>> 18;
  switch (word & 3) {
    case Type.suspect:
      onSuspect(member, node, incarnation, aux, out);
      return;
    case Type.dead:
      onDead(member, node, incarnation, aux, out);
      return;
    default:
      onAlive(member, node, incarnation, aux, false, out);
  }
}

/** What another member holds of a node: its word that one is dead makes a suspect, no more. */
export function mergeEntry(
  member: Member,
  node: number,
  theirs: number,
  aux: number,
  out: Outbox,
): void {
  const incarnation = theirs >>> 3;
  switch (stateOf(theirs)) {
    case State.alive:
      onAlive(member, node, incarnation, aux, false, out);
      return;
    case State.left:
      onDead(member, node, incarnation, node, out);
      return;
    case State.dead:
    case State.suspect:
    case State.confirmed:
      onSuspect(member, node, incarnation, member.node, out);
  }
}
