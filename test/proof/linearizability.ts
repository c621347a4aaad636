/**
 * The long form of what the history checkers must show: agreement with brute force on 100 000
 * random histories of every model, with the verdicts of published histories, how punctually a
 * hopeless search ends, and how the time grows. Writes docs/proof/linearizability.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Budget } from '../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../sim/check/linearizability/check.ts';
import { createModel } from '../../sim/check/linearizability/models/index.ts';
import { checkTransactions } from '../../sim/check/transactions/check-transactions.ts';
import { casHistory, kvHistory, listHistory } from '../bench/checker/histories.ts';
import type { Agreement } from '../check/linearizability/reference/agreement.ts';
import { compare } from '../check/linearizability/reference/agreement.ts';
import { SUBJECTS } from '../check/linearizability/reference/subjects.ts';
import type { ExplosionRow } from './linearizability/explosions.ts';
import { memoryLimits, timeLimits } from './linearizability/explosions.ts';
import type { RecordedRow } from './linearizability/recorded.ts';
import { judgeRecordedHistories } from './linearizability/recorded.ts';

export const title = 'history checkers: brute force, published histories, limits, growth';

export interface ProofOptions {
  /** Random histories of each model; 100 000 by default. */
  readonly count?: number;
  /** Folder with published histories; left out without one. */
  readonly histories?: string;
  /** Where the page goes; default docs/proof/linearizability.md. */
  readonly page?: string;
}

const COUNT_DEFAULT = 100_000;
const PAGE_DEFAULT = 'docs/proof/linearizability.md';

interface GrowthRow {
  readonly what: string;
  readonly size: number;
  readonly seconds: number;
  readonly perSecond: number;
}

/** Does everything, prints progress, writes the page; the exit code. */
export function run(options: ProofOptions = {}): number {
  const count = options.count ?? COUNT_DEFAULT;
  const agreements = SUBJECTS.map((subject, i) => {
    const result = compare(subject, count, `proof ${i}`);
    const name = subject.title ?? subject.model;
    process.stderr.write(`${name}: ${result.differences.length} differences\n`);
    return [name, result] as const;
  });
  const recorded = options.histories === undefined ? [] : judgeRecordedHistories(options.histories);
  const explosions = [
    ...timeLimits(2),
    ...timeLimits(10),
    ...memoryLimits(64),
    ...memoryLimits(256),
  ];
  const growths = [...growthOfFastPath(), ...speedOfSearch(), ...growthOfTransactions()];
  const page = pageOf(count, agreements, recorded, explosions, growths);
  const file = options.page ?? PAGE_DEFAULT;
  mkdirSync(file.replace(/[^/]*$/, '') || '.', { recursive: true });
  writeFileSync(file, page);
  process.stdout.write(page);
  const differs = agreements.some(([, { differences }]) => differences.length > 0);
  const disagrees = recorded.some(({ agreed, histories }) => agreed < histories);
  return differs || disagrees ? 1 : 0;
}

/** Median of three. */
function measure(what: string, size: number, work: () => void): GrowthRow {
  const seconds = [1, 2, 3]
    .map(() => {
      const start = performance.now();
      work();
      return (performance.now() - start) / 1000;
    })
    .sort((left, right) => left - right)[1]!;
  return { what, size, seconds, perSecond: size / seconds };
}

function growthOfFastPath(): GrowthRow[] {
  const model = createModel('consul-kv')!;
  return [1_000, 10_000, 100_000, 1_000_000].map((operations) => {
    const shape = { operations, keys: 100, clients: 10, lost: 0.01, seed: `kv ${operations}` };
    const history = kvHistory(shape);
    return measure('fast path, operations', operations, () => {
      const { verdict } = checkHistory(history, model, new Budget());
      if (verdict !== 'pass') throw new Error(`expected an order, got ${verdict}`);
    });
  });
}

