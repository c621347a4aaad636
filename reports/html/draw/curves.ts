/** Distributions as curves over their percentiles: the tail has as much room as the middle. */
import { formatSeconds } from '../../format.ts';
import { frameOf } from './frame.ts';
import { escape, round, textWidth } from './markup.ts';
import { decades, decadeTicks, linear, logarithmic } from './scale.ts';

export interface Curve {
  readonly name: string;
  /** Percent and seconds, ascending. */
  readonly points: readonly (readonly [number, number])[];
}

const HEIGHT = 240;
const TOP = 10;
/** Percentiles with a tick: each has a tenth of the samples of the one before above it. */
const TICKS = [0, 50, 90, 99, 99.9, 99.99] as const;

/** How far to the right: as many nines as lie below. */
function nines(percent: number): number {
  return -Math.log10(Math.max(1 - percent / 100, 1e-5));
}

export function drawCurves(
  curves: readonly Curve[],
  width: number,
): { readonly svg: string; readonly height: number } {
  const values = curves.flatMap(({ points }) => points.map(([, seconds]) => seconds));
  const positive = values.filter((value) => value > 0);
  const [low, high] = decades(
    positive.reduce((least, value) => Math.min(least, value), 10),
    positive.reduce((most, value) => Math.max(most, value), 1e-5),
  );
  const frame = frameOf({ from: 0, to: 1 }, width, ['100ms']);
  const most = Math.max(2, ...curves.flatMap(({ points }) => points.map(([one]) => nines(one))));
  const room = Math.max(...curves.map(({ name }) => textWidth(name)), 0) + 14;
  const beside = width > 640;
  const right = beside ? frame.right - room : frame.right;
  const x = linear(0, Math.min(5, most), frame.left, right);
  const y = logarithmic(low, high, TOP + HEIGHT, TOP);
  const parts: string[] = [];
  for (const tick of decadeTicks(low, high)) {
    const at = round(y(tick));
    parts.push(
      `<line class="grid" x1="${frame.left}" x2="${right}" y1="${at}" y2="${at}"/>`,
      `<text class="tick end" x="${frame.left - 6}" y="${at + 4}">${formatSeconds(tick)}</text>`,
    );
  }
  for (const tick of TICKS.filter((one) => nines(one) <= most + 1e-9)) {
    const at = round(x(nines(tick)));
    const label = tick === 0 ? 'min' : `p${String(tick)}`;
    parts.push(
      `<line class="grid" x1="${at}" x2="${at}" y1="${TOP}" y2="${TOP + HEIGHT}"/>`,
      `<text class="tick mid" x="${at}" y="${TOP + HEIGHT + 16}">${label}</text>`,
    );
  }
  const names = endLabels(curves, (seconds) => y(seconds));
  curves.forEach(({ name, points }, at) => {
    const path = points
      .map(([percent, seconds], i) => {
        return `${i === 0 ? 'M' : 'L'}${round(x(Math.min(5, nines(percent))))} ${round(y(seconds))}`;
      })
      .join('');
    parts.push(`<path class="curve series-${at % 6}" d="${path}"/>`);
    if (beside) {
      const [percent] = points.at(-1) ?? [0, 0];
      const end = round(x(Math.min(5, nines(percent))) + 6);
      parts.push(
        `<text class="series-name series-${at % 6}" x="${end}" y="${names[at]! + 4}">${escape(name)}</text>`,
      );
    }
  });
  return { svg: parts.join(''), height: TOP + HEIGHT + 26 };
}

/** Names at the ends of their curves, moved apart where these lie close together. */
function endLabels(curves: readonly Curve[], y: (seconds: number) => number): number[] {
  const wanted = curves.map(({ points }, at) => ({ at, y: y(points.at(-1)?.[1] ?? 1e-6) }));
  wanted.sort((left, right) => left.y - right.y || left.at - right.at);
  const places = curves.map(() => 0);
  let last = -Infinity;
  for (const one of wanted) {
    last = Math.max(one.y, last + 14);
    places[one.at] = round(last);
  }
  return places;
}
