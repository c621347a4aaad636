/** What a campaign is to run: scenarios, each with the same seeds. */
import type { Parameter } from '../../scenarios/sweep.ts';

/** Seeds `first` to `last`, both included. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** One scenario as it was read, so that a worker can load it again by itself. */
export interface Source {
  /** As it was named on the command line; messages and commands use it. */
  readonly file: string;
  readonly text: string;
  /** `path=value`, in the order given. */
  readonly overrides: readonly string[];
  /** Name of the scenario, safe as the name of a folder. */
  readonly name: string;
  readonly description: string;
  /** Of a sweep: what makes this setting another one than its neighbours. */
  readonly parameters: readonly Parameter[];
}

export type TranscriptDetail = 'none' | 'marks' | 'messages';

/** How each run is made; the same for all of them. */
export interface JobOptions {
  readonly strict: boolean;
  /** Replaces the scenario's limit on events; null leaves it. */
  readonly maxEvents: number | null;
  readonly verifyDeterminism: boolean;
  /** What of the run the reader wants to see on the screen. */
  readonly transcript: TranscriptDetail;
  /** Whether runs that pass bring their files along too. */
  readonly keep: boolean;
  /** Whether they bring every event along, for exports. */
  readonly events: boolean;
  /** Whether runs whose files are brought along come with a picture of them. */
  readonly pictures: boolean;
}

/** What the runs are compared as: not at all, setting by setting, or seed by seed. */
export type Purpose = 'run' | 'sweep' | 'compare';

export interface Plan {
  readonly purpose: Purpose;
  readonly sources: readonly Source[];
  readonly seeds: SeedRange;
  readonly options: JobOptions;
  /** Places in the order of scenarios and seeds that are run; null: all of them. */
  readonly only: readonly number[] | null;
}

export function seedCount(seeds: SeedRange): number {
  return seeds.last - seeds.first + 1;
}

/** Runs there would be with every seed of every scenario. */
export function wholeCount({ sources, seeds }: Pick<Plan, 'sources' | 'seeds'>): number {
  return sources.length * seedCount(seeds);
}

export function runCount(plan: Plan): number {
  return plan.only?.length ?? wholeCount(plan);
}

/** The command line that makes one run again. */
export function commandOf(source: Source, seed: number, options: JobOptions): string {
  const words = ['lictor', 'run', source.file, '--seed', String(seed)];
  for (const override of source.overrides) words.push('--set', override);
  if (options.strict) words.push('--strict');
  if (options.maxEvents !== null) words.push('--max-events', String(options.maxEvents));
  if (options.verifyDeterminism) words.push('--verify-determinism');
  return words.map(shellQuote).join(' ');
}

/** One word of a command line, quoted for a POSIX shell where it needs to be. */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-][\w@%+=:,./#~-]*$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** `--set` values as a map from path to text, for the manifest; later ones win. */
export function overrideMap(overrides: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (const override of overrides) {
    // A quoted key may hold the sign itself: thresholds."kv.latency"="p99<=2ms".
    const match = /^((?:"(?:[^"\\]|\\.)*"|[^"=])*)=(.*)$/s.exec(override);
    if (match) map[match[1]!.trim()] = match[2]!.trim();
  }
  return map;
}
