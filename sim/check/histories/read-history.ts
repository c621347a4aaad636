/** Reads a recorded history in any of the formats we know. */
import type { History } from '../linearizability/operation.ts';
import { readJepsenEdn } from './jepsen-edn.ts';
import { readJepsenJson } from './jepsen-json.ts';
import { readJepsenLog } from './jepsen-log.ts';
import { readLictorNdjson } from './lictor-ndjson.ts';
import type { FailMeaning } from './pairing.ts';
import { pairRecords } from './pairing.ts';
import type { Problem, Records } from './record.ts';

/** Names of the formats, as the command line takes them. */
export const FORMATS = ['lictor', 'jepsen-edn', 'jepsen-json', 'jepsen-log'] as const;
export type Format = (typeof FORMATS)[number];

export interface ReadOptions {
  /** Default: found out from the first lines. */
  readonly format?: Format;
  /** Values are `[key value]`, as Jepsen's `independent` writes them. */
  readonly independent?: boolean;
  /** Default: `refused` for our format and logs, `nothing` for Jepsen's EDN and JSON. */
  readonly failMeaning?: FailMeaning;
}

export type ReadResult =
  | {
      readonly ok: true;
      readonly format: Format;
      readonly history: History;
      /** Records that were used, and lines that were none. */
      readonly records: number;
      readonly noise: number;
    }
  | {
      readonly ok: false;
      readonly format: Format | undefined;
      readonly problems: readonly Problem[];
    };

export function readHistory(text: string, options: ReadOptions = {}): ReadResult {
  const format = options.format ?? detectFormat(text);
  if (format === undefined) {
    const message = `not a history in a format I know (${FORMATS.join(', ')})`;
    return { ok: false, format, problems: [{ line: 0, message }] };
  }
  const read = recordsOf(text, format, options.independent === true);
  if (read.records.length + read.noise + read.problems.length === 0) {
    return { ok: false, format, problems: [{ line: 0, message: 'there is no operation in it' }] };
  }
  const ours = format === 'lictor' || format === 'jepsen-log';
  const pairs = pairRecords(read.records, options.failMeaning ?? (ours ? 'refused' : 'nothing'));
  const problems = [...read.problems, ...pairs.problems];
  if (problems.length > 0) {
    problems.sort((left, right) => left.line - right.line);
    return { ok: false, format, problems };
  }
  const { operations, failed } = pairs;
  return {
    ok: true,
    format,
    history: { operations, failed },
    records: read.records.length,
    noise: read.noise,
  };
}

function recordsOf(text: string, format: Format, independent: boolean): Records {
  switch (format) {
    case 'lictor':
      return readLictorNdjson(text);
    case 'jepsen-edn':
      return readJepsenEdn(text, { independent });
    case 'jepsen-json':
      return readJepsenJson(text, { independent });
    default:
      return readJepsenLog(text);
  }
}

/** Judges by the first line that is no comment; undefined when none looks like a history. */
export function detectFormat(text: string): Format | undefined {
  const start = text.slice(0, 100_000).replace(/^\uFEFF/, '');
  if (/^.*jepsen\.[\w.]+\s+-\s+\d+\s+:/m.test(start)) return 'jepsen-log';
  const first = start.replace(/^(\s|,|;[^\n]*\n?)+/, '');
  if (/^[[(]?\s*(#[\w.]+\s*)?\{\s*:/.test(first)) return 'jepsen-edn';
  if (/^\[\s*\{\s*"/.test(first)) return 'jepsen-json';
  if (!/^\{\s*"/.test(first)) return /^[[(]\s*[\])]?\s*$/.test(first) ? 'jepsen-edn' : undefined;
  const line = first.split('\n', 1)[0]!;
  // Our records are paired by "op"; Jepsen's by their process.
  return /"op"\s*:/.test(line) ? 'lictor' : 'jepsen-json';
}
