/** The end of an attempt: what its client learns from it, and whether the call goes on. */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { CallNote, FIRST_ANSWERED, errorCode } from '../../service/vocabulary.ts';
import type { CallAnswer, CallError } from '../../service/vocabulary.ts';
import { onResult } from '../health/breaker.ts';
import { onAttempt as onOutlierAttempt } from '../health/outliers.ts';
import { drawBackoff } from '../retry/backoff.ts';
import { mayRetry, onAttempt as onBudgetAttempt } from '../retry/budget.ts';
import { attempt } from './attempt.ts';
import { finish } from './finish.ts';
import { pickingOf } from './pick.ts';
import { CallerInput } from './state.ts';
import type { Attempt, Call, CallerState } from './state.ts';
import { breakerScope, onHealthChanged } from './upstream.ts';
import type { Upstream } from './upstream.ts';

export function onAnswered(state: CallerState, at: number, body: unknown, out: Outbox): void {
  const record = state.attempts[at]!;
  state.attempts[at] = null;
  state.freeAttempts.push(at);
  const error = codeOf(out.error, body);
  const upstream = state.upstreams[record.upstream];
  const { process } = upstream.endpoints[record.endpoint];
  learn(upstream, record, error, body, out);
  out.note(CallNote.answered, record.call, process, error);
  const call = state.calls[record.call];
  // Another attempt has answered before, or the call has ended otherwise.
  if (call === null || call.id !== record.id) return;
  call.open--;
  if (error === 0) finish(state, record.call, 0, out);
  else onFailure(state, record.call, call, upstream, error, out);
}

function codeOf(cause: ErrorCause, body: unknown): number {
  return cause === ErrorCause.remote ? errorCode((body as CallError).error) : cause;
}

function learn(
  upstream: Upstream,
  { endpoint, startedMicros, isRetry }: Attempt,
  error: number,
  body: unknown,
  out: Outbox,
): void {
  const now = out.now();
  const ok = error === 0;
  upstream.active[endpoint]--;
  upstream.activeTotal--;
  if (isRetry) upstream.retries--;
  if (upstream.policy.onEnd !== undefined) {
    const sample = {
      endpoint,
      ok,
      lost: !ok && error < FIRST_ANSWERED,
      micros: now - startedMicros,
      now,
      report: ok ? (body as CallAnswer).report : null,
    };
    const picking = pickingOf(upstream, upstream.listed, now, 0, out);
    for (const one of upstream.states) {
      if (one !== undefined) upstream.policy.onEnd(one, sample, picking);
    }
  }
  if (upstream.budget !== null) onBudgetAttempt(upstream.budget, ok);
  learnOutlier(upstream, endpoint, ok, now, out);
  learnBreaker(upstream, endpoint, ok, now, out);
}

function learnOutlier(
  upstream: Upstream,
  endpoint: number,
  ok: boolean,
  now: number,
  out: Outbox,
): void {
  const { outliers, endpoints } = upstream;
  if (outliers === null || !onOutlierAttempt(outliers, endpoint, ok, now)) return;
  onHealthChanged(upstream);
  out.note(CallNote.ejected, upstream.config.index, endpoints[endpoint].process, outliers.ejected);
}

function learnBreaker(
  upstream: Upstream,
  endpoint: number,
  ok: boolean,
  now: number,
  out: Outbox,
): void {
  const scope = breakerScope(upstream);
  if (scope === null) return;
  const breaker = upstream.breakers[scope === 'service' ? 0 : endpoint];
  const change = onResult(breaker, ok, now, out.draw('breaker'));
  if (change === null) return;
  if (scope === 'instance') onHealthChanged(upstream);
  const process = scope === 'service' ? -1 : upstream.endpoints[endpoint].process;
  const note = change === 'opened' ? CallNote.opened : CallNote.closed;
  out.note(note, upstream.config.index, process, 0);
}

/** Retries where that may be; a hedged call waits for its other attempts first. */
function onFailure(
  state: CallerState,
  slot: number,
  call: Call,
  upstream: Upstream,
  error: number,
  out: Outbox,
): void {
  call.error = error;
  const { retry, hedge } = upstream.config.settings;
  const now = out.now();
  const most = retry?.attempts ?? hedge?.attempts ?? 1;
  const affordable = call.attempts < most && now < call.deadlineMicros;
  if (!affordable || !isBudgeted(upstream, now)) {
    if (call.open === 0) finish(state, slot, error, out);
    return;
  }
  const micros = retry === null ? 0 : backoffMicros(upstream, call, out);
  if (now + micros >= call.deadlineMicros) {
    if (call.open === 0) finish(state, slot, error, out);
    return;
  }
  // gRPC: an error that is not fatal sends the next hedge at once.
  if (retry !== null) out.note(CallNote.backoff, slot, micros, call.attempts - 1);
  if (micros <= 0) {
    attempt(state, slot, out);
    return;
  }
  call.previousBackoff = micros;
  out.timer(CallerInput.retry, slot, micros);
}

function isBudgeted(upstream: Upstream, now: number): boolean {
  return upstream.budget === null || mayRetry(upstream.budget, upstream, now);
}

function backoffMicros({ config }: Upstream, call: Call, out: Outbox): number {
  const { backoff } = config.settings.retry!;
  return drawBackoff(backoff, call.attempts, call.previousBackoff, out.draw('backoff'));
}
