/** What one run of a campaign brings back; plain data, since it may come from a worker thread. */
import { EXIT } from '../run/result.ts';
import type { ExitCode, RunResult } from '../run/result.ts';
import type { EventTable } from './event-table.ts';
import type { RunPicture } from './picture/picture.ts';
import type { Distribution } from './statistics/pool.ts';

/** Two executions of one seed that were not the same. */
export interface Difference {
  /** First event that differs. */
  readonly event: number;
  /** Seconds. */
  readonly time: number;
  readonly description: string;
}

/** The texts of a result folder beside `result.json` and `manifest.json`. */
export interface RunFiles {
  readonly history: readonly string[];
  readonly transcript: readonly string[];
  /** The scenario with every value that held, as a file of its own. */
  readonly scenario: string;
  /** Null unless it was asked for. */
  readonly events: EventTable | null;
  /** What pictures of the run are drawn from; null unless a reporter draws. */
  readonly picture: RunPicture | null;
}

interface Labels {
  /** Which source of the plan. */
  readonly source: number;
  readonly seed: number;
  readonly scenario: string;
  /** The command line that makes the run again. */
  readonly command: string;
  readonly exitCode: ExitCode;
}

export interface RunRecord extends Labels {
  readonly kind: 'run';
  readonly result: RunResult;
  /** What it measured, to be put together with other runs. */
  readonly distributions: readonly Distribution[];
  /** How the first violation came about, as transcript lines; empty without one. */
  readonly story: readonly string[];
  /** What the verbosity asks for; empty by default. */
  readonly transcript: readonly string[];
  /** Null unless determinism was to be verified and did not hold. */
  readonly difference: Difference | null;
  /** Null for runs whose folder nobody asked for. */
  readonly files: RunFiles | null;
}

/** A run that ended in an error of the program itself. */
export interface CrashRecord extends Labels {
  readonly kind: 'crash';
  readonly message: string;
  readonly stack: string;
}

export type JobRecord = RunRecord | CrashRecord;

/** The record of a run that threw. */
export function crashOf(labels: Omit<Labels, 'exitCode'>, error: unknown): CrashRecord {
  const known = error instanceof Error;
  return {
    kind: 'crash',
    source: labels.source,
    seed: labels.seed,
    scenario: labels.scenario,
    command: labels.command,
    exitCode: EXIT.internal,
    message: known ? error.message : String(error),
    stack: known ? (error.stack ?? '') : '',
  };
}
