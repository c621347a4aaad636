/**
 * What a run ends with. The JSON of `--reporter json` is this object (design §7); `wallSeconds` and
 * `eventsPerSecond` are its only fields that may differ between two runs of one seed.
 */
import type { MetricSummary } from '../core/metrics.ts';

export type Verdict = 'pass' | 'fail' | 'unknown';

/** Exit codes (design §7). */
export const EXIT = {
  pass: 0,
  violation: 1,
  unknown: 2,
  nondeterminism: 3,
  threshold: 4,
  usage: 64,
  data: 65,
  internal: 70,
  io: 74,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of several runs the gravest counts: 70 > 3 > 1 > 2 > 4 > 130 > 0. */
export const EXIT_ORDER: readonly ExitCode[] = [70, 3, 1, 2, 4, 130, 0];

export interface InvariantResult {
  readonly name: string;
  readonly expectation: 'always' | 'eventually' | 'sometimes';
  readonly verdict: Verdict;
  /** Opportunities that the check had; 0: never exercised. */
  readonly exercised: number;
}

export interface Violation {
  readonly invariant: string;
  /** Seconds. */
  readonly time: number;
  readonly event: number;
  readonly message: string;
  readonly hosts: readonly string[];
  readonly status: 'violation' | 'known' | 'allowed';
  /** Issue or rule behind a known or allowed one, or "". */
  readonly reference: string;
}

export interface FaultResult {
  readonly name: string;
  /** Seconds. */
  readonly begin: number;
  readonly end: number;
  /** Messages, writes or processes that it touched. */
  readonly affected: number;
  /** It changed nothing. */
  readonly inert: boolean;
}

export interface ThresholdResult {
  readonly metric: string;
  readonly expression: string;
  /** In the metric's unit; null when nothing was measured. */
  readonly value: number | null;
  readonly verdict: Verdict;
  /** The share of the seeds that must keep to it, where not every one must. */
  readonly seeds?: number;
}

export interface Manifest {
  readonly version: string;
  readonly node: string;
  /** 16 hexadecimal digits over the resolved scenario. */
  readonly scenarioHash: string;
  readonly command: string;
  readonly resolved: unknown;
  readonly overrides: Readonly<Record<string, unknown>>;
}

export interface RunResult {
  readonly schema: 'lictor.result/1';
  readonly verdict: Verdict;
  readonly exitCode: ExitCode;
  readonly scenario: string;
  readonly seed: number;
  readonly fingerprint: string;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly invariants: readonly InvariantResult[];
  readonly violations: readonly Violation[];
  readonly faults: readonly FaultResult[];
  /** Invariants and faults that were never exercised, or inert, by name. */
  readonly unexercised: readonly string[];
  /**
   * Limits that ended the run: `events`, `queue`, `trace`, `wall`, `memory`; or `checker`, the
   * judgement of what clients were told.
   */
  readonly limits: readonly string[];
  readonly thresholds: readonly ThresholdResult[];
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  readonly manifest: Manifest;
}
