/** What a check found: plain data, for people, reports and tests alike. */
import type { Limit } from './budget.ts';
import type { Operation } from './operation.ts';

/** `fail` dominates `unknown` dominates `pass`. */
export type Judgement = 'pass' | 'fail' | 'unknown';

/** How a part of a history was judged. */
export type Method = 'none' | 'impossible' | 'fast' | 'search';

export interface Verdict {
  readonly verdict: Judgement;
  readonly model: string;
  readonly operations: number;
  /** Operations of unknown outcome among them. */
  readonly unknown: number;
  /** Parts that were judged by themselves, usually keys. */
  readonly parts: number;
  /** Parts by the way they were judged. */
  readonly methods: Readonly<Record<Method, number>>;
  /** Steps of all searches. */
  readonly steps: number;
  /** What ended the check, when the verdict is unknown. */
  readonly limit?: Limit;
  /** Parts that failed, then parts that are unknown; in order of the history. */
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly verdict: 'fail' | 'unknown';
  readonly method: Method;
  /** Keys of the part. */
  readonly keys: readonly string[];
  /** One sentence. */
  readonly reason: string;
  /**
   * Records before this position can be put in order, whatever comes later. Position of the last
   * such record; -1 when there is none.
   */
  readonly orderedUpTo: number;
  /** Position of the record with which no order is left; -1 when unknown. */
  readonly brokenAt: number;
  /** False when the budget ended before `brokenAt` was shown to be the earliest possible. */
  readonly earliest: boolean;
  /** Operations of an order for the longest prefix, as far as one was found. */
  readonly order: readonly Operation[];
  /** The contradiction: weakening any of these would resolve it (if `minimal`). */
  readonly involved: readonly Operation[];
  readonly minimal: boolean;
  /** Other operations of the part in the same stretch of time, the latest of them. */
  readonly context: readonly Operation[];
  /** What ended the search, when the verdict is unknown. */
  readonly limit?: Limit;
  /** Where the search could not decide: operations and the positions they span. */
  readonly window: Window;
}

export interface Window {
  readonly from: number;
  readonly to: number;
  readonly operations: readonly Operation[];
}
