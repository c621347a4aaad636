/**
 * The path of every request through a server (reference: consul §2.3;
 * `consul:agent/consul/rpc.go (forwardRPC, forwardRequestToLeader, canRetry, getWaitTime)`): answered
 * here if that may be, else by the leader; on some errors held and tried again.
 */
import { ERROR_NAMES, ErrorCause } from '../../core/machine.ts';
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { NEVER, Role } from '../../protocol/raft/types.ts';
import { isTracked } from '../membership/server.ts';
import { serveWrite } from './apply.ts';
import { succeed } from './answer.ts';
import { isError } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { FORWARDED, HOLD_TIMER, RPC_BLOCKING, RPC_READ, RPC_WRITE, ServerNote } from './inputs.ts';
import { refusal } from './limits.ts';
import { serveRead } from './query.ts';
import { LEADER_NOT_TRACKED, NO_LEADER, definite } from './request.ts';
import type { ServerError, ServerRequest } from './request.ts';
import { JITTER_FRACTION, Phase, forget, park, queryMicros, raftOf } from './state.ts';
import type { Pending, RequestState, ServerConfig } from './state.ts';

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
  } else if (endpoint.kind === 'local') {
    answerFromMemory(endpoint, exchange, request, out);
  } else if (mayBeStale(state, endpoint, request, out)) {
    serve(state, endpoint, exchange, request, out);
  } else {
    attempt(state, NO_TAG, exchange, request, out);
  }
}

/** Retried as a read: it changes nothing. */
function readsOnly(endpoint: Endpoint): boolean {
  if (endpoint.kind === 'leader') return endpoint.reads;
  return endpoint.kind !== 'write' && endpoint.kind !== 'handed';
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
    forward(state, leader, request, at, out);
  }
}

function forward(
  { config }: RequestState,
  leader: ProcessIndex,
  request: ServerRequest,
  tag: number,
  out: Outbox,
): void {
  const reads = readsOnly(ENDPOINTS[request.endpoint]);
  if (request.minIndex === 0) {
    const input = reads ? RPC_READ : RPC_WRITE;
    out.request(leader, input, request, config.forwardMicros, FORWARDED, tag);
  } else {
    const waitMicros = longestWait(config, request) + config.holdMicros;
    out.request(leader, RPC_BLOCKING, request, waitMicros, FORWARDED, tag);
  }
}

/** With all the jitter that the leader may add. */
function longestWait(config: ServerConfig, request: ServerRequest): number {
  const micros = queryMicros(config, request);
  return micros + Math.floor(micros / JITTER_FRACTION);
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
  else answerFromMemory(endpoint, exchange, request, out);
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
  endpoint: Extract<Endpoint, { kind: 'leader' | 'local' }>,
  exchange: number,
  { input }: ServerRequest,
  out: Outbox,
): void {
  const result = endpoint.answer(input as never, out);
  if (isError(result)) out.fail(exchange, result);
  else succeed(exchange, endpoint, result, 0, out);
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

/** Only what was never sent is definite; only what had a stream may be asked again, by reads. */
function streamError(cause: ErrorCause): ServerError {
  const { refused, dialTimeout, unreachable, eof, reset } = ErrorCause;
  return {
    error: `rpc error making call: ${ERROR_NAMES[cause]}`,
    indefinite: cause !== refused && cause !== dialTimeout && cause !== unreachable,
    retry: cause === eof || cause === reset ? 'stream' : '',
  };
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
