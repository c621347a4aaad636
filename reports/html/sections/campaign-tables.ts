/** What several runs add up to, in tables. */
import type { JobRecord } from '../../../sim/explore/record.ts';
import type { ScenarioSummary, Summary } from '../../../sim/explore/summary.ts';
import type { Interval } from '../../../sim/explore/statistics/bootstrap.ts';
import { reasonOf, wordOf } from '../../console/verdict.ts';
import { medianOf, shortNames } from '../../console/settings.ts';
import { formatFigure, keyTimes, keyValues } from '../../figures.ts';
import { formatCount, formatShare, plural } from '../../text.ts';
import { escape } from '../draw/markup.ts';
import { table } from '../table.ts';
import type { Cell } from '../table.ts';

/** Runs that a table lists; all of them are in the summary. */
const RUNS_MAX = 1000;
const TROUBLES_MAX = 50;

/** What tells the entries of a summary apart: their names, or the values that they vary. */
export function namesOf({ scenarios, purpose }: Summary): string[] {
  if (purpose === 'compare') return scenarios.map((one, at) => `${'AB'[at]}: ${sideName(one)}`);
  return scenarios.map((one) => {
    const paths = Object.keys(one.parameters);
    if (paths.length === 0) return one.scenario;
    const short = shortNames(paths);
    return paths.map((path, at) => `${short[at]} ${one.parameters[path]}`).join(', ');
  });
}

function sideName({ scenario, overrides }: ScenarioSummary): string {
  const said = Object.entries(overrides).map(([path, value]) => `, ${path}=${String(value)}`);
  return scenario + said.join('');
}

export function scenarioTable(summary: Summary): string {
  const names = namesOf(summary);
  const figures = figureNames(summary.scenarios).slice(0, 4);
  return table({
    caption:
      'Scenarios or settings, with medians over their runs (95 % intervals from ten runs on)',
    columns: ['', 'runs', 'pass', 'fail', 'unknown', 'missed', ...figures],
    numbers: new Set([1, 2, 3, 4, 5, ...figures.map((_, at) => at + 6)]),
    rows: summary.scenarios.map((one, at) => ({
      ...(one.fail > 0 || one.crashed > 0 ? { mood: 'bad' } : {}),
      name: names[at]!,
      cells: [
        names[at]!,
        formatCount(one.runs),
        formatCount(one.pass),
        counted(one.fail, 'bad-text'),
        counted(one.unknown + one.crashed, 'warn-text'),
        counted(one.missed, 'warn-text'),
        ...figures.map((name) => medianOf(name, one.metrics[name])),
      ],
    })),
  });
}

function counted(count: number, mood: string): Cell {
  return count === 0 ? { text: '0' } : { text: formatCount(count), mood };
}

/** Metrics that say most of any of the scenarios. */
export function figureNames(scenarios: readonly ScenarioSummary[]): string[] {
  const shown: Record<string, { unit: 's' | '1' | 'By'; value?: number; count?: number }> = {};
  for (const { metrics } of scenarios) {
    for (const [name, { unit, median, p50, count = 0 }] of Object.entries(metrics)) {
      if (median !== undefined) shown[name] = { unit, value: median };
      else if (p50 !== undefined) shown[name] = { unit, count };
    }
  }
  const preferred = ['raft.failover', '.availability', '.latency', '.longest-outage', '.recovery'];
  const rank = (name: string): number => {
    const at = preferred.findIndex((ending) => name.endsWith(ending));
    return at < 0 ? preferred.length : at;
  };
  const names = [...keyValues(shown), ...keyTimes(shown)];
  return names.toSorted((left, right) => rank(left) - rank(right));
}

/** A table for each scenario: every metric over its runs. */
export function spreadTables(summary: Summary): string {
  const names = namesOf(summary);
  const tables = summary.scenarios.map((one, at) => {
    const html = spreadTable(one, names[at]!);
    if (summary.scenarios.length === 1) return html;
    return `<details${at === 0 ? ' open' : ''}><summary>${escape(names[at]!)}</summary>${html}</details>`;
  });
  return tables.join('\n');
}

