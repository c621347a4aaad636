/**
 * hashicorp/memberlist as Consul runs it (v0.5.0): SWIM with Lifeguard, gossip and full exchanges
 * (reference: gossip §1). A machine is one member of a pool, which all of them share (pool.ts).
 *
 * Known deviations: the sizes of packets are those before compression, which the original tries on each
 * of more than one message; packets are never damaged, and all members understand every version of the
 * protocol. Others are named in the files they concern.
 */
import { KEPT, OWN } from '../../core/copies.ts';
import type { Machine, Outbox, View } from '../../core/machine.ts';
import { onBroadcastTimeout } from './broadcast.ts';
import { goOnGossiping, onGossipTick, onGossipTurn } from './gossip.ts';
import { copyMember, createMember } from './member.ts';
import type { Member, MemberConfig } from './member.ts';
import { STATE_NAMES, stateOf } from './messages.ts';
import {
  onJoin,
  onJoinAnswer,
  onLeave,
  onUpdate,
  resumeMember,
  startMember,
} from './operations.ts';
import type { Datagram } from './packets.ts';
import * as Probe from './probe.ts';
import { onPushPull, onPushPullAnswer, onPushPullTimer } from './push-pull.ts';
import type { Snapshot } from './push-pull.ts';
import { onDatagram, onHandoff } from './receive.ts';
import { onNackTimer } from './relay.ts';
import { onDead } from './rules.ts';
import * as Kind from './vocabulary.ts';

function onInput(state: Member, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case Kind.PING:
    case Kind.PING_REQUEST:
    case Kind.ACK:
    case Kind.NACK:
    case Kind.GOSSIP:
      onDatagram(state, input, from, body as Datagram, out);
      return;
    case Kind.HANDOFF:
      onHandoff(state, out);
      return;
    case Kind.PROBE_TICK:
      Probe.onProbeTick(state, out);
      return;
    case Kind.GOSSIP_TICK:
      onGossipTick(state, out);
      return;
    case Kind.GOSSIP_TURN:
      onGossipTurn(state, out);
      return;
    case Kind.GOSSIP_REST:
      goOnGossiping(state, out);
      return;
    default:
      onRareInput(state, input, from, body, out);
  }
}

function onRareInput(state: Member, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case Kind.PROBE_TIMEOUT:
      Probe.onProbeTimeout(state, out);
      return;
    case Kind.PROBE_DEADLINE:
      Probe.onProbeDeadline(state, out);
      return;
    case Kind.PROBE_SENT:
      Probe.onProbeSent(state, out);
      return;
    case Kind.PROBE_NEXT:
      Probe.probeNext(state, out);
      return;
    case Kind.STREAM_PING:
      if (body === state.node) out.reply(from, null);
      return;
    case Kind.STREAM_ACK:
      Probe.onStreamAck(state, from, out);
      return;
    case Kind.NACK_TIMER:
      onNackTimer(state, from, out);
      return;
    case Kind.SUSPICION_TIMER:
      onSuspicionTimer(state, from, out);
      return;
    case Kind.PUSH_PULL:
      onPushPull(state, from, body as Snapshot, out);
      return;
    case Kind.PUSH_PULL_TIMER:
      onPushPullTimer(state, out);
      return;
    default:
      onOperation(state, input, from, body, out);
  }
}

/** `from` is the time that a leave or an update may wait, in microseconds. */
function onOperation(state: Member, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case Kind.JOIN:
    case Kind.JOIN_RETRY:
      if (!state.leaving) onJoin(state, body as readonly number[] | null, out);
      return;
    case Kind.LEAVE:
      onLeave(state, from, out);
      return;
    case Kind.UPDATE:
      onUpdate(state, from, out);
      return;
    case Kind.BROADCAST_TIMEOUT:
      onBroadcastTimeout(state, out);
  }
}

/** Nobody has refuted in time. */
function onSuspicionTimer(state: Member, slot: number, out: Outbox): void {
  const { pool, index } = state;
  const node = pool.views.nodeOfSlot(slot);
  onDead(state, node, pool.views.get(index, node) >>> 3, state.node, out);
}

function onResume(state: Member, step: number, argument: number, body: unknown, out: Outbox): void {
  if (step === Kind.PUSH_PULL_ANSWERED) {
    onPushPullAnswer(state, argument, body as Snapshot | undefined, out);
  } else {
    onJoinAnswer(state, argument, body as Snapshot | undefined, out);
  }
}

function view(state: Member): View {
  const { pool, index, health, incarnation, queue, probe } = state;
  const counts: Record<string, number> = { alive: 0, suspect: 0, dead: 0, left: 0 };
  for (let node = 0; node < pool.views.nodes; node++) {
    const held = pool.views.get(index, node);
    if (held !== 0) counts[STATE_NAMES[stateOf(held)]]++;
  }
  return {
    incarnation,
    health,
    known: state.listed,
    ...counts,
    queued: queue.length,
    probing: probe.stage === 0 ? null : pool.processOf[probe.target],
  };
}

export const gossipMachine: Machine<Member, null> = {
  name: 'gossip',
  number: Kind.GOSSIP_MACHINE,
  lanes: Kind.GOSSIP_LANES,
  inputs: Kind.GOSSIP_INPUTS,
  notes: Kind.GOSSIP_NOTES,
  create: (config: MemberConfig) => createMember(config, 0),
  onStart: (state, out) => {
    if (state.pool.begin(state.index)) resumeMember(state, out);
    else startMember(state, out);
  },
  onInput,
  onResume,
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (member) => copyMember(member, KEPT),
  restore: (member) => copyMember(member, OWN),
  saveDurable: () => null,
};
