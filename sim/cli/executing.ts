/** What run, sweep and compare have in common: a plan, its reports, its folders, its exit code. */
import { relative, resolve } from 'node:path';
import { ResultFolders } from '../../reports/folders.ts';
import type { Journal } from '../../reports/journal.ts';
import { runCount, shellQuote } from '../explore/plan.ts';
import type { Plan } from '../explore/plan.ts';
import type { JobRecord } from '../explore/record.ts';
import { summarise } from '../explore/summary.ts';
import type { Summary } from '../explore/summary.ts';
import { EXIT } from '../run/result.ts';
import { VERSION } from '../run/version.ts';
import { describeError } from './failure.ts';
import type { Host } from './host.ts';
import type { RunningVerbOptions } from './program.ts';
import type { OpenReporters } from './reporting.ts';
import { runCampaign } from './running.ts';
import type { Finished, RunningOptions } from './running.ts';

export interface Outputs extends RunningOptions {
  readonly folders: ResultFolders;
  readonly reporters: OpenReporters;
  /** Where records are kept until all are there. */
  readonly journal?: Journal;
}

/** Runs the plan, tells the reporters, writes the results; returns the exit code. */
export async function execute(
  host: Host,
  plan: Plan,
  outputs: Outputs,
  command: string,
): Promise<number> {
  const { folders, reporters, journal } = outputs;
  const troubles = new Troubles();
  reporters.onStart(plan);
  const finished = await runCampaign(host, plan, outputs, (record: JobRecord) => {
    troubles.attempt(() => folders.writeRun(record));
    if (outputs.known?.has(record) !== true) troubles.attempt(() => journal?.add(record));
    reporters.onRun(record);
  });
  const summary = summarise({ ...facts(plan, finished), command });
  if (!finished.interrupted) troubles.attempt(() => journal?.close());
  let written: string | null = null;
  troubles.attempt(() => {
    const place = folders.writeSummary(summary);
    written = place === null ? null : shown(host, place);
  });
  reporters.onEnd({ summary, written });
  for (const error of reporters.close()) troubles.note(error);
  return troubles.exitCode(host, summary);
}

/** What could not be written; the first of it is told. */
export class Troubles {
  private first: unknown;

  attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.note(error);
    }
  }

  /** One full disk is one complaint; the runs and the other reports go on. */
  note(error: unknown): void {
    this.first ??= error;
  }

  exitCode(host: Host, summary: Summary): number {
    if (this.first === undefined) return summary.exitCode;
    const { text, exitCode } = describeError(this.first);
    host.stderr.write(`${text}\n`);
    // What the runs found weighs more than where it could not be written to.
    const grave: readonly number[] = [EXIT.internal, EXIT.nondeterminism, EXIT.violation];
    return grave.includes(summary.exitCode) ? summary.exitCode : exitCode;
  }
}

function facts(plan: Plan, finished: Finished) {
  return {
    plan,
    ...finished,
    planned: runCount(plan),
    version: VERSION,
    node: process.versions.node,
  };
}

/** As short as it can be said from the current folder. */
export function shown(host: Host, place: string): string {
  const path = relative(host.folder, place);
  return path.startsWith('..') ? place : path;
}

/** Below the folder that `--out` or the default names. */
export function foldersOf(host: Host, out: string, plan: Plan): ResultFolders {
  const folders = new ResultFolders(resolve(host.folder, out), plan);
  folders.check();
  return folders;
}

/** The command line as it was given, as far as it decides what the results are. */
export function commandLine(
  verb: string,
  operands: readonly string[],
  options: RunningVerbOptions,
): string {
  const words = ['lictor', verb, ...operands];
  if (options.seed !== undefined) words.push('--seed', options.seed);
  if (options.seeds !== undefined) words.push('--seeds', options.seeds);
  for (const override of options.set) words.push('--set', override);
  for (const axis of options.vary ?? []) words.push('--vary', axis);
  if (options.strict === true) words.push('--strict');
  if (options.maxEvents !== undefined) words.push('--max-events', options.maxEvents);
  if (options.verifyDeterminism === true) words.push('--verify-determinism');
  return words.map(shellQuote).join(' ');
}