function spreadTable({ metrics, runs }: ScenarioSummary, name: string): string {
  const shown = Object.entries(metrics).filter(([, spread]) => spread.runs > 0);
  return table({
    caption: `Every metric over ${plural(runs, 'run')} of ${name}: of single figures the median over the runs, of times the medians of their percentiles`,
    columns: ['metric', 'runs', 'median', '95 % interval', 'p99', '95 % interval', 'min', 'max'],
    numbers: new Set([1, 2, 3, 4, 5, 6, 7]),
    rows: shown.map(([metric, spread]) => {
      const { unit, intervals } = spread;
      const text = (value: number | undefined): string =>
        value === undefined ? '' : formatFigure(metric, unit, value);
      const figure = (of: string, value: number | undefined): Cell => ({
        text: text(value),
        ...(value === undefined ? {} : { figure: of, value }),
      });
      const within = (interval: Interval | undefined): string =>
        interval === undefined ? '' : `${text(interval.low)} to ${text(interval.high)}`;
      return {
        name: metric,
        cells: [
          metric,
          formatCount(spread.runs),
          spread.median === undefined ? figure('p50', spread.p50) : figure('median', spread.median),
          within(intervals?.median ?? intervals?.p50),
          figure('p99', spread.p99),
          within(intervals?.p99),
          figure('min', spread.min),
          figure('max', spread.max),
        ],
      };
    }),
  });
}

/** Each run that did not pass: why, and how to see it again. */
export function troubleList(troubles: readonly JobRecord[]): string {
  if (troubles.length === 0) return '';
  const rows = troubles.slice(0, TROUBLES_MAX).map((record) => {
    const reason = record.kind === 'run' ? reasonOf(record) : `internal error: ${record.message}`;
    const { word, mood } = wordOf(record.exitCode);
    const command: Cell = { text: `npx ${record.command}`, kind: 'code' };
    const verdict: Cell = { text: word, mood: `${mood}-text` };
    return { cells: [`${record.scenario}, seed ${record.seed}`, verdict, reason, command] };
  });
  const more = troubles.length - rows.length;
  return (
    table({
      caption: 'Runs that did not pass, the gravest first',
      columns: ['run', 'verdict', 'why', 'to reproduce'],
      rows,
    }) + (more > 0 ? `<p>and ${formatCount(more)} more</p>` : '')
  );
}

export function runsTable(summary: Summary): string {
  const figures = figureNames(summary.scenarios).slice(0, 5);
  const runs = summary.runs.slice(0, RUNS_MAX);
  const names = namesOf(summary);
  // Runs are told in the order of the scenarios.
  const settings = summary.scenarios.flatMap(({ runs: count, crashed }, at) =>
    Array.from({ length: count - crashed }, () => names[at]!),
  );
  const more = summary.runs.length - runs.length;
  const html = table({
    caption: `${plural(runs.length, 'run')}; of times the median of the run`,
    columns: ['run', 'seed', 'verdict', ...figures, 'fingerprint'],
    numbers: new Set([1, ...figures.map((_, at) => at + 3)]),
    rows: runs.map(({ seed, exitCode, metrics, fingerprint }, at) => {
      const { word, mood } = wordOf(exitCode);
      return {
        cells: [
          settings[at] ?? '',
          String(seed),
          { text: word, mood: `${mood}-text` },
          ...figures.map((name) => {
            const metric = metrics[name];
            const value = metric?.value ?? metric?.p50;
            return metric === undefined || value === undefined
              ? ''
              : formatFigure(name, metric.unit, value);
          }),
          { text: fingerprint, kind: 'code' } as const,
        ],
      };
    }),
  });
  const rest = more > 0 ? `<p>${formatCount(more)} more runs are in the summary.</p>` : '';
  return `<details><summary>All runs</summary>${html}${rest}</details>`;
}

/** Thresholds that only a share of the seeds must keep to. */
export function seedThresholdTable({ scenarios }: Summary): string {
  const rows = scenarios.flatMap(({ scenario, thresholds }) =>
    thresholds.map(({ metric, expression, seeds, met, missed, verdict }) => ({
      cells: [
        metric,
        expression,
        `${formatCount(met)} of ${plural(met + missed, 'seed')}`,
        formatShare(seeds),
        { text: verdict === 'pass' ? 'met' : verdict === 'fail' ? 'missed' : 'unknown' },
        scenario,
      ],
    })),
  );
  if (rows.length === 0) return '';
  const columns = ['metric', 'threshold', 'met in', 'must be', 'verdict', 'scenario'];
  return table({ caption: 'Thresholds over the seeds', columns, rows });
}
