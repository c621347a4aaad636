/** One member's memory of serf; it lies beside that of its memberlist (`Member.application`). */
import type { Copies } from '../../core/copies.ts';
import type { Progress } from '../../core/procedure.ts';
import type { BroadcastQueue } from '../gossip/queue.ts';
import { copyQueue, createQueue } from '../gossip/queue.ts';
import type { Member, MemberConfig } from '../gossip/member.ts';
import type { SerfDurable } from './durable.ts';
import type { SerfConfig } from './config.ts';
import type { Query, SerfMessage } from './messages.ts';
import type { SerfMember } from './members.ts';
import type { SnapshotWriter } from './snapshot.ts';
import { copyWriter, createWriter } from './snapshot.ts';

export interface SerfMachineConfig extends MemberConfig {
  readonly serf: SerfConfig;
}

/** An intent about somebody who is not known yet. */
export interface Intent {
  readonly kind: 'join' | 'leave';
  readonly time: number;
  readonly sinceMicros: number;
}

/** Intents, queries and user events wait in queues of their own; a word of a queue names a message. */
export interface Outgoing {
  readonly queues: readonly BroadcastQueue[];
  messages: Map<number, SerfMessage>;
  next: number;
}

/** What was seen at one time of a clock: what it was, for finding doubles. */
export interface Seen<What> {
  readonly time: number;
  readonly what: readonly What[];
}

/** A query of its own that is still open. */
export interface OpenQuery {
  readonly query: Query;
  readonly deadlineMicros: number;
  /** Most answers, and acks, that are taken. */
  readonly room: number;
  readonly answers: readonly (readonly [from: number, payload: string])[];
  readonly acks: readonly number[];
}

export interface Leave extends Progress {
  /** Message whose end is awaited has been sent often enough, or its time is over. */
  ended: boolean;
}

export interface Serf {
  readonly config: SerfConfig;
  /** Nodes of the pool that were formed before the run. */
  readonly founders: Uint8Array;
  state: 'alive' | 'leaving' | 'left' | 'shutdown';
  /** Lamport clocks. */
  clock: number;
  eventClock: number;
  queryClock: number;
  /** What deviates from everybody's default; everything where it is not `complete`. */
  members: Map<number, SerfMember>;
  complete: boolean;
  /** Members that it knows, in whatever state. */
  count: number;
  failed: number[];
  left: number[];
  intents: Map<number, Intent>;
  readonly outgoing: Outgoing;
  events: Map<number, Seen<readonly [name: string, payload: string]>>;
  queries: Map<number, Seen<number>>;
  eventTimeMin: number;
  queryTimeMin: number;
  /** Own queries, by their time. */
  open: Map<number, OpenQuery>;
  /** A join is under way that passes over older user events. */
  ignoresOld: boolean;
  leave: Leave | null;
  /** Members to try at a start, and how many were tried. */
  rejoin: number[];
  rejoinTried: number;
  /** Where the loops' sleeps begin, and which ticks are set. */
  reapPhaseMicros: number;
  reconnectPhaseMicros: number;
  queuePhaseMicros: number;
  reapArmed: boolean;
  reconnectArmed: boolean;
  queueArmed: boolean;
  readonly snapshot: SnapshotWriter;
}

export function serfOf(member: Member): Serf {
  return member.application as Serf;
}

/** What a start finds on disk decides where its clocks begin (`Create`). */
export function createSerf({ serf: config, pool }: SerfMachineConfig, disk: SerfDurable): Serf {
  const known = config.hasSnapshot;
  const at = (clock: number): number => (known ? Math.max(1, clock + 1) : 1);
  return {
    config,
    founders: pool.founders,
    state: 'alive',
    clock: at(disk.clock),
    eventClock: at(disk.eventClock),
    queryClock: at(disk.queryClock),
    members: new Map(),
    complete: false,
    count: 0,
    failed: [],
    left: [],
    intents: new Map(),
    outgoing: {
      queues: [createQueue(), createQueue(), createQueue()],
      messages: new Map(),
      next: 0,
    },
    events: new Map(),
    queries: new Map(),
    eventTimeMin: known ? disk.eventClock + 1 : 0,
    queryTimeMin: known ? disk.queryClock + 1 : 0,
    open: new Map(),
    ignoresOld: false,
    leave: null,
    rejoin: [],
    rejoinTried: 0,
    reapPhaseMicros: 0,
    reconnectPhaseMicros: 0,
    queuePhaseMicros: 0,
    reapArmed: false,
    reconnectArmed: false,
    queueArmed: false,
    snapshot: createWriter(disk),
  };
}

export function copySerf(serf: Serf, { list, map }: Copies): Serf {
  const { queues, messages, next } = serf.outgoing;
  return {
    ...serf,
    members: map(serf.members),
    failed: list(serf.failed),
    left: list(serf.left),
    intents: map(serf.intents),
    outgoing: { queues: queues.map(copyQueue), messages: map(messages), next },
    events: map(serf.events),
    queries: map(serf.queries),
    open: map(serf.open),
    leave: serf.leave === null ? null : { ...serf.leave },
    rejoin: list(serf.rejoin),
    snapshot: copyWriter(serf.snapshot, { list, map }),
  };
}
