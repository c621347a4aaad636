/**
 * Which server of another datacenter is asked, and which datacenters are near
 * (`consul:agent/router/router.go (FindRoute, GetDatacentersByDistance)`,
 * `consul:agent/consul/rpc.go (forwardDC)`; reference: gossip §3.4, §4.5, consul §2.3).
 *
 * Known deviation: a server knows the coordinate of each member as it is, not as its last ack told it.
 */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import { Status, statusOf } from '../../protocol/serf/members.ts';
import { serfOf } from '../../protocol/serf/state.ts';
import { notifyFailedServer } from '../agent/servers.ts';
import { definite } from '../requests/request.ts';
import type { ServerError } from '../requests/request.ts';
import type { RouterState } from './state.ts';
import { FORCE_LEAVE_WAN, ROUTER_MACHINE, WAN_MACHINE } from './vocabulary.ts';

/** Texts of `consul:agent/structs/errors.go`. */
export const NO_PATH = definite('No path to datacenter');
export const NOT_AVAILABLE = definite('Remote DC has no server currently reachable');

function routerOf(out: Outbox): RouterState | undefined {
  return out.sibling(ROUTER_MACHINE) as RouterState | undefined;
}

/** The server to ask, or why there is none. */
export function findRoute(datacenter: string, out: Outbox): ProcessIndex | ServerError {
  const manager = routerOf(out)?.managers.get(datacenter);
  if (manager === undefined) return NO_PATH;
  return manager.offline ? NOT_AVAILABLE : manager.servers[0].process;
}

/** A request to this server has failed, whatever the reason. */
export function onRouteFailed(datacenter: string, process: ProcessIndex, out: Outbox): void {
  const manager = routerOf(out)?.managers.get(datacenter);
  if (manager !== undefined) notifyFailedServer(manager, process);
}

/** Who is let go in the LAN pool is let go in the WAN pool too (`Server.RemoveFailedNode`). */
export function forceLeaveWan(process: ProcessIndex, out: Outbox): void {
  const member = out.sibling(WAN_MACHINE) as Member | undefined;
  if (member !== undefined) out.post(FORCE_LEAVE_WAN, 0, member.pool.memberOf(process), null);
}

/** Other datacenters, nearest first by the median round trip to their servers; then by name. */
export function othersByDistance(out: Outbox): string[] {
  const router = routerOf(out);
  if (router === undefined) return [];
  const { servers, datacenter: own } = router.config;
  const member = out.sibling(WAN_MACHINE) as Member;
  const { coordinates } = member.pool;
  const serf = serfOf(member);
  const times = new Map<string, number[]>();
  servers.forEach(({ datacenter }, node) => {
    const status = statusOf(serf, node);
    if (datacenter === own || status === Status.none || status === Status.left) return;
    const far = coordinates === null ? Infinity : coordinates.distance(member.index, node);
    times.set(datacenter, [...(times.get(datacenter) ?? []), far]);
  });
  return [...times]
    .map(([name, all]) => ({ name, far: medianOf(all) }))
    .sort((a, b) => (a.far === b.far ? compare(a.name, b.name) : a.far - b.far))
    .map(({ name }) => name);
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}
