/** What the leader's duties need of the state store: which entries its log still lacks. */
import type { Command } from '../../protocol/raft/types.ts';
import type { MemberSpec } from '../membership/members.ts';

/** Written once in the life of a cluster, by its first leader. */
export const SYSTEM_KEYS = ['autopilot', 'connect-ca', 'intention-format'] as const;
export type SystemKey = (typeof SYSTEM_KEYS)[number];

/** Each answers with a command for the log, or null where the store says it already. */
export interface CatalogPort {
  system(fsm: unknown, key: SystemKey): Command | null;
  /** The node, its check serfHealth as passing, and for a server the service `consul`. */
  alive(fsm: unknown, member: MemberSpec): Command | null;
  /** serfHealth critical, and nothing else. */
  failed(fsm: unknown, member: MemberSpec): Command | null;
  /** The node is to go, with all that is on it. */
  gone(fsm: unknown, member: MemberSpec): Command | null;
  /** Nodes with a check serfHealth that are none of these members. */
  unknown(fsm: unknown, members: readonly MemberSpec[]): Command[];
}
