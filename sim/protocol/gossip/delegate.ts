/**
 * What an application above memberlist is told and asked (`hashicorp/memberlist:delegate.go`,
 * `event_delegate.go`, `merge_delegate.go`). All of it is optional; where it is left out nothing
 * happens. What serf does with acks, network coordinates, the pool does itself.
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from './member.ts';

/** A change of membership as the application sees it: a suspicion is none. */
export type MemberEvent = 'join' | 'leave' | 'update';

export interface Delegate {
  onEvent?(member: Member, event: MemberEvent, node: number, out: Outbox): void;
  /** False: an alive message about that node is ignored (`AliveDelegate`). */
  allows?(member: Member, node: number): boolean;
  /** False: the whole merge of a join is refused (`MergeDelegate`). */
  allowsMerge?(member: Member, from: number): boolean;
  /** The broadcast of a leave or an update has been sent as often as wanted, or not in time. */
  onBroadcast?(member: Member, complete: boolean, out: Outbox): void;
}
