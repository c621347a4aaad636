/** What runs came to, as tables: a row per run, per metric, per operation, per event, per note. */
import type { Plan } from '../../sim/explore/plan.ts';
import type { JobRecord, RunRecord } from '../../sim/explore/record.ts';
import type { MetricSummary } from '../../sim/core/metrics.ts';
import type { HistoryRecord } from '../../sim/client/history.ts';
import type { Cell, Column, Table } from './table.ts';
import { column } from './table.ts';

const FIGURES = ['mean', 'min', 'p50', 'p90', 'p99', 'p999', 'max'] as const;

/** Columns that say which run a row is of; the same in every table, to join by. */
function runColumns(records: readonly RunRecord[], plan: Plan): Column[] {
  const paths = new Set(
    plan.sources.flatMap(({ parameters }) => parameters.map(({ path }) => path)),
  );
  return [
    column(
      'scenario',
      'text',
      records.map(({ scenario }) => scenario),
    ),
    column(
      'setting',
      'text',
      records.map(({ source }) => settingOf(plan, source)),
    ),
    ...[...paths].map((path) => {
      const values = records.map(({ source }) => parameterOf(plan, source, path));
      return { name: `param.${path}`, ...typed(values) };
    }),
    column(
      'seed',
      'integer',
      records.map(({ seed }) => seed),
    ),
  ];
}

/** `path=value` of all that differs from the file; "" when nothing does. */
function settingOf({ sources }: Plan, source: number): string {
  return sources[source]!.overrides.join(' ');
}

function parameterOf({ sources }: Plan, source: number, path: string): string | null {
  return sources[source]!.parameters.find((one) => one.path === path)?.value ?? null;
}

/** Numbers where all of them are. */
function typed(values: readonly (string | null)[]): Pick<Column, 'type' | 'values'> {
  const numbers = values.every((value) => value === null || /^-?\d+(\.\d+)?$/.test(value));
  if (!numbers) return { type: 'text', values };
  return { type: 'number', values: values.map((value) => (value === null ? null : Number(value))) };
}

function finished(records: readonly JobRecord[]): RunRecord[] {
  return records.flatMap((record) => (record.kind === 'run' ? [record] : []));
}

