/**
 * Exchange of full states over TCP (`hashicorp/memberlist:state.go (pushPull)`, `net.go
 * (sendAndReceiveState, handleConn)`).
 *
 * A snapshot tells what its sender holds of everybody. Where all agree, telling it changes nothing,
 * so it carries what has a column, and the defaults as one shared array for receivers that have not
 * known everything since it was taken. The bytes are those of the whole.
 *
 * Known deviations: the sender's state is taken when it dials, not when the connection stands;
 * entries come in an order of their own, not in that of the list; a server is never busy with 128
 * exchanges, since each takes no time.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import type { UserState } from './delegate.ts';
import type { Member } from './member.ts';
import { PUSH_PULL_HEADER_BYTES } from './sizes.ts';
import { isAlivePeer, randomPeers } from './peers.ts';
import { mergeEntry } from './rules.ts';
import { pushPullMicros } from './timing.ts';
import { GossipNote, PUSH_PULL, PUSH_PULL_ANSWERED, PUSH_PULL_TIMER } from './vocabulary.ts';

export interface Snapshot {
  readonly member: number;
  readonly join: boolean;
  readonly bytes: number;
  /** What the sender holds of nodes that are not in the list; null: nothing. */
  readonly defaults: Uint16Array | null;
  /** Node, key and announcement of each node that some view sees differently. */
  readonly entries: readonly number[];
  readonly version: number;
  /** Of the application. */
  readonly user?: UserState | null;
}

const WORDS = 3;

export function takeSnapshot(member: Member, join: boolean): Snapshot {
  const { pool, index } = member;
  const { views, version } = pool;
  const entries: number[] = [];
  const user = pool.delegate?.localState?.(member) ?? null;
  let bytes = PUSH_PULL_HEADER_BYTES + (user?.bytes ?? 0);
  if (views.isStranger(index)) {
    for (const [node, held] of views.known(index)) {
      entries.push(node, held, pool.heldBy(index, node));
      bytes += pool.recordBytes(node);
    }
    return { member: index, join, bytes, defaults: null, entries, version, user };
  }
  const defaults = views.defaultsNow();
  bytes += pool.defaultBytes();
  for (const node of pool.hasUnusual ? defaults.keys() : views.deviations()) {
    const held = views.get(index, node);
    entries.push(node, held, pool.heldBy(index, node));
    bytes += (Number(held !== 0) - Number(defaults[node] !== 0)) * pool.recordBytes(node);
  }
  return { member: index, join, bytes, defaults, entries, version, user };
}

/** The longest wait of all is the first. */
export function startPushPull(member: Member, out: Outbox): void {
  const { pushPullIntervalMicros: interval } = member.config;
  if (interval <= 0) return;
  const stagger = out.draw('push-pull').below(interval);
  out.timer(PUSH_PULL_TIMER, 0, stagger + pushPullMicros(interval, member.listed));
}

function sleep(member: Member, out: Outbox): void {
  const { pushPullIntervalMicros: interval } = member.config;
  out.timer(PUSH_PULL_TIMER, 0, pushPullMicros(interval, member.listed));
}

export function onPushPullTimer(member: Member, out: Outbox): void {
  const { pool, index, config } = member;
  const [peer] = randomPeers(member, 1, isAlivePeer, out.draw('push-pull'), out.now());
  if (peer === undefined) {
    sleep(member, out);
    return;
  }
  const to = pool.addressOf(index, peer);
  const snapshot = takeSnapshot(member, false);
  out.call(to, PUSH_PULL, snapshot, config.tcpTimeoutMicros, PUSH_PULL_ANSWERED, to);
}

export function onPushPullAnswer(
  member: Member,
  peer: number,
  body: Snapshot | undefined,
  out: Outbox,
): void {
  mergeAnswer(member, peer, body, false, out);
  sleep(member, out);
}

/** What came of an exchange that this member began; whether it reached the other. */
export function mergeAnswer(
  member: Member,
  peer: number,
  body: Snapshot | undefined,
  join: boolean,
  out: Outbox,
): boolean {
  if (out.error !== ErrorCause.none || body === undefined) {
    out.note(GossipNote.mergeFailed, peer, out.error, Number(join));
    return false;
  }
  return merge(member, { ...body, join }, out);
}

/** Another member begins: it is told everything before its own news are merged. */
export function onPushPull(member: Member, exchange: number, theirs: Snapshot, out: Outbox): void {
  out.reply(exchange, takeSnapshot(member, theirs.join));
  merge(member, theirs, out);
}

function merge(member: Member, theirs: Snapshot, out: Outbox): boolean {
  const { pool, index } = member;
  if (theirs.join && pool.delegate?.allowsMerge?.(member, theirs.member) === false) return false;
  const stranger = pool.views.isStranger(index);
  if (theirs.defaults !== null && (stranger || member.settledVersion > theirs.version)) {
    mergeAll(member, theirs, theirs.defaults, out);
  } else {
    const { entries } = theirs;
    for (let at = 0; at < entries.length; at += WORDS) {
      mergeEntry(member, entries[at], entries[at + 1], entries[at + 2], out);
    }
  }
  if (stranger && pool.views.settle(index)) member.settledVersion = ++pool.version;
  const { user } = theirs;
  if (user !== undefined && user !== null) {
    pool.delegate?.mergeState?.(member, user, theirs.join, out);
  }
  out.note(GossipNote.merged, pool.processOf[theirs.member], Number(theirs.join), 0);
  return true;
}

function mergeAll(member: Member, theirs: Snapshot, defaults: Uint16Array, out: Outbox): void {
  const { entries } = theirs;
  let at = 0;
  for (let node = 0; node < defaults.length; node++) {
    if (entries[at] === node) {
      mergeEntry(member, node, entries[at + 1], entries[at + 2], out);
      at += WORDS;
    } else {
      mergeEntry(member, node, defaults[node], 0, out);
    }
  }
}
