/** Two scenarios side by side: what differs for sure, what may, and what is the same. */
import type { ComparedFigure } from '../../sim/explore/statistics/comparison.ts';
import type { Summary } from '../../sim/explore/summary.ts';
import { formatFigure, keyTimes, keyValues } from '../figures.ts';
import type { Paint } from '../paint.ts';
import { plural, table } from '../text.ts';

/** Fewer pairs have no interval (sim/explore/statistics/bootstrap.ts). */
const PAIRS_MIN = 10;

/** What the sides are, one line each. */
export function sideLines({ scenarios }: Summary): string[] {
  const said = (overrides: Readonly<Record<string, unknown>>): string =>
    Object.entries(overrides)
      .map(([path, value]) => `, ${path}=${String(value)}`)
      .join('');
  return scenarios.map(({ scenario, overrides }, at) => {
    return `${at === 0 ? 'A' : 'B'}  ${scenario}${said(overrides)}`;
  });
}

/** Header first: key figures, those that differ for sure before the others. */
export function comparisonLines(summary: Summary, paint: Paint): string[] {
  const figures = summary.comparison ?? [];
  const shown = keyFigures(figures).filter(({ finding }) => finding !== 'same');
  if (shown.length === 0) return ['No key figure differs in any seed.'];
  const rank = (figure: ComparedFigure): number => (figure.finding === 'unclear' ? 1 : 0);
  shown.sort((left, right) => rank(left) - rank(right));
  const rows = shown.map((one) => {
    const text = (value: number): string => formatFigure(one.metric, one.unit, value);
    return [
      one.figure === 'value' ? one.metric : `${one.metric} ${one.figure}`,
      text(one.first.median),
      text(one.second.median),
      change(one),
      one.interval === null ? '-' : `${text(one.interval.low)} to ${text(one.interval.high)}`,
      wording(one, paint),
    ];
  });
  const titles = ['median of runs', 'A', 'B', 'mean B - A', '95 % interval', ''];
  const lines = table([titles.map(paint.faint), ...rows], new Set([1, 2, 3]));
  const pairs = Math.max(...shown.map((one) => one.pairs));
  if (pairs < PAIRS_MIN) {
    lines.push(`No intervals of ${plural(pairs, 'pair')}: they need ${PAIRS_MIN} or more seeds.`);
  }
  return lines;
}

/** Of a distribution its median and its 99th percentile. */
export function keyFigures(figures: readonly ComparedFigure[]): ComparedFigure[] {
  const metrics = Object.fromEntries(
    figures.map(({ metric, unit, figure }) => [
      metric,
      figure === 'value' ? { unit, value: 0 } : { unit, count: 1 },
    ]),
  );
  const names = [...keyValues(metrics), ...keyTimes(metrics)];
  return names.flatMap((name) => {
    const own = figures.filter(({ metric, figure }) => metric === name && figure !== 'mean');
    const [first, second] = own;
    // One sample a run: its percentiles are the sample.
    const twice = second !== undefined && isLike(first!, second);
    return twice ? [first!] : own;
  });
}

function isLike(one: ComparedFigure, other: ComparedFigure): boolean {
  return (
    one.first.mean === other.first.mean &&
    one.second.mean === other.second.mean &&
    one.difference === other.difference
  );
}

function change({ metric, unit, difference }: ComparedFigure): string {
  const text = formatFigure(metric, unit, difference);
  return difference > 0 ? `+${text}` : text;
}

/** `lower in 28 of 30 seeds`: the direction that more seeds show. */
export function wording(one: ComparedFigure, paint: Paint): string {
  const { lower, higher, pairs, finding } = one;
  const text =
    lower >= higher
      ? `lower in ${lower} of ${pairs} seeds`
      : `higher in ${higher} of ${pairs} seeds`;
  return finding === 'unclear' ? `${text}, unclear` : paint.strong(text);
}
