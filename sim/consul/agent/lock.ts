/**
 * The lock of an agent's local state (`consul:agent/local/state.go (State.Mutex)`). A push holds it
 * for as long as its servers take (P2), and everybody else waits: first come, first served.
 */
import type { Outbox } from '../../core/machine.ts';
import { RUN_LANE, Step } from './inputs.ts';
import type { AgentState } from './state.ts';

/** True: the running goroutine has it. False: it waits, and goes on at `Step.locked`. */
export function maybeLock(state: AgentState, run: number, out: Outbox): boolean {
  if (state.lockedBy === 0) {
    state.lockedBy = run;
    return true;
  }
  state.lockQueue.push(run);
  out.park(Step.locked, 0);
  return false;
}

export function unlock(state: AgentState, out: Outbox): void {
  const next = state.lockQueue.shift();
  state.lockedBy = next ?? 0;
  if (next !== undefined) out.unpark(RUN_LANE, next);
}

/** A goroutine ends that may be waiting. */
export function leaveQueue(state: AgentState, run: number): void {
  state.lockQueue = state.lockQueue.filter((waiting) => waiting !== run);
}
