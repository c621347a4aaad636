/**
 * The formats that `--export` knows, and the files that each of them writes. Loaded by those who ask
 * for it alone: the names that the command line needs are in `names.ts`.
 */
import type { ExportName } from './names.ts';
import type { Plan } from '../../sim/explore/plan.ts';
import type { JobRecord, RunRecord } from '../../sim/explore/record.ts';
import { toJepsen } from './jepsen.ts';
import { toOpenMetrics } from './openmetrics.ts';
import { toParquet } from './parquet.ts';
import { toPerfetto } from './perfetto.ts';
import { toShiviz } from './shiviz.ts';
import { toCsv } from './table.ts';
import type { Table } from './table.ts';
import { eventTables, metricsTable, operationsTable, runsTable } from './tables.ts';

/** By name. */
export type Files = Record<string, string | Uint8Array>;

interface Format {
  /** Of one run whose folder is kept. */
  run?(record: RunRecord, plan: Plan): Files;
  /** Of all runs together. */
  all?(records: readonly JobRecord[], plan: Plan): Files;
}

function runTables(record: RunRecord, plan: Plan): Table[] {
  return [operationsTable(record, plan), ...eventTables(record, plan)];
}

function allTables(records: readonly JobRecord[], plan: Plan): Table[] {
  return [runsTable(records, plan), metricsTable(records, plan)];
}

function csvFiles(tables: readonly Table[]): Files {
  return Object.fromEntries(tables.map((table) => [`${table.name}.csv`, toCsv(table)]));
}

function parquetFiles(tables: readonly Table[]): Files {
  return Object.fromEntries(tables.map((table) => [`${table.name}.parquet`, toParquet(table)]));
}

const FORMATS: Readonly<Record<ExportName, Format>> = {
  csv: {
    run: (record, plan) => csvFiles(runTables(record, plan)),
    all: (records, plan) => csvFiles(allTables(records, plan)),
  },
  parquet: {
    run: (record, plan) => parquetFiles(runTables(record, plan)),
    all: (records, plan) => parquetFiles(allTables(records, plan)),
  },
  openmetrics: {
    all: (records, plan) => ({ 'metrics.prom': toOpenMetrics(records, plan) }),
  },
  perfetto: {
    run: (record) => ({ 'trace.perfetto.json': toPerfetto(record) }),
  },
  shiviz: {
    run: (record) => ({ 'trace.shiviz.log': toShiviz(record) }),
  },
  jepsen: {
    run: ({ files }) => ({ 'history.edn': toJepsen(files?.history ?? []) }),
  },
};

const formatOf = (name: ExportName): Format => FORMATS[name];

/** The files of one run, beside those that its folder has anyway. */
export function exportRun(names: readonly ExportName[], record: RunRecord, plan: Plan): Files {
  const files = names.map((name) => formatOf(name).run?.(record, plan) ?? {});
  return Object.assign({}, ...files) as Files;
}

/** The files of all runs together. */
export function exportAll(
  names: readonly ExportName[],
  records: readonly JobRecord[],
  plan: Plan,
): Files {
  const files = names.map((name) => formatOf(name).all?.(records, plan) ?? {});
  return Object.assign({}, ...files) as Files;
}
