/** `lictor query`: SQL over the Parquet files below a results folder, by DuckDB where it is there. */
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { OUT_DEFAULT } from '../../../reports/folders.ts';
import { column, toCsv } from '../../../reports/export/table.ts';
import type { Cell } from '../../../reports/export/table.ts';
import { table } from '../../../reports/text.ts';
import { suggest } from '../../../scenarios/errors.ts';
import { EXIT } from '../../run/result.ts';
import { Failure, usageError } from '../failure.ts';
import type { Host } from '../host.ts';
import type { QueryVerbOptions } from '../program.ts';

const TABLES = ['runs', 'metrics', 'operations', 'events', 'notes'] as const;
const FORMATS = ['table', 'csv', 'json'] as const;

/** The part of DuckDB's library that is used; it may not be there to take types from. */
interface Duckdb {
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<Connection> }> };
}
interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<Answer>;
}
interface Answer {
  columnNames(): string[];
  getRowsJson(): Cell[][];
}

export async function queryVerb(
  host: Host,
  operands: readonly string[],
  options: QueryVerbOptions,
): Promise<number> {
  const [sql] = operands as [string];
  const format = FORMATS.find((one) => one === (options.format ?? 'table'));
  if (format === undefined) {
    const hint = suggest(options.format!, FORMATS);
    throw usageError(`Cannot print ${options.format}: unknown format${hint}`);
  }
  const out = options.out ?? OUT_DEFAULT;
  const files = filesIn(resolve(host.folder, out));
  if (files.length === 0) {
    throw new Failure(
      `Cannot query ${out}: it holds no exported tables. Run something with --export parquet.`,
      EXIT.io,
    );
  }
  const connection = await connect();
  for (const { name, paths } of files) await connection.run(viewOf(name, paths));
  const answer = await ask(connection, sql, files);
  host.stdout.write(print(answer, format));
  return EXIT.pass;
}

interface TableFiles {
  readonly name: string;
  readonly paths: readonly string[];
}

function filesIn(folder: string): TableFiles[] {
  return TABLES.flatMap((name) => {
    const paths = globSync(`**/${name}.parquet`, { cwd: folder }).sort();
    return paths.length === 0 ? [] : [{ name, paths: paths.map((path) => resolve(folder, path)) }];
  });
}

async function connect(): Promise<Connection> {
  // Not in the text of an import, which would have to be there to be checked and bundled.
  const name: string = '@duckdb/node-api';
  let duckdb: Duckdb;
  try {
    duckdb = (await import(name)) as Duckdb;
  } catch {
    throw new Failure(
      'Cannot query: DuckDB is not installed. Install it beside lictor: ' +
        'npm install @duckdb/node-api; or read the CSV and Parquet files with other tools.',
      EXIT.io,
    );
  }
  return (await duckdb.DuckDBInstance.create(':memory:')).connect();
}

/** Tables of different scenarios have different columns: what one lacks is null there. */
function viewOf(name: string, paths: readonly string[]): string {
  const list = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ');
  return `create view ${name} as select * from read_parquet([${list}], union_by_name = true)`;
}

async function ask(
  connection: Connection,
  sql: string,
  files: readonly TableFiles[],
): Promise<Answer> {
  try {
    return await connection.runAndReadAll(sql);
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const names = files.map(({ name }) => name).join(', ');
    throw usageError(`Cannot query: ${first.replace(/\.$/, '')}. The tables are ${names}.`);
  }
}

function print(answer: Answer, format: (typeof FORMATS)[number]): string {
  const names = answer.columnNames();
  const rows = answer.getRowsJson();
  if (format === 'json') {
    const objects = rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])));
    return `${JSON.stringify(objects, null, 2)}\n`;
  }
  if (format === 'csv') {
    const columns = names.map((name, at) =>
      column(
        name,
        'text',
        rows.map((row) => row[at]!),
      ),
    );
    return toCsv({ name: 'answer', columns });
  }
  const shown = rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
  const numeric = names.map((_, at) => rows.every((row) => isNumeric(row[at]!)));
  const right = new Set(numeric.flatMap((is, at) => (is ? [at] : [])));
  return `${table([names, ...shown], right).join('\n')}\n`;
}

function isNumeric(cell: Cell): boolean {
  return cell === null || typeof cell === 'number' || /^-?\d+(\.\d+)?$/.test(String(cell));
}
