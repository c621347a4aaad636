/**
 * What an application above memberlist is told and asked (`hashicorp/memberlist:delegate.go`,
 * `event_delegate.go`, `merge_delegate.go`). All of it is optional; where it is left out nothing
 * happens. What serf does with acks, network coordinates, the pool does itself.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from './member.ts';

/** A change of membership as the application sees it: a suspicion is none. */
export type MemberEvent = 'join' | 'leave' | 'update';

/** A message that memberlist carries for the application; the byte that says so is counted in. */
export interface UserMessage {
  readonly bytes: number;
}

/** What the application adds to a full exchange. */
export interface UserState {
  readonly bytes: number;
}

export interface Delegate {
  /** A message of the application, from a packet. */
  onMessage?(member: Member, message: UserMessage, out: Outbox): void;
  /** Messages for the next packet, whose bytes and overheads fit into `limit` (`GetBroadcasts`). */
  fillPacket?(member: Member, limit: number, out: Outbox): readonly UserMessage[];
  localState?(member: Member): UserState;
  mergeState?(member: Member, theirs: UserState, join: boolean, out: Outbox): void;
  /** A join of several begins, and has reached so many of them. */
  onJoining?(member: Member): void;
  onJoined?(member: Member, reached: number, out: Outbox): void;
  /** Another address claims the name of this node. */
  onConflict?(member: Member, node: number, out: Outbox): void;
  onEvent?(member: Member, event: MemberEvent, node: number, out: Outbox): void;
  /** False: an alive message about that node is ignored (`AliveDelegate`). */
  allows?(member: Member, node: number): boolean;
  /** False: the whole merge of a join is refused (`MergeDelegate`). */
  allowsMerge?(member: Member, from: number): boolean;
  /** The broadcast of a leave or an update has been sent as often as wanted, or not in time. */
  onBroadcast?(member: Member, complete: boolean, out: Outbox): void;
}
