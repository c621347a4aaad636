/** What a campaign is to run: scenarios, each with the same seeds. */

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
}

export interface Plan {
  readonly sources: readonly Source[];
  readonly seeds: SeedRange;
  readonly options: JobOptions;
}

export function seedCount(seeds: SeedRange): number {
  return seeds.last - seeds.first + 1;
}

export function runCount(plan: Plan): number {
  return plan.sources.length * seedCount(plan.seeds);
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
