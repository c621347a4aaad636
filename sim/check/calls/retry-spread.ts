/**
 * `call.retry-spread`: clients that failed at one moment do not all come back at another. Of the
 * retries of a load in ten seconds no twentieth of a second holds more than a third.
 */
import { CallNote } from '../../service/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { loadAt } from './callers.ts';

const WINDOW_SECONDS = 10;
const SLICE_MICROS = 50_000;
const RETRIES_MIN = 100;
const PEAK = 1 / 3;

class RetrySpread implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [CallNote.backoff];
  /** Windows with enough retries. */
  exercised = 0;
  private seconds = 0;
  /** By load: retries due in each slice of time. */
  private slices = new Map<string, Map<number, number>>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, _slot: number, micros: number): void {
    // A retry at once comes when its attempt failed: that is not the backoff's doing.
    if (micros <= 0) return;
    const { world } = this.context;
    const load = loadAt(world, process);
    if (load === undefined) return;
    let slices = this.slices.get(load);
    if (slices === undefined) this.slices.set(load, (slices = new Map()));
    const slice = Math.floor((world.now + micros) / SLICE_MICROS);
    slices.set(slice, (slices.get(slice) ?? 0) + 1);
  }

  onSecond(): void {
    if (++this.seconds % WINDOW_SECONDS !== 0) return;
    for (const [load, slices] of this.slices) {
      let [total, peak] = [0, 0];
      for (const count of slices.values()) {
        total += count;
        if (count > peak) peak = count;
      }
      if (total < RETRIES_MIN) continue;
      this.exercised++;
      if (peak <= PEAK * total) continue;
      this.context.report(`${peak} of ${total} retries of ${load} fall into one 50 ms`, []);
    }
    this.slices.clear();
  }

  save(): unknown {
    const { exercised, seconds } = this;
    return { exercised, seconds, slices: copy(this.slices) };
  }

  restore(state: unknown): void {
    const saved = state as {
      exercised: number;
      seconds: number;
      slices: Map<string, Map<number, number>>;
    };
    this.exercised = saved.exercised;
    this.seconds = saved.seconds;
    this.slices = copy(saved.slices);
  }
}

function copy(slices: Map<string, Map<number, number>>): Map<string, Map<number, number>> {
  return new Map([...slices].map(([load, counts]) => [load, new Map(counts)]));
}

export const retrySpread: Invariant = {
  name: 'call.retry-spread',
  expectation: 'always',
  statement: 'Clients whose calls failed together do not all retry together.',
  source: 'Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015)',
  occasional: true,
  create: (context) => new RetrySpread(context),
};
