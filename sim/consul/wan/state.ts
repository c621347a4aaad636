/** What a server knows of the servers of other datacenters: plain data. */
import type { ProcessIndex } from '../../core/machine.ts';
import type { ServerList } from '../agent/servers.ts';

export interface RouterBugs {
  /** A rebalance pings the same dead server again and again. */
  readonly G8: boolean;
  /** Servers that fail in the pool are no longer asked. */
  readonly G22: boolean;
}

/** A server as the WAN pool knows it; its place is its node number there. */
export interface WanServer {
  /** Without its datacenter. */
  readonly name: string;
  readonly process: ProcessIndex;
  readonly datacenter: string;
}

export interface RouterConfig {
  readonly datacenter: string;
  readonly datacenters: readonly string[];
  readonly servers: readonly WanServer[];
  /** Nodes of a pool that is formed when the run begins. */
  readonly formed: readonly number[] | null;
  readonly bugs: RouterBugs;
}

/** Servers of one datacenter, the first of which is asked. */
export interface Manager extends ServerList {
  /** Of the datacenter, from 1. */
  readonly number: number;
  /** At the last rebalance nobody answered. */
  offline: boolean;
  /** The order that a rebalance under way is trying. */
  tested: ServerList | null;
  pings: number;
}

export interface RouterState {
  readonly config: RouterConfig;
  /** By datacenter. */
  readonly managers: Map<string, Manager>;
}
