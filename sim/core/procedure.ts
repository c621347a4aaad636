/**
 * Long procedures (a rolling restart, a leader's loop) as tables of named steps over plain data. A
 * generator could not be saved half-way; a table can, and says where it stands.
 */
import { assert } from './assert.ts';

/** Steps run in one go before we call it an endless loop. */
const STEPS_MAX = 100_000;

/** Everything a procedure remembers: plain data, `step` names the step to run next. */
export interface Locals<Step extends string> {
  step: Step;
}

/** `wait`: run this step again when something may have changed; a name: go there; `done`: the end. */
export type Outcome<Step extends string> = 'wait' | 'done' | Step;

export interface Procedure<Step extends string, Data extends Locals<Step>, Context> {
  readonly steps: Readonly<Record<Step, (data: Data, context: Context) => Outcome<Step>>>;
  /** Where it stands, in words, such as `step 2 of 5, s3 waits for a leader`. */
  readonly describe: (data: Data, context: Context) => string;
}

/**
 * Runs steps until one waits or the procedure is done; true when it is. Changes `data`, so copy it
 * first where an old copy must stay.
 */
export function advance<Step extends string, Data extends Locals<Step>, Context>(
  procedure: Procedure<Step, Data, Context>,
  data: Data,
  context: Context,
): boolean {
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const outcome = procedure.steps[data.step](data, context);
    if (outcome === 'done') return true;
    if (outcome === 'wait') return false;
    data.step = outcome;
  }
  assert(false, `a procedure never leaves step ${data.step}`);
}
