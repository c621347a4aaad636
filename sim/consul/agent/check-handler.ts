/**
 * From results to a status (reference: agents §2.3; `consul:agent/checks/check.go (StatusHandler)`).
 * The counters begin at their thresholds, so that the first result counts at once in either direction.
 */
import type { CheckStatus } from '../state/rows.ts';

export interface Thresholds {
  readonly successBeforePassing: number;
  readonly failuresBeforeWarning: number;
  readonly failuresBeforeCritical: number;
}

export interface CheckCounters {
  successes: number;
  failures: number;
}

/** `failures_before_warning` is that of critical where it is not given. */
export function thresholdsOf({
  successBeforePassing = 0,
  failuresBeforeCritical = 0,
  failuresBeforeWarning = failuresBeforeCritical,
}: Partial<Thresholds>): Thresholds {
  return { successBeforePassing, failuresBeforeWarning, failuresBeforeCritical };
}

export function createCounters(thresholds: Thresholds): CheckCounters {
  return {
    successes: thresholds.successBeforePassing,
    failures: thresholds.failuresBeforeCritical,
  };
}

/** The status to report after one more result, or null: what was reported stays. */
export function countResult(
  counters: CheckCounters,
  thresholds: Thresholds,
  result: CheckStatus,
): CheckStatus | null {
  if (result !== 'critical') {
    counters.successes++;
    counters.failures = 0;
    return counters.successes >= thresholds.successBeforePassing ? result : null;
  }
  counters.failures++;
  counters.successes = 0;
  if (counters.failures >= thresholds.failuresBeforeCritical) return 'critical';
  return counters.failures >= thresholds.failuresBeforeWarning ? 'warning' : null;
}
