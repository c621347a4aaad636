/**
 * Histories recorded from real stores, with the verdicts their publishers give. They are not part
 * of this repository: `--histories FOLDER` names a folder that holds copies, such as `test_data` of
 * github.com/anishathalye/porcupine and `data` of github.com/jepsen-io/knossos.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readHistory } from '../../../sim/check/histories/read-history.ts';
import { Budget } from '../../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../../sim/check/linearizability/check.ts';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';

/** Of the 102 etcd histories, those that porcupine's and Lowe's tests call linearizable. */
const ETCD_ORDERED = new Set([
  2, 5, 7, 18, 25, 31, 38, 45, 48, 49, 51, 53, 56, 67, 75, 76, 80, 87, 92, 98, 100, 101, 102,
]);

export interface RecordedRow {
  readonly set: string;
  readonly histories: number;
  readonly operations: number;
  readonly ordered: number;
  readonly agreed: number;
  /** Milliseconds spent judging, without reading and explaining. */
  readonly millis: number;
}

interface Expected {
  readonly set: string;
  readonly model: string;
  readonly ordered: boolean;
}

/** What is known of a file from its name; undefined when it is none of the published ones. */
export function expectedOf(path: string): Expected | undefined {
  const name = basename(path);
  const etcd = /^etcd_(\d{3})\.log$/.exec(name);
  // Number 95 is an empty file.
  if (etcd !== null && etcd[1] !== '095') {
    const ordered = ETCD_ORDERED.has(Number(etcd[1]));
    return { set: 'etcd, compare-and-set register', model: 'cas-register', ordered };
  }
  const kv = /^c\d+-(ok|bad)\.txt$/.exec(name);
  if (kv !== null) return { set: 'key-value with appends', model: 'kv', ordered: kv[1] === 'ok' };
  const knossos = /(cas-register|mutex)\/(good|bad)\/[^/]*\.edn$/.exec(path);
  if (knossos === null) return undefined;
  const [, kind, quality] = knossos;
  const model = kind === 'mutex' ? 'lock' : 'cas-register';
  return { set: `Knossos, ${kind}`, model, ordered: quality === 'good' };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

export function judgeRecordedHistories(folder: string): RecordedRow[] {
  const rows = new Map<string, { -readonly [Name in keyof RecordedRow]: RecordedRow[Name] }>();
  for (const path of filesBelow(folder)) {
    const expected = expectedOf(path);
    if (expected === undefined) continue;
    const read = readHistory(readFileSync(path, 'utf8'));
    if (!read.ok) throw new Error(`${path}: ${JSON.stringify(read.problems[0])}`);
    const { set } = expected;
    let row = rows.get(set);
    if (row === undefined) {
      row = { set, histories: 0, operations: 0, ordered: 0, agreed: 0, millis: 0 };
      rows.set(set, row);
    }
    const { operations } = read.history;
    const model = createModel(expected.model)!;
    const start = performance.now();
    const { verdict } = checkHistory(operations, model, new Budget(), { explain: false });
    row.millis += performance.now() - start;
    row.histories++;
    row.operations += operations.length;
    if (verdict === 'pass') row.ordered++;
    if ((verdict === 'pass') === expected.ordered && verdict !== 'unknown') row.agreed++;
  }
  return [...rows.values()];
}
