/** The beginning of calls and of their attempts: first ones, retries and hedges. */
import type { Outbox } from '../../core/machine.ts';
import { configOf, helloOf } from '../../service/proxy.ts';
import { CALL, CallNote, errorCode } from '../../service/vocabulary.ts';
import type { CallOrder, CallRequest } from '../../service/vocabulary.ts';
import { allows, begin } from '../health/breaker.ts';
import { mayRetry, onCall } from '../retry/budget.ts';
import { finish } from './finish.ts';
import { pick } from './pick.ts';
import { CallerInput } from './state.ts';
import type { Attempt, Call, CallerState } from './state.ts';
import { breakerScope, onHealthChanged } from './upstream.ts';
import type { Upstream } from './upstream.ts';

const NO_ENDPOINT = errorCode('no-endpoint');
const OVERFLOW = errorCode('overflow');
const OPEN = errorCode('open');
const NO_CERTIFICATE = errorCode('no-certificate');

export function onOrder(state: CallerState, tag: number, order: CallOrder, out: Outbox): void {
  const upstream = state.upstreams[order.upstream];
  const { deadlineMicros, requestsMax, hedge } = upstream.config.settings;
  const now = out.now();
  const own = deadlineMicros === null ? Infinity : now + deadlineMicros;
  const call: Call = {
    id: state.started++,
    upstream: order.upstream,
    tag,
    done: order.done,
    hash: order.hash,
    startedMicros: now,
    deadlineMicros: order.untilMicros > 0 ? Math.min(own, order.untilMicros) : own,
    attempts: 0,
    open: 0,
    tried: [],
    previousBackoff: 0,
    error: 0,
  };
  const slot = state.freeCalls.pop() ?? state.calls.length;
  state.calls[slot] = call;
  out.note(CallNote.invoked, slot, 0, 0);
  if (upstream.budget !== null) onCall(upstream.budget, now);
  upstream.calls++;
  if (requestsMax !== null && upstream.calls > requestsMax) {
    finish(state, slot, OVERFLOW, out);
    return;
  }
  attempt(state, slot, out);
  if (hedge !== null && state.calls[slot]?.id === call.id && hedge.attempts > 1) {
    out.timer(CallerInput.hedge, slot, hedge.afterMicros);
  }
}

/** Sends one more attempt; the call ends where that cannot be and none is left to wait for. */
export function attempt(state: CallerState, slot: number, out: Outbox): void {
  const call = state.calls[slot]!;
  const upstream = state.upstreams[call.upstream];
  const now = out.now();
  const serviceBreaker = breakerScope(upstream) === 'service' ? upstream.breakers[0] : undefined;
  if (serviceBreaker !== undefined && !allows(serviceBreaker, now)) {
    giveUp(state, slot, OPEN, out);
    return;
  }
  const endpoint = pick(upstream, call, now, out);
  if (endpoint < 0) {
    giveUp(state, slot, NO_ENDPOINT, out);
    return;
  }
  if (upstream.config.proxied && configOf(out) === null) {
    giveUp(state, slot, NO_CERTIFICATE, out);
    return;
  }
  if (serviceBreaker !== undefined) begin(serviceBreaker);
  else beginTrial(upstream, endpoint);
  send(state, slot, call, upstream, endpoint, now, out);
}

function beginTrial(upstream: Upstream, endpoint: number): void {
  if (breakerScope(upstream) !== 'instance') return;
  const breaker = upstream.breakers[endpoint];
  if (breaker.phase === 'closed') return;
  begin(breaker);
  onHealthChanged(upstream);
}

function send(
  state: CallerState,
  slot: number,
  call: Call,
  upstream: Upstream,
  endpoint: number,
  now: number,
  out: Outbox,
): void {
  const { timeoutMicros } = upstream.config.settings;
  const hello = upstream.config.proxied ? helloOf(out) : null;
  const isRetry = call.attempts > 0;
  const record: Attempt = {
    call: slot,
    id: call.id,
    upstream: call.upstream,
    endpoint,
    startedMicros: now,
    isRetry,
  };
  const at = state.freeAttempts.pop() ?? state.attempts.length;
  state.attempts[at] = record;
  call.attempts++;
  call.open++;
  if (upstream.config.settings.retry?.elsewhere === true) call.tried.push(endpoint);
  upstream.active[endpoint]++;
  upstream.activeTotal++;
  if (isRetry) upstream.retries++;
  const patience = Math.min(timeoutMicros, call.deadlineMicros - now);
  const { process } = upstream.endpoints[endpoint];
  const request: CallRequest = { call: call.id, remainingMicros: patience, hello };
  out.note(CallNote.attempted, slot, process, isRetry ? 0 : 1);
  out.request(process, CALL, request, patience, CallerInput.answered, at);
}

/** Nothing more can be sent; what is under way may still succeed. */
function giveUp(state: CallerState, slot: number, error: number, out: Outbox): void {
  const call = state.calls[slot]!;
  if (call.open > 0) return;
  // The first error says more than that there was nobody left to ask.
  finish(state, slot, call.error === 0 ? error : call.error, out);
}

/** The backoff is over. */
export function onRetry(state: CallerState, slot: number, out: Outbox): void {
  if (state.calls[slot] !== null) attempt(state, slot, out);
}

/** Nobody has answered yet: one more copy, if the budget has room. */
export function onHedge(state: CallerState, slot: number, out: Outbox): void {
  const call = state.calls[slot];
  if (call === null) return;
  const upstream = state.upstreams[call.upstream];
  const { hedge } = upstream.config.settings;
  const now = out.now();
  if (call.attempts >= hedge!.attempts || now >= call.deadlineMicros) return;
  if (upstream.budget !== null && !mayRetry(upstream.budget, upstream, now)) return;
  attempt(state, slot, out);
  if (state.calls[slot]?.id === call.id && call.attempts < hedge!.attempts) {
    out.timer(CallerInput.hedge, slot, hedge!.afterMicros);
  }
}
