/** Several runs as plots: which of them passed, how figures spread, what a parameter does to them. */
import type { ComparedFigure } from '../../../sim/explore/statistics/comparison.ts';
import type { Interval } from '../../../sim/explore/statistics/bootstrap.ts';
import type { MetricSpread } from '../../../sim/explore/statistics/spread.ts';
import type { ScenarioSummary, Summary } from '../../../sim/explore/summary.ts';
import { keyFigures, wording } from '../../console/comparison.ts';
import { shortNames } from '../../console/settings.ts';
import { wordOf } from '../../console/verdict.ts';
import { formatFigure } from '../../figures.ts';
import { PLAIN } from '../../paint.ts';
import type { Forest } from '../draw/forest.ts';
import type { SeedGrid } from '../draw/grid.ts';
import type { ParameterPlot, ParameterPoint } from '../draw/parameter.ts';
import type { Strips } from '../draw/strips.ts';
import { figureNames, namesOf } from './campaign-tables.ts';

/** Squares that a grid may have. */
const RUNS_MAX = 4000;
const STRIPS_MAX = 4;
const STRIP_ROWS_MAX = 16;
const FIGURES_MAX = 3;
const SERIES_MAX = 6;

export function seedGrid(summary: Summary): SeedGrid | null {
  if (summary.runs.length === 0 || summary.runs.length > RUNS_MAX) return null;
  const names = namesOf(summary);
  const runs = [...summary.runs];
  const rows = summary.scenarios.map(({ runs: all, crashed }, at) => ({
    name: names[at]!,
    runs: runs
      .splice(0, all - crashed)
      .map(({ seed, exitCode }) => ({ seed, ...wordOf(exitCode) })),
  }));
  return { kind: 'grid', rows };
}

/** Figures that say most, each with a row for every scenario that has one. */
export function strips(summary: Summary): Strips[] {
  const names = namesOf(summary);
  const metrics = figureNames(summary.scenarios);
  const found = metrics.map((metric): Strips => {
    const runs = [...summary.runs];
    const unit = unitIn(summary.scenarios, metric);
    const rows = summary.scenarios.flatMap((one, at) => {
      const own = runs.splice(0, one.runs - one.crashed);
      const values = own.flatMap(({ metrics: measured }) => {
        return measured[metric]?.value ?? measured[metric]?.p50 ?? [];
      });
      const point = pointOf(one.metrics[metric]);
      return point === null || values.length === 0 ? [] : [{ name: names[at]!, values, ...point }];
    });
    return { kind: 'strips', metric, unit, rows: rows.slice(0, STRIP_ROWS_MAX) };
  });
  // Where every run has the same value there is nothing to see.
  const varies = ({ rows }: Strips): boolean =>
    new Set(rows.flatMap(({ values }) => values)).size > 1;
  return found.filter(varies).slice(0, STRIPS_MAX);
}

function unitIn(scenarios: readonly ScenarioSummary[], metric: string) {
  return (
    scenarios.find(({ metrics }) => metrics[metric] !== undefined)?.metrics[metric]?.unit ?? '1'
  );
}

/** The median over the runs with its interval. */
function pointOf(spread: MetricSpread | undefined) {
  const median = spread?.median ?? spread?.p50;
  if (spread === undefined || median === undefined) return null;
  const interval: Interval | undefined = spread.intervals?.median ?? spread.intervals?.p50;
  return { median, low: interval?.low ?? null, high: interval?.high ?? null };
}

/** For each parameter with several values a plot of each of the first figures. */
export function parameterPlots({ scenarios }: Summary): ParameterPlot[] {
  const paths = Object.keys(scenarios[0]?.parameters ?? {});
  const short = shortNames(paths);
  const metrics = figureNames(scenarios).slice(0, FIGURES_MAX);
  return paths.flatMap((path, at) => {
    const values = [...new Set(scenarios.map(({ parameters }) => parameters[path] ?? ''))];
    if (values.length < 2) return [];
    return metrics.flatMap((metric): ParameterPlot[] => {
      const series = seriesOf(scenarios, metric, path, values);
      if (series.length === 0) return [];
      const unit = unitIn(scenarios, metric);
      return [{ kind: 'parameter', metric, unit, parameter: short[at]!, values, series }];
    });
  });
}

function seriesOf(
  scenarios: readonly ScenarioSummary[],
  metric: string,
  path: string,
  values: readonly string[],
): ParameterPlot['series'] {
  const found = new Map<string, ParameterPoint[]>();
  for (const { parameters, metrics } of scenarios) {
    const others = Object.keys(parameters).filter((one) => one !== path);
    const short = shortNames(others);
    const name = others.map((other, at) => `${short[at]} ${parameters[other]}`).join(', ');
    const point = pointOf(metrics[metric]);
    if (point === null) continue;
    const list = found.get(name) ?? [];
    found.set(name, [...list, { value: values.indexOf(parameters[path] ?? ''), ...point }]);
  }
  return [...found].slice(0, SERIES_MAX).map(([name, points]) => ({ name, points }));
}

/** What a comparison leaves no doubt about comes first. */
export function forestOf(comparison: readonly ComparedFigure[]): Forest | null {
  const shown = keyFigures(comparison).filter(
    ({ finding, first }) => finding !== 'same' && first.mean !== 0,
  );
  if (shown.length === 0) return null;
  const rank = ({ finding }: ComparedFigure): number => (finding === 'unclear' ? 1 : 0);
  const rows = shown
    .toSorted((left, right) => rank(left) - rank(right))
    .map((one) => {
      const { metric, figure, unit, difference, interval, unpaired, first, finding } = one;
      const share = (value: number): number => value / Math.abs(first.mean);
      const text = formatFigure(metric, unit, difference);
      return {
        name: figure === 'value' ? metric : `${metric} ${figure}`,
        text: `mean B - A ${difference > 0 ? '+' : ''}${text}, ${wording(one, PLAIN)}`,
        difference: share(difference),
        low: interval === null ? null : share(interval.low),
        high: interval === null ? null : share(interval.high),
        unpaired: unpaired === null ? null : ([share(unpaired.low), share(unpaired.high)] as const),
        sure: finding !== 'unclear',
      };
    });
  return { kind: 'forest', rows };
}
