/**
 * The lock of an agent's local state (`consul:agent/local/state.go (State.Mutex)`). A push holds it
 * for as long as its servers take (P2), and everybody else waits: first come, first served. Where P2
 * is fixed, pushes have a lock of their own.
 */
import type { Outbox } from '../../core/machine.ts';
import { RUN_LANE, Step } from './inputs.ts';
import type { AgentState } from './state.ts';

export interface Lock {
  /** Goroutine that holds it, or 0. */
  heldBy: number;
  queue: number[];
}

export function createLock(): Lock {
  return { heldBy: 0, queue: [] };
}

export function copyLock({ heldBy, queue }: Lock): Lock {
  return { heldBy, queue: queue.slice() };
}

/** True: the running goroutine has it. False: it waits, and goes on at `Step.locked`. */
export function maybeLock(lock: Lock, run: number, out: Outbox): boolean {
  if (lock.heldBy === 0) {
    lock.heldBy = run;
    return true;
  }
  lock.queue.push(run);
  out.park(Step.locked, 0);
  return false;
}

/** For what is no push. */
export function maybeLockState({ lock, runs }: AgentState, run: number, out: Outbox): boolean {
  if (runs.get(lock.heldBy)?.kind === 'sync') out.mark('P2');
  return maybeLock(lock, run, out);
}

export function unlock(lock: Lock, out: Outbox): void {
  const next = lock.queue.shift();
  lock.heldBy = next ?? 0;
  if (next !== undefined) out.unpark(RUN_LANE, next);
}

/** A goroutine ends that may be waiting. */
export function leaveQueue({ queue }: Lock, run: number): void {
  const at = queue.indexOf(run);
  if (at >= 0) queue.splice(at, 1);
}
