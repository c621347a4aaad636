/** Data of the autopilot (`hashicorp/raft-autopilot:types.go`). */
import type { ProcessIndex } from '../../core/machine.ts';
import type { ChangeCommand } from '../../protocol/raft/configuration.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';

/** Consul's `autopilot` block. */
export interface AutopilotSettings {
  readonly cleanupDeadServers: boolean;
  readonly lastContactThresholdMicros: number;
  readonly maxTrailingLogs: number;
  readonly minQuorum: number;
  readonly serverStabilizationMicros: number;
}

export interface AutopilotConfig {
  readonly settings: AutopilotSettings;
  /** The program is taken to run for long when the run begins. */
  readonly formed: boolean;
}

/** Answer of Status.RaftStats. A server that never had contact says so, which parses to 0. */
export interface RaftStats {
  readonly lastContactMicros: number;
  readonly lastTerm: number;
  readonly lastIndex: number;
}

/** What is held of one server of the Raft configuration. */
export interface ServerHealth {
  readonly server: ProcessIndex;
  readonly voter: boolean;
  readonly stats: RaftStats;
  readonly healthy: boolean;
  /** Local time since which it is as healthy as it is. */
  readonly stableSinceMicros: number;
}

/** Something that is to be done, one after the other. */
export interface Change {
  readonly command: typeof ChangeCommand.addVoter | typeof ChangeCommand.removeServer;
  readonly server: ProcessIndex;
}

/** A dead server that Serf is to let leave. */
export interface Removal {
  readonly server: ProcessIndex;
  readonly voter: boolean;
  readonly voters: number;
}

export interface AutopilotState {
  readonly config: AutopilotConfig;
  readonly self: ProcessIndex;
  /** Local time of the first state. */
  firstMicros: number;
  servers: readonly ServerHealth[];
  /** Who is the leader, in the last state; -1: nobody. */
  leader: ProcessIndex;
  /** Requests for stats under way, by server: nobody is asked twice at a time. */
  outstanding: ProcessIndex[];
  /** Stats of the fetch at hand, and how many are still awaited; -1: no fetch. */
  fetched: (readonly [ProcessIndex, RaftStats])[];
  awaited: number;
  /** Index and term of this server as the fetch began. */
  lastIndex: number;
  lastTerm: number;
  leads: boolean;
  /** Changes of the pass at hand, and what follows it. */
  changes: Change[];
  removals: Removal[];
  /** The pass promotes, and prunes afterwards. */
  promoting: boolean;
  calls: number;
  calling: boolean;
  answer: ApplyResult | null;
}

export const NO_STATS: RaftStats = { lastContactMicros: 0, lastTerm: 0, lastIndex: 0 };
