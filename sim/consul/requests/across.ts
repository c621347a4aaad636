/**
 * Requests to another datacenter (`consul:agent/consul/rpc.go (forwardDC)`; reference: consul §2.3): the
 * first server that the router knows there is asked, whoever leads, and answers as it answers its own
 * clients. Nothing is tried twice: an error sends that server to the end of the list and goes back.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { findRoute, onRouteFailed } from '../wan/route.ts';
import { ANSWERED_ACROSS } from './inputs.ts';
import { forwardTo, streamError } from './forward.ts';
import type { ServerError, ServerRequest } from './request.ts';
import { Phase, forget, park } from './state.ts';
import type { RequestState } from './state.ts';

/** True where the request is about the datacenter that this server is in. */
export function isHere({ config }: RequestState, { datacenter }: ServerRequest): boolean {
  return datacenter === undefined || datacenter === config.datacenter;
}

export function forwardAcross(
  state: RequestState,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): void {
  const route = findRoute(request.datacenter!, out);
  if (typeof route !== 'number') {
    out.fail(exchange, route);
    return;
  }
  const tag = park(state, exchange, request, Phase.forwarded, out);
  state.across.set(tag, route);
  forwardTo(state, route, request, ANSWERED_ACROSS, tag, out);
}

export function onAnsweredAcross(
  state: RequestState,
  tag: number,
  body: unknown,
  out: Outbox,
): void {
  const { exchange, request } = state.pending[tag]!;
  if (out.error === ErrorCause.none) {
    out.reply(exchange, body);
  } else {
    onRouteFailed(request.datacenter!, state.across.get(tag)!, out);
    out.fail(
      exchange,
      out.error === ErrorCause.remote ? (body as ServerError) : streamError(out.error),
    );
  }
  state.across.delete(tag);
  forget(state, tag, out);
}
