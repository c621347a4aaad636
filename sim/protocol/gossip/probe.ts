/**
 * Probes (`hashicorp/memberlist:state.go (probe, probeNode)`): one at a time, first directly, then
 * through others and over TCP at once. The ticker goes on meanwhile and remembers one tick.
 *
 * Known deviations: sending never fails at once, since a network that is gone swallows datagrams in
 * silence; the stages for errors of the own socket are therefore not here.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { advanceTicker, receiveTick } from '../../core/ticker.ts';
import type { Coordinates } from '../coordinate/coordinates.ts';
import { applyHealth, failureDelta } from './awareness.ts';
import { Stage } from './member.ts';
import type { Member } from './member.ts';
import { State, Type, isGone, message, stateOf } from './messages.ts';
import { nodeAt, passLength, reorder } from './order.ts';
import { nextSequence, sendBuddy, sendWithBroadcasts } from './packets.ts';
import { isRelay, randomPeers } from './peers.ts';
import { onSuspect } from './rules.ts';
import { pingBytes, pingRequestBytes } from './sizes.ts';
import { probeMicros } from './timing.ts';
import * as Kind from './vocabulary.ts';

const { GossipNote } = Kind;
/** What the latency filter has room for. */
const WALL_MICROS_MAX = 2 ** 30;

/** Ticks that are due by now; the next one is set before anything else of this microsecond. */
function catchTick(member: Member, out: Outbox): void {
  const { ticker } = member;
  const now = out.now();
  if (now < ticker.nextMicros) return;
  advanceTicker(ticker, now);
  out.timer(Kind.PROBE_TICK, 0, ticker.nextMicros - now);
}

export function onProbeTick(member: Member, out: Outbox): void {
  catchTick(member, out);
  member.pool.maybeSweep(out.now());
  probeNext(member, out);
}

/** Begins the next probe if none is under way and a tick waits. */
export function probeNext(member: Member, out: Outbox): void {
  if (member.probe.stage !== Stage.idle || !receiveTick(member.ticker)) return;
  const { pool, index } = member;
  for (let checked = 0; checked < member.listed;) {
    if (member.cursor >= passLength(member)) {
      endPass(member, out);
      checked++;
      continue;
    }
    const node = nodeAt(member, member.cursor++);
    const held = pool.views.get(index, node);
    if (held === 0) continue;
    if (node !== member.node && !isGone(held)) {
      startProbe(member, node, held, out);
      return;
    }
    checked++;
  }
}

/** The dead who have been told for long enough are forgotten, and the others shuffled. */
export function endPass(member: Member, out: Outbox): void {
  const { pool, index, config } = member;
  const { views } = pool;
  const now = out.now();
  const keep = config.bugs.G21 ? -1 : config.gossipToTheDeadMicros;
  for (let node = 0; node < views.nodes; node++) {
    const held = views.get(index, node);
    if (!isGone(held) || now - views.changedAt(index, node) <= keep) continue;
    if (config.bugs.G3 && stateOf(held) === State.left) continue;
    views.set(index, node, 0, now);
    pool.hold(index, node, 0);
    member.listed--;
    out.note(GossipNote.purged, pool.processOf[node], 0, 0);
  }
  reorder(member, out.draw('order'));
  member.cursor = 0;
}

function startProbe(member: Member, node: number, held: number, out: Outbox): void {
  const { probe, config, pool, index } = member;
  const { timeoutMicros, deadlineMicros } = probeMicros(config, member.health);
  probe.stage = Stage.direct;
  probe.target = node;
  probe.held = held;
  probe.sequence = nextSequence(member);
  probe.sinceMicros = out.now();
  if (config.bugs.G16) probe.sinceWallMicros = out.wall();
  probe.timeoutMicros = timeoutMicros;
  probe.deadlineMicros = deadlineMicros;
  probe.expectedNacks = 0;
  probe.nacks = 0;
  probe.contacted = false;
  const to = pool.addressOf(index, node);
  const bytes = pingBytes(pool.nameBytes[node], pool.nameBytes[member.node]);
  if (stateOf(held) === State.alive || config.lifeguard.buddy === 'none') {
    sendWithBroadcasts(member, to, Kind.PING, probe.sequence, bytes, out);
  } else {
    const accusation = message(Type.suspect, node, held >>> 3);
    sendBuddy(member, to, probe.sequence, bytes, accusation, out);
  }
  if (out.heldBack) {
    // The wait for the answer begins when the ping is on its way; the deadline runs already.
    armDeadline(member, deadlineMicros, out);
    out.post(Kind.PROBE_SENT, 0, 0, null);
  } else {
    armTimeout(member, out);
  }
}

function armTimeout(member: Member, out: Outbox): void {
  const { probe } = member;
  const { timeoutMicros, deadlineMicros } = probe;
  const left = probe.sinceMicros + deadlineMicros - out.now();
  if (timeoutMicros < left) {
    probe.timeoutSet = true;
    out.timer(Kind.PROBE_TIMEOUT, 0, timeoutMicros);
  } else {
    armDeadline(member, Math.max(0, left), out);
  }
}

