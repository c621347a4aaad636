/** Reads what the command line says of a search into values. */
import { resolve } from 'node:path';
import { writeFileAtomically } from '../../reports/atomic.ts';
import { parseCount, parseDuration } from '../../scenarios/units.ts';
import { STRATEGY_NAMES } from '../explore/search/trial.ts';
import type { Strategy } from '../explore/search/trial.ts';
import { usageError } from './failure.ts';
import { hint } from './options.ts';
import type { ExploreVerbOptions } from './search-commands.ts';

/** Trials where neither a number nor a time is given. */
const TRIALS_DEFAULT = 300;
/** Trials of a search that only a time ends. */
const TRIALS_UNLIMITED = 1_000_000_000;
const SHRINK_RUNS_DEFAULT = 400;

export interface SearchLimits {
  readonly plan: {
    readonly strategy: Strategy;
    readonly firstSeed: number;
    readonly trials: number;
    readonly part: number;
    readonly parts: number;
    readonly shrinkRuns: number;
  };
  readonly seconds: number;
  readonly maxFindings: number;
}

export function readSearchLimits(options: ExploreVerbOptions): SearchLimits {
  const seconds = options.time === undefined ? Infinity : readSeconds(options.time);
  const timed = options.time !== undefined;
  return {
    plan: {
      strategy: readStrategy(options.strategy ?? 'swarm'),
      ...readTrials(options.seeds, timed ? TRIALS_UNLIMITED : TRIALS_DEFAULT),
      ...readPart(options.shard),
      shrinkRuns: options.shrink === false ? 0 : readShrinkRuns(options.shrinkRuns),
    },
    seconds,
    maxFindings: options.x === true ? 1 : Infinity,
  };
}

function readStrategy(word: string): Strategy {
  const name = STRATEGY_NAMES.find((candidate) => candidate === word);
  if (name !== undefined) return name;
  throw usageError(`Cannot use --strategy ${word}: unknown word${hint(word, STRATEGY_NAMES)}`);
}

/** `--seeds 500` or `--seeds 1001..1500`; trials in all, whatever the number of scenarios. */
function readTrials(text: string | undefined, otherwise: number) {
  if (text === undefined) return { firstSeed: 1, trials: otherwise };
  const range = /^(\d{1,15})\.\.(\d{1,15})$/.exec(text);
  const [first, last] = range ? [Number(range[1]), Number(range[2])] : [1, Number(text)];
  const trials = last! - first! + 1;
  if (!(range || /^\d{1,15}$/.test(text)) || !(trials >= 1 && trials <= TRIALS_UNLIMITED)) {
    throw usageError(`Cannot read --seeds ${text}: write how many, as in --seeds 500.`);
  }
  return { firstSeed: first!, trials };
}

function readSeconds(text: string): number {
  const parsed = parseDuration(text);
  if (parsed.ok && parsed.value > 0) return parsed.value / 1e6;
  throw usageError(`Cannot read --time ${text}: write a duration, as in --time 10m.`);
}

/** `--shard 2/4`: every fourth trial, from the second on. */
function readPart(text: string | undefined): { part: number; parts: number } {
  if (text === undefined) return { part: 0, parts: 1 };
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const [part, parts] = [Number(match?.[1]), Number(match?.[2])];
  if (part >= 1 && part <= parts) return { part: part - 1, parts };
  throw usageError(`Cannot read --shard ${text}: write part/parts, as in --shard 2/4.`);
}

export function readShrinkRuns(text: string | undefined): number {
  if (text === undefined) return SHRINK_RUNS_DEFAULT;
  const parsed = parseCount(text);
  if (parsed.ok && parsed.value >= 1) return parsed.value;
  throw usageError(`Cannot read --shrink-runs ${text}: expected a count from 1, such as 400.`);
}

const OUTPUTS = ['console', 'json', 'blob'] as const;

export interface SearchOutput {
  readonly name: (typeof OUTPUTS)[number];
  /** Null: standard output. */
  readonly path: string | null;
}

/** `--reporter json=FILE`; the console when nothing is said. */
export function readOutputs(
  texts: readonly string[],
  words: readonly SearchOutput['name'][] = OUTPUTS,
): SearchOutput[] {
  const outputs = (texts.length === 0 ? ['console'] : texts).map((text): SearchOutput => {
    const [word, ...rest] = text.split('=') as [string, ...string[]];
    const name = words.find((candidate) => candidate === word);
    if (name === undefined) {
      throw usageError(
        `Cannot use --reporter ${text}: this verb has other reporters${hint(word, words)}`,
      );
    }
    const path = rest.length === 0 ? null : rest.join('=');
    if (path !== '') return { name, path };
    throw usageError(`Cannot use --reporter ${text}: no path after "=". Write ${word}=FILE.`);
  });
  if (outputs.filter(({ path }) => path === null).length <= 1) return outputs;
  throw usageError(
    'Cannot print several reports to one output: they would mix. Give one a file: --reporter json=FILE.',
  );
}

export function writeOutput(folder: string, path: string, text: string): void {
  writeFileAtomically(resolve(folder, path), text);
}
