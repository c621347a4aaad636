/** Goroutines of the agent's reads: each asks the servers, with the retries of every RPC. */
import type { Outbox } from '../../../core/machine.ts';
import { START } from './inputs.ts';
import type { Goroutine, ReadsState } from './state.ts';

/** Lanes of the machine. */
export const MAIN_LANE = 0;
export const GOROUTINE_LANE = 1;

export function start(state: ReadsState, goroutine: Goroutine, out: Outbox): void {
  const number = ++state.last;
  state.goroutines.set(number, goroutine);
  out.spawn(GOROUTINE_LANE, number);
  out.post(START, number, 0, null);
}
