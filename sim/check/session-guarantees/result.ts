/** What the checks of weaker promises find: plain data for people, reports and tests. */
import type { Operation } from '../linearizability/operation.ts';
import type { Judgement } from '../linearizability/verdict.ts';

export interface Anomaly {
  /** Promise that was broken. */
  readonly guarantee: string;
  /** A sentence without its full stop. */
  readonly message: string;
  /** The operation with which it was broken comes last. */
  readonly operations: readonly Operation[];
  /** `allowed`: the mode that was asked for does not promise it. */
  readonly status: 'violation' | 'allowed';
  /** Where it is documented that this may happen; empty for a violation. */
  readonly reference: string;
}

export interface GuaranteeVerdict {
  /** `fail` when there is a violation; allowed anomalies leave it `pass`. */
  readonly verdict: Judgement;
  readonly guarantee: string;
  readonly operations: number;
  /** Operations that were compared with something, and those that could not be. */
  readonly judged: number;
  readonly undecided: number;
  readonly anomalies: readonly Anomaly[];
}

/** A verdict from what was found; nothing compared means nothing known. */
export function verdictOf(
  guarantee: string,
  operations: number,
  judged: number,
  undecided: number,
  anomalies: readonly Anomaly[],
): GuaranteeVerdict {
  const broken = anomalies.some(({ status }) => status === 'violation');
  const verdict = broken ? 'fail' : judged === 0 && undecided > 0 ? 'unknown' : 'pass';
  return { verdict, guarantee, operations, judged, undecided, anomalies };
}
