/** `lictor run`: scenarios times seeds, reports, result folders, exit code. */
import { relative, resolve } from 'node:path';
import { writeFileAtomically } from '../../../reports/atomic.ts';
import { readEnvironment } from '../../../reports/environment.ts';
import type { ColourMode, Environment } from '../../../reports/environment.ts';
import { OUT_DEFAULT, ResultFolders } from '../../../reports/folders.ts';
import { REPORTERS } from '../../../reports/registry.ts';
import type { Reporter, Sink, Verbosity } from '../../../reports/reporter.ts';
import { formatIssue } from '../../../scenarios/load.ts';
import { runCount, shellQuote } from '../../explore/plan.ts';
import type { Plan, TranscriptDetail } from '../../explore/plan.ts';
import { summarise } from '../../explore/summary.ts';
import { EXIT } from '../../run/result.ts';
import { VERSION } from '../../run/version.ts';
import { describeError } from '../failure.ts';
import type { Host } from '../host.ts';
import { checkNames, describeIssues, readInputs, sourceOf } from '../inputs.ts';
import type { Input } from '../inputs.ts';
import * as read from '../options.ts';
import type { ReporterChoice } from '../options.ts';
import type { RunVerbOptions } from '../program.ts';
import { describeConfig } from '../print-config.ts';
import { runCampaign } from '../running.ts';
import type { Finished } from '../running.ts';

const TRANSCRIPTS: Readonly<Record<Verbosity, TranscriptDetail>> = {
  [-1]: 'none',
  0: 'none',
  1: 'marks',
  2: 'messages',
};

export async function runVerb(
  host: Host,
  operands: readonly string[],
  options: RunVerbOptions,
): Promise<number> {
  const settings = readSettings(options);
  const inputs = readInputs(host.folder, operands, options.set);
  if (inputs.some(({ loaded }) => !loaded.ok)) {
    host.stderr.write(`${describeIssues(inputs).join('\n')}\n`);
    return EXIT.data;
  }
  if (options.printConfig === true) {
    host.stdout.write(inputs.map((input) => describeConfig(input)).join('---\n'));
    return EXIT.pass;
  }
  checkNames(inputs);
  if (settings.verbosity >= 0) warn(host, inputs);
  const plan = planOf(inputs, options, settings);
  const folders = new ResultFolders(resolve(host.folder, options.out ?? OUT_DEFAULT), plan);
  folders.check();
  const reporters = settings.reporters.map((choice) => createReporter(host, choice, settings));
  return await runPlan(
    host,
    plan,
    { ...settings, folders, reporters },
    commandLine(operands, options),
  );
}

interface Settings {
  readonly verbosity: Verbosity;
  readonly colour: ColourMode;
  readonly seeds: Plan['seeds'];
  readonly jobs: number | undefined;
  readonly maxEvents: number | null;
  readonly reporters: readonly ReporterChoice[];
}

function readSettings(options: RunVerbOptions): Settings {
  return {
    verbosity: read.readVerbosity(options),
    colour: read.readColour(options),
    seeds: read.readSeeds(options),
    jobs: read.readJobs(options.jobs),
    maxEvents: read.readMaxEvents(options.maxEvents),
    reporters: read.readReporters(options.reporter),
  };
}

function planOf(inputs: readonly Input[], options: RunVerbOptions, settings: Settings): Plan {
  const single = inputs.length === 1 && settings.seeds.first === settings.seeds.last;
  return {
    sources: inputs.map((input) => sourceOf(input, options.set)),
    seeds: settings.seeds,
    options: {
      strict: options.strict === true,
      maxEvents: settings.maxEvents,
      verifyDeterminism: options.verifyDeterminism === true,
      transcript: TRANSCRIPTS[settings.verbosity],
      keep: single || options.keep === true,
    },
  };
}

function warn(host: Host, inputs: readonly Input[]): void {
  for (const { loaded } of inputs) {
    if (!loaded.ok) continue;
    for (const issue of loaded.warnings) host.stderr.write(`warning: ${formatIssue(issue)}\n`);
  }
}

/** A reporter, and how what it wrote gets to its file. */
interface OpenReporter {
  readonly reporter: Reporter;
  close(): void;
}

function createReporter(host: Host, choice: ReporterChoice, settings: Settings): OpenReporter {
  const { name, path } = choice;
  const { verbosity, colour } = settings;
  if (path === null) {
    const environment = readEnvironment(host.variables, host.stdout, colour);
    const reporter = REPORTERS[name].create({ sink: host.stdout, environment, verbosity });
    return { reporter, close: () => {} };
  }
  const parts: string[] = [];
  const sink: Sink = { write: (text) => void parts.push(text) };
  const environment: Environment = readEnvironment({}, {}, 'never');
  const reporter = REPORTERS[name].create({ sink, environment, verbosity });
  return {
    reporter,
    close: () => writeFileAtomically(resolve(host.folder, path), parts.join('')),
  };
}

interface Outputs extends Omit<Settings, 'reporters'> {
  readonly folders: ResultFolders;
  readonly reporters: readonly OpenReporter[];
}

async function runPlan(host: Host, plan: Plan, outputs: Outputs, command: string): Promise<number> {
  const { folders, reporters } = outputs;
  for (const { reporter } of reporters) reporter.onStart?.(plan);
  let trouble: unknown;
  const attempt = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      // One full disk is one complaint; the runs and the other reports go on.
      trouble ??= error;
    }
  };
  const finished = await runCampaign(host, plan, outputs, (record) => {
    attempt(() => folders.writeRun(record));
    for (const { reporter } of reporters) reporter.onRun?.(record);
  });
  const summary = summarise({ ...facts(plan, finished), command });
  let written: string | null = null;
  attempt(() => {
    const place = folders.writeSummary(summary);
    written = place === null ? null : shown(host, place);
  });
  for (const { reporter } of reporters) reporter.onEnd?.({ summary, written });
  for (const { close } of reporters) attempt(close);
  if (trouble === undefined) return summary.exitCode;
  const { text, exitCode } = describeError(trouble);
  host.stderr.write(`${text}\n`);
  // What the runs found weighs more than where it could not be written to.
  const grave: readonly number[] = [EXIT.internal, EXIT.nondeterminism, EXIT.violation];
  return grave.includes(summary.exitCode) ? summary.exitCode : exitCode;
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
function shown(host: Host, place: string): string {
  const path = relative(host.folder, place);
  return path.startsWith('..') ? place : path;
}

/** The command line as it was given, as far as it decides what the results are. */
function commandLine(operands: readonly string[], options: RunVerbOptions): string {
  const words = ['lictor', 'run', ...operands];
  if (options.seed !== undefined) words.push('--seed', options.seed);
  if (options.seeds !== undefined) words.push('--seeds', options.seeds);
  for (const override of options.set) words.push('--set', override);
  if (options.strict === true) words.push('--strict');
  if (options.maxEvents !== undefined) words.push('--max-events', options.maxEvents);
  if (options.verifyDeterminism === true) words.push('--verify-determinism');
  return words.map(shellQuote).join(' ');
}
