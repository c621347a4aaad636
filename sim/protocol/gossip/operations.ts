/**
 * What a member is told to do (`hashicorp/memberlist:memberlist.go`): start, join, update, leave. A
 * shutdown is the end of its process.
 */
import type { Outbox } from '../../core/machine.ts';
import { createTicker } from '../../core/ticker.ts';
import { awaitBroadcast } from './broadcast.ts';
import { armGossip, hasGossip } from './gossip.ts';
import type { Member } from './member.ts';
import { Type, isGone, message } from './messages.ts';
import { passLength, reorder } from './order.ts';
import { mergeAnswer, startPushPull, takeSnapshot } from './push-pull.ts';
import type { Snapshot } from './push-pull.ts';
import { announceSelf, onDead } from './rules.ts';
import { pushPullMicros } from './timing.ts';
import * as Kind from './vocabulary.ts';

const { GossipNote } = Kind;

/**
 * `Create`: the member knows itself and its loops start, all at this moment. A random stagger of the
 * loops has no effect in the original, since their tickers exist before it (G25).
 */
export function startMember(member: Member, out: Outbox): void {
  const { config } = member;
  const now = out.now();
  announceSelf(member, out);
  const stagger = config.bugs.G25
    ? 0
    : out.draw('stagger').below(Math.max(1, config.probeIntervalMicros));
  startLoops(member, now + stagger, now, out);
  startPushPull(member, out);
  if (member.join.length > 0) out.post(Kind.JOIN, 0, 0, null);
}

/** Ticks fall on whole intervals after `phase`, the first of them after `now`. */
function startLoops(member: Member, phase: number, now: number, out: Outbox): void {
  const { config, ticker } = member;
  const { probeIntervalMicros: interval } = config;
  member.gossipPhaseMicros = phase;
  if (interval > 0) {
    Object.assign(ticker, createTicker(phase, interval));
    if (phase < now) ticker.nextMicros += Math.floor((now - phase) / interval) * interval;
    out.timer(Kind.PROBE_TICK, 0, ticker.nextMicros - now);
  }
  if (hasGossip(member)) {
    member.gossipArmed = false;
    armGossip(member, out);
  }
}

/** A member of a formed pool: it has run for long, and knows everybody. */
export function resumeMember(member: Member, out: Outbox): void {
  const { config, pool } = member;
  const draws = out.draw('formed');
  const now = out.now();
  const { views } = pool;
  for (let node = 0; node < views.nodes; node++) {
    if (views.get(member.index, node) !== 0) member.listed++;
  }
  member.incarnation = 1;
  reorder(member, out.draw('order'));
  member.cursor = draws.below(Math.max(1, passLength(member)));
  const interval = Math.max(1, config.probeIntervalMicros);
  startLoops(member, now - draws.below(interval), now, out);
  if (config.pushPullIntervalMicros > 0) {
    const period = pushPullMicros(config.pushPullIntervalMicros, member.listed);
    out.timer(Kind.PUSH_PULL_TIMER, 0, 1 + draws.below(period));
  }
}

/** `Join`: an exchange with each of a list, its own or `asked`, one after the other. */
export function onJoin(member: Member, asked: readonly number[] | null, out: Outbox): void {
  member.joinAsked = asked;
  member.joinNext = 0;
  member.joined = 0;
  member.pool.delegate?.onJoining?.(member);
  joinNext(member, out);
}

function joinNext(member: Member, out: Outbox): void {
  const { joinAsked, pool, config, index } = member;
  const join = joinAsked ?? member.join;
  while (join[member.joinNext] === index) member.joinNext++;
  if (member.joinNext < join.length) {
    const to = pool.processOf[join[member.joinNext++]];
    const snapshot = takeSnapshot(member, true);
    out.call(to, Kind.PUSH_PULL, snapshot, config.tcpTimeoutMicros, Kind.JOIN_ANSWERED, to);
    return;
  }
  out.note(GossipNote.joinEnded, member.joined, join.length, 0);
  pool.delegate?.onJoined?.(member, member.joined, out);
  const others = join.some((one) => one !== index);
  // What somebody asks for once is not tried again.
  if (joinAsked === null && member.joined === 0 && others && config.retryJoinMicros > 0) {
    out.timer(Kind.JOIN_RETRY, 0, config.retryJoinMicros);
  }
}

export function onJoinAnswer(
  member: Member,
  peer: number,
  body: Snapshot | undefined,
  out: Outbox,
): void {
  if (mergeAnswer(member, peer, body, true, out)) member.joined++;
  joinNext(member, out);
}

/** An exchange with one node at its last address, as a join of one; the lane goes on at `step`. */
export function joinOne(member: Member, node: number, step: number, out: Outbox): void {
  const { pool, config, index } = member;
  const to = pool.addressOf(index, node);
  out.call(to, Kind.PUSH_PULL, takeSnapshot(member, true), config.tcpTimeoutMicros, step, to);
}

/** What came of it: whether it was reached. */
export function onJoinedOne(
  member: Member,
  peer: number,
  body: Snapshot | undefined,
  out: Outbox,
): boolean {
  return mergeAnswer(member, peer, body, true, out);
}

/** Is there anybody else who lives? (`anyAlive`) */
function hasLivingPeer({ pool, index, node: self }: Member): boolean {
  for (let node = 0; node < pool.views.nodes; node++) {
    const held = pool.views.get(index, node);
    if (held !== 0 && node !== self && !isGone(held)) return true;
  }
  return false;
}

/**
 * `Leave`: it says itself that it is gone, and goes on answering. Whether there is anybody to be told,
 * whose hearing of it `onBroadcast` reports.
 */
export function onLeave(member: Member, timeoutMicros: number, out: Outbox): boolean {
  if (member.leaving) return false;
  member.leaving = true;
  out.note(GossipNote.leaving, 0, 0, 0);
  const { node, pool, index } = member;
  const incarnation = pool.views.get(index, node) >>> 3;
  onDead(member, node, incarnation, node, out);
  if (!hasLivingPeer(member)) return false;
  awaitBroadcast(member, message(Type.dead, node, incarnation), timeoutMicros, out);
  return true;
}

/** `UpdateNode`: new tags under a new incarnation. */
export function onUpdate(member: Member, timeoutMicros: number, out: Outbox): void {
  const { pool, node } = member;
  pool.changeTags(node, member.incarnation + 1);
  member.tags++;
  announceSelf(member, out);
  if (!hasLivingPeer(member)) return;
  awaitBroadcast(member, message(Type.alive, node, member.incarnation), timeoutMicros, out);
}
