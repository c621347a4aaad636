/** A sweep as a table: one line per setting, medians with their intervals. */
import type { ScenarioSummary, Summary } from '../../sim/explore/summary.ts';
import type { MetricSpread } from '../../sim/explore/statistics/spread.ts';
import { formatFigure, keyTimes, keyValues } from '../figures.ts';
import type { Paint } from '../paint.ts';
import { table } from '../text.ts';

/** Figures that a line has room for: what a sweep is most often made for comes first. */
const PREFERRED = ['raft.failover', '.availability', '.latency', '.longest-outage'];
const FIGURES_MAX = 3;

/** Header first. */
export function settingLines({ scenarios }: Summary, columns: number, paint: Paint): string[] {
  const paths = Object.keys(scenarios[0]?.parameters ?? {});
  const figures = figuresOf(scenarios).slice(0, columns < 100 ? 2 : FIGURES_MAX);
  const titles = [...shortNames(paths), 'runs', 'not passed', ...figures.map(titleOf)];
  const rows = scenarios.map((one) => {
    const troubles = one.runs - one.pass + one.missed;
    return [
      ...paths.map((path) => one.parameters[path] ?? ''),
      String(one.runs),
      troubles > 0 ? paint.bad(String(troubles)) : '0',
      ...figures.map((name) => medianOf(name, one.metrics[name])),
    ];
  });
  const right = new Set([paths.length, paths.length + 1]);
  return table([titles.map(paint.faint), ...rows], right);
}

/** The last words of paths, as many as it takes to tell them apart. */
export function shortNames(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const words = path.split('.');
    for (let count = 1; count < words.length; count++) {
      const short = words.slice(-count).join('.');
      const others = paths.filter((other) => other !== path && other.endsWith(short));
      if (others.length === 0) return short;
    }
    return path;
  });
}

/** Metrics that some setting measured, the preferred first. */
function figuresOf(scenarios: readonly ScenarioSummary[]): string[] {
  const metrics = Object.assign({}, ...scenarios.map((one) => one.metrics)) as Record<
    string,
    MetricSpread
  >;
  const shown = Object.fromEntries(
    Object.entries(metrics).map(([name, { unit, median, p50, count = 0 }]) => [
      name,
      { unit, count, ...(median === undefined ? {} : { value: median }), p50: p50 ?? 0 },
    ]),
  );
  const names = [...keyValues(shown), ...keyTimes(shown)];
  const rank = (name: string): number => {
    const at = PREFERRED.findIndex((ending) => name.endsWith(ending));
    return at < 0 ? PREFERRED.length : at;
  };
  return names.sort((left, right) => rank(left) - rank(right));
}

function titleOf(metric: string): string {
  return `median ${metric}`;
}

/** `10.2s (9.8s to 10.6s)`; without an interval where there are too few runs. */
export function medianOf(name: string, spread: MetricSpread | undefined): string {
  const median = spread?.median ?? spread?.p50;
  if (spread === undefined || median === undefined) return '-';
  const text = (value: number): string => formatFigure(name, spread.unit, value);
  const interval = spread.intervals?.median ?? spread.intervals?.p50;
  if (interval === undefined) return text(median);
  return `${text(median)} (${text(interval.low)} to ${text(interval.high)})`;
}
