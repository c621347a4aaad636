/** Readers that wait for a view of a stream, or an entry of the cache, to move on. */
import type { Outbox } from '../../../core/machine.ts';
import { WAIT_TIMER } from './inputs.ts';
import type { Reader, ReadsState, Waiter } from './state.ts';

interface Watched {
  readonly number: number;
  waiters: Waiter[];
}

/** `waitMicros` 0: for as long as it takes. */
export function wait(
  state: ReadsState,
  watched: Watched,
  reader: Reader,
  minIndex: number,
  waitMicros: number,
  out: Outbox,
): void {
  const number = ++state.last;
  watched.waiters.push({ number, reader, minIndex });
  state.waiting.set(number, watched.number);
  if (waitMicros > 0) out.timer(WAIT_TIMER, number, waitMicros);
}

/** Takes those that an index is high enough for, in the order in which they came. */
export function takeBelow(
  state: ReadsState,
  watched: Watched,
  index: number,
  out: Outbox,
): readonly Waiter[] {
  const taken = watched.waiters.filter(({ minIndex }) => index > minIndex);
  if (taken.length === 0) return taken;
  watched.waiters = watched.waiters.filter(({ minIndex }) => index <= minIndex);
  for (const { number } of taken) {
    state.waiting.delete(number);
    out.cancel(WAIT_TIMER, number);
  }
  return taken;
}

/** The time of one is up. */
export function takeOne(state: ReadsState, watched: Watched, number: number): Waiter {
  const found = watched.waiters.find((one) => one.number === number)!;
  watched.waiters = watched.waiters.filter((one) => one !== found);
  state.waiting.delete(number);
  return found;
}