/** Wide: parameters and metrics are columns. Nothing in it depends on the machine. */
export function runsTable(all: readonly JobRecord[], plan: Plan): Table {
  const records = finished(all);
  const results = records.map(({ result }) => result);
  const names = [...new Set(results.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  return {
    name: 'runs',
    columns: [
      ...runColumns(records, plan),
      column(
        'verdict',
        'text',
        results.map(({ verdict }) => verdict),
      ),
      column(
        'exit_code',
        'integer',
        records.map(({ exitCode }) => exitCode),
      ),
      column(
        'violations',
        'integer',
        results.map(({ violations }) => violations.length),
      ),
      column(
        'fingerprint',
        'text',
        results.map(({ fingerprint }) => fingerprint),
      ),
      column(
        'simulated_seconds',
        'number',
        results.map((one) => one.simulatedSeconds),
      ),
      column(
        'events',
        'integer',
        results.map(({ events }) => events),
      ),
      ...names.flatMap((name) =>
        metricColumns(
          name,
          results.map(({ metrics }) => metrics[name]),
        ),
      ),
      column(
        'command',
        'text',
        records.map(({ command }) => command),
      ),
    ],
  };
}

/** One column of a single value; of a distribution its count, mean, median, p99 and maximum. */
function metricColumns(name: string, found: readonly (MetricSummary | undefined)[]): Column[] {
  const of = (figure: keyof MetricSummary, type: Column['type'], suffix: string): Column =>
    column(
      `metric.${name}${suffix}`,
      type,
      found.map((one) => (one?.[figure] ?? null) as Cell),
    );
  if (found.some((one) => one?.value !== undefined)) return [of('value', 'number', '')];
  const figures = (['mean', 'p50', 'p99', 'max'] as const).map((figure) =>
    of(figure, 'number', `.${figure}`),
  );
  return [of('count', 'integer', '.count'), ...figures];
}

/** Long: one row per run and metric, with everything that is known of it. */
export function metricsTable(all: readonly JobRecord[], plan: Plan): Table {
  const rows = finished(all).flatMap((record) =>
    Object.entries(record.result.metrics).map(([name, summary]) => ({ record, name, summary })),
  );
  const of = (figure: keyof MetricSummary, type: Column['type']): Column =>
    column(
      figure,
      type,
      rows.map(({ summary }) => (summary[figure] ?? null) as Cell),
    );
  return {
    name: 'metrics',
    columns: [
      ...runColumns(
        rows.map(({ record }) => record),
        plan,
      ),
      column(
        'metric',
        'text',
        rows.map(({ name }) => name),
      ),
      of('unit', 'text'),
      of('value', 'number'),
      of('count', 'integer'),
      ...FIGURES.map((figure) => of(figure, 'number')),
    ],
  };
}

/** That of a transaction, a list of verbs, as JSON. */
function asText(value: HistoryRecord['value']): string | null {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

/** The history of clients, both ends of an operation in one row. */
export function operationsTable(record: RunRecord, plan: Plan): Table {
  const ends = new Map<number, HistoryRecord>();
  const begun: HistoryRecord[] = [];
  for (const line of record.files?.history ?? []) {
    const one = JSON.parse(line) as HistoryRecord;
    if (one.type === 'invoke') begun.push(one);
    else ends.set(one.op, one);
  }
  const rows = begun.map((begin) => ({ begin, end: ends.get(begin.op) }));
  const seconds = (micros: number): number => micros / 1e6;
  const of = (name: string, type: Column['type'], value: (row: (typeof rows)[number]) => Cell) =>
    column(name, type, rows.map(value));
  return {
    name: 'operations',
    columns: [
      ...runColumns(
        rows.map(() => record),
        plan,
      ),
      of('process', 'integer', ({ begin }) => begin.process),
      of('op', 'integer', ({ begin }) => begin.op),
      of('f', 'text', ({ begin }) => begin.f),
      of('key', 'text', ({ begin }) => begin.key),
      of('value', 'text', ({ begin, end }) => asText(end?.value ?? begin.value)),
      // What has not ended when the run does, nobody knows.
      of('outcome', 'text', ({ end }) => end?.type ?? 'info'),
      of('start', 'number', ({ begin }) => seconds(begin.time)),
      of('end', 'number', ({ end }) => (end === undefined ? null : seconds(end.time))),
      of('latency', 'number', ({ begin, end }) =>
        end === undefined ? null : seconds(end.time - begin.time),
      ),
      of('mode', 'text', ({ begin }) => begin.mode),
      of('index', 'integer', ({ end }) => end?.index ?? null),
      of('host', 'text', ({ begin, end }) => end?.host ?? begin.host),
      of('error', 'text', ({ end }) => end?.error ?? null),
    ],
  };
}

/** Every event of one run, and what programs noted. */
export function eventTables(record: RunRecord, plan: Plan): Table[] {
  const table = record.files?.events ?? null;
  if (table === null) return [];
  const { events, notes } = table;
  const seconds = (micros: readonly number[]): number[] => micros.map((one) => one / 1e6);
  const own = (rows: number): Column[] =>
    runColumns(
      Array.from({ length: rows }, () => record),
      plan,
    );
  return [
    {
      name: 'events',
      columns: [
        ...own(events.event.length),
        column('event', 'integer', events.event),
        column('time', 'number', seconds(events.time)),
        column('process', 'text', events.process),
        column('kind', 'text', events.kind),
        column('name', 'text', events.name),
        column('class', 'text', events.class),
        column('from', 'text', events.from),
        column('cause', 'integer', events.cause),
        column('woken', 'integer', events.woken),
      ],
    },
    {
      name: 'notes',
      columns: [
        ...own(notes.event.length),
        column('event', 'integer', notes.event),
        column('time', 'number', seconds(notes.time)),
        column('process', 'text', notes.process),
        column('machine', 'text', notes.machine),
        column('note', 'text', notes.note),
        column('text', 'text', notes.text),
      ],
    },
  ];
}
