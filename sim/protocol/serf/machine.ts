/**
 * hashicorp/serf as Consul runs it (v0.10.1), on its memberlist (reference: gossip §2). Both are one
 * machine, as they are one program: memberlist calls serf within its own goroutines.
 *
 * Known deviations: no coalescing of events (off in Consul), no tags but as bytes, and no keys;
 * whoever loses the vote on its name answers nothing from then on, but its port stays open. Others
 * are named in the files they concern.
 */
import { KEPT, OWN } from '../../core/copies.ts';
import type { Copies } from '../../core/copies.ts';
import type { Machine, Outbox, View } from '../../core/machine.ts';
import { describe } from '../../core/procedure.ts';
import { gossipMachine } from '../gossip/machine.ts';
import { copyMember, createMember } from '../gossip/member.ts';
import type { Member } from '../gossip/member.ts';
import { resumeMember, startMember } from '../gossip/operations.ts';
import type { Packet } from '../gossip/packets.ts';
import type { Snapshot } from '../gossip/push-pull.ts';
import { handOffUser } from '../gossip/receive.ts';
import { PUSH_PULL, STREAM_PING } from '../gossip/vocabulary.ts';
import { onQueueTick } from './broadcasts.ts';
import { CONFLICT } from './conflict.ts';
import {
  aliveNodes,
  applySnapshotWrite,
  createSerfDurable,
  loseSnapshotPower,
  saveSerfDurable,
} from './durable.ts';
import type { SerfDurable, SnapshotWrite } from './durable.ts';
import { broadcastJoin, onPruneTimer } from './intents.ts';
import { beginLeave, forceLeave, goOnLeaving, leaveProcedure, onLeaveTimeout } from './leave.ts';
import { FOUNDER, Status, setMember } from './members.ts';
import {
  armReap,
  armReconnect,
  onReapTick,
  onReconnectTick,
  onReconnected,
  onRejoined,
  rejoinNext,
} from './periodic.ts';
import { askQuery, onQueryEnds } from './queries.ts';
import type { AskQuery } from './queries.ts';
import { onClockTick, writeSnapshot } from './snapshot.ts';
import { copySerf, createSerf, serfOf } from './state.ts';
import type { SerfMachineConfig } from './state.ts';
import { fireEvent } from './user-events.ts';
import type { FireEvent } from './user-events.ts';
import * as Kind from './vocabulary.ts';

function create(config: SerfMachineConfig, _self: number, disk: SerfDurable): Member {
  const member = createMember(config, 0);
  const serf = createSerf(config, disk);
  member.application = serf;
  const { pool, member: index } = config;
  const rejoins = config.serf.hasSnapshot && !pool.startsFormed(index);
  if (rejoins) serf.rejoin = aliveNodes(disk, pool);
  return member;
}

/** A member of a formed pool has done all that long ago. */
function onStart(member: Member, out: Outbox): void {
  const { pool, index } = member;
  const serf = serfOf(member);
  const now = out.now();
  if (pool.begin(index)) {
    serf.complete = true;
    serf.rejoin = [];
    serf.count = pool.founders.reduce((sum, one) => sum + one, 0);
    const draws = out.draw('formed');
    serf.reapPhaseMicros = now - draws.below(serf.config.reapIntervalMicros);
    serf.reconnectPhaseMicros = now - draws.below(serf.config.reconnectIntervalMicros);
    serf.queuePhaseMicros = now - draws.below(serf.config.queueCheckMicros);
    for (const node of serf.config.failedBefore) failBefore(member, node, out);
    resumeMember(member, out);
    return;
  }
  serf.reapPhaseMicros = now;
  serf.reconnectPhaseMicros = now;
  serf.queuePhaseMicros = now;
  const known = serf.rejoin.some((node) => node !== member.node);
  startMember(member, out);
  if (!known) return;
  out.draw('rejoin').shuffle(serf.rejoin);
  out.post(Kind.REJOIN, 0, 0, null);
}

/** It failed so long ago that memberlist has forgotten it. */
function failBefore(member: Member, node: number, out: Outbox): void {
  const { time } = FOUNDER;
  setMember(member, node, { status: Status.failed, time, goneMicros: out.now() }, out);
  armReap(member, out);
  armReconnect(member, out);
}

