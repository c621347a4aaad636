/**
 * The receive path (`hashicorp/memberlist:net.go (handleCommand, getNextMessage, packetHandler)`):
 * pings and their answers are handled at once, news about members goes to a worker through two
 * bounded lists, of which the newest message is taken first.
 */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import type { UserMessage } from './delegate.ts';
import type { Member } from './member.ts';
import { Type } from './messages.ts';
import { ackStamp, coordinateOf, sendWithBroadcasts, sequenceOf } from './packets.ts';
import type { Datagram, Packet } from './packets.ts';
import { onNack, onProbeAck } from './probe.ts';
import { onPingRequest, onRelayAck } from './relay.ts';
import { handleMessage } from './rules.ts';
import { COORDINATE_BYTES, ackBytes } from './sizes.ts';
import * as Kind from './vocabulary.ts';

const WORDS = 2;
/** Stands for the newest message of the application; no node has such a number. */
const USER_WORD = -1;
/** `hashicorp/memberlist:net.go (userMsg)`. */
const USER_TYPE = 8;

export function onDatagram(
  member: Member,
  input: number,
  from: ProcessIndex,
  body: Datagram,
  out: Outbox,
): void {
  const sequence = sequenceOf(body);
  switch (input) {
    case Kind.PING:
      onPing(member, from, body, out);
      break;
    case Kind.PING_REQUEST:
      onPingRequest(member, from, body as Packet, out);
      break;
    case Kind.ACK:
      if (!onProbeAck(member, from, sequence, coordinateOf(body), out)) {
        onRelayAck(member, sequence, out);
      }
      break;
    case Kind.NACK:
      onNack(member, sequence);
      break;
  }
  if (typeof body === 'number') return;
  const { messages, user } = body;
  if (messages.length > 0) handOff(member, messages, out);
  if (user !== undefined && user.length > 0) handOffUser(member, user, out);
}

/** Anybody is answered, the unknown and the dead too, but not who looks for somebody else. */
function onPing(member: Member, from: ProcessIndex, body: Datagram, out: Outbox): void {
  const { coordinates } = member.pool;
  const target = typeof body === 'number' ? -1 : body.target;
  if (target >= 0 && target !== member.node) return;
  const sequence = sequenceOf(body);
  if (coordinates === null) {
    sendWithBroadcasts(member, from, Kind.ACK, sequence, ackBytes(0), out);
  } else {
    const stamp = ackStamp(sequence, coordinates.versionOf(member.index));
    sendWithBroadcasts(member, from, Kind.ACK, stamp, ackBytes(COORDINATE_BYTES), out);
  }
}

/** Lays messages down for the worker; who comes to a full list is lost. */
export function handOff(member: Member, messages: readonly number[], out: Outbox): void {
  const { urgent, ordinary, config } = member;
  for (let at = 0; at < messages.length; at += WORDS) {
    const type = messages[at] & 3;
    const list = type === Type.alive || type === Type.refutation ? urgent : ordinary;
    if (list.length >= WORDS * config.handoffQueueDepth) {
      out.note(Kind.GossipNote.dropped, type, 0, 0);
    } else {
      list.push(messages[at], messages[at + 1]);
    }
  }
  out.post(Kind.HANDOFF, 0, 0, null);
}

/** Messages of the application wait among those of the lower priority. */
export function handOffUser(member: Member, user: readonly UserMessage[], out: Outbox): void {
  const { ordinary, inbox, config } = member;
  for (const message of user) {
    if (ordinary.length >= WORDS * config.handoffQueueDepth) {
      out.note(Kind.GossipNote.dropped, USER_TYPE, 0, 0);
    } else {
      ordinary.push(USER_WORD, 0);
      inbox.push(message);
    }
  }
  out.post(Kind.HANDOFF, 0, 0, null);
}

/** The worker takes everything there is. */
export function onHandoff(member: Member, out: Outbox): void {
  const { urgent, ordinary } = member;
  for (;;) {
    const list = urgent.length > 0 ? urgent : ordinary;
    if (list.length === 0) return;
    const aux = list.pop()!;
    const word = list.pop()!;
    if (word === USER_WORD) member.pool.delegate?.onMessage?.(member, member.inbox.pop()!, out);
    else handleMessage(member, word, aux, out);
  }
}
