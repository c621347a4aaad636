/**
 * What the loader hands to the simulator: plain immutable data in base units. Times are integer
 * microseconds of the run (0 is its start), sizes bytes, drifts ppm, shares and probabilities 0..1,
 * rates per second. Every default is filled in and every fixed selector is a list of hosts.
 */
import type { DistributionSpec } from './distribution.ts';
import type { Release } from './releases.ts';
import type { Selector } from './selectors.ts';
import type { AgentReadSpec, CallLoadSpec, ServiceSpec } from './services.ts';
import type { Threshold } from './thresholds.ts';
import type {
  InvariantName,
  LinkClass,
  MessageClass,
  OpenBugId,
  PlantId,
  SwarmKind,
} from './vocabulary.ts';

export type { CallLoadSpec, DistributionSpec, Release, Selector, ServiceSpec, Threshold };

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
  /** The LAN pool of servers and agents; null where servers are Raft alone and there are no agents. */
  readonly gossip: GossipSpec | null;
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

export type HostSpec = ServerSpec | ClientSpec | AgentSpec | InstanceSpec;

/** The host of one instance of a service, which has its name. */
export interface InstanceSpec {
  readonly kind: 'instance';
  readonly name: string;
  readonly service: string;
  readonly datacenter: string;
  readonly zone: string | null;
  readonly clock: ClockSpec;
}

export interface ServerSpec {
  readonly kind: 'server';
  readonly name: string;
  readonly datacenter: string;
  /** Null where the datacenter has no zones. */
  readonly zone: string | null;
  readonly consul: Release;
  readonly raft: RaftSpec;
  readonly requests: RequestSpec;
  /** What the textbook variant leaves open; null where hashicorp/raft runs. */
  readonly paper: PaperSpec | null;
  /** Service time of one message, already divided by `speed`. */
  readonly cpu: { readonly speed: number; readonly message: DistributionSpec };
  readonly disk: DiskSpec;
  readonly clock: ClockSpec;
  readonly initial: InitialSpec | null;
}

export interface DiskSpec {
  readonly fsync: DistributionSpec;
  readonly logStore: 'boltdb' | 'wal';
  readonly bytesPerSecond: number;
}

/** A client agent: a member of the LAN pool. */
export interface AgentSpec {
  readonly kind: 'agent';
  readonly name: string;
  readonly datacenter: string;
  readonly zone: string | null;
  readonly clock: ClockSpec;
}

/** What all servers have beyond Raft; means nothing where `raftAlone`. */
export interface ServerLayerSpec {
  readonly autopilot: AutopilotSpec;
  /** Consul's `reconnect_timeout`. */
  readonly reconnectTimeoutMicros: number;
  /** Consul's `bootstrap_expect`; null: as many as the configuration is to have. */
  readonly bootstrapExpect: number | null;
}

/** Consul's `autopilot` block. */
export interface AutopilotSpec {
  readonly cleanupDeadServers: boolean;
  readonly lastContactThresholdMicros: number;
  readonly maxTrailingLogs: number;
  readonly minQuorum: number;
  readonly serverStabilizationMicros: number;
}

/** Consul's `gossip_lan`, which all members of the pool share. */
export interface GossipSpec {
  readonly gossipNodes: number;
  readonly gossipIntervalMicros: number;
  readonly probeIntervalMicros: number;
  readonly probeTimeoutMicros: number;
  readonly suspicionMult: number;
  readonly retransmitMult: number;
  /** Whose rules of suspicion and health: what memberlist ships, or the Lifeguard paper's. */
  readonly lifeguard: 'shipped' | 'paper';
}

export interface ClientSpec {
  readonly kind: 'client';
  /** `<load>#<number>`, from 1. */
  readonly name: string;
  readonly datacenter: string;
  /** Null but for clients of services. */
  readonly zone: string | null;
  readonly load: string;
  readonly clock: ClockSpec;
}

export interface RaftSpec {
  readonly preVote: boolean;
  readonly maxAppendEntries: number;
  readonly commitTimeoutMicros: number;
  /** Consul's performance.raft_multiplier: scales heartbeat, election and lease timeouts. */
  readonly raftMultiplier: number;
  /** Consul's raft_snapshot_interval, raft_snapshot_threshold and raft_trailing_logs. */
  readonly snapshotIntervalMicros: number;
  readonly snapshotThreshold: number;
  readonly trailingLogs: number;
}

