/** One figure of every run: a dot for each, the median and its interval over them. */
import type { MetricSummary } from '../../../sim/core/metrics.ts';
import { formatFigure } from '../../format.ts';
import { headroom, plotFrame, plotName } from './frame.ts';
import { escape, round } from './markup.ts';
import { valueAxis } from './value-axis.ts';

export interface Strips {
  readonly kind: 'strips';
  readonly metric: string;
  readonly unit: MetricSummary['unit'];
  readonly rows: readonly {
    readonly name: string;
    /** A value of each run. */
    readonly values: readonly number[];
    readonly median: number;
    readonly low: number | null;
    readonly high: number | null;
  }[];
}

const ROW = 34;

export function drawStrips(plot: Strips, width: number): { svg: string; height: number } {
  const { rows, metric, unit } = plot;
  const names = rows.map(({ name }) => name);
  const frame = plotFrame(width, names);
  const above = headroom(frame);
  const height = rows.length * (ROW + above);
  const values = rows.flatMap((row) => row.values);
  const { x, svg: axis } = valueAxis(frame, values, metric, unit, height);
  const drawn = rows.map(({ name, values: own, median, low, high }, at) => {
    const top = at * (ROW + above);
    const middle = top + above + ROW / 2;
    // Dots side by side in the order of the seeds, so that equal ones can be told apart.
    const dots = own
      .map((value, i) => `M${round(x(value))} ${round(middle - 9 + ((i * 7) % 19))}h0`)
      .join('');
    const title = `${name}: median ${formatFigure(metric, unit, median)}`;
    const interval =
      low === null || high === null
        ? ''
        : `<rect class="interval" x="${round(x(low))}" y="${middle - 11}" ` +
          `width="${Math.max(2, round(x(high) - x(low)))}" height="22"/>`;
    const at50 = round(x(median));
    return (
      `<g><title>${escape(title)}</title>${plotName(frame, name, middle, top)}${interval}` +
      `<path class="dots runs" d="${dots}"/>` +
      `<line class="median" x1="${at50}" x2="${at50}" y1="${middle - 13}" y2="${middle + 13}"/></g>`
    );
  });
  return { svg: axis + drawn.join(''), height: height + 22 };
}
