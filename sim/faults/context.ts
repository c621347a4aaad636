/** What the faults need to know of the run they strike. */
import type { World } from '../core/world.ts';
import type { RaftState } from '../protocol/raft/types.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

/** A server by its name, the index of its process and the index of its host. */
export interface ServerRef {
  readonly name: string;
  readonly process: number;
  readonly host: number;
}

export interface FaultContext {
  readonly world: World;
  readonly scenario: Scenario;
  readonly servers: readonly ServerRef[];
  /** Index of a host, servers and load clients alike. */
  hostIndex(name: string): number;
  /** Indexes of all processes that live on a host: what concerns the host concerns them all. */
  processesOf(host: number): readonly number[];
  /**
   * Indexes of the processes that a host's name stands for where a fault concerns programs: beside an
   * instance of a service lives an agent, which has its own life.
   */
  programsOf(host: number): readonly number[];
  /** Index of the process of the agent beside an instance, or none. */
  agentsOf(host: number): readonly number[];
  /** Live memory of a server; undefined while it is down. */
  raft(process: number): RaftState | undefined;
}