/** The request path of a server, in Consul's words. */
export interface RequestSpec {
  /** `rpc_hold_timeout`; 0: requests without a leader fail at once. */
  readonly holdMicros: number;
  readonly queryMicros: number;
  readonly queryMicrosMax: number;
  /** Requests a second; null: no limit. */
  readonly limits: {
    readonly mode: 'disabled' | 'permissive' | 'enforcing';
    readonly readRate: number | null;
    readonly writeRate: number | null;
  };
}

export interface PaperSpec {
  /** Election timeouts are drawn uniformly from [low, high]. */
  readonly electionMicros: readonly [number, number];
  readonly heartbeatMicros: number;
}

/** Drawn once per host when the run begins, uniformly from [low, high]. */
export interface ClockSpec {
  readonly offsetMicros: readonly [number, number];
  readonly driftPpm: readonly [number, number];
}

/** State of a server before the run. `log[i]` is the term of the entry at index i + 1. */
export interface InitialSpec {
  readonly term: number;
  readonly log: readonly number[];
  readonly down: boolean;
  /** Of the configuration that the run begins with; `none` is outside it, with an empty disk. */
  readonly suffrage: 'voter' | 'nonvoter' | 'none';
}

export interface NetworkSpec {
  readonly classes: Readonly<Record<LinkClass, LinkSpec>>;
  readonly tcp: TcpSpec;
  /** In order; where several match a pair, each field is the last one's that sets it. */
  readonly links: readonly LinkOverride[];
}

export interface LinkSpec {
  readonly latency: DistributionSpec;
  readonly loss: number;
  /** Bytes per second of one stream; undefined: no limit. */
  readonly bandwidth?: number | undefined;
}

/** From any of `from` to any of `to`; null leaves the class's value. */
export interface LinkOverride {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly latency: DistributionSpec | null;
  readonly loss: number | null;
  readonly bandwidth?: number | undefined;
}

/** Where `ideal`, streams resume at the heal and the times mean nothing. */
export interface TcpSpec {
  readonly ideal: boolean;
  readonly retransmitMicros: number;
  readonly retransmitMaxMicros: number;
  readonly synMicros: number;
}

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
  readonly via: 'server';
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
  } | null;
  readonly lock: LockLoadSpec | null;
  readonly timeoutMicros: number;
}

export type FaultItem = FaultSpec | FaultSequence | SwarmSpec;

/** One fault. */
export interface FaultSpec {
  readonly kind: 'fault';
  /** Short text for reports, such as `crash leader`. */
  readonly label: string;
  /** From 1 in the order of the file, steps of sequences included: the n of `fault.effect{n}`. */
  readonly number: number;
  /** Where it was written, for reports: `file:line` or `--set:n`. */
  readonly origin: string;
  readonly trigger: Trigger;
  /** Null: until `heal` or the end of `duration`; for one-shot actions always null. */
  readonly lasts: DistributionSpec | null;
  readonly patienceMicros: number;
  readonly action: FaultAction;
}

/** Each step begins when the one before has ended; one without an end counts as ended at once. */
export interface FaultSequence {
  readonly kind: 'sequence';
  readonly name: string;
  readonly origin: string;
  readonly steps: readonly FaultSpec[];
}

export interface SwarmSpec {
  readonly kind: 'swarm';
  readonly origin: string;
  /** 0..1. */
  readonly intensity: number;
  readonly kinds: readonly SwarmKind[];
  /** Whether each seed leaves kinds out. */
  readonly mix: 'drawn' | 'all';
  /** None of its faults begins or ends later; null: the end of duration. */
  readonly untilMicros: number | null;
}

/** One choice of the run, by name; `nth` from 1. Processes by the names of their hosts. */
export type DecisionSpec =
  | {
      readonly kind: 'delay';
      readonly messageClass: MessageClass;
      readonly from: string;
      readonly to: string;
      readonly nth: number;
      readonly micros: number;
    }
  | {
      readonly kind: 'select';
      readonly process: string;
      readonly lane: number;
      readonly nth: number;
      readonly choice: number;
    }
  | {
      readonly kind: 'draw';
      readonly process: string;
      readonly purpose: string;
      readonly nth: number;
      /** In [0, 1). */
      readonly value: number;
    };

export type Trigger =
  | { readonly kind: 'at'; readonly atMicros: number }
  | {
      readonly kind: 'every';
      /** From one beginning to the next; the first counts from `sinceMicros`. */
      readonly period: DistributionSpec;
      readonly sinceMicros: number;
      readonly untilMicros: number;
    }
  | {
      readonly kind: 'when';
      readonly condition: Condition;
      readonly afterMicros: number;
      readonly times: number;
    }
  /** A later step of a sequence: this long after the end of the step before. */
  | { readonly kind: 'next'; readonly afterMicros: number };

