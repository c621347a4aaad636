/** What went wrong in a run, told so that the same failure of another run is known again. */
import { EXIT } from '../../run/result.ts';
import type { RunResult, Violation } from '../../run/result.ts';

export interface Failure {
  readonly kind: 'violation' | 'threshold' | 'error';
  /** The invariant that was violated first, the metric of the threshold missed, or `internal error`. */
  readonly invariant: string;
  /** The message without its hosts and numbers: equal ones are taken for one cause. */
  readonly cause: string;
  readonly message: string;
  /** Seconds. */
  readonly time: number;
  readonly event: number;
  readonly hosts: readonly string[];
  /** Issue behind a known violation, or "". */
  readonly reference: string;
  /** What else was violated later in the run. */
  readonly others: readonly string[];
}

export const INTERNAL = 'internal error';

/** Null of a run that passed, or that did not show whether it does. */
export function failureOf(result: RunResult): Failure | null {
  if (result.exitCode !== EXIT.violation && result.exitCode !== EXIT.threshold) return null;
  const real = result.violations.filter(({ status }) => status !== 'allowed');
  const [first] = real;
  if (first === undefined) return missedThreshold(result);
  const rule = result.invariants.find(({ name }) => name === first.invariant);
  return ofViolation(first, real, rule?.expectation === 'eventually');
}

function ofViolation(first: Violation, real: readonly Violation[], late: boolean): Failure {
  const { invariant, message, time, event, hosts, reference } = first;
  const others = new Set(real.map((one) => one.invariant));
  others.delete(invariant);
  // What has not come true by the end is told of hosts that may be in any state.
  const cause = late ? 'not by the end' : causeOf(message);
  return {
    kind: 'violation',
    invariant,
    cause,
    message,
    time,
    event,
    hosts,
    reference,
    others: [...others],
  };
}

function missedThreshold({ thresholds, simulatedSeconds, events }: RunResult): Failure | null {
  const missed = thresholds.filter(({ verdict }) => verdict === 'fail');
  const [first] = missed;
  if (first === undefined) return null;
  const { metric, expression, value } = first;
  return {
    kind: 'threshold',
    invariant: metric,
    cause: expression,
    message: `${metric} is ${value ?? 'not measured'}, which is not ${expression}`,
    time: simulatedSeconds,
    event: events,
    hosts: [],
    reference: '',
    others: missed.slice(1).map((one) => one.metric),
  };
}

/** The program itself broke. */
export function failureOfError(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const plain = { time: 0, event: 0, hosts: [], reference: '', others: [] };
  return { kind: 'error', invariant: INTERNAL, cause: causeOf(message), message, ...plain };
}

function causeOf(message: string): string {
  return message.replaceAll(/\b[a-z]+[-#]?\d+\b/g, 'X').replaceAll(/\d+(\.\d+)?/g, '#');
}

/** Equal for failures of one kind. */
export function failureKey({ invariant, cause }: Failure): string {
  return `${invariant}: ${cause}`;
}
