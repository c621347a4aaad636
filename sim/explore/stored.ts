/** Results that were written, as the records they came from, as far as they tell. */
import { VERSION } from '../run/version.ts';
import type { Manifest, RunResult } from '../run/result.ts';
import type { JobOptions, Plan, Source } from './plan.ts';
import { crashOf } from './record.ts';
import type { JobRecord, RunFiles, RunRecord } from './record.ts';
import { summarise } from './summary.ts';
import type { RunLine, ScenarioSummary, Summary } from './summary.ts';

export interface Stored {
  readonly plan: Plan;
  readonly records: readonly JobRecord[];
  readonly summary: Summary;
}

const OPTIONS: JobOptions = {
  strict: false,
  maxEvents: null,
  verifyDeterminism: false,
  transcript: 'none',
  keep: false,
  events: false,
  pictures: false,
};

/** One run with the texts of its folder. */
export function recordOfResult(result: RunResult, files: RunFiles): Stored {
  const { scenario, seed, manifest } = result;
  const source: Source = {
    file: fileOf(manifest.command) ?? `${scenario}.yaml`,
    text: files.scenario,
    overrides: overridesOf(manifest.overrides),
    name: scenario,
    description: '',
    parameters: [],
  };
  const seeds = { first: seed, last: seed };
  const plan: Plan = { purpose: 'run', sources: [source], seeds, options: OPTIONS, only: null };
  const record = recordOf(0, result, manifest.command, files);
  const summary = summarise({
    plan,
    records: [record],
    planned: 1,
    interrupted: false,
    wallSeconds: result.wallSeconds,
    version: manifest.version,
    node: manifest.node,
    command: manifest.command,
  });
  return { plan, records: [record], summary };
}

/** Many runs; what is told of all of them together stays as it was written. */
export function recordsOfSummary(summary: Summary): Stored {
  const { purpose, scenarios, seeds } = summary;
  const sources = scenarios.map(sourceOf);
  const plan: Plan = { purpose, sources, seeds, options: OPTIONS, only: null };
  const runs = [...summary.runs];
  const crashes = [...summary.crashes];
  // Both lists are in the order of the scenarios.
  const records = scenarios.flatMap((one, source): JobRecord[] => [
    ...runs
      .splice(0, one.runs - one.crashed)
      .map((line) => recordOf(source, resultOf(line, one, summary), line.command, null)),
    ...crashes.splice(0, one.crashed).map(({ message, ...labels }) => {
      return crashOf({ ...labels, source }, message);
    }),
  ]);
  return { plan, records, summary };
}

function sourceOf({ scenario, file, overrides, parameters }: ScenarioSummary): Source {
  return {
    file,
    text: '',
    overrides: overridesOf(overrides),
    name: scenario,
    description: '',
    parameters: Object.entries(parameters).map(([path, value]) => ({ path, value })),
  };
}

function overridesOf(overrides: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(overrides).map(([path, value]) => `${path}=${String(value)}`);
}

/** As it was named in `lictor run FILE --seed 1`. */
function fileOf(command: string): string | undefined {
  return /^lictor run (\S+)/.exec(command)?.[1];
}

function resultOf(line: RunLine, one: ScenarioSummary, summary: Summary): RunResult {
  const { command, ...rest } = line;
  const manifest: Manifest = {
    version: summary.version || VERSION,
    node: summary.node,
    scenarioHash: one.scenarioHash,
    command,
    resolved: one.resolved,
    overrides: one.overrides,
  };
  return { schema: 'lictor.result/1', ...rest, manifest };
}

function recordOf(
  source: number,
  result: RunResult,
  command: string,
  files: RunFiles | null,
): RunRecord {
  return {
    kind: 'run',
    source,
    seed: result.seed,
    scenario: result.scenario,
    command,
    exitCode: result.exitCode,
    result,
    distributions: [],
    story: [],
    transcript: [],
    difference: null,
    files,
  };
}
