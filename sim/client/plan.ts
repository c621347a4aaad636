/**
 * What every watching client does with indexes and errors (reference: agents §3.2, §6.8;
 * `consul:api/watch/plan.go (Run)`): the next query waits for what is newer than the last answer; an
 * index that goes back starts anew from 0, and so does an error, after min(5 s x failures^2, 180 s).
 */

export interface Plan {
  /** Index that the next query, or the one under way, waits for a higher one of. */
  index: number;
  /** In a row. */
  failures: number;
}

const RETRY_MICROS = 5_000_000;
const RETRY_MICROS_MAX = 180_000_000;

/** An answer has come. `keepsIndex`: bug P9 (consul#2621), it does not begin anew. */
export function onPlanAnswered(plan: Plan, index: number, keepsIndex: boolean): void {
  plan.failures = 0;
  if (index >= plan.index) plan.index = index;
  else if (!keepsIndex) plan.index = 0;
}

/** Time to wait before the next query. */
export function onPlanFailed(plan: Plan): number {
  plan.failures++;
  plan.index = 0;
  return Math.min(RETRY_MICROS * plan.failures * plan.failures, RETRY_MICROS_MAX);
}
