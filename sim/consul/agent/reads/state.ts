/** Memory of the agent's reads: goroutines, views of streams, entries of the cache, and who waits. */
import type { InputKind, ProcessIndex } from '../../../core/machine.ts';
import type { ServiceInput } from '../../requests/catalog-endpoints.ts';
import type { ServerAnswer, ServerError, ServerRequest } from '../../requests/request.ts';
import type { CheckedInstance } from '../../state/catalog-queries.ts';
import type { RpcCall } from '../state.ts';
import type { Lookup } from './dns-names.ts';
import type { DnsQuestion } from './vocabulary.ts';

export interface DnsConfig {
  readonly allowStale: boolean;
  readonly maxStaleMicros: number;
  readonly onlyPassing: boolean;
  readonly nodeTtlMicros: number;
  /** By name, or `*` behind the beginning of names. */
  readonly serviceTtlMicros: Readonly<Record<string, number>>;
  readonly udpAnswerLimit: number;
  /** 0: none. */
  readonly aRecordLimit: number;
  readonly enableTruncate: boolean;
  readonly useCache: boolean;
}

export interface ReadsConfig {
  readonly node: string;
  readonly datacenter: string;
  /** `use_streaming_backend`. */
  readonly streaming: boolean;
  /** `cache.entry_fetch_rate`, a second, and `entry_fetch_max_burst`. */
  readonly fetchRate: number;
  readonly fetchBurst: number;
  readonly dns: DnsConfig;
  readonly bugs: {
    /** Entries of the cache are not fetched again after a few errors. */
    readonly P13: boolean;
  };
}

/** A DNS question under way: who asked, and how. */
export interface Asked {
  readonly question: DnsQuestion;
  readonly lookup: Lookup;
  /** By UDP; -1 by TCP. */
  readonly from: ProcessIndex;
  /** By TCP. */
  readonly exchange: number;
}

/** Whom an answer is for. */
export type Reader =
  | { readonly kind: 'http'; readonly exchange: number }
  | { readonly kind: 'dns'; readonly asked: Asked }
  | { readonly kind: 'local'; readonly answer: InputKind; readonly tag: number };

export interface Outcome {
  readonly answer: ServerAnswer | null;
  readonly error: ServerError | null;
  readonly hit: boolean | null;
  readonly ageMicros: number;
}

/** A goroutine that asks the servers: for a reader, or for an entry of the cache. */
export interface Goroutine {
  readonly rpc: RpcCall;
  readonly reader: Reader | null;
  /** Number of the entry, or 0. */
  readonly entry: number;
}

/** A reader that waits for a view or an entry to move on. */
export interface Waiter {
  readonly number: number;
  readonly reader: Reader;
  /** It wants a higher index than this. */
  readonly minIndex: number;
}

export interface View {
  readonly number: number;
  readonly key: string;
  readonly input: ServiceInput;
  /** 0: there was no snapshot yet. */
  index: number;
  instances: Map<string, CheckedInstance>;
  /** Asked last, or being asked. */
  server: ProcessIndex;
  failures: number;
  /** Local time until which it waits out the last failure. */
  retryMicros: number;
  waiters: Waiter[];
}

export interface Entry {
  readonly number: number;
  readonly key: string;
  readonly request: ServerRequest;
  /** The last good one. */
  answer: ServerAnswer | null;
  index: number;
  /** Of the last fetch, if that has failed. */
  error: ServerError | null;
  failures: number;
  /** Local time until which it waits out the last failure. */
  retryMicros: number;
  /** Since then the servers have not answered; -1: they have. */
  lostMicros: number;
  /** Tokens of `entry_fetch_rate` in millionths, and when they were counted. */
  tokens: number;
  countedMicros: number;
  waiters: Waiter[];
}

export interface ReadsState {
  readonly config: ReadsConfig;
  readonly goroutines: Map<number, Goroutine>;
  /** Of goroutines, views, entries and waiters. */
  last: number;
  readonly views: Map<number, View>;
  readonly viewByKey: Map<string, number>;
  readonly entries: Map<number, Entry>;
  readonly entryByKey: Map<string, number>;
  /** View or entry by the number of a waiter. */
  readonly waiting: Map<number, number>;
  /** When a stream of a server failed last. */
  readonly failedMicros: Map<ProcessIndex, number>;
}

export function createReads(config: ReadsConfig): ReadsState {
  return {
    config,
    goroutines: new Map(),
    last: 0,
    views: new Map(),
    viewByKey: new Map(),
    entries: new Map(),
    entryByKey: new Map(),
    waiting: new Map(),
    failedMicros: new Map(),
  };
}

export function saveReads(state: ReadsState): ReadsState {
  const { goroutines, views, entries } = state;
  return {
    ...state,
    goroutines: new Map(
      [...goroutines].map(([key, one]) => [key, { ...one, rpc: { ...one.rpc } }]),
    ),
    views: new Map(
      [...views].map(([number, view]) => [
        number,
        { ...view, instances: new Map(view.instances), waiters: view.waiters.slice() },
      ]),
    ),
    viewByKey: new Map(state.viewByKey),
    entries: new Map(
      [...entries].map(([number, entry]) => [number, { ...entry, waiters: entry.waiters.slice() }]),
    ),
    entryByKey: new Map(state.entryByKey),
    waiting: new Map(state.waiting),
    failedMicros: new Map(state.failedMicros),
  };
}
