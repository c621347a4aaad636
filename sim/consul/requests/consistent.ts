/**
 * Consistent reads (reference: consul §2.4; `consul:agent/consul/rpc.go (ConsistentRead)`): the
 * leadership is verified once, and the wait for the leader to get ready comes after it.
 */
import type { Outbox } from '../../core/machine.ts';
import { ApplyError } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { VERIFY } from '../../protocol/raft/vocabulary.ts';
import { isReady } from '../leader/ready.ts';
import { READY_TIMER } from './inputs.ts';
import { APPLY_ERRORS, NOT_READY } from './request.ts';
import type { ServerError } from './request.ts';
import { Phase, forget, raftOf } from './state.ts';
import type { RequestState } from './state.ts';

/** `rpc_hold_timeout` of 7 s, in 16 steps. */
const READY_MICROS = 7_000_000;
const READY_STEPS = 16;

export function verify(state: RequestState, tag: number, out: Outbox): void {
  state.pending[tag]!.phase = Phase.verifying;
  lookWhetherReady(state, out);
  out.post(VERIFY, 0, tag, null);
}

/**
 * The leader loop says so. Where there is none, a leader is ready once it has applied its Noop, and one
 * that has just stopped leading keeps the flag: VerifyLeader is there to catch it.
 */
function lookWhetherReady(state: RequestState, out: Outbox): boolean {
  const told = isReady(out);
  if (told !== undefined) return told;
  const { leaderState, fsmIndex } = raftOf(out);
  if (leaderState !== null) state.ready = fsmIndex >= leaderState.startIndex;
  return state.ready;
}

/** True where the read may be answered now. */
export function onVerified(
  state: RequestState,
  tag: number,
  { error }: ApplyResult,
  out: Outbox,
): boolean {
  if (error !== ApplyError.none) {
    // A read that was not answered has done nothing.
    giveUp(state, tag, { ...APPLY_ERRORS[error], indefinite: false }, out);
    return false;
  }
  const pending = state.pending[tag]!;
  pending.phase = Phase.preparing;
  pending.readyByMicros = out.now() + READY_MICROS;
  return onReadyTimer(state, tag, out);
}

/** True where the read may be answered now. */
export function onReadyTimer(state: RequestState, tag: number, out: Outbox): boolean {
  if (lookWhetherReady(state, out)) return true;
  if (state.config.bugs.B13) {
    out.mark('B13');
    return true;
  }
  if (out.now() < state.pending[tag]!.readyByMicros) {
    out.timer(READY_TIMER, tag, Math.floor(READY_MICROS / READY_STEPS));
  } else {
    giveUp(state, tag, NOT_READY, out);
  }
  return false;
}

function giveUp(state: RequestState, tag: number, error: ServerError, out: Outbox): void {
  out.fail(state.pending[tag]!.exchange, error);
  forget(state, tag, out);
}
