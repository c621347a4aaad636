/** `lictor explore`: a search for failures over clusters and faults that nobody wrote down. */
import { join, relative, resolve } from 'node:path';
import { OUT_DEFAULT, overridesTag } from '../../../reports/folders.ts';
import { readEnvironment } from '../../../reports/environment.ts';
import type { ColourMode } from '../../../reports/environment.ts';
import { toJson } from '../../../reports/json.ts';
import { describeExploration } from '../../../reports/search/console.ts';
import { findingFolder, SearchStore } from '../../../reports/search/store.ts';
import { checkWritable } from '../../../reports/atomic.ts';
import { COLOURED, PLAIN } from '../../../reports/paint.ts';
import { plural } from '../../../reports/text.ts';
import type { Source } from '../../explore/plan.ts';
import { loadDrawn, loadWritten } from '../../explore/drawn.ts';
import { recorded } from '../../explore/recording.ts';
import type { SearchPart } from '../../explore/search/join.ts';
import type { SearchPlan } from '../../explore/search/plan.ts';
import { reportOf } from '../../explore/search/report.ts';
import type { Exploration, Told } from '../../explore/search/report.ts';
import { NOTHING, Search } from '../../explore/search/search.ts';
import type { Finding } from '../../explore/search/search.ts';
import type { ShrunkCase } from '../../explore/search/runner.ts';
import { EXIT } from '../../run/result.ts';
import { VERSION } from '../../run/version.ts';
import { commandLine, shown, Troubles } from '../executing.ts';
import type { Host } from '../host.ts';
import { checkNames, describeIssues, libraryFolder, readInputs, sourceOf } from '../inputs.ts';
import { readColour, readJobs, readVerbosity } from '../options.ts';
import { readSearchLimits, readOutputs, writeOutput } from '../search-options.ts';
import type { SearchOutput } from '../search-options.ts';
import type { ExploreVerbOptions } from '../search-commands.ts';
import { runSearch } from '../searching.ts';
import type { Searched } from '../searching.ts';

/** What a search is after: whatever is not known. What --set says of these keys is stronger. */
const DEFAULTS = ['expect=pass', 'known_issues=fix'];

export async function exploreVerb(
  host: Host,
  operands: readonly string[],
  options: ExploreVerbOptions,
): Promise<number> {
  const verbosity = readVerbosity({ ...options, verbose: 0 });
  const colour = readColour(options);
  const limits = readSearchLimits(options);
  const outputs = readOutputs(options.reporter);
  const targets = operands.length > 0 ? operands : [profiles(host)];
  const overrides = [...DEFAULTS, ...options.set];
  const inputs = readInputs(host.folder, targets, overrides);
  if (inputs.some(({ loaded }) => !loaded.ok)) {
    host.stderr.write(`${describeIssues(inputs).join('\n')}\n`);
    return EXIT.data;
  }
  checkNames(inputs);
  const sources = inputs.map((input) => sourceOf(input, overrides));
  const plan: SearchPlan = { ...limits.plan, sources };
  const folder = resolve(host.folder, options.out ?? OUT_DEFAULT, 'explore', nameOf(plan, options));
  checkWritable(folder);
  const store = new SearchStore(folder, plan, VERSION);
  const before = options.fresh === true ? null : store.read();
  if (before !== null && verbosity >= 0) {
    const known = `${plural(before.runs, 'run')} of an earlier search`;
    host.stderr.write(`Going on in ${shown(host, folder)}: ${known}; --fresh begins anew.\n`);
  }
  const search = new Search(plan, scenariosOf(sources), before ?? NOTHING);
  const troubles = new Troubles();
  const jobs = readJobs(options.jobs) ?? host.cores;
  const searched = await runSearch(host, search, store, troubles, {
    ...limits,
    jobs,
    verbosity,
    colour,
  });
  const told = searched.state.findings.map((finding) =>
    write(
      host,
      store,
      troubles,
      finding,
      searched.shrunk.get(finding.key) ?? null,
      sources[finding.source]!.name,
    ),
  );
  const report = reportOf({
    plan,
    told,
    ...factsOf(searched),
    command: commandLine('explore', operands, { ...options, export: [], verbose: 0 }),
  });
  troubles.attempt(() => store.writeReport(toJson(report)));
  for (const output of outputs) {
    troubles.attempt(() => {
      if (output.name === 'blob') tellPart(host, plan, searched, output);
      else tell(host, report, output, verbosity < 0, colour);
    });
  }
  return troubles.exitCode(host, report);
}

/** The bundled mixes of faults, as they are seen from the current folder. */
function profiles(host: Host): string {
  const folder = join(libraryFolder(), 'swarm');
  const shorter = relative(host.folder, folder);
  return shorter.startsWith('..') ? folder : shorter;
}

function nameOf({ sources, strategy, part, parts }: SearchPlan, options: ExploreVerbOptions) {
  const name = sources.length === 1 ? sources[0]!.name : `${sources.length}-scenarios`;
  const shard = parts === 1 ? '' : `-${part + 1}of${parts}`;
  return `${name}-${strategy}${shard}${overridesTag(options.set)}`;
}

/** Scenarios as their seeds draw them, for schedules that are changed. */
function scenariosOf(sources: readonly Source[]) {
  const bases = sources.map((source) => loadWritten(source));
  return (at: number, seed: number) => loadDrawn(sources[at]!, bases[at]!, seed).scenario;
}

function factsOf({ state, interrupted, wallSeconds, runsNow, simulatedNow }: Searched) {
  const { node } = process.versions;
  return { state, interrupted, wallSeconds, runsNow, simulatedNow, version: VERSION, node };
}

/** Each finding has a folder with the run as it was found and as simple as it became. */
function write(
  host: Host,
  store: SearchStore,
  troubles: Troubles,
  finding: Finding,
  shrunk: ShrunkCase | null,
  name: string,
): Told {
  const { failure, key, scenario, seed } = finding;
  let written: string | null = null;
  troubles.attempt(() => {
    const files: Record<string, string> = { 'failure.json': toJson(failure) };
    if (scenario !== '') files['found.yaml'] = recorded(scenario, name, seed, failure);
    if (shrunk !== null) {
      files['shrunk.yaml'] = recorded(shrunk.scenario, name, shrunk.seed, shrunk.failure);
    }
    const folder = findingFolder(failure.invariant, key);
    written = shown(host, store.writeFinding(folder, files));
  });
  return { finding, shrunk, written };
}

function tell(
  host: Host,
  report: Exploration,
  { name, path }: SearchOutput,
  quiet: boolean,
  colour: ColourMode,
): void {
  const environment = readEnvironment(host.variables, host.stdout, colour);
  const paint = environment.colour && path === null ? COLOURED : PLAIN;
  const text =
    name === 'console'
      ? `${describeExploration(report, environment.columns, paint, quiet).join('\n')}\n`
      : toJson(report);
  if (path === null) host.stdout.write(text);
  else writeOutput(host.folder, path, text);
}

/** For `lictor merge`. */
function tellPart(host: Host, plan: SearchPlan, searched: Searched, { path }: SearchOutput): void {
  const { state, interrupted, wallSeconds } = searched;
  const part: SearchPart = {
    schema: 'lictor.search-part/1',
    version: VERSION,
    plan,
    state: { ...state, corpus: [] },
    interrupted,
    wallSeconds,
  };
  const text = `${JSON.stringify(part)}\n`;
  if (path === null) host.stdout.write(text);
  else writeOutput(host.folder, path, text);
}
