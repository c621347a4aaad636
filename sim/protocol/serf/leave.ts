/**
 * A graceful leave (`hashicorp/serf:serf/serf.go (Leave, forceLeave)`): first serf says that it is about
 * to, then memberlist that it has, then both stay until everybody has heard.
 */
import type { Outbox } from '../../core/machine.ts';
import { NEXT, advance, after, begin, procedure } from '../../core/procedure.ts';
import type { StepResult } from '../../core/procedure.ts';
import type { Member } from '../gossip/member.ts';
import { onLeave as leaveMemberlist } from '../gossip/operations.ts';
import { awaitMessage, broadcastMessage, endLeaveWait } from './broadcasts.ts';
import { onLeaveIntent } from './intents.ts';
import { hasAliveMembers } from './members.ts';
import { leaveIntent } from './messages.ts';
import { armClock, recordLeave } from './snapshot.ts';
import { serfOf } from './state.ts';
import type { Leave } from './state.ts';
import { LEAVE_GOES_ON, LEAVE_TIMEOUT, SerfNote } from './vocabulary.ts';

interface Context {
  readonly member: Member;
  readonly out: Outbox;
}

/** The present time goes into the message, and the clock past it. */
function stampedLeave(member: Member, node: number, prune: boolean, out: Outbox) {
  const serf = serfOf(member);
  const intent = leaveIntent(serf.clock, node, prune, member.pool.nameBytes[node]);
  serf.clock++;
  armClock(member, out);
  onLeaveIntent(member, intent, out);
  return intent;
}

export const leaveProcedure = procedure<Context, Leave>('leave the pool', [
  {
    name: 'tell the intent',
    run: ({ member, out }, leave): StepResult => {
      const serf = serfOf(member);
      serf.state = 'leaving';
      out.note(SerfNote.leaving, 0, 0, 0);
      recordLeave(member, out);
      const intent = stampedLeave(member, member.node, false, out);
      if (!hasAliveMembers(member)) return NEXT;
      leave.ended = false;
      awaitMessage(serf, broadcastMessage(member, intent, out));
      out.timer(LEAVE_TIMEOUT, 0, serf.config.broadcastTimeoutMicros);
      out.park(LEAVE_GOES_ON, 0);
      return after('its intent to be told');
    },
  },
  {
    name: 'leave memberlist',
    run: ({ member, out }, leave): StepResult => {
      out.cancel(LEAVE_TIMEOUT, 0);
      leave.ended = true;
      if (!leaveMemberlist(member, serfOf(member).config.broadcastTimeoutMicros, out)) return NEXT;
      leave.ended = false;
      out.park(LEAVE_GOES_ON, 0);
      return after('memberlist');
    },
  },
  {
    name: 'stay',
    run: ({ member, out }): StepResult => {
      out.sleep(serfOf(member).config.leavePropagateMicros, LEAVE_GOES_ON, 0);
      return after('everybody to hear');
    },
  },
  {
    name: 'left',
    run: ({ member, out }): StepResult => {
      const serf = serfOf(member);
      serf.state = 'left';
      out.note(SerfNote.left, 0, 0, 0);
      serf.config.application.onLeft?.(member, out);
      return NEXT;
    },
  },
]);

export function beginLeave(member: Member, out: Outbox): void {
  const serf = serfOf(member);
  if (serf.state !== 'alive') return;
  serf.leave = begin({ ended: false });
  goOnLeaving(member, out);
}

export function goOnLeaving(member: Member, out: Outbox): void {
  const { leave } = serfOf(member);
  if (leave !== null) advance(leaveProcedure, { member, out }, leave);
}

/** The intent could not be told in time: the leave goes on without. */
export function onLeaveTimeout(member: Member, out: Outbox): void {
  serfOf(member).outgoing.queues[0].awaited = -1;
  endLeaveWait(member, out);
}

/** Somebody else is let go (`RemoveFailedNode`): if it lives, it will say so. */
export function forceLeave(member: Member, node: number, prune: boolean, out: Outbox): void {
  const intent = stampedLeave(member, node, prune, out);
  if (hasAliveMembers(member)) broadcastMessage(member, intent, out);
}
