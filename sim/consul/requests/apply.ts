/**
 * Writes on the leader (reference: consul §2.2; `consul:agent/consul/rpc.go (raftApplyEncoded)`). They
 * wait for Raft's main goroutine for 30 s, and then for as long as it takes.
 */
import type { Outbox } from '../../core/machine.ts';
import { ApplyError, commandProposal } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { APPLY } from '../../protocol/raft/vocabulary.ts';
import { succeed } from './answer.ts';
import { isError } from './endpoint.ts';
import type { WriteEndpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { ENQUEUE_TIMER } from './inputs.ts';
import { APPLY_ERRORS } from './request.ts';
import type { ServerRequest } from './request.ts';
import { Phase, forget, park, raftOf } from './state.ts';
import type { RequestState } from './state.ts';

/** `consul:agent/consul/rpc.go (enqueueLimit)`. */
const ENQUEUE_MICROS = 30_000_000;

export function serveWrite(
  state: RequestState,
  endpoint: WriteEndpoint,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): void {
  const prepared = endpoint.command(request.input as never, out);
  if ('error' in prepared) {
    out.fail(exchange, prepared.error);
  } else if ('answer' in prepared) {
    succeed(exchange, endpoint, prepared.answer, 0, out);
  } else {
    const tag = park(state, exchange, request, Phase.applying, out);
    const byMicros = out.now() + ENQUEUE_MICROS;
    enqueue(state, tag, byMicros, out);
    out.post(APPLY, 0, 0, commandProposal(prepared.command, tag, byMicros));
  }
}

/**
 * The call of Apply gives up when the main goroutine has not taken the proposal in time. One timer
 * serves them all, and the list seldom holds more than the last one.
 */
function enqueue(state: RequestState, tag: number, byMicros: number, out: Outbox): void {
  if (state.enqueued.length === 0) out.timer(ENQUEUE_TIMER, 0, ENQUEUE_MICROS);
  dropTaken(state, out);
  state.enqueued.push({ tag, number: ++state.proposals, byMicros });
}

function dropTaken(state: RequestState, out: Outbox): void {
  const { enqueued } = state;
  const { proposalsTaken } = raftOf(out);
  while (enqueued.length > 0 && enqueued[0].number <= proposalsTaken) enqueued.shift();
}

/** The tag stays taken until Raft, too, has come to the proposal and answered to nobody. */
export function onEnqueueTimer(state: RequestState, out: Outbox): void {
  dropTaken(state, out);
  const { enqueued } = state;
  const now = out.now();
  while (enqueued.length > 0 && enqueued[0].byMicros < now) {
    const pending = state.pending[enqueued.shift()!.tag]!;
    out.fail(pending.exchange, APPLY_ERRORS[ApplyError.enqueueTimeout]);
    pending.exchange = 0;
  }
  if (enqueued.length > 0) out.timer(ENQUEUE_TIMER, 0, enqueued[0].byMicros + 1 - now);
}

/** Raft has applied the command, or failed to. */
export function onApplied(
  state: RequestState,
  tag: number,
  { error, index, value }: ApplyResult,
  out: Outbox,
): void {
  const { exchange, request } = state.pending[tag]!;
  forget(state, tag, out);
  if (exchange === 0) return;
  if (error !== ApplyError.none) {
    out.fail(exchange, APPLY_ERRORS[error]);
    return;
  }
  const endpoint = ENDPOINTS[request.endpoint] as WriteEndpoint;
  const result = endpoint.result(value as never, request.input as never, out);
  // An error of the FSM; the entry is committed all the same.
  if (isError(result)) out.fail(exchange, result);
  else succeed(exchange, endpoint, result, index, out);
}
