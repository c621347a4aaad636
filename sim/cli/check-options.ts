/** Reads the options of `lictor check` into values; every complaint says what would be right. */
import { suggest } from '../../scenarios/errors.ts';
import { parseDuration, parseBytes } from '../../scenarios/units.ts';
import type { FailMeaning } from '../check/histories/pairing.ts';
import type { ReadOptions } from '../check/histories/read-history.ts';
import { FORMATS } from '../check/histories/read-history.ts';
import type { Scalar } from '../check/linearizability/operation.ts';
import type { Settings } from '../check/recorded.ts';
import { recordedModels } from '../check/recorded.ts';
import { isLevel, LEVELS } from '../check/transactions/levels.ts';
import { usageError } from './failure.ts';

/** As commander hands them over. */
export interface CheckOptions {
  readonly model?: string;
  readonly format?: string;
  /** Isolation level of transactions. */
  readonly level?: string;
  /** Of bounded-staleness. */
  readonly bound?: string;
  /** What a register or counter holds at first, as JSON. */
  readonly initial?: string;
  /** Values are `[key value]`. */
  readonly independent?: true;
  /** What a failed conditional operation means: refused or nothing. */
  readonly failed?: string;
  readonly time?: string;
  readonly memory?: string;
  /** console or json. */
  readonly reporter?: string;
  /** File for a picture of the first finding. */
  readonly svg?: string;
}

export interface CheckSettings {
  readonly model: string;
  readonly read: ReadOptions;
  readonly recorded: Settings;
  readonly budget: { readonly seconds: number; readonly bytes: number };
  readonly reporter: 'console' | 'json';
  readonly svg: string | undefined;
}

const TIME_DEFAULT = '60s';
const MEMORY_DEFAULT = '1GiB';
const MEANINGS: readonly FailMeaning[] = ['refused', 'nothing'];
const REPORTERS = ['console', 'json'] as const;

export function readCheckOptions(options: CheckOptions): CheckSettings {
  const names = recordedModels().map(([name]) => name);
  if (options.model === undefined) {
    const list = names.join(', ');
    throw usageError(
      `Cannot check without a model: say what the history is of. Use --model with one of ${list}.`,
    );
  }
  const { format, independent, failed, level, bound, initial, svg } = options;
  if (level !== undefined && !isLevel(level)) throw unknownWord('--level', level, LEVELS);
  return {
    model: word('--model', options.model, names),
    read: {
      ...(format === undefined ? {} : { format: word('--format', format, FORMATS) }),
      ...(independent === true ? { independent } : {}),
      ...(failed === undefined ? {} : { failMeaning: word('--failed', failed, MEANINGS) }),
    },
    recorded: {
      ...(level === undefined ? {} : { level }),
      ...(bound === undefined ? {} : { boundMicros: duration('--bound', bound) }),
      ...(initial === undefined ? {} : { initial: scalar(initial) }),
    },
    budget: {
      seconds: duration('--time', options.time ?? TIME_DEFAULT) / 1e6,
      bytes: size('--memory', options.memory ?? MEMORY_DEFAULT),
    },
    reporter: word('--reporter', options.reporter ?? 'console', REPORTERS),
    svg,
  };
}

function word<Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const found = words.find((candidate) => candidate === text);
  if (found === undefined) throw unknownWord(option, text, words);
  return found;
}

function unknownWord(option: string, text: string, words: readonly string[]): Error {
  const hint = suggest(text, words);
  return usageError(
    `Cannot use ${option} ${text}: unknown word${hint}${hint.endsWith('?') ? '' : '.'}`,
  );
}

function duration(option: string, text: string): number {
  const parsed = parseDuration(text);
  if (parsed.ok) return parsed.value;
  throw usageError(
    `Cannot read ${option} ${text}: ${parsed.reason}. Write it as in ${option} 10s.`,
  );
}

function size(option: string, text: string): number {
  const parsed = parseBytes(text);
  if (parsed.ok) return parsed.value;
  throw usageError(
    `Cannot read ${option} ${text}: ${parsed.reason}. Write it as in ${option} 1GiB.`,
  );
}

/** A JSON scalar, or the text itself. */
function scalar(text: string): Scalar {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? null : (value as Scalar);
  } catch {
    return text;
  }
}
