/** `lictor run`: scenarios times seeds. */
import { resolve } from 'node:path';
import { needsEvents } from '../../../reports/export/names.ts';
import { OUT_DEFAULT, overridesTag } from '../../../reports/folders.ts';
import { nameOf, readLastRun } from '../../../reports/last-run.ts';
import type { FailedRun } from '../../../reports/last-run.ts';
import type { Verbosity } from '../../../reports/reporter.ts';
import { isSinglePlan } from '../../../reports/single.ts';
import { formatIssue } from '../../../scenarios/load.ts';
import type { Loaded } from '../../../scenarios/load.ts';
import { placeIn } from '../../explore/merge.ts';
import type { Plan, Source, TranscriptDetail } from '../../explore/plan.ts';
import { EXIT } from '../../run/result.ts';
import { Failure } from '../failure.ts';
import { commandLine, execute, foldersOf } from '../executing.ts';
import type { Host } from '../host.ts';
import { checkNames, describeIssues, readInputs, sourceOf } from '../inputs.ts';
import type { Input } from '../inputs.ts';
import * as read from '../options.ts';
import type { RunningVerbOptions, RunVerbOptions } from '../program.ts';
import { describeConfig } from '../print-config.ts';
import { OpenReporters } from '../reporting.ts';

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
  const settings = await readSettings(host, options);
  const seeds = read.readSeeds(options);
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
  const sources = inputs.map((input) => sourceOf(input, options.set));
  const out = resolve(host.folder, options.out ?? OUT_DEFAULT);
  const again = options.lastFailed === true ? failedLast(out, sources, options) : null;
  if (again?.failed.length === 0) {
    host.stdout.write('Nothing to run: all of these passed last time.\n');
    return EXIT.pass;
  }
  const whole = planOf('run', sources, again?.seeds ?? seeds, options, settings);
  const plan = again === null ? whole : { ...whole, only: placesOf(whole, again.failed) };
  const folders = foldersOf(host, out, plan);
  const outputs = { ...settings, folders, reporters: new OpenReporters(host, settings) };
  return await execute(host, plan, outputs, commandLine('run', operands, options));
}

/** What did not pass last time, of these scenarios and of the seeds that are named, if any are. */
function failedLast(out: string, sources: readonly Source[], options: RunVerbOptions) {
  const last = readLastRun(out);
  if (last === null) {
    throw new Failure(
      `Cannot run what failed last: ${out} knows of no run. Run without --last-failed first.`,
      EXIT.io,
    );
  }
  const given = options.seed !== undefined || options.seeds !== undefined;
  const range = given ? read.readSeeds(options) : { first: 0, last: Infinity };
  const names = sources.map(({ name, overrides }) => name + overridesTag(overrides));
  const failed = last.filter(({ name, seed }) => {
    return names.includes(name) && seed >= range.first && seed <= range.last;
  });
  const seeds = failed.map(({ seed }) => seed);
  return { failed, seeds: { first: Math.min(...seeds), last: Math.max(...seeds) } };
}

function placesOf(plan: Plan, failed: readonly FailedRun[]): number[] {
  const names = plan.sources.map((_, source) => nameOf(plan, source));
  const places = failed.map(({ name, seed }) => {
    return placeIn(plan, { source: names.indexOf(name), seed });
  });
  return places.filter((place) => plan.only?.includes(place) ?? true).sort((a, b) => a - b);
}

/** What run, sweep and compare read from their options alike. */
export async function readSettings(host: Host, options: RunningVerbOptions) {
  return {
    verbosity: read.readVerbosity(options),
    colour: read.readColour(options),
    jobs: read.readJobs(options.jobs),
    maxEvents: read.readMaxEvents(options.maxEvents),
    maxFailures: read.readMaxFailures(options),
    exports: read.readExports(options.export),
    reporters: await read.readReporters(host.folder, options.reporter),
  };
}
export type Settings = Awaited<ReturnType<typeof readSettings>>;

export function planOf(
  purpose: Plan['purpose'],
  sources: readonly Source[],
  seeds: Plan['seeds'],
  options: RunningVerbOptions,
  settings: Settings,
): Plan {
  const whole: Plan = {
    purpose,
    sources,
    seeds,
    options: {
      strict: options.strict === true,
      maxEvents: settings.maxEvents,
      verifyDeterminism: options.verifyDeterminism === true,
      transcript: TRANSCRIPTS[settings.verbosity],
      keep: options.keep === true,
      events: needsEvents(settings.exports),
      pictures: settings.reporters.some(({ name }) => name === 'html'),
    },
    only: null,
  };
  const keep = options.keep === true || isSinglePlan(whole);
  const plan: Plan = { ...whole, options: { ...whole.options, keep } };
  return { ...plan, only: read.readShard(options.shard, plan) };
}

function warn(host: Host, inputs: readonly Input[]): void {
  for (const { file, loaded } of inputs) {
    const { warnings, config, written } = loaded as Loaded;
    for (const issue of warnings) host.stderr.write(`warning: ${formatIssue(issue)}\n`);
    if ('replay' in written) {
      host.stderr.write(`warning: ${file}: the seed it records is "lictor replay ${file}"'s\n`);
    }
    if (Object.keys(config['sweep'] as object).length === 0) continue;
    host.stderr.write(`warning: ${file}: its sweep is not run; "lictor sweep ${file}" does\n`);
  }
}
