/**
 * The servers that an agent knows, in the order in which it would ask them (reference: agents §4.1;
 * `consul:agent/router/manager.go`).
 */
import type { Draws } from '../../core/draws.ts';
import type { ProcessIndex } from '../../core/machine.ts';

export interface ServerEntry {
  readonly name: string;
  readonly process: ProcessIndex;
}

/** The first is asked. */
export interface ServerList {
  servers: readonly ServerEntry[];
}

const REBALANCE_MICROS_MIN = 120_000_000;
const REBALANCE_JITTER_MICROS = 60_000_000;
/** One agent in 64 a second, of all that share a server. */
const REBALANCES_PER_SECOND = 64;

export function createServerList(): ServerList {
  return { servers: [] };
}

/** A server of the same name is replaced where it stands; a new one goes to the end. */
export function addServer(list: ServerList, entry: ServerEntry): void {
  const at = list.servers.findIndex(({ name }) => name === entry.name);
  list.servers = at < 0 ? [...list.servers, entry] : list.servers.with(at, entry);
}

export function removeServer(list: ServerList, name: string): void {
  list.servers = list.servers.filter((server) => server.name !== name);
}

export function frontServer(list: ServerList): ServerEntry | undefined {
  return list.servers[0];
}

/** Any error of a call, the application's own too, sends the server at the front to the end. */
export function notifyFailedServer(list: ServerList, process: ProcessIndex): void {
  const [front, ...others] = list.servers;
  if (front === undefined || others.length === 0 || front.process !== process) return;
  list.servers = [...others, front];
}

export function shuffleServers(list: ServerList, draws: Draws): void {
  const servers = [...list.servers];
  draws.shuffle(servers);
  list.servers = servers;
}

/** Time to the next rebalance; the first one comes after two minutes. One draw. */
export function drawRebalance(draws: Draws, nodes: number, servers: number): number {
  const spread = REBALANCE_MICROS_MIN + draws.below(REBALANCE_JITTER_MICROS);
  const perServer = Math.floor((nodes * 1e6) / (REBALANCES_PER_SECOND * Math.max(1, servers)));
  return Math.max(spread, perServer);
}
