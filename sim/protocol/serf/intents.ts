/**
 * Intents (`hashicorp/serf:serf/serf.go (handleNodeLeaveIntent, handleNodeJoinIntent)`): who says that a
 * member leaves or has joined, at which time of the members' Lamport clock. Each returns whether the
 * message is news and goes on.
 *
 * Known deviation: who prunes a member that is leaving waits without holding anything up
 * (hashicorp/serf#831; before, memberlist's worker slept meanwhile).
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../gossip/member.ts';
import { broadcastMessage } from './broadcasts.ts';
import { Status, forget, memberOf, setMember } from './members.ts';
import { joinIntent } from './messages.ts';
import type { JoinIntent, LeaveIntent } from './messages.ts';
import { armReap } from './periodic.ts';
import { armClock, recordMember } from './snapshot.ts';
import { serfOf } from './state.ts';
import { PRUNE_TIMER, REFUTE_LEAVE } from './vocabulary.ts';

export function witness(member: Member, time: number, out: Outbox): void {
  const serf = serfOf(member);
  if (time < serf.clock) return;
  serf.clock = time + 1;
  armClock(member, out);
}

/** Keeps the newest intent about somebody unknown; whether it is newer than what was kept. */
function buffer(member: Member, { kind, time, node }: JoinIntent | LeaveIntent, out: Outbox) {
  const { intents } = serfOf(member);
  const known = intents.get(node);
  if (known !== undefined && time <= known.time) return false;
  intents.set(node, { kind, time, sinceMicros: out.now() });
  armReap(member, out);
  return true;
}

export function onLeaveIntent(member: Member, intent: LeaveIntent, out: Outbox): boolean {
  const { time, node, prune } = intent;
  const serf = serfOf(member);
  witness(member, time, out);
  const held = memberOf(serf, node);
  if (held.status === Status.none) return buffer(member, intent, out);
  if (time <= held.time) return false;
  if (node === member.node && serf.state === 'alive') {
    out.post(REFUTE_LEAVE, 0, time, null);
    return false;
  }
  const gone = held.status === Status.leaving || held.status === Status.left;
  if (gone && serf.config.bugs.G2) {
    out.mark('G2');
    return true;
  }
  switch (held.status) {
    case Status.alive:
      setMember(member, node, { ...held, status: Status.leaving, time }, out);
      break;
    case Status.failed:
      setMember(member, node, { ...held, status: Status.left, time }, out);
      recordMember(member, node, false, out);
      serf.config.application.onEvent?.(node, 'leave', out);
      break;
    default:
      setMember(member, node, { ...held, time }, out);
  }
  if (prune) pruneMember(member, node, out);
  return true;
}

/** Who is leaving is given the time that a leave takes; others go at once. */
function pruneMember(member: Member, node: number, out: Outbox): void {
  const { config, members } = serfOf(member);
  if (members.get(node)?.status !== Status.leaving) {
    erase(member, node, out);
    return;
  }
  out.timer(PRUNE_TIMER, node, config.broadcastTimeoutMicros + config.leavePropagateMicros);
}

/** `eraseNode`: nobody by that name is known any more. */
export function erase(member: Member, node: number, out: Outbox): void {
  const { application } = serfOf(member).config;
  forget(member, node, out);
  application.onEvent?.(node, 'reap', out);
}

export function onPruneTimer(member: Member, node: number, out: Outbox): void {
  if (memberOf(serfOf(member), node).status !== Status.none) erase(member, node, out);
}

export function onJoinIntent(member: Member, intent: JoinIntent, out: Outbox): boolean {
  const { time, node } = intent;
  witness(member, time, out);
  const held = memberOf(serfOf(member), node);
  if (held.status === Status.none) return buffer(member, intent, out);
  if (time <= held.time) return false;
  const status = held.status === Status.leaving ? Status.alive : held.status;
  setMember(member, node, { ...held, status, time }, out);
  return true;
}

/** Says that it has joined, at the present time of its clock (`broadcastJoin`). */
export function broadcastJoin(member: Member, out: Outbox): void {
  const { node, pool } = member;
  const intent = joinIntent(serfOf(member).clock, node, pool.nameBytes[node]);
  onJoinIntent(member, intent, out);
  broadcastMessage(member, intent, out);
}
