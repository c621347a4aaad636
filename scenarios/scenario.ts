/**
 * What the loader hands to the simulator: plain immutable data in base units. Times are integer
 * microseconds of the run (0 is its start), sizes bytes, drifts ppm, shares and probabilities 0..1,
 * rates per second. Every default is filled in and every fixed selector is a list of hosts.
 */
import type { AgentReadSpec, CallLoadSpec, ServiceSpec } from './services.ts';
import type { DecisionSpec, FaultItem } from './spec/faults.ts';
import type { GossipSpec, HostSpec, LeavingSpec, ServerLayerSpec } from './spec/hosts.ts';
import type { LoadSpec } from './spec/load.ts';
import type { MeshSpec } from './spec/mesh.ts';
import type { NetworkSpec } from './spec/network.ts';
import type { Threshold } from './thresholds.ts';
import type { InvariantName, OpenBugId, PlantId } from './vocabulary.ts';

export type { DistributionSpec } from './distribution.ts';
export type { Release } from './releases.ts';
export type { Selector } from './selectors.ts';
export type * from './spec/faults.ts';
export type * from './spec/hosts.ts';
export type * from './spec/load.ts';
export type * from './spec/mesh.ts';
export type * from './spec/network.ts';
export type { CallLoadSpec, ServiceSpec, Threshold };

export interface Scenario {
  /** Safe as a folder name. */
  readonly name: string;
  readonly description: string;
  readonly start: 'formed' | 'cold' | 'bootstrap';
  /** [0, warmup) runs unmeasured, [warmup, duration) is measured, then everything is healed. */
  readonly warmupMicros: number;
  readonly durationMicros: number;
  /** Follows `duration`; the run ends at duration + settle. */
  readonly settleMicros: number;
  readonly datacenters: readonly DatacenterSpec[];
  /**
   * Servers s1.. first, then load clients, agents a1.., and instances of services; the index is a
   * host's number.
   */
  readonly hosts: readonly HostSpec[];
  /** Servers are Raft and the request path alone: nothing of what Consul builds on them. */
  readonly raftAlone: boolean;
  readonly serverLayer: ServerLayerSpec;
  readonly agentReads: AgentReadSpec;
  /** Null where there is none. */
  readonly mesh: MeshSpec | null;
  /** The LAN pool of servers and agents; null where servers are Raft alone and there are no agents. */
  readonly gossip: GossipSpec | null;
  readonly leaving: LeavingSpec;
  /** The WAN pool of all servers; null where there is one datacenter, or servers are Raft alone. */
  readonly gossipWan: GossipSpec | null;
  readonly network: NetworkSpec;
  readonly loads: readonly LoadSpec[];
  readonly services: readonly ServiceSpec[];
  /** Loads of kind `call`. */
  readonly calls: readonly CallLoadSpec[];
  readonly faults: readonly FaultItem[];
  /** Left out where there are none. */
  readonly decisions?: readonly DecisionSpec[];
  readonly invariants: readonly InvariantSpec[];
  readonly thresholds: readonly Threshold[];
  readonly expect: ExpectSpec;
  readonly bugs: BugSpec;
  /** Keys and values that all servers know when the run begins. */
  readonly initialKv: readonly (readonly [key: string, value: string])[];
  readonly limits: LimitSpec;
}

export interface DatacenterSpec {
  readonly name: string;
  readonly servers: readonly string[];
  readonly zones: readonly string[];
}
export interface InvariantSpec {
  readonly name: InvariantName;
  /** For those judged as eventually: after the last fault; null means by the end of settle. */
  readonly withinMicros: number | null;
}

export type ExpectSpec =
  | { readonly kind: 'pass' }
  | { readonly kind: 'violation'; readonly invariant: InvariantName; readonly known: string | null }
  | { readonly kind: 'anomaly'; readonly invariant: InvariantName };

export interface BugSpec {
  readonly planted: readonly PlantId[];
  readonly fixed: readonly OpenBugId[];
  readonly knownIssues: 'fail' | 'allow' | 'fix';
}

export interface LimitSpec {
  readonly events: number;
  readonly wallMicros: number;
  readonly memoryBytes: number;
  readonly queue: number;
  readonly traceBytes: number;
}
