/** What a campaign adds up to: the document `lictor.summary/1` (several runs in one). */
import { EXIT, EXIT_ORDER } from '../run/result.ts';
import type { ExitCode, RunResult, Verdict } from '../run/result.ts';
import type { Plan, Purpose } from './plan.ts';
import { isExcused, judgeOverSeeds } from './seed-thresholds.ts';
import type { SeedThreshold } from './seed-thresholds.ts';
import type { CrashRecord, JobRecord, RunRecord } from './record.ts';
import { compareResults } from './statistics/comparison.ts';
import type { ComparedFigure } from './statistics/comparison.ts';
import type { Pool } from './statistics/pool.ts';
import { spreadMetrics } from './statistics/spread.ts';
import type { MetricSpread } from './statistics/spread.ts';

/** One run in the summary: its result, with the manifest told once per scenario. */
export interface RunLine extends Omit<RunResult, 'schema' | 'manifest'> {
  readonly command: string;
}

export interface ScenarioSummary {
  readonly scenario: string;
  readonly file: string;
  readonly scenarioHash: string;
  readonly resolved: unknown;
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Of a sweep: path and value of each key that it varies. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly runs: number;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  /** Runs that pass but miss a threshold; they count among `pass`. */
  readonly missed: number;
  readonly crashed: number;
  /** Thresholds that a share of the seeds must keep to. */
  readonly thresholds: readonly SeedThreshold[];
  /** Names that no run at all exercised. */
  readonly unexercised: readonly string[];
  readonly metrics: Readonly<Record<string, MetricSpread>>;
}

export type Crash = Pick<CrashRecord, 'scenario' | 'seed' | 'message' | 'command'>;

export interface Summary {
  readonly schema: 'lictor.summary/1';
  readonly purpose: Purpose;
  readonly verdict: Verdict;
  readonly exitCode: ExitCode;
  readonly version: string;
  readonly node: string;
  readonly command: string;
  readonly seeds: { readonly first: number; readonly last: number };
  /** Runs that were asked for; fewer were made when it was interrupted. */
  readonly planned: number;
  readonly finished: number;
  readonly interrupted: boolean;
  readonly events: number;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  readonly eventsPerSecond: number;
  readonly scenarios: readonly ScenarioSummary[];
  readonly runs: readonly RunLine[];
  readonly crashes: readonly Crash[];
  /** Of a comparison: the second scenario against the first, seed by seed. */
  readonly comparison?: readonly ComparedFigure[];
}

export interface SummaryFacts {
  readonly plan: Plan;
  readonly records: readonly JobRecord[];
  /** Distributions over all runs, by the place of the scenario in the plan. */
  readonly pools?: readonly Pool[];
  readonly planned: number;
  readonly interrupted: boolean;
  readonly wallSeconds: number;
  readonly version: string;
  readonly node: string;
  readonly command: string;
}

/** The gravest of several exit codes of runs; 0 of none. */
export function combineExitCodes(codes: readonly ExitCode[]): ExitCode {
  let worst: ExitCode = EXIT.pass;
  for (const code of codes) {
    if (EXIT_ORDER.indexOf(code) < EXIT_ORDER.indexOf(worst)) worst = code;
  }
  return worst;
}

export function summarise(facts: SummaryFacts): Summary {
  const { plan, records, planned, interrupted, wallSeconds } = facts;
  const runs = records.flatMap((record) => (record.kind === 'run' ? [record] : []));
  const crashes = records.flatMap((record) => (record.kind === 'crash' ? [record] : []));
  const scenarios = plan.sources.map((_, source) => summariseScenario(facts, source));
  const codes = records.map((record) =>
    isExcused(record, scenarios[record.source]!.thresholds) ? EXIT.pass : record.exitCode,
  );
  const events = sum(runs.map(({ result }) => result.events));
  return {
    schema: 'lictor.summary/1',
    purpose: plan.purpose,
    verdict: worstVerdict(
      runs.map(({ result }) => result.verdict),
      crashes.length > 0,
    ),
    exitCode: combineExitCodes(interrupted ? [...codes, EXIT.interrupted] : codes),
    version: facts.version,
    node: facts.node,
    command: facts.command,
    seeds: { first: plan.seeds.first, last: plan.seeds.last },
    planned,
    finished: records.length,
    interrupted,
    events,
    simulatedSeconds: sum(runs.map(({ result }) => result.simulatedSeconds)),
    wallSeconds,
    eventsPerSecond: wallSeconds > 0 ? Math.round(events / wallSeconds) : 0,
    scenarios,
    runs: runs.map(runLine),
    crashes: crashes.map(({ scenario, seed, message, command }) => ({
      scenario,
      seed,
      message,
      command,
    })),
    ...(plan.purpose === 'compare' ? { comparison: compareSources(plan, runs) } : {}),
  };
}

function compareSources(plan: Plan, runs: readonly RunRecord[]): ComparedFigure[] {
  const [first, second] = [0, 1].map((source) =>
    runs.flatMap((run) => (run.source === source ? [run.result] : [])),
  );
  const name = plan.sources.map(({ name: own, overrides }) => [own, ...overrides].join(' '));
  return compareResults(first!, second!, name.join(' | '));
}

function runLine({ result, command, exitCode }: RunRecord): RunLine {
  const { schema: _schema, manifest: _manifest, ...rest } = result;
  return { ...rest, exitCode, command };
}

function worstVerdict(verdicts: readonly Verdict[], crashed: boolean): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  const unknown = crashed || verdicts.length === 0 || verdicts.includes('unknown');
  return unknown ? 'unknown' : 'pass';
}

function summariseScenario(facts: SummaryFacts, source: number): ScenarioSummary {
  const { plan, records, pools } = facts;
  const mine = records.filter((record) => record.source === source);
  const results = mine.flatMap((record) => (record.kind === 'run' ? [record.result] : []));
  const count = (verdict: Verdict): number =>
    results.filter((result) => result.verdict === verdict).length;
  const { name, file, overrides, parameters } = plan.sources[source]!;
  const manifest = results[0]?.manifest;
  return {
    scenario: name,
    file,
    scenarioHash: manifest?.scenarioHash ?? '',
    resolved: manifest?.resolved ?? null,
    overrides: manifest?.overrides ?? {},
    parameters: Object.fromEntries(parameters.map(({ path, value }) => [path, value])),
    runs: mine.length,
    pass: count('pass'),
    fail: count('fail'),
    unknown: count('unknown'),
    missed: results.filter(({ exitCode }) => exitCode === EXIT.threshold).length,
    crashed: mine.length - results.length,
    thresholds: judgeOverSeeds(results),
    unexercised: inAll(results.map(({ unexercised }) => unexercised)),
    metrics: spreadMetrics(results, pools?.[source], [name, ...overrides].join(' ')),
  };
}

/** Names that are in every list. */
function inAll(lists: readonly (readonly string[])[]): string[] {
  const [first, ...rest] = lists;
  return (first ?? []).filter((name) => rest.every((list) => list.includes(name)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
