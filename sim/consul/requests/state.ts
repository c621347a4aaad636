/**
 * The server's own memory of requests under way. Each is a goroutine of the real program, and a
 * record here, named by a tag, for as long as it waits for something; most reads never do.
 */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import type { RaftState } from '../../protocol/raft/types.ts';
import { RAFT_MACHINE } from '../../protocol/raft/vocabulary.ts';
import { createStreams, saveStreams } from './streams.ts';
import type { Streams } from './streams.ts';
import { createWatches, saveWatches } from '../state/watches.ts';
import type { Watches } from '../state/watches.ts';
import type { Failover } from './failover.ts';
import { QUERY_TIMER } from './inputs.ts';
import type { Buckets } from './limits.ts';
import type { ServerAnswer, ServerError, ServerRequest } from './request.ts';

export interface RequestLimits {
  readonly mode: 'disabled' | 'permissive' | 'enforcing';
  /** Requests a second; Infinity: no limit. */
  readonly readRate: number;
  readonly writeRate: number;
}

export interface RequestBugs {
  /** Consistent reads do not wait until the leader is ready. */
  readonly B13: boolean;
  /** plant: stale reads are answered before anybody has told this server anything. */
  readonly B14: boolean;
  /** Answers may have index 0. */
  readonly P10: boolean;
  /** Streams begin after their snapshot, and what lies between is lost. */
  readonly P11: boolean;
  /** Streams outlive the store that they read. */
  readonly P12: boolean;
}

export interface ServerConfig {
  /** The one that this server is in. */
  readonly datacenter: string;
  /** Read deadline of a forwarded RPC that does not block (`rpc_client_timeout`). */
  readonly forwardMicros: number;
  /** For how long a request is held while there is no leader (`rpc_hold_timeout`); 0: not at all. */
  readonly holdMicros: number;
  /** `default_query_time` and `max_query_time` of blocking queries. */
  readonly queryMicros: number;
  readonly queryMicrosMax: number;
  /** `limits.request_limits`. */
  readonly limits: RequestLimits;
  readonly bugs: RequestBugs;
}

/** What a request waits for. */
export const Phase = {
  /** Raft is to commit and apply its command. */
  applying: 0,
  /** Raft is to verify the leadership. */
  verifying: 1,
  /** The leader is to get ready for consistent reads. */
  preparing: 2,
  /** The leader is to answer. */
  forwarded: 3,
  /** It is held until the next attempt. */
  held: 4,
  /** What it has read is to change. */
  blocking: 5,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** A blocking query (`consul:agent/blockingquery/blockingquery.go (Query)`). */
export interface Blocking {
  /** Its number among all blocking queries of this server. */
  readonly query: number;
  /** The answer waits for an index above it; what is not found moves it. */
  minIndex: number;
  /** The query has found nothing before. */
  notFound: boolean;
  /** Its time was up while it was being verified. */
  expired: boolean;
  /** What the query gave last. */
  answer: ServerAnswer | null;
}

export interface Pending {
  /** Where the answer goes; 0 when whoever waited has been told. */
  exchange: number;
  readonly request: ServerRequest;
  /** Local time of its arrival here. */
  readonly startedMicros: number;
  phase: Phase;
  /** Failed attempts, and the wait after the last of them. */
  attempts: number;
  waitedMicros: number;
  /** What the last attempt failed with, for one that gives up while it is held. */
  error: ServerError | null;
  /** `preparing`: local time after which the leader is too late. */
  readyByMicros: number;
  blocking: Blocking | null;
}

/** A write on its way to Raft's main goroutine. */
export interface Enqueued {
  readonly tag: number;
  /** How many proposals Raft had been given with it. */
  readonly number: number;
  readonly byMicros: number;
}

export interface RequestState {
  readonly config: ServerConfig;
  /** By tag. */
  pending: (Pending | null)[];
  free: number[];
  /** The flag that gates consistent reads; the end of leadership clears it late. */
  ready: boolean;
  /** A graceful leave is under way: what needs the leader is refused. */
  leaving: boolean;
  /** Proposals in order; those that Raft has taken go when somebody looks. */
  enqueued: Enqueued[];
  proposals: number;
  /** Tokens of the request limits; null where there are none. */
  buckets: Buckets | null;
  /** Queries that wait for the state store to change. */
  watches: Watches;
  /** Blocking queries under way: tag by number; numbers are never used again. */
  blocked: Map<number, number>;
  queries: number;
  streams: Streams;
  /** Servers of other datacenters that are being asked, by tag. */
  across: Map<number, ProcessIndex>;
  /** Prepared queries that look elsewhere, by tag. */
  failovers: Map<number, Failover>;
}

/** `consul:agent/structs/structs.go (JitterFraction)`. */
export const JITTER_FRACTION = 16;

export function createRequestState(config: ServerConfig, buckets: Buckets | null): RequestState {
  return {
    config,
    pending: [],
    free: [],
    ready: false,
    leaving: false,
    enqueued: [],
    proposals: 0,
    buckets,
    watches: createWatches(),
    blocked: new Map(),
    queries: 0,
    streams: createStreams(),
    across: new Map(),
    failovers: new Map(),
  };
}

export function raftOf(out: Outbox): RaftState {
  return out.sibling(RAFT_MACHINE) as RaftState;
}

/** The request waits from now on; returns its tag. */
export function park(
  state: RequestState,
  exchange: number,
  request: ServerRequest,
  phase: Phase,
  out: Outbox,
): number {
  const tag = state.free.pop() ?? state.pending.length;
  state.pending[tag] = {
    exchange,
    request,
    startedMicros: out.now(),
    phase,
    attempts: 0,
    waitedMicros: 0,
    error: null,
    readyByMicros: 0,
    blocking: null,
  };
  return tag;
}

/** For how long a blocking query waits, its jitter apart. */
export function queryMicros(
  { queryMicros: usual, queryMicrosMax }: ServerConfig,
  { waitMicros }: ServerRequest,
): number {
  return waitMicros > 0 ? Math.min(waitMicros, queryMicrosMax) : usual;
}

export function forget(state: RequestState, tag: number, out: Outbox): void {
  const { blocking } = state.pending[tag]!;
  if (blocking !== null) {
    state.blocked.delete(blocking.query);
    out.cancel(QUERY_TIMER, tag);
  }
  state.pending[tag] = null;
  state.free.push(tag);
}

export function saveRequestState(state: RequestState): RequestState {
  return {
    ...state,
    pending: state.pending.map(copyPending),
    free: state.free.slice(),
    enqueued: state.enqueued.slice(),
    buckets: state.buckets && { ...state.buckets },
    watches: saveWatches(state.watches),
    blocked: new Map(state.blocked),
    streams: saveStreams(state.streams),
    across: new Map(state.across),
    failovers: new Map(state.failovers),
  };
}

function copyPending(pending: Pending | null): Pending | null {
  return pending && { ...pending, blocking: pending.blocking && { ...pending.blocking } };
}
