/** One member's memory, but for its view of the others, which lies in the pool. */
import type { Copies } from '../../core/copies.ts';
import { createTicker, copyTicker } from '../../core/ticker.ts';
import type { Ticker } from '../../core/ticker.ts';
import type { MemberlistConfig } from './config.ts';
import type { UserMessage } from './delegate.ts';
import type { GossipPool } from './pool.ts';
import { copyQueue, createQueue } from './queue.ts';
import type { BroadcastQueue } from './queue.ts';

export const Stage = { idle: 0, direct: 1, indirect: 2 } as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

/** What the machine is given in its process. */
export interface MemberConfig {
  readonly pool: GossipPool;
  readonly member: number;
  readonly memberlist: MemberlistConfig;
  /** Members to join at the start, in this order. */
  readonly join: readonly number[];
}

/** A ping on behalf of another member. */
export interface Relay {
  readonly sequence: number;
  readonly origin: number;
  readonly requester: number;
  nacked: boolean;
}

/** The probe under way; the target as it was when the probe began. */
export interface Probe {
  stage: Stage;
  target: number;
  held: number;
  sequence: number;
  sinceMicros: number;
  /** When it began by the wall clock: by that a bug takes the round trip. */
  sinceWallMicros: number;
  timeoutMicros: number;
  deadlineMicros: number;
  expectedNacks: number;
  nacks: number;
  /** An answer over TCP has come. */
  contacted: boolean;
  /** Which of its timers are set. */
  timeoutSet: boolean;
  deadlineSet: boolean;
}

export interface Member {
  readonly pool: GossipPool;
  readonly index: number;
  /** Its own name. */
  readonly node: number;
  readonly config: MemberlistConfig;
  readonly join: readonly number[];
  /** Last incarnation that it has announced. */
  incarnation: number;
  /** Version of its tags. */
  tags: number;
  sequence: number;
  /** Awareness score. */
  health: number;
  /** Nodes in its list: everything it knows, the dead included. */
  listed: number;
  leaving: boolean;
  /** The order in which it probes; null: computed from `orderKey`. */
  order: Uint16Array | null;
  /** A checkpoint holds the order, too: who changes it takes a copy. */
  orderKept: boolean;
  orderKey: number;
  cursor: number;
  readonly probe: Probe;
  readonly ticker: Ticker;
  /** Ticks of gossip fall on this time and every interval after it. */
  gossipPhaseMicros: number;
  gossipArmed: boolean;
  lastGossipMicros: number;
  /** Nodes that this tick has not reached because sending is held back. */
  gossipRest: number[];
  readonly queue: BroadcastQueue;
  relays: (Relay | null)[];
  /** Messages for the worker, two words each, by priority. */
  urgent: number[];
  ordinary: number[];
  /** Messages of the application among those for the worker, the newest last. */
  inbox: UserMessage[];
  /** Messages that the application has queued. */
  userQueued: number;
  /** Memory of the program above memberlist, if there is one. */
  application: unknown;
  /** Generation of the snapshots that tell it everything (see GossipPool.version). */
  settledVersion: number;
  /** Next of those to join, and how many were reached. */
  joinNext: number;
  joined: number;
  /** Members that somebody asks it to join, instead of `join`. */
  joinAsked: readonly number[] | null;
}

export function createMember(config: MemberConfig, now: number): Member {
  const { pool, member, memberlist, join } = config;
  return {
    pool,
    index: member,
    node: pool.nodeOf[member],
    config: memberlist,
    join,
    incarnation: 0,
    tags: 0,
    sequence: 0,
    health: 0,
    listed: 0,
    leaving: false,
    order: null,
    orderKept: false,
    orderKey: 0,
    cursor: 0,
    probe: {
      stage: Stage.idle,
      target: -1,
      held: 0,
      sequence: 0,
      sinceMicros: 0,
      sinceWallMicros: 0,
      timeoutMicros: 0,
      deadlineMicros: 0,
      expectedNacks: 0,
      nacks: 0,
      contacted: false,
      timeoutSet: false,
      deadlineSet: false,
    },
    ticker: createTicker(now, Math.max(1, memberlist.probeIntervalMicros)),
    gossipPhaseMicros: now,
    gossipArmed: false,
    lastGossipMicros: -1,
    gossipRest: [],
    queue: createQueue(),
    relays: [],
    urgent: [],
    ordinary: [],
    inbox: [],
    userQueued: 0,
    application: null,
    settledVersion: 0,
    joinNext: 0,
    joined: 0,
    joinAsked: null,
  };
}

export function copyMember(member: Member, { list }: Copies): Member {
  member.orderKept = true;
  return {
    ...member,
    probe: { ...member.probe },
    ticker: copyTicker(member.ticker),
    gossipRest: list(member.gossipRest),
    queue: copyQueue(member.queue),
    relays: list(member.relays.map((relay) => (relay === null ? null : { ...relay }))),
    urgent: list(member.urgent),
    ordinary: list(member.ordinary),
    inbox: list(member.inbox),
  };
}
