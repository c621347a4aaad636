/** What the membership shares with the other machines of its server. */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { Role } from '../../protocol/raft/types.ts';
import type { RaftState } from '../../protocol/raft/types.ts';
import { RAFT_MACHINE } from '../../protocol/raft/vocabulary.ts';
import { MEMBER_CHANGED } from '../leader/vocabulary.ts';
import type { MembershipState } from './machine.ts';
import { MemberStatus } from './members.ts';
import type { Member, MemberSpec } from './members.ts';
import { MEMBERSHIP_MACHINE } from './vocabulary.ts';

export function raftOf(out: Outbox): RaftState {
  return out.sibling(RAFT_MACHINE) as RaftState;
}

export function leads(out: Outbox): boolean {
  return raftOf(out).role === Role.leader;
}

/** `reconcileCh`: what does not fit is dropped, and the next reconcile repairs it. */
export function tellLeaderLoop(process: ProcessIndex, status: MemberStatus, out: Outbox): void {
  out.post(MEMBER_CHANGED, 0, process, status);
}

/** Status.Peers: how many servers the Raft configuration of this one has. */
export function answerPeers(exchange: number, out: Outbox): void {
  out.reply(exchange, raftOf(out).latest.servers.length);
}

/** The pool as this server knows it, or undefined where servers are alone. */
export function membershipOf(out: Outbox): MembershipState | undefined {
  return out.sibling(MEMBERSHIP_MACHINE) as MembershipState | undefined;
}

/** True where requests may be forwarded to this server: its address is known (`serverLookup`). */
export function isTracked(process: ProcessIndex, out: Outbox): boolean {
  return membershipOf(out)?.lookup.includes(process) ?? true;
}

/** Every member with its status, in the order of the configuration. */
export function knownMembers(
  state: MembershipState,
): readonly { readonly spec: MemberSpec; readonly member: Member }[] {
  return state.config.members.flatMap((spec, place) => {
    const member = state.members[place];
    return member.status === MemberStatus.none ? [] : [{ spec, member }];
  });
}
