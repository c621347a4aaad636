/**
 * Reads (reference: consul §2.4, §2.5; `consul:agent/blockingquery/blockingquery.go (Query)`): of
 * whoever believes to lead, or verified, or of any server; at once, or when what is read has changed.
 *
 * A blocking query belongs to the server that began it, whatever becomes of its leadership: it goes
 * on with the local state store.
 */
import type { Outbox } from '../../core/machine.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import type { Woken } from '../state/fsm.ts';
import { addWatch, removeWatch } from '../state/watches.ts';
import type { WatchSet } from '../state/watches.ts';
import { readAnswer } from './answer.ts';
import { onReadyTimer, onVerified, verify } from './consistent.ts';
import type { QueryResult, ReadEndpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { QUERY_TIMER, RPC_BLOCKING, RPC_READ, ServerNote } from './inputs.ts';
import type { ServerAnswer, ServerRequest } from './request.ts';
import { JITTER_FRACTION, Phase, forget, park, queryMicros, raftOf } from './state.ts';
import type { Blocking, Pending, RequestState } from './state.ts';

export function serveRead(
  state: RequestState,
  endpoint: ReadEndpoint,
  exchange: number,
  request: ServerRequest,
  out: Outbox,
): void {
  if (request.minIndex > 0) {
    const tag = park(state, exchange, request, Phase.blocking, out);
    begin(state, tag, request, out);
    look(state, tag, out);
  } else if (request.mode === 'consistent') {
    verify(state, park(state, exchange, request, Phase.verifying, out), out);
  } else {
    respond(
      endpoint,
      exchange,
      request,
      readAnswer(endpoint, run(endpoint, request, null, out), indexMin(state), out),
      out,
    );
  }
}

/** P10 (node-consul#72, consul#3742): a client that is told 0 asks without waiting, again and again. */
function indexMin({ config }: RequestState): number {
  return config.bugs.P10 ? 0 : 1;
}

function run(
  endpoint: ReadEndpoint,
  { input }: ServerRequest,
  set: WatchSet | null,
  out: Outbox,
): QueryResult {
  return endpoint.query(raftOf(out).fsm as never, input as never, set);
}

/** Waits for min(wait, 600 s), or 300 s, and up to a sixteenth of that longer. */
function begin(state: RequestState, tag: number, request: ServerRequest, out: Outbox): void {
  const micros = queryMicros(state.config, request);
  const jitter = out.draw('blocking').below(Math.floor(micros / JITTER_FRACTION));
  const query = ++state.queries;
  state.blocked.set(query, tag);
  const blocking: Blocking = {
    query,
    minIndex: request.minIndex,
    notFound: false,
    expired: false,
    answer: null,
  };
  state.pending[tag]!.blocking = blocking;
  out.timer(QUERY_TIMER, tag, micros + jitter);
  out.note(ServerNote.blocking, state.blocked.size, 0, 0);
}

/** Every round of the loop asks again whether this is still the leader, if that was asked for. */
function look(state: RequestState, tag: number, out: Outbox): void {
  if (state.pending[tag]!.request.mode === 'consistent') verify(state, tag, out);
  else answerOrWait(state, tag, out);
}

export function onReadVerified(
  state: RequestState,
  tag: number,
  result: ApplyResult,
  out: Outbox,
): void {
  if (onVerified(state, tag, result, out)) answerOrWait(state, tag, out);
}

export function onReadReadyTimer(state: RequestState, tag: number, out: Outbox): void {
  if (onReadyTimer(state, tag, out)) answerOrWait(state, tag, out);
}

function answerOrWait(state: RequestState, tag: number, out: Outbox): void {
  const pending = state.pending[tag]!;
  const { blocking, exchange, request } = pending;
  const endpoint = ENDPOINTS[request.endpoint] as ReadEndpoint;
  const set: WatchSet | null = blocking === null ? null : [];
  const result = run(endpoint, request, set, out);
  const answer = readAnswer(endpoint, result, indexMin(state), out);
  if (blocking === null) {
    forget(state, tag, out);
    respond(endpoint, exchange, request, answer, out);
    return;
  }
  blocking.answer = answer;
  // Nothing found, twice running: what else has changed need not wake the client.
  if (result.notFound && blocking.notFound) blocking.minIndex = answer.index;
  if (result.notFound) blocking.notFound = true;
  if (answer.index > blocking.minIndex || blocking.expired) {
    finish(state, tag, pending, blocking, out);
    return;
  }
  pending.phase = Phase.blocking;
  addWatch(state.watches, blocking.query, set!);
}

function finish(
  state: RequestState,
  tag: number,
  { exchange, request }: Pending,
  blocking: Blocking,
  out: Outbox,
): void {
  removeWatch(state.watches, blocking.query);
  forget(state, tag, out);
  const endpoint = ENDPOINTS[request.endpoint] as ReadEndpoint;
  respond(endpoint, exchange, request, blocking.answer!, out);
}

/** Handlers of the catalog and of health ask again, of the leader, what is older than wanted. */
function respond(
  endpoint: ReadEndpoint,
  exchange: number,
  request: ServerRequest,
  answer: ServerAnswer,
  out: Outbox,
): void {
  const { mode, maxStaleMicros, minIndex } = request;
  const bounded = endpoint.boundsStaleness && mode === 'stale' && maxStaleMicros > 0;
  if (bounded && answer.lastContactMicros > maxStaleMicros) {
    const again: ServerRequest = { ...request, mode: 'default', maxStaleMicros: -1 };
    out.post(minIndex > 0 ? RPC_BLOCKING : RPC_READ, 0, exchange, again);
  } else {
    out.reply(exchange, answer);
  }
}

/** The time is up: the last answer is given, with whatever index it has. */
export function onQueryTimer(state: RequestState, tag: number, out: Outbox): void {
  const pending = state.pending[tag]!;
  const blocking = pending.blocking!;
  if (pending.phase === Phase.blocking) finish(state, tag, pending, blocking, out);
  else blocking.expired = true;
}

/** Something that these queries have read is not what it was; or the whole store is another one. */
export function onWoken(state: RequestState, { ids, abandoned }: Woken, out: Outbox): void {
  for (const query of ids) {
    const tag = state.blocked.get(query);
    // Its time was up meanwhile.
    if (tag === undefined) continue;
    const pending = state.pending[tag]!;
    out.note(ServerNote.woken, tag, 0, 0);
    if (abandoned) finish(state, tag, pending, pending.blocking!, out);
    else look(state, tag, out);
  }
}
