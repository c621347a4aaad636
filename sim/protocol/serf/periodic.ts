/**
 * Serf's loops (`hashicorp/serf:serf/serf.go (handleReap, handleReconnect)`). They sleep whole intervals
 * from the start on; a tick that would find nothing is not simulated.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../gossip/member.ts';
import { joinOne, onJoinedOne } from '../gossip/operations.ts';
import type { Snapshot } from '../gossip/push-pull.ts';
import { erase } from './intents.ts';
import { memberOf } from './members.ts';
import { serfOf } from './state.ts';
import type { Serf } from './state.ts';
import { REAP_TICK, RECONNECTED, RECONNECT_TICK, REJOINED, SerfNote } from './vocabulary.ts';

/** Time until the next tick of a loop, never none. */
function untilTick(phaseMicros: number, intervalMicros: number, now: number): number {
  return intervalMicros - ((now - phaseMicros) % intervalMicros);
}

export function armReap(member: Member, out: Outbox): void {
  const serf = serfOf(member);
  const { failed, left, intents, reapPhaseMicros, config } = serf;
  if (serf.reapArmed || failed.length + left.length + intents.size === 0) return;
  serf.reapArmed = true;
  out.timer(REAP_TICK, 0, untilTick(reapPhaseMicros, config.reapIntervalMicros, out.now()));
}

export function onReapTick(member: Member, out: Outbox): void {
  const serf = serfOf(member);
  serf.reapArmed = false;
  const { reconnectTimeoutMicros, tombstoneMicros, recentIntentMicros } = serf.config;
  const now = out.now();
  reap(member, serf.failed, reconnectTimeoutMicros, out);
  reap(member, serf.left, tombstoneMicros, out);
  for (const [node, { sinceMicros }] of serf.intents) {
    if (now - sinceMicros > recentIntentMicros) serf.intents.delete(node);
  }
  armReap(member, out);
}

function reap(member: Member, list: readonly number[], timeoutMicros: number, out: Outbox): void {
  const serf = serfOf(member);
  const now = out.now();
  const { application } = serf.config;
  const due = list.filter((node) => {
    const ownMicros = application.reconnectTimeoutMicros?.(node) ?? timeoutMicros;
    return now - memberOf(serf, node).goneMicros > ownMicros;
  });
  for (const node of due) erase(member, node, out);
}

export function armReconnect(member: Member, out: Outbox): void {
  const serf = serfOf(member);
  const { failed, reconnectPhaseMicros, config } = serf;
  if (serf.reconnectArmed || failed.length === 0) return;
  serf.reconnectArmed = true;
  const { reconnectIntervalMicros: interval } = config;
  out.timer(RECONNECT_TICK, 0, untilTick(reconnectPhaseMicros, interval, out.now()));
}

/** Expected are as many tries for each failed member, over all who live, as one in each interval. */
export function onReconnectTick(member: Member, out: Outbox): void {
  const serf = serfOf(member);
  serf.reconnectArmed = false;
  const node = drawFailed(serf, out);
  if (node < 0) {
    armReconnect(member, out);
    return;
  }
  out.note(SerfNote.reconnecting, member.pool.processOf[node], 0, 0);
  joinOne(member, node, RECONNECTED, out);
}

function drawFailed({ failed, left, count }: Serf, out: Outbox): number {
  if (failed.length === 0) return -1;
  const draws = out.draw('reconnect');
  const living = Math.max(1, count - failed.length - left.length);
  const forgoes = draws.unit() > failed.length / living;
  return forgoes ? -1 : draws.pick(failed);
}

/** The loop sleeps again from now on. */
export function onReconnected(
  member: Member,
  peer: number,
  body: Snapshot | undefined,
  out: Outbox,
): void {
  onJoinedOne(member, peer, body, out);
  serfOf(member).reconnectPhaseMicros = out.now();
  armReconnect(member, out);
}

/** One member of before after the other, until one is there. */
export function rejoinNext(member: Member, out: Outbox): void {
  const serf = serfOf(member);
  let node = serf.rejoin.shift();
  if (node === member.node) node = serf.rejoin.shift();
  if (node === undefined) {
    out.note(SerfNote.rejoinFailed, serf.rejoinTried, 0, 0);
    return;
  }
  serf.rejoinTried++;
  joinOne(member, node, REJOINED, out);
}

export function onRejoined(
  member: Member,
  peer: number,
  body: Snapshot | undefined,
  out: Outbox,
): void {
  const serf = serfOf(member);
  if (!onJoinedOne(member, peer, body, out)) {
    rejoinNext(member, out);
    return;
  }
  serf.rejoin = [];
  out.note(SerfNote.rejoined, peer, serf.rejoinTried, 0);
}
