/** Reads what the command line says into values; every complaint says what would be right. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXPORT_NAMES } from '../../reports/export/names.ts';
import type { ExportName } from '../../reports/export/names.ts';
import { COLOUR_MODES } from '../../reports/environment.ts';
import type { ColourMode } from '../../reports/environment.ts';
import { creatorOf, fileOf, REPORTER_NAMES } from '../../reports/registry.ts';
import type { CreateReporter, Verbosity } from '../../reports/reporter.ts';
import { suggest } from '../../scenarios/errors.ts';
import { parseCount } from '../../scenarios/units.ts';
import { wholeCount } from '../explore/plan.ts';
import type { Plan, SeedRange } from '../explore/plan.ts';
import { usageError } from './failure.ts';
import type { CommonOptions } from './commands.ts';
import type { RunningVerbOptions } from './program.ts';

const SEED_DEFAULT = 1;
/** More runs than this are a mistake, and their results would not fit into memory. */
const SEEDS_MAX = 100_000;
const JOBS_MAX = 256;

/** `--seed 7` or `--seeds 1..200`, both ends included; else `repeat` seeds from 1 on. */
export function readSeeds(
  { seed, seeds }: Pick<RunningVerbOptions, 'seed' | 'seeds'>,
  repeat = 1,
): SeedRange {
  if (seed !== undefined && seeds !== undefined) {
    throw usageError('Cannot use --seed and --seeds together: they say different things. Use one.');
  }
  if (seed === undefined && seeds === undefined) {
    return { first: SEED_DEFAULT, last: SEED_DEFAULT + repeat - 1 };
  }
  if (seeds === undefined) {
    const one = readWhole('--seed', seed!, 'as in --seed 7');
    return { first: one, last: one };
  }
  const match = /^(\d+)\.\.(\d+)$/.exec(seeds);
  if (!match)
    throw usageError(`Cannot read --seeds ${seeds}: write a range, as in --seeds 1..200.`);
  const first = readWhole('--seeds', match[1]!, 'as in --seeds 1..200');
  const last = readWhole('--seeds', match[2]!, 'as in --seeds 1..200');
  if (last < first) {
    throw usageError(
      `Cannot run --seeds ${seeds}: it ends before it begins. Write ${last}..${first}.`,
    );
  }
  if (last - first >= SEEDS_MAX) {
    throw usageError(`Cannot run --seeds ${seeds}: more than ${SEEDS_MAX} seeds. Split the range.`);
  }
  return { first, last };
}

/** `--jobs 4`; undefined when it was not given. */
export function readJobs(jobs: string | undefined): number | undefined {
  if (jobs === undefined) return undefined;
  const count = readWhole('--jobs', jobs, 'as in --jobs 4');
  if (count >= 1 && count <= JOBS_MAX) return count;
  throw usageError(`Cannot use --jobs ${jobs}: expected 1 to ${JOBS_MAX}.`);
}

/** `--max-events 5M`; null when it was not given. */
export function readMaxEvents(text: string | undefined): number | null {
  if (text === undefined) return null;
  const parsed = parseCount(text);
  if (parsed.ok && parsed.value >= 1) return parsed.value;
  throw usageError(
    `Cannot read --max-events ${text}: expected a count from 1, such as 50000 or 5M.`,
  );
}

export function readVerbosity({
  quiet,
  verbose,
}: Pick<RunningVerbOptions, 'quiet' | 'verbose'>): Verbosity {
  if (quiet !== true) return verbose === 0 ? 0 : verbose === 1 ? 1 : 2;
  if (verbose === 0) return -1;
  throw usageError('Cannot be quiet and verbose: -q and -v contradict each other. Use one.');
}

export function readColour({ color }: CommonOptions): ColourMode {
  if (color === undefined) return 'auto';
  const mode = COLOUR_MODES.find((candidate) => candidate === color);
  if (mode !== undefined) return mode;
  throw usageError(`Cannot use --color ${color}: unknown word${hint(color, COLOUR_MODES)}`);
}

/** `-x` or `--max-failures 3`; Infinity when nothing was said. */
export function readMaxFailures({ maxFailures, x }: RunningVerbOptions): number {
  if (maxFailures === undefined) return x === true ? 1 : Infinity;
  const count = readWhole('--max-failures', maxFailures, 'as in --max-failures 3');
  if (count >= 1) return count;
  throw usageError('Cannot use --max-failures 0: it would run nothing. Write 1 or more.');
}

