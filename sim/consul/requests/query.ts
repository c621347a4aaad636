/** Reads (reference: consul §2.4): of whoever believes to lead, or verified, or of any server. */
import type { Outbox } from '../../core/machine.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { readAnswer } from './answer.ts';
import { onReadyTimer, onVerified, verify } from './consistent.ts';
import type { ReadEndpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import type { ServerAnswer, ServerRequest } from './request.ts';
import { Phase, forget, park, raftOf } from './state.ts';
import type { RequestState } from './state.ts';

export function serveRead(
  state: RequestState,
  endpoint: ReadEndpoint,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): void {
  if (request.mode === 'consistent') {
    verify(state, park(state, exchange, request, Phase.verifying, out), out);
  } else {
    out.reply(exchange, run(endpoint, request, out));
  }
}

function run(endpoint: ReadEndpoint, { input }: ServerRequest, out: Outbox): ServerAnswer {
  return readAnswer(endpoint, endpoint.query(raftOf(out).fsm as never, input as never), out);
}

export function onReadVerified(
  state: RequestState,
  tag: number,
  result: ApplyResult,
  out: Outbox,
): void {
  if (onVerified(state, tag, result, out)) answer(state, tag, out);
}

export function onReadReadyTimer(state: RequestState, tag: number, out: Outbox): void {
  if (onReadyTimer(state, tag, out)) answer(state, tag, out);
}

function answer(state: RequestState, tag: number, out: Outbox): void {
  const { exchange, request } = state.pending[tag]!;
  out.reply(exchange, run(ENDPOINTS[request.endpoint] as ReadEndpoint, request, out));
  forget(state, tag);
}
