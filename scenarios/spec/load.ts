/** Load on the store of the servers. */
import type { DistributionSpec } from '../distribution.ts';

/** What a client may do next. An increment reads a counter and compares-and-sets it. */
export type LoadWork = 'put' | 'get' | 'cas' | 'delete' | 'increment' | 'txn' | 'txn-get';

/** Clients that take turns at locks (server §3.6). */
export interface LockLoadSpec {
  readonly ttlMicros: number;
  readonly lockDelayMicros: number;
  readonly behavior: 'release' | 'delete';
  readonly checks: readonly string[];
  /** How long a lock is kept, and the rest before the next turn. */
  readonly hold: DistributionSpec;
  readonly rest: DistributionSpec;
  /** Shares of the turns that end with the session destroyed, or with silence. */
  readonly destroys: number;
  readonly silent: number;
  readonly renewals: 'default' | 'stale';
}

export interface LoadSpec {
  readonly kind: 'kv' | 'txn' | 'watch' | 'lock';
  readonly name: string;
  readonly via: 'server' | 'agent';
  /** Datacenter that the operations are about, where it is not that of the clients; or null. */
  readonly asks: string | null;
  /** The hosts of its clients. */
  readonly clients: readonly string[];
  /** Open: operations of the whole load per second. Closed: each client's wait after an answer. */
  readonly arrival:
    | { readonly kind: 'open'; readonly ratePerSecond: number }
    | { readonly kind: 'closed'; readonly think: DistributionSpec }
    /** Watchers to whom nobody writes. */
    | { readonly kind: 'none' };
  readonly keys: number;
  /** What the names of its keys begin with. */
  readonly prefix: string;
  /** Shares that add up to 1. */
  readonly mix: Readonly<Record<LoadWork, number>>;
  /** Keys of a transaction, and the share of its writes that compare. */
  readonly transaction: { readonly keys: number; readonly conditional: number } | null;
  /** How reads are made; shares that add up to 1. */
  readonly consistency: Readonly<Record<'default' | 'consistent' | 'stale', number>>;
  /** What each client watches beside that. */
  readonly watch: {
    readonly whole: 'key' | 'prefix';
    /** 0: as long as the server likes. */
    readonly waitMicros: number;
    /** Before the next query, up to so long is waited. */
    readonly spreadMicros: number;
  } | null;
  readonly lock: LockLoadSpec | null;
  readonly timeoutMicros: number;
}
