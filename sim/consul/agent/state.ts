/** Memory of an agent. Its goroutines are records here, each with a lane of its own. */
import type { ProcessIndex } from '../../core/machine.ts';
import type { AgentBugs } from './bugs.ts';
import type { CheckCounters, Thresholds } from './check-handler.ts';
import type { CheckStatus, CheckDefinition, ServiceDefinition } from '../state/rows.ts';
import type { CatalogNode, LocalState, Push } from './local-state.ts';
import type { Lock } from './lock.ts';
import type { ServerEntry, ServerList } from './servers.ts';
import type { Syncer } from './syncer.ts';
import type { ServerRequest } from '../requests/request.ts';

/** How a check finds out. `ttl` waits to be told, `alias` looks at the checks of another service. */
export type CheckKind =
  'http' | 'tcp' | 'udp' | 'grpc' | 'h2ping' | 'script' | 'docker' | 'ttl' | 'alias';

export interface CheckSpec {
  /** "" lets the agent name it. */
  readonly id: string;
  readonly name: string;
  readonly kind: CheckKind;
  /** It concerns every service of the node. */
  readonly ofNode: boolean;
  /** Path of `http`, and where it is asked, as outputs tell it. */
  readonly path: string;
  readonly at: string;
  /** Process that is asked; -1 where nobody is. */
  readonly target: ProcessIndex;
  /** The target asks the services that it depends on, too. */
  readonly deep: boolean;
  /** Service whose health an alias takes over. */
  readonly alias: string;
  readonly intervalMicros: number;
  readonly timeoutMicros: number;
  readonly ttlMicros: number;
  readonly thresholds: Thresholds;
  readonly initialStatus: CheckStatus;
  /** 0: never. */
  readonly deregisterAfterMicros: number;
}

export interface ServiceSpec {
  readonly service: ServiceDefinition;
  readonly checks: readonly CheckSpec[];
  /** Its token may not register it. */
  readonly denied: boolean;
  /** Process that is registered so. */
  readonly program: ProcessIndex;
}

export interface AgentConfig {
  readonly node: string;
  readonly nodeId: string;
  readonly address: string;
  /** Servers as the pool knows them when the run begins. */
  readonly servers: readonly ServerEntry[];
  /** It learns of servers from the pool; those above it knows when the cluster is formed. */
  readonly hasPool: boolean;
  /** Members there are, where there is no pool that it could count them in. */
  readonly poolNodes: number;
  /** Services of the configuration files. */
  readonly services: readonly ServiceSpec[];
  /** Services that programs have registered before the run, in a cluster that is formed. */
  readonly registered: readonly ServiceSpec[];
  /** The catalog holds them already, and their checks are passing. */
  readonly formed: boolean;
  /** It has a data directory, from which it takes up what programs had registered. */
  readonly persists: boolean;
  readonly checkUpdateMicros: number;
  /** It tells its coordinate; Consul's `disable_coordinates` keeps it from that. */
  readonly sendsCoordinates: boolean;
  readonly rpcHoldMicros: number;
  readonly rpcMicros: number;
  readonly bugs: AgentBugs;
}

/** One RPC of a goroutine, with all its attempts. */
export interface RpcCall {
  readonly request: ServerRequest;
  readonly writes: boolean;
  readonly startedMicros: number;
  attempts: number;
  waitedMicros: number;
  server: ProcessIndex;
}

export interface SyncRun {
  readonly kind: 'sync';
  readonly full: boolean;
  /** Request of the API that waits for it, 0: the syncer does. */
  readonly exchange: number;
  rpc: RpcCall | null;
  stage: 'begin' | 'read-services' | 'read-checks' | 'compare' | 'push';
  remote: CatalogNode | null;
  /** What is still to be looked at. */
  services: string[];
  checks: string[];
  /** Under way: what is pushed, and the checks that ride along. */
  push: Push | null;
  service: ServiceDefinition | null;
  riders: readonly CheckDefinition[];
  failed: boolean;
  /** Some request got no answer, or one that has nothing to do with what it asked for. */
  unreached: boolean;
}

export interface CheckRun {
  readonly kind: 'check';
  readonly check: string;
  /** What the target said, until the lock is there. */
  status: CheckStatus;
  output: string;
}

/** Something said of a check by the way, as when its TTL is over. */
export interface ReportRun {
  readonly kind: 'report';
  readonly check: string;
  readonly status: CheckStatus;
  readonly output: string;
}

/** Looks for services that have been critical for too long. */
export interface ReapRun {
  readonly kind: 'reap';
}

/** A handler of the HTTP API; it goes on as a sync of its own. */
export interface ApiRun {
  readonly kind: 'api';
  readonly exchange: number;
  readonly input: number;
  readonly body: unknown;
  /** What it has kept on disk, once the local state has changed. */
  writes: readonly AgentWrite[];
}

/** Tells the servers where the node is in the network; afterwards it waits for its next time. */
export interface CoordinateRun {
  readonly kind: 'coordinate';
  rpc: RpcCall | null;
}

export type Run = SyncRun | CheckRun | ReportRun | ReapRun | ApiRun | CoordinateRun;

/** A check that somebody runs or that waits to be told. */
export interface Runner {
  readonly definition: CheckSpec;
  /** Names its timers. */
  readonly number: number;
  /** Its goroutine, or 0. */
  run: number;
  readonly counters: CheckCounters;
  /** Failures reported by TTL expiry keep what was said last. */
  lastOutput: string;
}

export interface AgentState {
  readonly config: AgentConfig;
  readonly local: LocalState;
  readonly syncer: Syncer;
  readonly servers: ServerList;
  readonly runs: Map<number, Run>;
  nextRun: number;
  /** Of `local`. */
  readonly lock: Lock;
  /** Of pushes, where they do not lock `local` (P2 fixed). */
  readonly pushes: Lock;
  readonly runners: Map<string, Runner>;
  /** Every check there has been: names its timers, and stays the same when it is registered again. */
  readonly checkIds: string[];
  /** Every service there has been, for notes. */
  readonly serviceIds: string[];
  /** Services whose token may not register them. */
  readonly denied: Set<string>;
  readonly durable: AgentDurable;
}

/** Status and output of a check of kind `ttl`, as long as its time is not over. */
export interface KeptStatus {
  readonly status: CheckStatus;
  readonly output: string;
  /** By the wall clock. */
  readonly untilMicros: number;
}

/** One file comes or goes. */
export type AgentWrite =
  | { readonly kind: 'service'; readonly spec: ServiceSpec }
  | { readonly kind: 'check'; readonly check: CheckDefinition }
  | { readonly kind: 'status'; readonly check: string; readonly kept: KeptStatus }
  | { readonly kind: 'purge'; readonly of: keyof AgentDurable; readonly id: string };

/** What the data directory holds (`services/`, `checks/`, `checks/state/`). */
export interface AgentDurable {
  readonly services: Map<string, ServiceSpec>;
  /** Maintenance mode, of the node and of services. */
  readonly checks: Map<string, CheckDefinition>;
  readonly statuses: Map<string, KeptStatus>;
}

/** Place of a name in a list that only grows; a new one goes to its end. */
export function numberOf(ids: string[], id: string): number {
  const known = ids.indexOf(id);
  return known >= 0 ? known : ids.push(id) - 1;
}
