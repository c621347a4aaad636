/**
 * What can be set about serf (`hashicorp/serf:serf/config.go (DefaultConfig)`) and what Consul makes of
 * it (`consul:agent/consul/config.go`, `consul:internal/gossip/libserf/serf.go`).
 */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../gossip/member.ts';
import type { Status } from './members.ts';

/** Bugs of the reference that serf can show; true: the bug is there (design §6). */
export interface SerfBugs {
  /** plant: a leave intent about who leaves or has left is not remembered (consul#8179). */
  readonly G2: boolean;
}

export const SERF_PLANTS = ['G2'] as const;

export type SerfEvent = 'join' | 'leave' | 'failed' | 'update' | 'reap';

/** The program that uses serf; it is told at once, and may post to machines of its own. */
export interface SerfApplication {
  /** Every change of a status, those that are no event too. */
  onStatus?(node: number, status: Status, out: Outbox): void;
  onEvent?(node: number, event: SerfEvent, out: Outbox): void;
  /** How long a node is kept after it failed or left, where it says so itself (`rc_tm`). */
  reconnectTimeoutMicros?(node: number): number | null;
  onUserEvent?(name: string, payload: string, out: Outbox): void;
  /** A graceful leave is over. */
  onLeft?(member: Member, out: Outbox): void;
}

export interface SerfConfig {
  readonly broadcastTimeoutMicros: number;
  readonly leavePropagateMicros: number;
  readonly reapIntervalMicros: number;
  readonly reconnectIntervalMicros: number;
  /** Failed members are forgotten after this, and those that left after the other. */
  readonly reconnectTimeoutMicros: number;
  readonly tombstoneMicros: number;
  readonly recentIntentMicros: number;
  readonly queueCheckMicros: number;
  readonly queueDepthMax: number;
  /** Above 0 the limit is twice the members, but at least this. */
  readonly queueDepthMin: number;
  readonly eventBuffer: number;
  readonly queryBuffer: number;
  readonly queryTimeoutMult: number;
  /** Who finds its name taken asks the others, and goes if most of them know the other one. */
  readonly resolvesConflicts: boolean;
  readonly rejoinsAfterLeave: boolean;
  /** Members and clocks are kept on disk. */
  readonly hasSnapshot: boolean;
  /** Joins that the program asks for pass over user events of before. */
  readonly joinIgnoresOld: boolean;
  /** Nodes that had failed, and were purged by memberlist, before a formed pool starts. */
  readonly failedBefore: readonly number[];
  readonly application: SerfApplication;
  readonly bugs: SerfBugs;
}

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;

/** What serf itself takes. */
export const SERF: SerfConfig = {
  broadcastTimeoutMicros: 5 * SECOND,
  leavePropagateMicros: SECOND,
  reapIntervalMicros: 15 * SECOND,
  reconnectIntervalMicros: 30 * SECOND,
  reconnectTimeoutMicros: 24 * HOUR,
  tombstoneMicros: 24 * HOUR,
  recentIntentMicros: 300 * SECOND,
  queueCheckMicros: 30 * SECOND,
  queueDepthMax: 4096,
  queueDepthMin: 0,
  eventBuffer: 512,
  queryBuffer: 512,
  queryTimeoutMult: 16,
  resolvesConflicts: true,
  rejoinsAfterLeave: false,
  hasSnapshot: true,
  joinIgnoresOld: false,
  failedBefore: [],
  application: {},
  bugs: { G2: false },
};

/** Both of Consul's pools. */
export const CONSUL_SERF: SerfConfig = {
  ...SERF,
  leavePropagateMicros: 3 * SECOND,
  reconnectTimeoutMicros: 72 * HOUR,
  queueDepthMin: 4096,
  joinIgnoresOld: true,
};
