/** A figure against the values of a parameter: medians over the runs, with their intervals. */
import type { MetricSummary } from '../../../sim/core/metrics.ts';
import { formatFigure } from '../../format.ts';
import { frameOf } from './frame.ts';
import { escape, round, textWidth } from './markup.ts';
import { linear, logarithmic } from './scale.ts';
import { extentOf, scaleOf, ticksOf } from './value-axis.ts';

export interface ParameterPlot {
  readonly kind: 'parameter';
  readonly metric: string;
  readonly unit: MetricSummary['unit'];
  readonly parameter: string;
  /** As they were written, in the order of the sweep. */
  readonly values: readonly string[];
  /** One for each combination of the other parameters. */
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly ParameterPoint[];
  }[];
}

export interface ParameterPoint {
  /** Place in `values`. */
  readonly value: number;
  readonly median: number;
  readonly low: number | null;
  readonly high: number | null;
}

const TOP = 12;
const HEIGHT = 220;

export function drawParameter(plot: ParameterPlot, width: number): { svg: string; height: number } {
  const { metric, unit, parameter, values, series } = plot;
  const frame = frameOf({ from: 0, to: 1 }, width, ['100.5ms']);
  const all = series.flatMap(({ points }) =>
    points.flatMap(({ median, low, high }) => [median, low ?? median, high ?? median]),
  );
  const extent = extentOf(all, unit);
  const y = scaleOf(extent, TOP + HEIGHT, TOP);
  const x = placesOf(values, frame.left + 26, frame.right - 26);
  const grid = ticksOf(extent, 5).map((tick) => {
    const at = round(y(tick));
    const label = formatFigure(metric, unit, Number(tick.toPrecision(6)));
    return (
      `<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${at}" y2="${at}"/>` +
      `<text class="tick end" x="${frame.left - 6}" y="${at + 4}">${label}</text>`
    );
  });
  const bottom = TOP + HEIGHT;
  let last = -Infinity;
  const labels = values.map((value, at) => {
    const half = textWidth(value) / 2;
    if (x(at) - half < last + 4) return '';
    last = x(at) + half;
    return `<text class="tick mid" x="${round(x(at))}" y="${bottom + 16}">${escape(value)}</text>`;
  });
  const name = `<text class="tick mid" x="${(frame.left + frame.right) / 2}" y="${bottom + 34}">${escape(parameter)}</text>`;
  const lines = series.map(({ name: own, points }, at) => {
    // Series beside each other, so that their intervals do not cover one another.
    const shift = (at - (series.length - 1) / 2) * 7;
    const place = ({ value }: ParameterPoint): number => round(x(value) + shift);
    const path = points
      .map((point, i) => `${i === 0 ? 'M' : 'L'}${place(point)} ${round(y(point.median))}`)
      .join('');
    const marks = points.map((point) => mark(point, place(point), y, at, plot, own));
    return `<path class="curve thin series-${at % 6}" d="${path}"/>${marks.join('')}`;
  });
  return { svg: grid.join('') + labels.join('') + name + lines.join(''), height: bottom + 42 };
}

function mark(
  { value, median, low, high }: ParameterPoint,
  x: number,
  y: (value: number) => number,
  at: number,
  { metric, unit, values }: ParameterPlot,
  series: string,
): string {
  const text = (figure: number): string => formatFigure(metric, unit, figure);
  const within = low === null || high === null ? '' : `, ${text(low)} to ${text(high)}`;
  const title = `<title>${escape(`${series === '' ? '' : `${series}, `}${values[value]}: ${text(median)}${within}`)}</title>`;
  const bar =
    low === null || high === null
      ? ''
      : `<path class="whisker stroke-${at % 6}" d="M${x - 4} ${round(y(low))}h8m-4 0V${round(y(high))}m-4 0h8"/>`;
  return `<g>${title}${bar}<circle class="fill-${at % 6}" cx="${x}" cy="${round(y(median))}" r="4.5"/></g>`;
}

/** Numbers lie where they are, on a logarithmic axis when far apart; other values at even steps. */
export function placesOf(
  values: readonly string[],
  left: number,
  right: number,
): (place: number) => number {
  const numbers = values.map((value) =>
    /^-?\d+(?:\.\d+)?%?$/.test(value) ? parseFloat(value) : NaN,
  );
  const least = Math.min(...numbers);
  const most = Math.max(...numbers);
  if (values.length < 2) return () => (left + right) / 2;
  if (Number.isNaN(least) || most === least) return linear(0, values.length - 1, left, right);
  const far = least > 0 && most / least >= 8;
  const scale = far ? logarithmic(least, most, left, right) : linear(least, most, left, right);
  return (place) => scale(numbers[place]!);
}
