/**
 * Gossip ticks (`hashicorp/memberlist:state.go (gossip)`). A tick with nothing queued does nothing,
 * so it is not simulated: a tick is set when something is queued, for the time at which the ticker,
 * which keeps its phase, would have ticked next. What else happens in the microsecond of a tick
 * comes before it, so that skipping shows in nothing.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from './member.ts';
import { sendGossip } from './packets.ts';
import { isListener, randomPeers } from './peers.ts';
import { GOSSIP_REST, GOSSIP_TICK, GOSSIP_TURN } from './vocabulary.ts';

export function hasGossip({ config }: Member): boolean {
  return config.gossipIntervalMicros > 0 && config.gossipNodes > 0;
}

/** Sets the next tick, if there is something to send and none is set. */
export function armGossip(member: Member, out: Outbox): void {
  const { config, queue } = member;
  if (member.gossipArmed || !hasGossip(member)) return;
  if (queue.length === 0 && member.userQueued === 0 && config.skipIdleTicks) return;
  const now = out.now();
  const interval = config.gossipIntervalMicros;
  const since = now - member.gossipPhaseMicros;
  let next = member.gossipPhaseMicros + Math.max(1, Math.ceil(since / interval)) * interval;
  if (next === member.lastGossipMicros) next += interval;
  member.gossipArmed = true;
  out.timer(GOSSIP_TICK, 0, next - now);
}

export function onGossipTick(member: Member, out: Outbox): void {
  member.gossipArmed = false;
  const interval = member.config.gossipIntervalMicros;
  const since = out.now() - member.gossipPhaseMicros;
  member.lastGossipMicros = member.gossipPhaseMicros + Math.floor(since / interval) * interval;
  out.timer(GOSSIP_TURN, 0, 0);
}

export function onGossipTurn(member: Member, out: Outbox): void {
  const { queue, config } = member;
  if (queue.length > 0 || member.userQueued > 0) {
    const draws = out.draw('gossip');
    const now = out.now();
    member.gossipRest = randomPeers(member, config.gossipNodes, isListener, draws, now);
    goOnGossiping(member, out);
  }
  armGossip(member, out);
}

/** One packet for each peer, until nothing is queued; each may have to wait for the one before. */
export function goOnGossiping(member: Member, out: Outbox): void {
  const { pool, index, gossipRest } = member;
  while (gossipRest.length > 0) {
    const node = gossipRest.shift()!;
    if (!sendGossip(member, pool.addressOf(index, node), out)) {
      gossipRest.length = 0;
    } else if (out.heldBack && gossipRest.length > 0) {
      out.post(GOSSIP_REST, 0, 0, null);
      return;
    }
  }
}
