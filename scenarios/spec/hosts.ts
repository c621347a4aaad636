/** Hosts of a scenario: servers, agents, clients, instances, and what runs on them. */
import type { DistributionSpec } from '../distribution.ts';
import type { Release } from '../releases.ts';

export type HostSpec = ServerSpec | ClientSpec | AgentSpec | InstanceSpec;

/** One instance of a service, and the host that has its name unless it shares one. */
export interface InstanceSpec {
  readonly kind: 'instance';
  readonly name: string;
  readonly service: string;
  /** Host of the client agent that it runs beside; null: a host of its own. */
  readonly on: string | null;
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
  /** Nodes tell their coordinates; Consul's `disable_coordinates` keeps them from that. */
  readonly sendsCoordinates: boolean;
}

/** How members of the pool leave it and come back. */
export interface LeavingSpec {
  /** Consul's `leave_on_terminate`; null: clients do, servers do not. */
  readonly onTerminate: boolean | null;
  /** Consul's `skip_leave_on_interrupt`; null: servers do not leave, clients do. */
  readonly skipOnInterrupt: boolean | null;
  /** Consul's `rejoin_after_leave`. */
  readonly rejoinsAfterLeave: boolean;
  /** Consul's `advertise_reconnect_timeout`, of clients; null: none. */
  readonly advertisedReconnectMicros: number | null;
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
