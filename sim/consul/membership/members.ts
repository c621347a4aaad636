/** What a server knows of the members of its LAN pool: plain data. */
import type { ProcessIndex } from '../../core/machine.ts';
import { STATUS_NAMES as SERF_NAMES, Status } from '../../protocol/serf/members.ts';

/** Serf's own, and `reaped` of Consul, for a member that Serf has forgotten. */
export const MemberStatus = { ...Status, reaped: 5 } as const;
export type MemberStatus = (typeof MemberStatus)[keyof typeof MemberStatus];
export const STATUS_NAMES = [...SERF_NAMES, 'reaped'] as const;

/** A member of the pool as its tags tell it. Its place in the list is its node number in the pool. */
export interface MemberSpec {
  readonly process: ProcessIndex;
  readonly name: string;
  readonly address: string;
  readonly server: boolean;
  /** Its `bootstrap_expect`, a tag; 0: none. */
  readonly expect: number;
}

/** As Serf beside it sees it; Serf says so at every change. */
export interface Member {
  readonly status: MemberStatus;
}

/** True for those whose program counts as running: `leaving` still does (`NodeStatus` of autopilot). */
export function isUp({ status }: Member): boolean {
  return status === MemberStatus.alive || status === MemberStatus.leaving;
}
