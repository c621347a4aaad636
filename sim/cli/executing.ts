/** What run, sweep and compare have in common: a plan, its reports, its folders, its exit code. */
import { relative, resolve } from 'node:path';
import type * as exportsModule from '../../reports/export/exports.ts';
import type { Files } from '../../reports/export/exports.ts';
import type { ExportName } from '../../reports/export/names.ts';
import { ResultFolders } from '../../reports/folders.ts';
import type { Journal } from '../../reports/journal.ts';
import { writeLastRun } from '../../reports/last-run.ts';
import { isSinglePlan } from '../../reports/single.ts';
import { formatCount } from '../../reports/text.ts';
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
  readonly exports: readonly ExportName[];
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
  const exporter = await Exporter.load(host, plan, outputs.exports);
  const finished = await runCampaign(host, plan, outputs, (record: JobRecord) => {
    troubles.attempt(() => folders.writeRun(record, exporter.ofRun(record)));
    if (outputs.known?.has(record) !== true) troubles.attempt(() => journal?.add(record));
    reporters.onRun(record);
  });
  const summary = summarise({ ...facts(plan, finished), command });
  if (!finished.interrupted) troubles.attempt(() => journal?.close());
  let written: string | null = null;
  troubles.attempt(() => {
    const place = folders.writeSummary(summary, exporter.ofAll(finished.records));
    written = place === null ? null : shown(host, place);
  });
  if (plan.purpose === 'run') {
    troubles.attempt(() => writeLastRun(folders.root, plan, finished.records));
  }
  reporters.onEnd({ summary, written });
  for (const error of reporters.close()) troubles.note(error);
  return troubles.exitCode(host, summary);
}

type Exports = typeof exportsModule;

/** Makes the files of `--export`; nothing of it is loaded when nobody asks. */
class Exporter {
  private readonly host: Host;
  private readonly plan: Plan;
  private readonly names: readonly ExportName[];
  private readonly module: Exports | null;

  private constructor(
    host: Host,
    plan: Plan,
    names: readonly ExportName[],
    module: Exports | null,
  ) {
    this.host = host;
    this.plan = plan;
    this.names = names;
    this.module = module;
  }

  static async load(host: Host, plan: Plan, names: readonly ExportName[]): Promise<Exporter> {
    const module = names.length === 0 ? null : await import('../../reports/export/exports.ts');
    return new Exporter(host, plan, names, module);
  }

  /** A single run has the tables of all runs in its folder too. */
  ofRun(record: JobRecord): Files {
    const { module, names, plan } = this;
    if (module === null || record.kind !== 'run' || record.files === null) return {};
    const table = record.files.events;
    const rows = table?.events.event.length ?? 0;
    if (table !== null && rows < table.total) {
      const text = `${formatCount(rows)} of ${formatCount(table.total)} events`;
      this.host.stderr.write(`warning: seed ${record.seed}: ${text} are exported\n`);
    }
    const all = isSinglePlan(plan) ? module.exportAll(names, [record], plan) : {};
    return { ...module.exportRun(names, record, plan), ...all };
  }

  ofAll(records: readonly JobRecord[]): Files {
    const { module, names, plan } = this;
    return module === null ? {} : module.exportAll(names, records, plan);
  }
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

  exitCode(host: Host, summary: Pick<Summary, 'exitCode'>): number {
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
