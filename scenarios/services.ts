/** Services and the calls to them, as the loader hands them to the simulator: plain data in base units. */
import type { DistributionSpec } from './distribution.ts';

/** Ways to pick an instance; each has one file of code in `sim/client/balance`. */
export const POLICIES = [
  'random',
  'weighted-random',
  'round-robin',
  'smooth-weighted',
  'static-stride',
  'dynamic-weights',
  'least-outstanding',
  'least-request',
  'p2c',
  'peak-ewma',
  'ring-hash',
  'maglev',
  'aperture',
  'pick-first',
] as const;
export type PolicyName = (typeof POLICIES)[number];

export const BACKOFFS = [
  'none',
  'fixed',
  'exponential',
  'full-jitter',
  'equal-jitter',
  'decorrelated',
  'envoy',
  'grpc',
  'consul',
] as const;
export type BackoffName = (typeof BACKOFFS)[number];

export const BREAKERS = ['hystrix', 'resilience4j', 'gobreaker', 'finagle', 'linkerd'] as const;
export type BreakerName = (typeof BREAKERS)[number];

export interface ServiceSpec {
  readonly name: string;
  /** Its instances, `<service>-<number>` from 1. */
  readonly instances: readonly string[];
  readonly workers: number;
  /** Requests that may wait in an instance. */
  readonly queue: number;
  readonly time: DistributionSpec;
  /** Share of requests that end in an error. */
  readonly errors: number;
  /** Requests are dropped, when their turn comes, if nobody waits for them any more. */
  readonly cancel: boolean;
  readonly coldStart: { readonly micros: number; readonly factor: number } | null;
  /** Of each instance, in their order. */
  readonly weights: readonly number[];
  readonly behaviours: readonly (readonly BehaviourSpec[])[];
  readonly calls: readonly CallSettings[];
  /** By the agent beside each instance. */
  readonly checks: readonly CheckSpec[];
  readonly registration: RegistrationSpec;
  /** What an instance says to a health check is another each time. */
  readonly tellsTime: boolean;
}

/** How an instance comes into the catalog. */
export interface RegistrationSpec {
  /** Null: by the configuration of its agent. */
  readonly api: ApiRegistrationSpec | null;
  /** Further names under which each instance is registered, without checks. */
  readonly names: readonly string[];
  /** Names that its token may not register. */
  readonly denied: readonly string[];
  /** A sidecar proxy is registered beside it. */
  readonly sidecar: boolean;
  /** What it does when it is told to stop; null: it ends at once. */
  readonly shutdown: {
    readonly deregister: boolean;
    readonly drainMicros: number;
    readonly graceMicros: number;
  } | null;
}

/** By the program itself, through the HTTP API of its agent. */
export interface ApiRegistrationSpec {
  /** It registers the same again so often; null: never. */
  readonly againMicros: number | null;
  /** It asks so often whether it is registered, and registers again if not; null: never. */
  readonly lookMicros: number | null;
  /** Its agent has a data directory. */
  readonly persists: boolean;
}

/** What agents find out for programs; the same for all. */
export interface AgentReadSpec {
  readonly streaming: boolean;
  /** Fetches a second of one entry of the cache; null: any number. */
  readonly fetchRate: number | null;
  readonly fetchBurst: number;
  readonly dns: {
    readonly allowStale: boolean;
    readonly maxStaleMicros: number;
    readonly onlyPassing: boolean;
    readonly nodeTtlMicros: number;
    readonly serviceTtlMicros: Readonly<Record<string, number>>;
    readonly udpAnswerLimit: number;
    readonly aRecordLimit: number;
    readonly enableTruncate: boolean;
    readonly useCache: boolean;
  };
}

/** By which road a client learns of instances, through its agent. */
/** `Failover` of a prepared query. */
export interface FailoverSpec {
  /** So many datacenters, by their distance. */
  readonly nearest: number;
  /** Then these, in their order. */
  readonly datacenters: readonly string[];
}