export type Condition =
  | { readonly kind: 'elected'; readonly count: number }
  | {
      readonly kind: 'leader' | 'voted' | 'campaign' | 'crashed' | 'write';
      readonly hosts: Selector;
    }
  | { readonly kind: 'appended'; readonly hosts: Selector; readonly count: number }
  | { readonly kind: 'committed'; readonly index: number };

/** Which traffic a rule is about. `only` null means every class. */
export interface TrafficSpec {
  readonly only: readonly MessageClass[] | null;
  readonly transport: 'all' | 'tcp' | 'udp';
}

/** Links from any of `from` to any of `to`, and back where `bothWays`; null is every host. */
export interface LinksSpec extends TrafficSpec {
  readonly from: Selector | null;
  readonly to: Selector | null;
  readonly bothWays: boolean;
}

export type PartitionShape =
  | { readonly kind: 'isolate' | 'bridge'; readonly hosts: Selector }
  | { readonly kind: 'halves' | 'ring' }
  | { readonly kind: 'groups'; readonly groups: readonly Selector[] }
  | { readonly kind: 'oneway'; readonly from: Selector; readonly to: Selector }
  | { readonly kind: 'zone'; readonly zone: string; readonly hosts: readonly string[] }
  | { readonly kind: 'between'; readonly first: Selector; readonly second: Selector };

export type DiskMode = 'stall' | 'error' | 'log_error' | 'full';

/** What a rolling restart waits for before the next server. */
export type RestartWait = 'voted' | 'caught-up' | 'healthy' | { readonly micros: number };

export type FaultAction =
  | {
      readonly kind: 'crash';
      readonly hosts: Selector;
      readonly how: 'kill' | 'power' | 'exit';
      /** 1..: when the n-th write of the next batch begins; null: at once. */
      readonly atWrite: number | null;
      /** The agent beside an instance, and not the instance. */
      readonly agent?: true;
    }
  /** Mode of the instances' services, or of their whole nodes. */
  | { readonly kind: 'maintenance'; readonly hosts: Selector; readonly of: 'service' | 'node' }
  | {
      readonly kind: 'restart';
      readonly hosts: Selector;
      readonly oneByOne: boolean;
      readonly wait: RestartWait | null;
    }
  /** A restart with the programs of another release; `number` counts the upgrades of the scenario. */
  | {
      readonly kind: 'upgrade';
      readonly hosts: Selector;
      readonly to: Release;
      readonly number: number;
      readonly oneByOne: boolean;
      readonly wait: RestartWait | null;
    }
  /** With peers.json: these servers are the cluster from now on. */
  | { readonly kind: 'recover'; readonly hosts: Selector }
  | { readonly kind: 'leave'; readonly hosts: Selector }
  | { readonly kind: 'force_leave'; readonly hosts: Selector; readonly leader: Selector }
  | {
      readonly kind: 'pause';
      readonly hosts: Selector;
      readonly mode: 'stop' | 'suspend' | 'io';
      readonly agent?: true;
    }
  | { readonly kind: 'partition'; readonly shape: PartitionShape; readonly traffic: TrafficSpec }
  | { readonly kind: 'loss' | 'duplicate'; readonly links: LinksSpec; readonly probability: number }
  | {
      readonly kind: 'delay' | 'reorder';
      readonly links: LinksSpec;
      readonly delay: DistributionSpec;
    }
  | { readonly kind: 'hold'; readonly links: LinksSpec }
  | {
      readonly kind: 'slow';
      readonly hosts: Selector;
      readonly resource: 'cpu' | 'link' | 'disk';
      readonly factor: number;
    }
  | {
      readonly kind: 'skew';
      readonly hosts: Selector;
      /** Microseconds for offset and jump, ppm for drift. */
      readonly change: 'offset' | 'drift' | 'jump';
      readonly amount: number;
    }
  | { readonly kind: 'disk'; readonly hosts: Selector; readonly mode: DiskMode }
  /** Asked of `leader`, which is looked up when the fault begins. */
  | {
      readonly kind: 'add';
      readonly hosts: Selector;
      readonly leader: Selector;
      readonly suffrage: 'voter' | 'nonvoter';
    }
  | { readonly kind: 'remove' | 'demote'; readonly hosts: Selector; readonly leader: Selector }
  /** `to` null: the leader chooses. */
  | { readonly kind: 'transfer'; readonly hosts: Selector; readonly to: Selector | null }
  | { readonly kind: 'heal' };

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
