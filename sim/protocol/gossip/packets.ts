/**
 * What a datagram carries. One without broadcasts, as nearly all are in a quiet pool, is one small
 * number, `stamp << 8 | bytes`, and costs no object; others are immutable packets. The stamp is the
 * sequence number, and above it in an ack which coordinate of its sender it carries.
 */
import type { Outbox } from '../../core/machine.ts';
import type { UserMessage } from './delegate.ts';
import type { Member } from './member.ts';
import {
  COMPOUND_HEADER_BYTES,
  COMPOUND_PARTS_MAX,
  COMPOUND_PART_BYTES,
  CRC_BYTES,
  ENCRYPTION_BYTES,
  accusationBytes,
} from './sizes.ts';
import { fill } from './queue.ts';
import { retransmitLimit } from './timing.ts';
import { noteEnd } from './broadcast.ts';
import { nodeOf } from './messages.ts';
import { GOSSIP, PING } from './vocabulary.ts';

/** Sequence numbers have 22 bits here: an answer is never expected for longer than seconds. */
const SEQUENCE_BITS = 22;
const SEQUENCE_MASK = 0x3fffff;
const SHORT_BYTES_MAX = 255;

export interface Packet {
  readonly stamp: number;
  /** On the wire, without UDP and IP. */
  readonly bytes: number;
  /** Node that is meant by a ping or ping request; -1: whoever receives it. */
  readonly target: number;
  /** Where the target of a ping request is, as a member. */
  readonly address: number;
  /** Broadcasts on board, two words each. */
  readonly messages: readonly number[];
  /** Messages of the application behind them. */
  readonly user?: readonly UserMessage[];
}

export type Datagram = number | Packet;

const NOTHING: readonly number[] = [];
const NO_MESSAGES: readonly UserMessage[] = [];

export function datagramBytes(body: Datagram): number {
  return typeof body === 'number' ? body & 255 : body.bytes;
}

function stampOf(body: Datagram): number {
  return typeof body === 'number' ? body >>> 8 : body.stamp;
}

export function sequenceOf(body: Datagram): number {
  return stampOf(body) & SEQUENCE_MASK;
}

/** Which coordinate of its sender an ack carries. */
export function coordinateOf(body: Datagram): number {
  return stampOf(body) >>> SEQUENCE_BITS;
}

export function ackStamp(sequence: number, coordinate: number): number {
  return (coordinate << SEQUENCE_BITS) | sequence;
}

export function nextSequence(member: Member): number {
  member.sequence = (member.sequence + 1) & SEQUENCE_MASK;
  return member.sequence;
}

function transmitsMax({ config, listed }: Member): number {
  return retransmitLimit(config.retransmitMult, listed);
}

/** A message to a member with as many broadcasts as fit beside it (`sendMsg`). */
export function sendWithBroadcasts(
  member: Member,
  to: number,
  input: number,
  stamp: number,
  bytes: number,
  out: Outbox,
  target = -1,
  address = -1,
): void {
  const { queue, config } = member;
  const sealed = config.encrypted ? ENCRYPTION_BYTES : 0;
  let body: Datagram;
  if (
    queue.length === 0 &&
    member.userQueued === 0 &&
    target < 0 &&
    bytes + sealed <= SHORT_BYTES_MAX
  ) {
    body = (stamp << 8) | (bytes + sealed);
  } else {
    const messages: number[] = [];
    const budget = config.packetBytes - bytes - COMPOUND_HEADER_BYTES - sealed;
    let used = queue.length === 0 ? 0 : fill(queue, budget, transmitsMax(member), messages);
    const user = fillUser(member, budget - used, out);
    used += userBytes(user);
    let total = bytes + sealed;
    if (used > 0) total += COMPOUND_HEADER_BYTES + COMPOUND_PART_BYTES + used;
    body = { stamp, bytes: total, target, address, messages, user };
    noteEnd(member, out);
  }
  out.datagram(to, input, body);
}

/** What the application has for the rest of a packet. */
function fillUser(member: Member, room: number, out: Outbox): readonly UserMessage[] {
  const { delegate } = member.pool;
  // The room must be for more than the overhead of a message and the byte that marks it.
  if (member.userQueued === 0 || room <= COMPOUND_PART_BYTES + 1) return NO_MESSAGES;
  return delegate?.fillPacket?.(member, room, out) ?? NO_MESSAGES;
}

function userBytes(user: readonly UserMessage[]): number {
  return user.reduce((sum, { bytes }) => sum + COMPOUND_PART_BYTES + bytes, 0);
}

/** A message of the application for one member alone (`SendToAddress`): nothing goes with it. */
export function sendUserMessage(
  member: Member,
  to: number,
  input: number,
  message: UserMessage,
  out: Outbox,
): void {
  const bytes = message.bytes + (member.config.encrypted ? ENCRYPTION_BYTES : 0);
  const body = { stamp: 0, bytes, target: -1, address: -1, messages: NOTHING, user: [message] };
  out.datagram(to, input, body satisfies Packet);
}

/** What a tick of gossip sends to one peer; false when nothing is queued. */
export function sendGossip(member: Member, to: number, out: Outbox): boolean {
  const { queue, config } = member;
  const sealed = config.encrypted ? ENCRYPTION_BYTES : 0;
  const messages: number[] = [];
  const budget = config.packetBytes - COMPOUND_HEADER_BYTES - sealed;
  let used = fill(queue, budget, transmitsMax(member), messages);
  const user = fillUser(member, budget - used, out);
  if (used === 0 && user.length === 0) return false;
  noteEnd(member, out);
  if (user.length > 0) {
    const parts = messages.length / 2 + user.length;
    used += userBytes(user);
    const framed = parts === 1 ? used - COMPOUND_PART_BYTES : used + COMPOUND_HEADER_BYTES;
    const bytes = framed + CRC_BYTES + sealed;
    out.datagram(to, GOSSIP, { stamp: 0, bytes, target: -1, address: -1, messages, user });
    return true;
  }
  for (let from = 0; from < messages.length; from += 2 * COMPOUND_PARTS_MAX) {
    const whole = messages.length <= 2 * COMPOUND_PARTS_MAX;
    const part = whole ? messages : messages.slice(from, from + 2 * COMPOUND_PARTS_MAX);
    const last = from + part.length >= messages.length;
    // Only the sum of a split packet matters: all but the last are taken as evenly filled.
    const share = last ? used : Math.floor((used * part.length) / (messages.length - from));
    used -= share;
    const framed = part.length === 2 ? share - COMPOUND_PART_BYTES : share + COMPOUND_HEADER_BYTES;
    const bytes = framed + CRC_BYTES + sealed;
    out.datagram(to, GOSSIP, { stamp: 0, bytes, target: -1, address: -1, messages: part });
  }
  return true;
}

/** A ping together with the accusation of its receiver, and nothing else. */
export function sendBuddy(
  member: Member,
  to: number,
  sequence: number,
  ping: number,
  accusation: number,
  out: Outbox,
): void {
  const { config, pool, node } = member;
  const { nameBytes } = pool;
  const suspect = accusationBytes(nameBytes[nodeOf(accusation)], nameBytes[node]);
  const framed = COMPOUND_HEADER_BYTES + 2 * COMPOUND_PART_BYTES + ping + suspect + CRC_BYTES;
  const bytes = framed + (config.encrypted ? ENCRYPTION_BYTES : 0);
  const messages = [accusation, node];
  out.datagram(to, PING, { stamp: sequence, bytes, target: -1, address: -1, messages });
}