function armDeadline({ probe }: Member, micros: number, out: Outbox): void {
  probe.deadlineSet = true;
  out.timer(Kind.PROBE_DEADLINE, 0, micros);
}

/** Cancels what is set and no more: cancelling what is not has to look for a firing that waits. */
function stopTimers({ probe }: Member, out: Outbox): void {
  if (probe.timeoutSet) out.cancel(Kind.PROBE_TIMEOUT, 0);
  if (probe.deadlineSet) out.cancel(Kind.PROBE_DEADLINE, 0);
  probe.timeoutSet = false;
  probe.deadlineSet = false;
}

/** What was held back has left. */
export function onProbeSent(member: Member, out: Outbox): void {
  if (member.probe.stage === Stage.direct) armTimeout(member, out);
}

/** The direct ping has had its time: others try, and TCP. */
export function onProbeTimeout(member: Member, out: Outbox): void {
  const { probe } = member;
  probe.timeoutSet = false;
  if (probe.stage !== Stage.direct) return;
  askOthers(member, out);
  // A process that was paused learns of it when the deadline is over too.
  armDeadline(member, Math.max(0, probe.sinceMicros + probe.deadlineMicros - out.now()), out);
}

function askOthers(member: Member, out: Outbox): void {
  const { probe, pool, config, index } = member;
  const { target, sequence } = probe;
  probe.stage = Stage.indirect;
  const now = out.now();
  const relays = randomPeers(member, config.indirectChecks, isRelay, out.draw('relays'), now);
  probe.expectedNacks = relays.length;
  const process = pool.addressOf(index, target);
  const address = pool.memberOf(process);
  const bytes = pingRequestBytes(pool.nameBytes[target], pool.nameBytes[member.node]);
  for (const relay of relays) {
    const to = pool.addressOf(index, relay);
    sendWithBroadcasts(member, to, Kind.PING_REQUEST, sequence, bytes, out, target, address);
  }
  const left = probe.sinceMicros + probe.deadlineMicros - now;
  if (!config.streamPings || config.bugs.G15 || left <= 0) return;
  out.request(process, Kind.STREAM_PING, target, left, Kind.STREAM_ACK, sequence);
}

/** An answer over TCP: it is looked at when the deadline passes. */
export function onStreamAck(member: Member, sequence: number, out: Outbox): void {
  const { probe } = member;
  if (out.error !== ErrorCause.none || sequence !== probe.sequence) return;
  probe.contacted = true;
}

/** An ack for the probe under way, from the target or through a relay; false: it is for another. */
export function onProbeAck(
  member: Member,
  from: ProcessIndex,
  sequence: number,
  coordinate: number,
  out: Outbox,
): boolean {
  const { probe, pool } = member;
  if (probe.stage === Stage.idle || sequence !== probe.sequence) return false;
  // Later ones have come through others, or may have: they tell nothing of the way to the target.
  if (probe.stage === Stage.direct && pool.coordinates !== null) {
    observeRoundTrip(member, pool.coordinates, pool.memberOf(from), coordinate, out);
  }
  stopTimers(member, out);
  succeed(member, out);
  if (member.ticker.buffered) out.post(Kind.PROBE_NEXT, 0, 0, null);
  return true;
}

/** The time of the direct way there and back moves the own coordinate. */
function observeRoundTrip(
  { index, probe, config }: Member,
  coordinates: Coordinates,
  other: number,
  coordinate: number,
  out: Outbox,
): void {
  const { G16 } = config.bugs;
  const byWall = Math.max(0, Math.min(WALL_MICROS_MAX, out.wall() - probe.sinceWallMicros));
  const micros = G16 ? byWall : out.now() - probe.sinceMicros;
  coordinates.observe(index, probe.target, other, coordinate, micros, out, G16);
}

function succeed(member: Member, out: Outbox): void {
  member.probe.stage = Stage.idle;
  if (member.health > 0) applyHealth(member, -1, out);
}

export function onNack(member: Member, sequence: number): void {
  const { probe } = member;
  if (probe.stage !== Stage.idle && sequence === probe.sequence) probe.nacks++;
}

/** The probe is over. A tick of this very moment comes first: it may be one too many. */
export function onProbeDeadline(member: Member, out: Outbox): void {
  const { probe, pool } = member;
  probe.deadlineSet = false;
  if (probe.stage === Stage.idle) return;
  catchTick(member, out);
  stopTimers(member, out);
  if (probe.stage === Stage.direct) askOthers(member, out);
  const { target, held, expectedNacks, nacks } = probe;
  if (probe.contacted) {
    out.note(GossipNote.streamOnly, pool.processOf[target], 0, 0);
    succeed(member, out);
  } else {
    probe.stage = Stage.idle;
    out.note(GossipNote.probeFailed, pool.processOf[target], expectedNacks, nacks);
    applyHealth(member, failureDelta(member), out);
    onSuspect(member, target, held >>> 3, member.node, out);
  }
  probeNext(member, out);
}
