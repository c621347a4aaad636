/** The frame that the panels of a timeline share: which part of the run lies where. */
import { escape, round, textWidth } from './markup.ts';
import { linear, linearTicks } from './scale.ts';

/** The part of a run that is looked at, in microseconds. */
export interface View {
  readonly from: number;
  readonly to: number;
}

export interface Frame extends View {
  readonly width: number;
  /** Where the plots begin and end, in pixels. */
  readonly left: number;
  readonly right: number;
}

/** A part of a picture, drawn from its own top. */
export interface Panel {
  readonly height: number;
  readonly svg: string;
}

/** Below this width names stand above their rows, or are shortened. */
const NARROW = 560;

export function frameOf(view: View, width: number, names: readonly string[]): Frame {
  const longest = Math.max(0, ...names.map(textWidth));
  const left = Math.min(width < NARROW ? 58 : 104, Math.max(44, Math.ceil(longest) + 12));
  return { ...view, width, left, right: width - 10 };
}

/** For rows whose names are longer than those of hosts; on a narrow page they stand above. */
export function plotFrame(width: number, names: readonly string[]): Frame {
  if (width < NARROW) return { from: 0, to: 1, width, left: 10, right: width - 10 };
  const longest = Math.max(0, ...names.map(textWidth));
  const left = Math.min(width * 0.4, Math.max(60, Math.ceil(longest) + 16));
  return { from: 0, to: 1, width, left, right: width - 10 };
}

/** Room for the name of a row above it. */
export function headroom(frame: Frame): number {
  return isNarrow(frame) ? 15 : 0;
}

/** The name of a row whose bar has its middle at `y`. */
export function plotName(frame: Frame, name: string, y: number, top: number): string {
  if (!isNarrow(frame)) return rowName(frame, name, y + 4);
  return `<text class="label" x="${frame.left}" y="${top + 10}">${escape(name)}</text>`;
}

export function isNarrow({ width }: Frame): boolean {
  return width < NARROW;
}

export function xOf({ from, to, left, right }: Frame, micros: number): number {
  return linear(from, to, left, right)(micros);
}

/** The visible part of a span in pixels, at least a pixel wide; null when none of it is. */
export function visible(
  frame: Frame,
  from: number,
  to: number,
): { readonly x: number; readonly width: number } | null {
  if (to < frame.from || from > frame.to) return null;
  const x = xOf(frame, Math.max(from, frame.from));
  const end = xOf(frame, Math.min(to, frame.to));
  return { x: round(x), width: Math.max(1, round(end - x)) };
}

/** The name of a row, in the margin. */
export function rowName(frame: Frame, name: string, y: number): string {
  const room = Math.floor((frame.left - 10) / 6.2);
  const text = name.length <= room ? name : `${name.slice(0, room - 1)}…`;
  return `<text class="name" x="${frame.left - 8}" y="${y}">${escape(text)}</text>`;
}

/** Seconds as an axis needs them: no more digits than its ticks differ in. */
export function tickLabel(seconds: number, step: number): string {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return seconds.toFixed(Math.min(6, digits));
}

/** Lines through everything, and what they stand for below it. */
export function timeAxis(frame: Frame, height: number): Panel {
  const ticks = linearTicks(frame.from / 1e6, frame.to / 1e6, (frame.right - frame.left) / 90);
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : 1;
  const svg = ticks
    .map((seconds, at) => {
      const x = round(xOf(frame, seconds * 1e6));
      const unit = at === ticks.length - 1 ? ' s' : '';
      const label = `${tickLabel(seconds, step)}${unit}`;
      const anchor = x > frame.right - 20 ? ' style="text-anchor:end"' : '';
      return (
        `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height}"/>` +
        `<text class="tick mid" x="${x}" y="${height + 15}"${anchor}>${label}</text>`
      );
    })
    .join('');
  return { height: 22, svg };
}
