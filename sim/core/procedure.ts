/**
 * Long procedures (a leader's loop, a graceful leave, a rolling restart) as tables of named steps over
 * plain data: they can be saved, shown and continued anywhere, which a generator cannot.
 *
 *     const restart = procedure<World, Restart>('rolling restart', [
 *       { name: 'stop', run: (world, it) => (stop(world, it.host), NEXT) },
 *       { name: 'rejoin', run: (world, it) => (isVoter(world, it.host) ? NEXT : until('voter')) },
 *       { name: 'go on', run: (_, it) => (++it.host < it.hosts ? jump('stop') : DONE) },
 *     ]);
 *     const it = begin({ host: 0, hosts: 3 });
 *     advance(restart, world, it);  // false
 *     describe(restart, it);        // rolling restart: step 2 of 3, waiting for voter
 */
import { assert } from './assert.ts';

/** Steps that one `advance` may run before we call it an endless loop. */
const STEPS_PER_ADVANCE_MAX = 100_000;

/** Where a procedure stands; its locals live beside these, and all of it is plain data. */
export interface Progress {
  /** Index of the step it is at; the number of steps once it is over. */
  step: number;
  /** What it waits for, or empty. */
  waitingFor: string;
  /** That step is over as soon as the wait is. */
  leaving: boolean;
}

export type StepResult =
  | { readonly kind: 'next' }
  | { readonly kind: 'done' }
  | { readonly kind: 'jump'; readonly to: string }
  | { readonly kind: 'wait'; readonly reason: string; readonly again: boolean };

export const NEXT: StepResult = { kind: 'next' };
export const DONE: StepResult = { kind: 'done' };

export function jump(to: string): StepResult {
  return { kind: 'jump', to };
}

/** Waits for something to become true: the next `advance` runs this step again. */
export function until(reason: string): StepResult {
  return { kind: 'wait', reason, again: true };
}

/** Waits for the end of what this step has begun: the next `advance` goes on with the next step. */
export function after(reason: string): StepResult {
  return { kind: 'wait', reason, again: false };
}

export interface Step<Context, Locals extends Progress> {
  readonly name: string;
  run(context: Context, locals: Locals): StepResult;
}

export interface Procedure<Context, Locals extends Progress> {
  readonly name: string;
  readonly steps: readonly Step<Context, Locals>[];
}

/** A procedure from its steps. Errors: an assertion for two steps of one name. */
export function procedure<Context, Locals extends Progress>(
  name: string,
  steps: readonly Step<Context, Locals>[],
): Procedure<Context, Locals> {
  const names = new Set(steps.map((step) => step.name));
  assert(names.size === steps.length, `${name} has two steps of one name`);
  return { name, steps };
}

/** Locals of a procedure that has not begun. */
export function begin<Own extends object>(own: Own): Own & Progress {
  return { ...own, step: 0, waitingFor: '', leaving: false };
}

/** Runs steps until one waits; true when the procedure is over, and from then on. */
export function advance<Context, Locals extends Progress>(
  { name, steps }: Procedure<Context, Locals>,
  context: Context,
  locals: Locals,
): boolean {
  if (locals.leaving) locals.step++;
  locals.leaving = false;
  locals.waitingFor = '';
  for (let ran = 0; locals.step < steps.length; ran++) {
    assert(ran < STEPS_PER_ADVANCE_MAX, `${name} never waits`);
    const result = steps[locals.step].run(context, locals);
    switch (result.kind) {
      case 'next':
        locals.step++;
        break;
      case 'done':
        locals.step = steps.length;
        break;
      case 'jump':
        locals.step = steps.findIndex((step) => step.name === result.to);
        assert(locals.step >= 0, `${name} has no step ${result.to}`);
        break;
      case 'wait':
        locals.leaving = !result.again;
        locals.waitingFor = result.reason;
        return false;
    }
  }
  return true;
}

/** `rolling restart: step 2 of 9, waiting for voter`. */
export function describe<Context, Locals extends Progress>(
  { name, steps }: Procedure<Context, Locals>,
  { step, waitingFor }: Locals,
): string {
  if (step >= steps.length) return `${name}: done`;
  const at = `${name}: step ${step + 1} of ${steps.length}`;
  return waitingFor === '' ? at : `${at}, waiting for ${waitingFor}`;
}
