/** What the check of transactions finds: plain data for people, reports and tests. */
import type { Operation } from '../linearizability/operation.ts';
import type { Judgement } from '../linearizability/verdict.ts';
import type { AnomalyName, Level } from './levels.ts';

/**
 * - `ww`: the second overwrote (or appended after) what the first wrote.
 * - `wr`: the second read what the first wrote.
 * - `rw`: the first read what the second then replaced.
 * - `session`: the same process issued the first before the second.
 * - `realtime`: the first ended before the second was called.
 */
export type Dependency = 'ww' | 'wr' | 'rw' | 'session' | 'realtime';

export interface CycleStep {
  readonly from: Operation;
  readonly to: Operation;
  readonly dependency: Dependency;
  /** Why: a sentence without its full stop, with T1, T2, ... for the transactions. */
  readonly reason: string;
}

export interface TransactionAnomaly {
  readonly name: AnomalyName;
  /** The level that was asked for forbids it. */
  readonly forbidden: boolean;
  /** A sentence without its full stop. */
  readonly message: string;
  readonly operations: readonly Operation[];
  /** The shortest cycle of that name that was found; empty for anomalies that are none. */
  readonly cycle: readonly CycleStep[];
}

export interface TransactionVerdict {
  /** `unknown` when the history cannot be judged; then `reason` says why. */
  readonly verdict: Judgement;
  readonly model: 'list-append' | 'rw-register';
  readonly level: Level;
  readonly reason: string;
  readonly transactions: number;
  readonly committed: number;
  /** Dependencies found. */
  readonly dependencies: number;
  readonly anomalies: readonly TransactionAnomaly[];
  /** Weakest levels that the anomalies rule out. */
  readonly excluded: readonly Level[];
}
