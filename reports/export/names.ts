/** The formats that `--export` knows, by name, for the command line and the documentation. */

export const EXPORTS = {
  csv: {
    description: 'runs.csv and metrics.csv; of each kept run operations.csv, events.csv, notes.csv',
    /** Whether it needs every event of a run. */
    events: true,
  },
  parquet: {
    description: 'the tables of csv as Parquet, for DuckDB, pandas and "lictor query"',
    /** Whether it needs every event of a run. */
    events: true,
  },
  openmetrics: {
    description: "metrics.prom: the metrics of all runs as OpenMetrics, by Consul's names",
    /** Whether it needs every event of a run. */
    events: false,
  },
  perfetto: {
    description: 'trace.perfetto.json of each kept run, for ui.perfetto.dev',
    /** Whether it needs every event of a run. */
    events: true,
  },
  shiviz: {
    description: 'trace.shiviz.log of each kept run, a space-time diagram for ShiViz',
    /** Whether it needs every event of a run. */
    events: true,
  },
  jepsen: {
    description: 'history.edn of each kept run, as Jepsen writes histories',
    /** Whether it needs every event of a run. */
    events: false,
  },
} as const;

export type ExportName = keyof typeof EXPORTS;
export const EXPORT_NAMES = Object.keys(EXPORTS) as ExportName[];

export function needsEvents(names: readonly ExportName[]): boolean {
  return names.some((name) => EXPORTS[name].events);
}
