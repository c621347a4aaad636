/**
 * What serf makes of memberlist's events (`hashicorp/serf:serf/serf.go (handleNodeJoin, handleNodeLeave,
 * handleNodeUpdate)`): whether a member has left or failed is for its own status to say, whatever
 * memberlist calls it.
 */
import type { Outbox } from '../../core/machine.ts';
import type { MemberEvent } from '../gossip/delegate.ts';
import type { Member } from '../gossip/member.ts';
import { Status, memberOf, setMember, statusOf } from './members.ts';
import type { SerfMember } from './members.ts';
import { armReap, armReconnect } from './periodic.ts';
import { recordMember } from './snapshot.ts';
import { serfOf } from './state.ts';
import type { Serf } from './state.ts';

export function onMemberEvent(member: Member, event: MemberEvent, node: number, out: Outbox): void {
  switch (event) {
    case 'join':
      onMemberJoin(member, node, out);
      return;
    case 'leave':
      onMemberLeave(member, node, out);
      return;
    case 'update': {
      const serf = serfOf(member);
      if (statusOf(serf, node) === Status.none) return;
      serf.config.application.onEvent?.(node, 'update', out);
    }
  }
}

function onMemberJoin(member: Member, node: number, out: Outbox): void {
  const serf = serfOf(member);
  const held = memberOf(serf, node);
  const next =
    held.status === Status.none
      ? firstSeen(serf, node)
      : { status: Status.alive, time: held.time, goneMicros: 0 };
  setMember(member, node, next, out);
  recordMember(member, node, true, out);
  serf.config.application.onEvent?.(node, 'join', out);
}

/** Of the intents about a node that was unknown, the newest one is remembered. */
function firstSeen({ intents }: Serf, node: number): SerfMember {
  const intent = intents.get(node);
  const status = intent?.kind === 'leave' ? Status.leaving : Status.alive;
  return { status, time: intent?.time ?? 0, goneMicros: 0 };
}

function onMemberLeave(member: Member, node: number, out: Outbox): void {
  const serf = serfOf(member);
  const held = memberOf(serf, node);
  const left = held.status === Status.leaving;
  if (!left && held.status !== Status.alive) return;
  const status = left ? Status.left : Status.failed;
  setMember(member, node, { ...held, status, goneMicros: out.now() }, out);
  recordMember(member, node, false, out);
  armReap(member, out);
  armReconnect(member, out);
  serf.config.application.onEvent?.(node, left ? 'leave' : 'failed', out);
}
