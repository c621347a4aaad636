/**
 * Timers of sessions (`consul:agent/consul/session_ttl.go`; reference: consul §2.7). A session lives for
 * twice its TTL after it was made or renewed, by the clock of whoever holds the timer. When that is
 * over it is destroyed through Raft, in up to six attempts with sleeps between them; nothing ends those
 * attempts, neither the loss of leadership nor a renewal (B34).
 */
import { hashString, mix } from '../../core/fingerprint.ts';
import type { Outbox } from '../../core/machine.ts';
import { ApplyError, Role, commandProposal, proposerTag } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { APPLY } from '../../protocol/raft/vocabulary.ts';
import { raftOf } from '../membership/server.ts';
import type { SessionDestroyCommand } from '../state/commands.ts';
import type { Session } from '../state/rows.ts';
import { listSessions } from '../state/session-queries.ts';
import type { Store } from '../state/store.ts';
import type { Invalidation, SessionState } from './state.ts';
import {
  CALL_TIMER,
  RETRY_TIMER,
  SESSION_MACHINE,
  SESSION_TIMER,
  SessionNote,
} from './vocabulary.ts';

/** `consul:agent/structs/structs.go (SessionTTLMultiplier)`. */
const TTL_MULTIPLIER = 2;
const ATTEMPTS_MAX = 6;
const RETRY_MICROS = 10_000_000;
/** `consul:agent/consul/rpc.go (enqueueLimit)`. */
const ENQUEUE_MICROS = 30_000_000;

/** The whole time again, or for the first time. */
export function resetTimer(state: SessionState, { id, ttlMicros }: Session, out: Outbox): void {
  if (ttlMicros === 0) return;
  let number = state.numbers.get(id);
  if (number === undefined) {
    number = state.free.pop() ?? state.ids.length;
    state.ids[number] = id;
    state.numbers.set(id, number);
  }
  out.timer(SESSION_TIMER, number, TTL_MULTIPLIER * ttlMicros);
  if (!state.config.bugs.B34) dropInvalidations(state, id, out);
}

export function clearTimer(state: SessionState, id: string, out: Outbox): void {
  const number = state.numbers.get(id);
  if (number === undefined) return;
  out.cancel(SESSION_TIMER, number);
  forgetTimer(state, number);
}

function forgetTimer(state: SessionState, number: number): void {
  state.numbers.delete(state.ids[number]!);
  state.ids[number] = null;
  state.free.push(number);
}

/** A new leader gives every session its whole time. */
export function startAllTimers(state: SessionState, out: Outbox): void {
  for (const session of listSessions(raftOf(out).fsm as Store, null).sessions) {
    resetTimer(state, session, out);
  }
}

export function clearAllTimers(state: SessionState, out: Outbox): void {
  for (const id of state.numbers.keys()) clearTimer(state, id, out);
  if (!state.config.bugs.B34) dropInvalidations(state, '', out);
}

/** Those of one session, or all; only where B34 is fixed. */
function dropInvalidations(state: SessionState, session: string, out: Outbox): void {
  state.invalidations = state.invalidations.filter((one) => {
    const dropped = session === '' || one.session === session;
    if (dropped) out.cancel(RETRY_TIMER, one.number);
    return !dropped;
  });
}

export function onSessionTimer(state: SessionState, number: number, out: Outbox): void {
  const session = state.ids[number];
  if (session === null || session === undefined) return;
  out.note(SessionNote.expired, number, 0, 0);
  forgetTimer(state, number);
  const invalidation: Invalidation = {
    number: ++state.invalidationCount,
    session,
    attempts: 0,
    proposal: 0,
  };
  state.invalidations.push(invalidation);
  attempt(state, invalidation, out);
}

export function destroyCommand(id: string): SessionDestroyCommand {
  return { op: 'session-destroy', id, digest: mix(11, hashString(id)) };
}

function attempt(state: SessionState, one: Invalidation, out: Outbox): void {
  const leads = raftOf(out).role === Role.leader;
  if (one.attempts > 0 && leads && state.numbers.has(one.session)) out.mark('B34');
  one.proposal = ++state.proposals;
  const byMicros = out.now() + ENQUEUE_MICROS;
  if (state.waiting.length === 0) out.timer(CALL_TIMER, 0, ENQUEUE_MICROS);
  state.waiting.push({ proposal: one.proposal, byMicros });
  const tag = proposerTag(SESSION_MACHINE, one.proposal);
  out.post(APPLY, 0, 0, commandProposal(destroyCommand(one.session), tag, byMicros));
}

export function onAnswered(
  state: SessionState,
  proposal: number,
  { error }: ApplyResult,
  out: Outbox,
): void {
  state.waiting = state.waiting.filter((one) => one.proposal !== proposal);
  const one = state.invalidations.find((invalidation) => invalidation.proposal === proposal);
  if (one === undefined) return;
  one.proposal = 0;
  if (error === ApplyError.none) {
    state.invalidations = state.invalidations.filter((other) => other !== one);
    return;
  }
  out.note(SessionNote.attemptFailed, one.number, one.attempts + 1, error);
  out.timer(RETRY_TIMER, one.number, RETRY_MICROS * (1 << one.attempts));
  one.attempts++;
}

/** It sleeps after the last attempt too. */
export function onRetryTimer(state: SessionState, number: number, out: Outbox): void {
  const one = state.invalidations.find((invalidation) => invalidation.number === number);
  if (one === undefined) return;
  if (one.attempts < ATTEMPTS_MAX) {
    attempt(state, one, out);
    return;
  }
  state.invalidations = state.invalidations.filter((other) => other !== one);
  out.note(SessionNote.givenUp, number, 0, 0);
}

/** Raft has not even taken it: the call gives up, whatever becomes of the proposal. */
export function onCallTimer(state: SessionState, out: Outbox): void {
  const taken = raftOf(out).proposalsTakenOf[SESSION_MACHINE] ?? 0;
  const late = state.waiting.filter(
    ({ proposal, byMicros }) => proposal > taken && byMicros <= out.now(),
  );
  const given = { error: ApplyError.enqueueTimeout, index: 0, value: null };
  for (const { proposal } of late) onAnswered(state, proposal, given, out);
  // Those that Raft has taken have an answer of their own to come.
  state.waiting = state.waiting.filter(({ proposal }) => proposal > taken);
  const [next] = state.waiting;
  if (next !== undefined) out.timer(CALL_TIMER, 0, Math.max(1, next.byMicros - out.now()));
}