/** `--vary path=1,2,5`, `--vary path=[1, 2]` or `--vary 'path=0%..4% step 1%'` as values of `sweep:`. */
export function readVary(axes: readonly string[]): string[] {
  return axes.map((axis) => {
    const at = axis.indexOf('=');
    const value = axis.slice(at + 1).trim();
    if (at < 1 || value === '') {
      throw usageError(
        `Cannot read --vary ${axis}: write path=values, as in --vary load.kv.clients=1,5.`,
      );
    }
    const isList = /^[[{]/.test(value) || / step /.test(value);
    return `sweep.${JSON.stringify(axis.slice(0, at).trim())}=${isList ? value : `[${value}]`}`;
  });
}

/** `--shard 2/4`: every fourth run, from the second on; null without. */
export function readShard(
  text: string | undefined,
  plan: Pick<Plan, 'sources' | 'seeds'>,
): readonly number[] | null {
  if (text === undefined) return null;
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const [part, parts] = [Number(match?.[1]), Number(match?.[2])];
  if (!(part >= 1 && part <= parts)) {
    throw usageError(`Cannot read --shard ${text}: write part/parts, as in --shard 2/4.`);
  }
  const places: number[] = [];
  for (let at = part - 1; at < wholeCount(plan); at += parts) places.push(at);
  return places;
}

/** `--export csv --export parquet`, or both as `csv,parquet`. */
export function readExports(texts: readonly string[]): ExportName[] {
  const words = texts.flatMap((text) => text.split(','));
  return [...new Set(words)].map((word) => {
    const name = EXPORT_NAMES.find((candidate) => candidate === word);
    if (name !== undefined) return name;
    throw usageError(`Cannot export ${word}: unknown format${hint(word, EXPORT_NAMES)}`);
  });
}

export interface ReporterChoice {
  /** Of the registry, or the path of one's own. */
  readonly name: string;
  /** Null: standard output, or its own file beside the results. */
  readonly path: string | null;
  readonly create: CreateReporter;
}

/** `--reporter json=result.json`, `--reporter ./mine.ts`; the console when nothing is said. */
export async function readReporters(
  folder: string,
  texts: readonly string[],
): Promise<ReporterChoice[]> {
  if (texts.length === 0) return [await readReporter(folder, 'console')];
  const choices = await Promise.all(texts.map((text) => readReporter(folder, text)));
  const onStdout = choices.filter(({ name, path }) => path === null && fileOf(name) === null);
  if (onStdout.length > 1) {
    const names = onStdout.map(({ name }) => name).join(' and ');
    throw usageError(
      `Cannot print ${names} to one output: they would mix. Give one a file: --reporter json=FILE.`,
    );
  }
  return choices;
}

async function readReporter(folder: string, text: string): Promise<ReporterChoice> {
  const equals = text.indexOf('=');
  const word = equals < 0 ? text : text.slice(0, equals);
  const path = equals < 0 ? null : text.slice(equals + 1);
  if (path === '') {
    throw usageError(`Cannot use --reporter ${text}: no path after "=". Write ${word}=FILE.`);
  }
  if (/[\\/]/.test(word)) return { name: word, path, create: await ownReporter(folder, word) };
  const name = REPORTER_NAMES.find((candidate) => candidate === word);
  if (name !== undefined) return { name, path, create: await creatorOf(name) };
  throw usageError(`Cannot use --reporter ${text}: unknown reporter${hint(word, REPORTER_NAMES)}`);
}

/** A module whose default export makes a reporter from its context. */
async function ownReporter(folder: string, word: string): Promise<CreateReporter> {
  let made: unknown;
  try {
    ({ default: made } = (await import(pathToFileURL(resolve(folder, word)).href)) as {
      default?: unknown;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`Cannot load the reporter ${word}: ${reason}. Check the file.`);
  }
  if (typeof made === 'function') return made as CreateReporter;
  throw usageError(
    `Cannot use the reporter ${word}: its default export is no function. ` +
      'Export one that takes a context and returns a reporter.',
  );
}

/** `, did you mean "x"?` or `; expected a or b.` */
export function hint(word: string, words: readonly string[]): string {
  const text = suggest(word, words);
  return text.endsWith('?') ? text : `${text}.`;
}

function readWhole(option: string, text: string, example: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw usageError(`Cannot read ${option} ${text}: expected a whole number from 0, ${example}.`);
}
