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
  /**
   * What a name stands for: a host, by its index, or an instance that shares the host of an agent. It is
   * the index of its program in either case.
   */
  targetOf(name: string): number;
  nameOf(target: number): string;
  /** Indexes of the hosts of targets, none twice: what concerns hosts concerns all that live there. */
  hostsOf(targets: readonly number[]): readonly number[];
  /** Indexes of all processes that live on a host. */
  processesOf(host: number): readonly number[];
  /** Index of the process of the agent on the host of a target, or none. */
  agentsOf(target: number): readonly number[];
  /** Live memory of a server; undefined while it is down. */
  raft(process: number): RaftState | undefined;
}
