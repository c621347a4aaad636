/** Reads what the command line says into values; every complaint says what would be right. */
import { COLOUR_MODES } from '../../reports/environment.ts';
import type { ColourMode } from '../../reports/environment.ts';
import { REPORTER_NAMES } from '../../reports/registry.ts';
import type { ReporterName } from '../../reports/registry.ts';
import type { Verbosity } from '../../reports/reporter.ts';
import { suggest } from '../../scenarios/errors.ts';
import { parseCount } from '../../scenarios/units.ts';
import type { SeedRange } from '../explore/plan.ts';
import { usageError } from './failure.ts';
import type { CommonOptions, RunVerbOptions } from './program.ts';

const SEED_DEFAULT = 1;
/** More runs than this are a mistake, and their results would not fit into memory. */
const SEEDS_MAX = 100_000;
const JOBS_MAX = 256;

/** `--seed 7` or `--seeds 1..200`; both ends of a range belong to it. */
export function readSeeds({ seed, seeds }: Pick<RunVerbOptions, 'seed' | 'seeds'>): SeedRange {
  if (seed !== undefined && seeds !== undefined) {
    throw usageError('Cannot use --seed and --seeds together: they say different things. Use one.');
  }
  if (seeds === undefined) {
    const one = seed === undefined ? SEED_DEFAULT : readWhole('--seed', seed, 'as in --seed 7');
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

export function readVerbosity({ quiet, verbose }: RunVerbOptions): Verbosity {
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

export interface ReporterChoice {
  readonly name: ReporterName;
  /** Null: standard output. */
  readonly path: string | null;
}

/** `--reporter json=result.json`; the console when nothing is said. */
export function readReporters(texts: readonly string[]): ReporterChoice[] {
  if (texts.length === 0) return [{ name: 'console', path: null }];
  const choices = texts.map((text): ReporterChoice => {
    const equals = text.indexOf('=');
    const word = equals < 0 ? text : text.slice(0, equals);
    const name = REPORTER_NAMES.find((candidate) => candidate === word);
    if (name === undefined) {
      throw usageError(
        `Cannot use --reporter ${text}: unknown reporter${hint(word, REPORTER_NAMES)}`,
      );
    }
    const path = equals < 0 ? null : text.slice(equals + 1);
    if (path === '') {
      throw usageError(`Cannot use --reporter ${text}: no path after "=". Write ${name}=FILE.`);
    }
    return { name, path };
  });
  const onStdout = choices.filter(({ path }) => path === null);
  if (onStdout.length > 1) {
    const names = onStdout.map(({ name }) => name).join(' and ');
    throw usageError(
      `Cannot print ${names} to one output: they would mix. Give one a file: --reporter json=FILE.`,
    );
  }
  return choices;
}

/** `, did you mean "x"?` or `; expected a or b.` */
function hint(word: string, words: readonly string[]): string {
  const text = suggest(word, words);
  return text.endsWith('?') ? text : `${text}.`;
}

function readWhole(option: string, text: string, example: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw usageError(`Cannot read ${option} ${text}: expected a whole number from 0, ${example}.`);
}
