/** An agent tells the servers its coordinate, again and again (reference: agents §1.10, gossip §3.4). */
import type { Outbox } from '../../core/machine.ts';
import { drawSendDelay, hasCoordinate, ownCoordinate } from '../coordinate/own.ts';
import { COORDINATE_UPDATE } from '../requests/endpoints.ts';
import { request } from '../requests/request.ts';
import { COORDINATE_TIMER } from './inputs.ts';
import { attempt, beginCall } from './rpc.ts';
import type { RpcResult } from './rpc.ts';
import type { AgentState, CoordinateRun } from './state.ts';

/** A formed cluster is met somewhere within a wait. */
export function awaitCoordinate({ config }: AgentState, formed: boolean, out: Outbox): void {
  if (!config.sendsCoordinates || !hasCoordinate(out)) return;
  const draws = out.draw('coordinate');
  const delay = drawSendDelay(draws, out);
  out.timer(COORDINATE_TIMER, 0, formed ? draws.below(delay) : delay);
}

/** Returns whether the goroutine has nothing more to do. */
export function beginCoordinate(state: AgentState, run: CoordinateRun, out: Outbox): boolean {
  const coordinate = ownCoordinate(state.config.node, out);
  run.rpc = beginCall(request(COORDINATE_UPDATE, coordinate), true, out);
  return endCoordinate(state, attempt(state, run.rpc, out), out);
}

/** Whatever came of it: the next time brings a newer one. */
export function endCoordinate(state: AgentState, result: RpcResult, out: Outbox): boolean {
  if (result === null) return false;
  awaitCoordinate(state, false, out);
  return true;
}