function onInput(member: Member, input: number, from: number, body: unknown, out: Outbox): void {
  if (serfOf(member).state === 'shutdown') {
    if (input === PUSH_PULL || input === STREAM_PING) out.fail(from, null);
    return;
  }
  if (input < Kind.SERF_INPUTS_FROM) gossipMachine.onInput(member, input, from, body, out);
  else onSerfInput(member, input, from, body, out);
}

function onSerfInput(
  member: Member,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.USER_MESSAGE:
      handOffUser(member, (body as Packet).user!, out);
      return;
    case Kind.REAP_TICK:
      onReapTick(member, out);
      return;
    case Kind.RECONNECT_TICK:
      onReconnectTick(member, out);
      return;
    case Kind.QUEUE_TICK:
      onQueueTick(member, out);
      return;
    case Kind.CLOCK_TICK:
      onClockTick(member, out);
      return;
    case Kind.SNAPSHOT_LINES:
      writeSnapshot(member, out);
      return;
    case Kind.LEAVE_POOL:
      beginLeave(member, out);
      return;
    case Kind.LEAVE_TIMEOUT:
      onLeaveTimeout(member, out);
      return;
    case Kind.FORCE_LEAVE:
      forceLeave(member, from, body === true, out);
      return;
    case Kind.PRUNE_TIMER:
      onPruneTimer(member, from, out);
      return;
    case Kind.REFUTE_LEAVE:
      out.note(Kind.SerfNote.refutedLeave, from, 0, 0);
      broadcastJoin(member, out);
      return;
    case Kind.REJOIN:
      rejoinNext(member, out);
      return;
    default:
      onProgram(member, input, from, body, out);
  }
}

/** What programs above serf ask, and queries. */
function onProgram(member: Member, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case Kind.FIRE_EVENT:
      fireEvent(member, body as FireEvent, out);
      return;
    case Kind.ASK_QUERY:
      askQuery(member, body as AskQuery, out);
      return;
    case Kind.RESOLVE_CONFLICT:
      askQuery(member, { name: CONFLICT, payload: String(member.node) }, out);
      return;
    case Kind.QUERY_ENDS:
      onQueryEnds(member, from, out);
  }
}

function onResume(
  member: Member,
  step: number,
  argument: number,
  body: unknown,
  out: Outbox,
): void {
  switch (step) {
    case Kind.RECONNECTED:
      onReconnected(member, argument, body as Snapshot | undefined, out);
      return;
    case Kind.REJOINED:
      onRejoined(member, argument, body as Snapshot | undefined, out);
      return;
    case Kind.LEAVE_GOES_ON:
      goOnLeaving(member, out);
      return;
    case Kind.SNAPSHOT_WRITTEN:
      writeSnapshot(member, out);
      return;
    default:
      gossipMachine.onResume(member, step, argument, body, out);
  }
}

function view(member: Member): View {
  const { count, failed, left, clock, eventClock, outgoing, leave, state } = serfOf(member);
  return {
    ...gossipMachine.view(member),
    serf: state,
    members: count,
    failed: failed.length,
    'left members': left.length,
    clock,
    'event clock': eventClock,
    intents: outgoing.queues[0].length,
    events: outgoing.queues[2].length,
    leave: leave === null ? null : describe(leaveProcedure, leave),
  };
}

function copied(member: Member, copies: Copies): Member {
  return { ...copyMember(member, copies), application: copySerf(serfOf(member), copies) };
}

export const serfMachine: Machine<Member, SerfDurable> = {
  name: 'serf',
  number: gossipMachine.number,
  lanes: Kind.SERF_LANES,
  inputs: Kind.SERF_INPUTS,
  notes: Kind.SERF_NOTES,
  create,
  onStart,
  onInput,
  onResume,
  createDurable: createSerfDurable,
  applyWrite: (disk, write) => applySnapshotWrite(disk, write as SnapshotWrite),
  losePower: loseSnapshotPower,
  view,
  save: (member) => copied(member, KEPT),
  restore: (member) => copied(member, OWN),
  saveDurable: saveSerfDurable,
};