function speedOfSearch(): GrowthRow[] {
  const model = createModel('cas-register')!;
  const histories = Array.from({ length: 2000 }, (_, i) => casHistory(100, 5, `cas ${i}`));
  const options = { searchOnly: true, explain: false };
  const row = measure('general search, histories of 100 operations', histories.length, () => {
    for (const history of histories) checkHistory(history, model, new Budget(), options);
  });
  return [row];
}

function growthOfTransactions(): GrowthRow[] {
  return [1_000, 10_000, 100_000].map((transactions) => {
    const history = { operations: listHistory(transactions, 10, 'list'), failed: [] };
    return measure('list-append, transactions', transactions, () => {
      const { verdict } = checkTransactions(history, 'list-append', 'strict-serializable');
      if (verdict !== 'pass') throw new Error(`expected no anomaly, got ${verdict}`);
    });
  });
}

function pageOf(
  count: number,
  agreements: readonly (readonly [string, Agreement])[],
  recorded: readonly RecordedRow[],
  explosions: readonly ExplosionRow[],
  growths: readonly GrowthRow[],
): string {
  const parts = [
    '# Linearizability: what was shown',
    '',
    `Made by \`npm run proof -- linearizability --histories FOLDER\`, commit ${commit()},`,
    `Node ${process.versions.node}; FOLDER holds the test data of porcupine and Knossos.`,
    'Times depend on the machine and on what else it does; everything else is the same each time.',
    '',
    '## Agreement with brute force',
    '',
    `Random histories of 2 to 6 operations, ${number(count)} for each object: a third with unique`,
    'values, a third with repeated ones, a third with unknown outcomes. The verdict, the shortest',
    'prefix without an order, the longest with one and the minimal contradiction are compared with a',
    'search through all orders on plain objects. `fast`: parts that needed no search.',
    '',
    table(
      [
        'model',
        'histories',
        'with an order',
        'repeated values',
        'lost answers',
        'fast',
        'differences',
      ],
      agreements.map(([model, row]) => [
        model,
        ...[row.histories, row.ordered, row.repeated, row.lost, row.fast].map(number),
        `${row.differences.length}`,
      ]),
    ),
    ...recordedPart(recorded),
    '## Hopeless searches',
    '',
    table(
      ['history', 'limit', 'budget', 'used', 'over', 'verdict', 'window'],
      explosions.map((row) => [
        row.history,
        row.limit,
        row.limit === 'time' ? `${row.budget} s` : `${row.budget} MiB`,
        row.limit === 'time' ? `${row.used.toFixed(3)} s` : `${row.used.toFixed(1)} MiB`,
        `${(100 * row.over).toFixed(1)} %`,
        row.verdict,
        row.window,
      ]),
    ),
    '## Speed and growth',
    '',
    'One per cent of the answers is lost. See also `npm run bench -- checker --json`.',
    '',
    table(
      ['what', 'size', 'seconds', 'per second'],
      growths.map(({ what, size, seconds, perSecond }) => [
        what,
        number(size),
        seconds.toFixed(4),
        number(Math.round(perSecond)),
      ]),
    ),
  ];
  return parts.join('\n').trimEnd() + '\n';
}

function recordedPart(rows: readonly RecordedRow[]): string[] {
  if (rows.length === 0) return [];
  return [
    '## Published histories',
    '',
    'From the test data of porcupine and Knossos (`--histories FOLDER`), judged as their',
    'publishers say. Milliseconds are for all of a set, without reading the files.',
    '',
    table(
      ['set', 'histories', 'operations', 'with an order', 'agree', 'milliseconds'],
      rows.map((row) => [
        row.set,
        ...[row.histories, row.operations, row.ordered, row.agreed].map(number),
        row.millis.toFixed(1),
      ]),
    ),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, i) => (i === 0 ? '---' : '---:')));
  return [line(head), rule, ...rows.map(line), ''].join('\n');
}

function number(value: number): string {
  return `${value}`.replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}
