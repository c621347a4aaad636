/**
 * What a reporter is: a few optional callbacks and a place to write to. They are called in this
 * order: `onStart` once, `onRun` for each run by scenario and seed, `onEnd` once. A reporter knows
 * results, never the running world.
 */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { Summary } from '../sim/explore/summary.ts';
import type { Environment, Variables } from './environment.ts';

/** How much is told: -1 the verdict only, 0 a screen, 1 faults and elections, 2 every message. */
export type Verbosity = -1 | 0 | 1 | 2;

export interface Ending {
  readonly summary: Summary;
  /** The folder or file that the results were written to; null when nothing was written. */
  readonly written: string | null;
}

export interface Reporter {
  onStart?(plan: Plan): void;
  onRun?(record: JobRecord): void;
  onEnd?(ending: Ending): void;
}

/** Where a reporter writes to. */
export interface Sink {
  write(text: string): void;
}

export interface ReporterContext {
  readonly sink: Sink;
  readonly environment: Environment;
  readonly verbosity: Verbosity;
  /** Of the environment that the program runs in. */
  readonly variables: Variables;
}

export type CreateReporter = (context: ReporterContext) => Reporter;
