/** An axis of values from left to right: logarithmic where they lie far apart. */
import type { MetricSummary } from '../../../sim/core/metrics.ts';
import { formatFigure } from '../../format.ts';
import type { Frame } from './frame.ts';
import { round } from './markup.ts';
import { decades, decadeTicks, linear, linearTicks, logarithmic } from './scale.ts';

/** So many times the least value make an axis logarithmic. */
const FAR = 40;

export interface Extent {
  readonly low: number;
  readonly high: number;
  readonly logarithmic: boolean;
}

/** What an axis has to cover; only times may lie so far apart that it is logarithmic. */
export function extentOf(values: readonly number[], unit: MetricSummary['unit']): Extent {
  const least = values.reduce((one, value) => Math.min(one, value), Infinity);
  const most = values.reduce((one, value) => Math.max(one, value), -Infinity);
  if (values.length === 0) return { low: 0, high: 1, logarithmic: false };
  if (unit === 's' && least > 0 && most / least > FAR) {
    const [low, high] = decades(least, most);
    return { low, high, logarithmic: true };
  }
  const span = most - least;
  const margin = span > 0 ? span * 0.06 : Math.abs(most) * 0.1 || 0.5;
  // Near zero the axis begins there: half of the axis for a change of a hundredth misleads.
  const low = least >= 0 && least < most * 0.6 ? 0 : least - margin;
  return { low, high: most + margin, logarithmic: false };
}

export function ticksOf({ low, high, logarithmic: isLog }: Extent, count: number): number[] {
  return isLog ? decadeTicks(low, high) : linearTicks(low, high, count);
}

export function scaleOf(
  { low, high, logarithmic: isLog }: Extent,
  start: number,
  end: number,
): (value: number) => number {
  return isLog ? logarithmic(low, high, start, end) : linear(low, high, start, end);
}

/** Lines through all rows and the labels below them. */
export function valueAxis(
  { left, right }: Frame,
  values: readonly number[],
  metric: string,
  unit: MetricSummary['unit'],
  height: number,
): { readonly x: (value: number) => number; readonly svg: string } {
  const extent = extentOf(values, unit);
  const x = scaleOf(extent, left + 8, right - 8);
  const ticks = ticksOf(extent, Math.max(2, (right - left) / 130));
  const svg = ticks.map((tick) => {
    const at = round(x(tick));
    const label = formatFigure(metric, unit, Number(tick.toPrecision(6)));
    return (
      `<line class="grid" x1="${at}" x2="${at}" y1="0" y2="${height}"/>` +
      `<text class="tick mid" x="${at}" y="${height + 15}">${label}</text>`
    );
  });
  return { x, svg: svg.join('') };
}
