/**
 * Failover of prepared queries (`consul:agent/consul/prepared_query_endpoint.go (queryFailover)`;
 * reference: agents §3.6): where nobody is found here, servers of other datacenters are asked, the
 * nearest ones first and then those that the query lists, until somebody is found.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { resolveQuery } from '../state/queries.ts';
import type { PreparedQuery } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import { findRoute, onRouteFailed, othersByDistance } from '../wan/route.ts';
import { succeed } from './answer.ts';
import { ENDPOINTS, QUERY_EXECUTE, QUERY_EXECUTE_REMOTE } from './endpoints.ts';
import { forwardTo } from './forward.ts';
import { FAILED_OVER } from './inputs.ts';
import type { ExecuteInput, ExecuteRemoteInput, Executed } from './query-endpoints.ts';
import { request as requestOf } from './request.ts';
import type { ServerAnswer, ServerRequest } from './request.ts';
import { Phase, forget, park, raftOf } from './state.ts';
import type { RequestState } from './state.ts';

/** A query that goes from one datacenter to the next; replaced as a whole. */
export interface Failover {
  readonly query: PreparedQuery;
  readonly datacenters: readonly string[];
  readonly tried: number;
  /** Server that is being asked. */
  readonly route: ProcessIndex;
}

/** True where the answer comes later. */
export function beginFailover(
  state: RequestState,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): boolean {
  const { query: wanted } = request.input as ExecuteInput;
  const query = resolveQuery(raftOf(out).fsm as Store, wanted);
  const datacenters = query === undefined ? [] : targetsOf(query, out);
  if (query === undefined || datacenters.length === 0) return false;
  const tag = park(state, exchange, request, Phase.forwarded, out);
  tryNext(state, tag, { query, datacenters, tried: 0, route: -1 }, out);
  return true;
}

/** Datacenters that the pool does not know are passed over. */
function targetsOf({ failoverNearest, failoverDatacenters }: PreparedQuery, out: Outbox): string[] {
  const known = othersByDistance(out);
  const nearest = known.slice(0, failoverNearest);
  const listed = failoverDatacenters.filter((one) => known.includes(one) && !nearest.includes(one));
  return [...nearest, ...listed];
}

/** A datacenter without a path counts as tried. */
function tryNext(state: RequestState, tag: number, failover: Failover, out: Outbox): void {
  const { query, datacenters } = failover;
  const { exchange, request } = state.pending[tag]!;
  for (let tried = failover.tried; tried < datacenters.length; tried++) {
    const datacenter = datacenters[tried];
    const route = findRoute(datacenter, out);
    if (typeof route !== 'number') continue;
    const { limit } = request.input as ExecuteInput;
    const input: ExecuteRemoteInput = { query, limit };
    const remote = { ...requestOf(QUERY_EXECUTE_REMOTE, input, request.mode), datacenter };
    state.failovers.set(tag, { ...failover, tried: tried + 1, route });
    forwardTo(state, route, remote, FAILED_OVER, tag, out);
    return;
  }
  end(state, tag, out);
  const failovers = datacenters.length;
  const value: Executed = {
    service: query.service,
    instances: [],
    failovers,
    datacenter: datacenters.at(-1)!,
  };
  succeed(exchange, ENDPOINTS[QUERY_EXECUTE], { value, applied: true, index: 0 }, 0, out);
}

export function onFailedOver(state: RequestState, tag: number, body: unknown, out: Outbox): void {
  const failover = state.failovers.get(tag)!;
  const { exchange } = state.pending[tag]!;
  const { datacenters, tried: failovers, route } = failover;
  const datacenter = datacenters[failovers - 1];
  if (out.error !== ErrorCause.none) {
    onRouteFailed(datacenter, route, out);
    tryNext(state, tag, failover, out);
    return;
  }
  const found = (body as ServerAnswer).value as Executed;
  if (found.instances.length === 0) {
    tryNext(state, tag, failover, out);
    return;
  }
  end(state, tag, out);
  const value: Executed = { ...found, failovers, datacenter };
  succeed(exchange, ENDPOINTS[QUERY_EXECUTE], { value, applied: true, index: 0 }, 0, out);
}

function end(state: RequestState, tag: number, out: Outbox): void {
  state.failovers.delete(tag);
  forget(state, tag, out);
}
