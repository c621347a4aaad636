/** What clients saw over time: operations by outcome, and their latencies. */
import type { LoadPicture } from '../../../sim/explore/picture/operations.ts';
import { formatCount, formatSeconds } from '../../format.ts';
import { bucketsOf } from './buckets.ts';
import type { Buckets } from './buckets.ts';
import { isNarrow, xOf } from './frame.ts';
import type { Frame, Panel } from './frame.ts';
import { escape, round } from './markup.ts';
import { decades, decadeTicks, linear, linearTicks, logarithmic, niceMax } from './scale.ts';

const TITLE = 18;
const GAP = 14;
/** Single operations that are drawn; of more, every second, third... */
const DOTS_MAX = 5000;

export function loadPanel(frame: Frame, load: LoadPicture, endMicros: number): Panel {
  const buckets = bucketsOf(load, frame, endMicros);
  const rates = ratePanel(frame, load, buckets);
  const latencies = latencyPanel(frame, load, buckets);
  const svg = `${rates.svg}<g transform="translate(0 ${rates.height})">${latencies.svg}</g>`;
  return { height: rates.height + latencies.height, svg };
}

function title(frame: Frame, text: string, legend: string): string {
  return (
    `<text class="panel-title" x="${frame.left}" y="12">${escape(text)}</text>` +
    `<text class="legend" x="${frame.right}" y="12">${legend}</text>`
  );
}

function ratePanel(frame: Frame, { name }: LoadPicture, buckets: Buckets): Panel {
  const height = isNarrow(frame) ? 56 : 72;
  const { micros, from, ok, failed, unknown } = buckets;
  const perSecond = 1e6 / micros;
  const most = Math.max(1, ...ok.map((count, i) => count + failed[i]! + unknown[i]!));
  const top = niceMax(most * perSecond);
  const y = linear(0, top, TITLE + height, TITLE);
  const column = (kind: string, low: readonly number[], counts: readonly number[]): string => {
    const path = counts.map((count, i) => {
      if (count === 0) return '';
      const begin = Math.max(frame.left, xOf(frame, from + i * micros));
      const end = Math.min(frame.right, xOf(frame, from + (i + 1) * micros));
      if (end <= begin) return '';
      const base = y(low[i]! * perSecond);
      const crest = y((low[i]! + count) * perSecond);
      const gap = end - begin > 5 ? 0.8 : 0;
      return `M${round(begin)} ${round(base)}V${round(crest)}H${round(end - gap)}V${round(base)}z`;
    });
    return `<path class="${kind}" d="${path.join('')}"/>`;
  };
  const lost = ok.map((count, i) => count + failed[i]!);
  const bars =
    column(
      'ok',
      ok.map(() => 0),
      ok,
    ) +
    column('failed', ok, failed) +
    column('unknown', lost, unknown);
  const legend =
    '<tspan class="key-ok">■</tspan> ok  <tspan class="key-failed">■</tspan> failed  ' +
    '<tspan class="key-unknown">■</tspan> unknown';
  const ticks = linearTicks(0, top, 2).map((tick) => yTick(frame, y(tick), formatCount(tick)));
  return {
    height: TITLE + height + GAP,
    svg: title(frame, `${name}: operations per second`, legend) + ticks.join('') + bars,
  };
}

function yTick(frame: Frame, y: number, label: string): string {
  const at = round(y);
  return (
    `<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${at}" y2="${at}"/>` +
    `<text class="tick end" x="${frame.left - 6}" y="${at + 4}">${label}</text>`
  );
}

function latencyPanel(frame: Frame, load: LoadPicture, buckets: Buckets): Panel {
  const height = isNarrow(frame) ? 110 : 150;
  const { start, latency, outcome } = load.operations;
  const positive = latency.filter((one) => one > 0);
  const [low, high] = decades(
    Math.min(1e6, ...positive.slice(0, 1), least(positive)),
    most(positive),
  );
  const y = logarithmic(low, high, TITLE + height, TITLE);
  const dots: [string[], string[]] = [[], []];
  const rows: number[] = [];
  start.forEach((at, row) => {
    if (at >= frame.from && at <= frame.to) rows.push(row);
  });
  const stride = Math.max(1, Math.ceil(rows.length / DOTS_MAX));
  for (let i = 0; i < rows.length; i += stride) {
    const row = rows[i]!;
    const x = round(xOf(frame, start[row]!));
    const at = round(y(latency[row]!));
    // A line of no length with round ends is a dot, and all of them are one path.
    if (outcome[row] === 0) dots[0].push(`M${x} ${at}h0`);
    else dots[1].push(`M${round(x - 2)} ${round(at - 2)}l4 4m0 -4l-4 4`);
  }
  const ticks = decadeTicks(low, high).map((tick) => {
    return yTick(frame, y(tick), formatSeconds(tick / 1e6));
  });
  const lines = (['p50', 'p99'] as const).map((which) => {
    return `<path class="line ${which}" d="${stepLine(frame, buckets, buckets[which], y)}"/>`;
  });
  const legend =
    '<tspan class="key-p99">━</tspan> p99  <tspan class="key-p50">━</tspan> p50  ' +
    '<tspan class="key-dot">•</tspan> one operation  <tspan class="key-failed">×</tspan> failed';
  const short = '<tspan class="key-p99">━</tspan> p99  <tspan class="key-p50">━</tspan> p50';
  const svg =
    title(frame, `${load.name}: latency`, isNarrow(frame) ? short : legend) +
    ticks.join('') +
    `<path class="dots" d="${dots[0].join('')}"/>` +
    `<path class="crosses" d="${dots[1].join('')}"/>` +
    lines.join('') +
    thinned(frame, load, stride);
  return { height: TITLE + height + GAP, svg };
}

function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

function most(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), 10);
}

/** Level while a bucket lasts; a bucket without successes is a gap. */
function stepLine(
  frame: Frame,
  { from, micros }: Buckets,
  values: readonly number[],
  y: (value: number) => number,
): string {
  let path = '';
  let open = false;
  values.forEach((value, i) => {
    const begin = Math.max(frame.left, xOf(frame, from + i * micros));
    const end = Math.min(frame.right, xOf(frame, from + (i + 1) * micros));
    if (value <= 0 || end <= begin) {
      open = false;
      return;
    }
    path += `${open ? 'L' : 'M'}${round(begin)} ${round(y(value))}H${round(end)}`;
    open = true;
  });
  return path;
}

/** Whatever is left out is said. */
function thinned(frame: Frame, { total, operations }: LoadPicture, stride: number): string {
  const every = Math.ceil(total / Math.max(1, operations.start.length)) * stride;
  if (every < 2) return '';
  const text = `dots: one of ${every} operations; bars and lines: all of them`;
  return `<text class="note" x="${frame.right}" y="${TITLE + 12}">${text}</text>`;
}
