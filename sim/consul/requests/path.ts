/**
 * The path of every request through a server (reference: consul §2.3;
 * `consul:agent/consul/rpc.go (forwardRPC, forwardRequestToLeader, canRetry, getWaitTime)`): answered
 * here if that may be, else by the leader; on some errors held and tried again.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { NEVER, Role } from '../../protocol/raft/types.ts';
import { isTracked } from '../membership/server.ts';
import { forwardAcross, isHere } from './across.ts';
import { serveWrite } from './apply.ts';
import { succeed } from './answer.ts';
import { isError } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { beginFailover } from './failover.ts';
import { forwardTo, longestWait, readsOnly, streamError } from './forward.ts';
import { FORWARDED, HOLD_TIMER, ServerNote } from './inputs.ts';
import { refusal } from './limits.ts';
import { serveRead } from './query.ts';
import { queryExecute } from './query-endpoints.ts';
import type { Executed } from './query-endpoints.ts';
import { LEADER_NOT_TRACKED, NO_LEADER, definite } from './request.ts';
import type { ServerError, ServerRequest } from './request.ts';
import { JITTER_FRACTION, Phase, forget, park, raftOf } from './state.ts';
import type { Pending, RequestState } from './state.ts';

/** Without a tag the request has just come. */
const NO_TAG = -1;

export function onRequest(
  state: RequestState,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): void {
  const endpoint = ENDPOINTS[request.endpoint];
  const refused = state.buckets === null ? null : refusal(state, !readsOnly(endpoint), out);
  if (refused !== null) {
    out.fail(exchange, refused);
  } else if (!isHere(state, request)) {
    forwardAcross(state, exchange, request, out);
  } else if (endpoint.kind === 'local') {
    answerFromMemory(state, endpoint, exchange, request, out);
  } else if (mayBeStale(state, endpoint, request, out)) {
    serve(state, endpoint, exchange, request, out);
  } else {
    attempt(state, NO_TAG, exchange, request, out);
  }
}

/** A server that nobody has ever told anything has nothing to say. */
function mayBeStale(
  { config }: RequestState,
  endpoint: Endpoint,
  { mode }: ServerRequest,
  out: Outbox,
): boolean {
  const may = endpoint.kind === 'leader' ? endpoint.answersStale : endpoint.kind === 'read';
  if (mode !== 'stale' || !may) return false;
  return config.bugs.B14 || raftOf(out).lastContact !== NEVER;
}

/** Finds the leader and asks it, or finds that this server believes to be it: no lease, no check. */
function attempt(
  state: RequestState,
  tag: number,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): void {
  const { role, leader } = raftOf(out);
  if (state.leaving) {
    finish(state, tag, exchange, NO_LEADER, out);
  } else if (role === Role.leader) {
    if (tag !== NO_TAG) forget(state, tag, out);
    serve(state, ENDPOINTS[request.endpoint], exchange, request, out);
  } else if (leader < 0 || leader === out.self) {
    onAttemptFailed(state, tag, exchange, request, NO_LEADER, out);
  } else if (!isTracked(leader, out)) {
    onAttemptFailed(state, tag, exchange, request, LEADER_NOT_TRACKED, out);
  } else {
    const at = tag === NO_TAG ? park(state, exchange, request, Phase.forwarded, out) : tag;
    state.pending[at]!.phase = Phase.forwarded;
    forwardTo(state, leader, request, FORWARDED, at, out);
  }
}

function serve(
  state: RequestState,
  endpoint: Endpoint,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): void {
  if (endpoint.kind === 'write') serveWrite(state, endpoint, exchange, request, out);
  else if (endpoint.kind === 'read') serveRead(state, endpoint, exchange, request, out);
  else if (endpoint.kind === 'handed') handOver(endpoint, exchange, request, out);
  else answerFromMemory(state, endpoint, exchange, request, out);
}

/** `consul:agent/consul/connect_ca_endpoint.go (ErrConnectNotEnabled)`. */
const NOT_ENABLED = definite('Connect must be enabled in order to use this endpoint');

