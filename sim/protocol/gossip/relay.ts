/**
 * Pings on behalf of others (`hashicorp/memberlist:net.go (handleIndirectPing)`). A relay passes an
 * ack on while it waits for it, and says so when it has waited in vain. It waits as long as a prober
 * does for a direct answer, which is too long: with the defaults its nack comes when the prober has
 * stopped listening (G1; the Lifeguard paper has it leave at 80 %).
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from './member.ts';
import { Type, isSuspect, message } from './messages.ts';
import { nextSequence, sendBuddy, sendWithBroadcasts, sequenceOf } from './packets.ts';
import type { Packet } from './packets.ts';
import { NACK_BYTES, ackBytes, pingBytes } from './sizes.ts';
import { ACK, NACK, NACK_TIMER, PING } from './vocabulary.ts';

const NACK_SHARE_FIXED = 0.8;

/** When the nack leaves, and when an ack no longer counts. */
function relayMicros({ config }: Member): { readonly nack: number; readonly end: number } {
  const { probeTimeoutMicros: timeout, probeIntervalMicros, lifeguard, bugs } = config;
  const share = bugs.G1 ? lifeguard.nackShare : Math.min(NACK_SHARE_FIXED, lifeguard.nackShare);
  const nack = Math.round(timeout * share);
  return { nack, end: lifeguard.lateAcksForwarded ? probeIntervalMicros : timeout };
}

export function onPingRequest(
  member: Member,
  requester: number,
  packet: Packet,
  out: Outbox,
): void {
  const { relays, pool } = member;
  const { target, address } = packet;
  const sequence = nextSequence(member);
  const free = relays.indexOf(null);
  const slot = free >= 0 ? free : relays.length;
  relays[slot] = { sequence, origin: sequenceOf(packet), requester, nacked: false };
  const to = pool.processOf[address];
  const bytes = pingBytes(pool.nameBytes[target], pool.nameBytes[member.node]);
  const held = pool.views.get(member.index, target);
  if (member.config.lifeguard.buddy === 'any' && isSuspect(held)) {
    const accusation = message(Type.suspect, target, held >>> 3);
    sendBuddy(member, to, sequence, bytes, accusation, out);
  } else {
    sendWithBroadcasts(member, to, PING, sequence, bytes, out);
  }
  out.timer(NACK_TIMER, slot, relayMicros(member).nack);
}

/** An ack for a ping that was somebody else's idea. */
export function onRelayAck(member: Member, sequence: number, out: Outbox): void {
  const { relays } = member;
  const slot = relays.findIndex((relay) => relay?.sequence === sequence);
  if (slot < 0) return;
  const { origin, requester } = relays[slot]!;
  relays[slot] = null;
  out.cancel(NACK_TIMER, slot);
  sendWithBroadcasts(member, requester, ACK, origin, ackBytes(0), out);
}

export function onNackTimer(member: Member, slot: number, out: Outbox): void {
  const relay = member.relays[slot];
  if (relay === null || relay === undefined) return;
  const { nack, end } = relayMicros(member);
  if (!relay.nacked && nack < end) {
    relay.nacked = true;
    out.timer(NACK_TIMER, slot, end - nack);
  } else {
    member.relays[slot] = null;
    if (relay.nacked) return;
  }
  sendWithBroadcasts(member, relay.requester, NACK, relay.origin, NACK_BYTES, out);
}