export type DiscoverSpec =
  | {
      readonly by: 'health';
      readonly passing: boolean;
      /** Time between two plain queries; null: blocking ones. */
      readonly intervalMicros: number | null;
      readonly mode: 'default' | 'consistent' | 'stale';
      readonly cached: boolean;
      /** Sorted by distance from the agent. */
      readonly near: boolean;
    }
  | {
      readonly by: 'query';
      readonly passing: boolean;
      readonly intervalMicros: number;
      readonly near: boolean;
      /** Where the query looks when it finds nobody; null: nowhere. */
      readonly failover: FailoverSpec | null;
    }
  | {
      readonly by: 'dns';
      readonly record: 'A' | 'SRV';
      /** UDP size that is offered; 0: no EDNS. */
      readonly ednsBytes: number;
      /** How long the client keeps an answer at least. */
      readonly cacheMicros: number;
      /** By RFC 6724, not as it came. */
      readonly sorted: boolean;
      /** The first address is all that it takes. */
      readonly firstOnly: boolean;
    };

export const CHECK_KINDS = [
  'http',
  'tcp',
  'udp',
  'grpc',
  'h2ping',
  'script',
  'docker',
  'ttl',
] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

export interface CheckSpec {
  readonly kind: CheckKind;
  /** It concerns every service of the node. */
  readonly ofNode: boolean;
  /** Of `http`; it is part of the check's output. */
  readonly path: string;
  /** `ttl`: time after which it is critical unless the instance speaks, which it does that often. */
  readonly ttlMicros: number;
  readonly heartbeatMicros: number;
  readonly intervalMicros: number;
  readonly timeoutMicros: number;
  /** Until the first run. */
  readonly status: 'passing' | 'warning' | 'critical';
  readonly successBeforePassing: number;
  readonly failuresBeforeWarning: number;
  readonly failuresBeforeCritical: number;
  /** 0: never. */
  readonly deregisterAfterMicros: number;
  /** It asks the services that the instance depends on, too. */
  readonly dependencies: boolean;
}

export type BehaviourSpec = { readonly fromMicros: number; readonly untilMicros: number } & (
  | { readonly kind: 'slow'; readonly factor: number }
  | { readonly kind: 'time'; readonly time: DistributionSpec }
  | { readonly kind: 'hung' }
  | { readonly kind: 'refusing' }
  | { readonly kind: 'failing'; readonly share: number; readonly after: DistributionSpec | null }
  | { readonly kind: 'flapping'; readonly upMicros: number; readonly downMicros: number }
);

/** How a client, or an instance that depends on a service, calls it. */
export interface CallSettings {
  readonly service: string;
  /** Of one attempt. */
  readonly timeoutMicros: number;
  /** Of the whole call; null: only the attempts have one. */
  readonly deadlineMicros: number | null;
  readonly balance: BalanceSpec;
  readonly retry: RetrySpec | null;
  /** Null: it knows the scenario's instances, dead or alive. */
  readonly discover: DiscoverSpec | null;
  readonly hedge: HedgeSpec | null;
  readonly outliers: OutlierSpec | null;
  readonly breaker: BreakerSpec | null;
  /** Calls under way at a time, more are turned away; null: any number. */
  readonly requestsMax: number | null;
}