function handOver(
  { input: kind }: Extract<Endpoint, { kind: 'handed' }>,
  exchange: number,
  { input }: ServerRequest,
  out: Outbox,
): void {
  if (out.sibling(kind >> 8) === undefined) out.fail(exchange, NOT_ENABLED);
  else out.post(kind, 0, exchange, input);
}

function answerFromMemory(
  state: RequestState,
  endpoint: Extract<Endpoint, { kind: 'leader' | 'local' }>,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): void {
  const result = endpoint.answer(request.input as never, out);
  if (isError(result)) {
    out.fail(exchange, result);
    return;
  }
  const isEmpty = endpoint === queryExecute && (result.value as Executed).instances.length === 0;
  if (isEmpty && beginFailover(state, exchange, request, out)) return;
  succeed(exchange, endpoint, result, 0, out);
}

/** The leader, or whoever was believed to be it, has answered; or the connection has failed. */
export function onForwarded(state: RequestState, tag: number, body: unknown, out: Outbox): void {
  const { exchange, request } = state.pending[tag]!;
  if (out.error === ErrorCause.none) {
    out.reply(exchange, body);
    forget(state, tag, out);
    return;
  }
  const error = out.error === ErrorCause.remote ? (body as ServerError) : streamError(out.error);
  onAttemptFailed(state, tag, exchange, request, error, out);
}

function onAttemptFailed(
  state: RequestState,
  tag: number,
  exchange: number,
  request: ServerRequest,
  error: ServerError,
  out: Outbox,
): void {
  const since = tag === NO_TAG ? out.now() : state.pending[tag]!.startedMicros;
  if (!mayRetry(state, request, error, out.now() - since)) {
    finish(state, tag, exchange, error, out);
    return;
  }
  const at = tag === NO_TAG ? park(state, exchange, request, Phase.held, out) : tag;
  hold(state, at, state.pending[at]!, error, out);
}

/** The budget is looked at here only: the last attempt may well come after it. */
function mayRetry(
  { config }: RequestState,
  request: ServerRequest,
  { retry }: ServerError,
  elapsedMicros: number,
): boolean {
  if (config.holdMicros === 0) return false;
  const blockingMicros = request.minIndex > 0 ? longestWait(config, request) : 0;
  if (elapsedMicros > config.holdMicros + blockingMicros) return false;
  if (retry === 'stream') return readsOnly(ENDPOINTS[request.endpoint]);
  return retry === 'no leader' || retry === 'later';
}

/** Waits U[previous wait, hold / 16 x 2^(attempts - 1)) before the next attempt. */
function hold(
  state: RequestState,
  tag: number,
  pending: Pending,
  error: ServerError,
  out: Outbox,
): void {
  const stepMillis = Math.max(1, Math.floor(state.config.holdMicros / 1000 / JITTER_FRACTION));
  const limitMicros = stepMillis * 1000 * (1 << pending.attempts);
  pending.phase = Phase.held;
  pending.error = error;
  pending.attempts++;
  pending.waitedMicros = out.draw('retry').between(pending.waitedMicros, limitMicros);
  out.timer(HOLD_TIMER, tag, pending.waitedMicros);
  out.note(ServerNote.held, tag, pending.attempts, pending.waitedMicros);
}

export function onHoldTimer(state: RequestState, tag: number, out: Outbox): void {
  const { exchange, request } = state.pending[tag]!;
  attempt(state, tag, exchange, request, out);
}

/** A graceful leave begins: held requests end with the error of their last attempt. */
export function onLeave(state: RequestState, out: Outbox): void {
  state.leaving = true;
  state.pending.forEach((pending, tag) => {
    if (pending?.phase !== Phase.held) return;
    out.cancel(HOLD_TIMER, tag);
    finish(state, tag, pending.exchange, pending.error!, out);
  });
}

function finish(
  state: RequestState,
  tag: number,
  exchange: number,
  error: ServerError,
  out: Outbox,
): void {
  if (tag !== NO_TAG) forget(state, tag, out);
  out.fail(exchange, error);
}
