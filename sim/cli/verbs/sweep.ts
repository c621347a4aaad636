/** `lictor sweep`: every combination of the values that a scenario varies, each with many seeds. */
import { join, resolve } from 'node:path';
import { OUT_DEFAULT } from '../../../reports/folders.ts';
import { Journal, placeOf } from '../../../reports/journal.ts';
import { plural, table } from '../../../reports/text.ts';
import { formatIssue } from '../../../scenarios/load.ts';
import { expandSweep } from '../../../scenarios/sweep.ts';
import type { Expanded } from '../../../scenarios/sweep.ts';
import type { Issue } from '../../../scenarios/errors.ts';
import { runCount } from '../../explore/plan.ts';
import type { Plan, SeedRange, Source } from '../../explore/plan.ts';
import { EXIT } from '../../run/result.ts';
import { estimate } from '../../run/estimate.ts';
import { VERSION } from '../../run/version.ts';
import { commandLine, execute, foldersOf, shown } from '../executing.ts';
import { usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import { describeIssues, readInputs } from '../inputs.ts';
import * as read from '../options.ts';
import { threadProbe } from '../probe.ts';
import type { SweepVerbOptions } from '../program.ts';
import { OpenReporters } from '../reporting.ts';
import { planOf, readSettings } from './run.ts';

/** Settings that a plan lists before it only counts them. */
const LISTED_MAX = 40;

export async function sweepVerb(
  host: Host,
  operands: readonly string[],
  options: SweepVerbOptions,
): Promise<number> {
  const settings = await readSettings(host, options);
  const overrides = [...options.set, ...read.readVary(options.vary ?? [])];
  const inputs = readInputs(host.folder, operands, overrides);
  if (inputs.length > 1) {
    throw usageError('Cannot sweep several scenarios at once: name one file.');
  }
  const [{ file, text, loaded }] = inputs as [(typeof inputs)[number]];
  const expanded = loaded.ok ? expandSweep(text, { file, overrides }) : loaded;
  if (!expanded.ok) {
    const named = { ...expanded, issues: expanded.issues.map(asWritten(options.set.length)) };
    host.stderr.write(`${describeIssues([{ file, text, loaded: named }]).join('\n')}\n`);
    return EXIT.data;
  }
  if (expanded.settings[0]!.parameters.length === 0) {
    const example = '--vary cluster.agent.performance.raft_multiplier=1,2,5';
    throw usageError(`Cannot sweep ${file}: it varies nothing. Write sweep: or ${example}.`);
  }
  const { base } = expanded;
  for (const issue of base.warnings) host.stderr.write(`warning: ${formatIssue(issue)}\n`);
  const seeds = read.readSeeds(options, base.repeat);
  const sources = sourcesOf(expanded, file, text, options.set);
  const plan = planOf('sweep', sources, seeds, options, settings);
  if (options.dryRun === true) return describePlan(host, plan, expanded, settings.jobs);
  const out = resolve(host.folder, options.out ?? OUT_DEFAULT);
  const folders = foldersOf(host, out, plan);
  const journal = new Journal(join(folders.summaryFolder(), 'unfinished.ndjson'), plan, VERSION);
  const known = journal.open(options.fresh === true);
  if (known.size > 0 && settings.verbosity >= 0) {
    const place = shown(host, folders.summaryFolder());
    const runs = plural(known.size, 'run');
    host.stderr.write(
      `Going on in ${place}: ${runs} of an earlier attempt; --fresh begins anew.\n`,
    );
  }
  const reporters = new OpenReporters(host, settings);
  const outputs = { ...settings, folders, reporters, journal, known: knownRecords(known) };
  return await execute(host, plan, outputs, commandLine('sweep', operands, options));
}

/** What --vary says is an override like those of --set, and comes behind them. */
function asWritten(sets: number): (issue: Issue) => Issue {
  return (issue) => {
    const number = Number(/^--set:(\d+)$/.exec(issue.file)?.[1] ?? 0);
    if (number <= sets) return issue;
    // Where in the text of --vary it was, the override cannot tell.
    const { source: _source, ...rest } = issue;
    return { ...rest, file: `--vary:${number - sets}`, column: 1 };
  };
}

function knownRecords(known: ReturnType<Journal['open']>) {
  const values = new Set<unknown>(known.values());
  return {
    get: (job: { readonly source: number; readonly seed: number }) => known.get(placeOf(job)),
    has: (record: unknown) => values.has(record),
  };
}

/** Each setting is run, and reproduced, as the scenario with its values set. */
function sourcesOf(
  { settings }: Expanded,
  file: string,
  text: string,
  set: readonly string[],
): Source[] {
  return settings.map(({ parameters, loaded }) => ({
    file,
    text,
    overrides: [...set, ...parameters.map(({ path, value }) => `${path}=${value}`)],
    name: loaded.scenario.name,
    description: loaded.scenario.description,
    parameters,
  }));
}

/** `--dry-run`: what would be run, and about how long it would take. */
function describePlan(
  host: Host,
  plan: Plan,
  { settings }: Expanded,
  jobs: number | undefined,
): number {
  const { sources, seeds } = plan;
  const rows = sources
    .slice(0, LISTED_MAX)
    .map(({ parameters }) => parameters.map(({ value }) => value));
  const titles = sources[0]!.parameters.map(({ path }) => path);
  const lines = table([titles, ...rows]);
  if (sources.length > rows.length) lines.push(`and ${sources.length - rows.length} more`);
  const [first, last] = [settings[0]!, settings.at(-1)!].map(({ loaded }) =>
    estimate(loaded.scenario, threadProbe()),
  );
  const mean = (first!.wallSeconds + last!.wallSeconds) / 2;
  const seconds = (mean * runCount(plan)) / (jobs ?? host.cores);
  lines.push(
    '',
    `${plural(sources.length, 'setting')} with ${describeSeeds(seeds)}: ` +
      `${plural(runCount(plan), 'run')}, about ${Math.max(1, Math.round(seconds))} s`,
  );
  host.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.pass;
}

function describeSeeds({ first, last }: SeedRange): string {
  return first === last ? `seed ${first}` : `seeds ${first}..${last}`;
}