export interface BalanceSpec {
  readonly policy: PolicyName;
  /** least-request: how many are looked at, with replacement or all different. */
  readonly choices: number;
  readonly replacement: boolean;
  /** least-request with weights: exponent of the requests under way. */
  readonly bias: number;
  /** peak-ewma: time constant, what an instance is taken for before it has answered (null: as
   * Finagle does), time that an error counts for (null: what it took), and whether all are looked at. */
  readonly decayMicros: number;
  readonly defaultMicros: number | null;
  readonly errorMicros: number | null;
  /** Plant P24: errors count as little as they took. */
  readonly fastErrors?: boolean;
  readonly scan: boolean;
  /** ring-hash: fewest and most entries. */
  readonly ring: { readonly min: number; readonly max: number };
  /** maglev: entries of the table, a prime. */
  readonly table: number;
  /** Consistent hashing skips who has more than this times the mean under way; null: nobody. */
  readonly bounded: number | null;
  /** Each client keeps to so many instances of its own; null: all. */
  readonly subset: number | null;
  readonly aperture: ApertureSpec;
  readonly locality: 'none' | 'zone-aware' | 'weighted' | 'failover';
  /** weighted: weight of each zone; zones that are left out have 1. */
  readonly zoneWeights: Readonly<Record<string, number>>;
  /** Share of healthy instances below which health is ignored. */
  readonly panic: number;
  readonly overprovisioning: number;
  readonly slowStart: SlowStartSpec | null;
}

export interface ApertureSpec {
  readonly smoothMicros: number;
  readonly low: number;
  readonly high: number;
  readonly min: number;
}

export interface SlowStartSpec {
  readonly windowMicros: number;
  readonly aggression: number;
  readonly minWeight: number;
}

export interface RetrySpec {
  /** All attempts of a call, the first included. */
  readonly attempts: number;
  readonly backoff: BackoffSpec;
  readonly budget: BudgetSpec | null;
  /** Retries go to instances that this call has not tried, while there are such. */
  readonly elsewhere: boolean;
}

export interface BackoffSpec {
  readonly kind: BackoffName;
  readonly baseMicros: number;
  readonly capMicros: number;
  /** Plant P22: doubling overflows 32 bits. */
  readonly overflows?: boolean;
  /** Plant P15: every delay is the longest there may be. */
  readonly rigid?: boolean;
}

export type BudgetSpec =
  /** Each call brings `ratio` of a retry, up to `cap` of them. */
  | { readonly kind: 'bucket'; readonly ratio: number; readonly cap: number }
  | {
      readonly kind: 'finagle';
      readonly ratio: number;
      readonly minPerSecond: number;
      readonly windowMicros: number;
    }
  /** Retries under way: at most `ratio` of what is under way, or `min`. */
  | { readonly kind: 'envoy'; readonly ratio: number; readonly min: number }
  /** Tokens start at `max`; a failure takes one, a success brings `ratio`. */
  | { readonly kind: 'grpc'; readonly ratio: number; readonly max: number };

export interface HedgeSpec {
  readonly afterMicros: number;
  /** All attempts of a call, the first included. */
  readonly attempts: number;
}

/** Envoy's outlier detection, or gRPC's (A50). */
export interface OutlierSpec {
  readonly variant: 'envoy' | 'grpc';
  readonly intervalMicros: number;
  readonly baseEjectionMicros: number;
  readonly maxEjectionMicros: number;
  readonly maxEjectionShare: number;
  readonly alwaysEjectOne: boolean;
  /** Envoy: errors in a row; 0: never. */
  readonly consecutiveErrors: number;
  readonly successRate: {
    readonly factor: number;
    readonly enforcing: number;
    readonly minHosts: number;
    readonly volume: number;
  };
  readonly failurePercentage: {
    readonly threshold: number;
    readonly enforcing: number;
    readonly minHosts: number;
    readonly volume: number;
  };
}

export interface BreakerSpec {
  readonly kind: BreakerName;
  /** Time that it stays open, at first where it grows. */
  readonly openMicros: number;
}

export interface CallLoadSpec extends CallSettings {
  readonly name: string;
  /** The hosts of its clients. */
  readonly clients: readonly string[];
  readonly arrival:
    | { readonly kind: 'open'; readonly ratePerSecond: number }
    | { readonly kind: 'closed'; readonly think: DistributionSpec };
  /** Keys that calls are spread over evenly, for consistent hashing. */
  readonly keys: number;
  /** In whose name they call through proxies; null: they call directly. */
  readonly as: string | null;
}
