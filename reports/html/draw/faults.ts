/** What went wrong, as bars over time, and who led meanwhile. */
import type { Leadership } from '../../../sim/explore/picture/lanes.ts';
import type { FaultResult, Violation } from '../../../sim/run/result.ts';
import { formatSeconds } from '../../format.ts';
import { rowName, visible, xOf } from './frame.ts';
import type { Frame, Panel } from './frame.ts';
import { escape, fitting, round, textWidth } from './markup.ts';

const ROW = 22;
const BAR = 16;
const ROWS_MAX = 8;
/** Width of the mark of a violation. */
const MARK = 13;

interface Placed {
  readonly fault: FaultResult;
  readonly x: number;
  readonly width: number;
  readonly row: number;
  /** Where the label stands; null: it has no room. */
  readonly label: { readonly x: number; readonly anchor: string; readonly inside: boolean } | null;
}

/** Bars in as few rows as hold them and their names. */
export function faultPanel(frame: Frame, faults: readonly FaultResult[]): Panel {
  const placed = place(frame, faults);
  const rows = Math.min(ROWS_MAX, Math.max(1, ...placed.map(({ row }) => row + 1)));
  const bars = placed.map((one) => drawFault(one)).join('');
  const none =
    faults.length === 0
      ? `<text class="faint" x="${frame.left + 6}" y="${BAR - 2}">nothing goes wrong</text>`
      : '';
  return { height: rows * ROW, svg: rowName(frame, 'faults', BAR - 2) + bars + none };
}

function place(frame: Frame, faults: readonly FaultResult[]): Placed[] {
  const ends: number[] = [];
  return faults.flatMap((fault): Placed[] => {
    const bar = visible(frame, fault.begin * 1e6, fault.end * 1e6);
    if (bar === null) return [];
    const { x, width } = bar;
    const label = labelPlace(frame, fault.name, x, width);
    const from = label?.anchor === 'end' ? label.x - textWidth(fault.name) : x;
    const beside = label !== null && !label.inside && label.anchor !== 'end';
    const to = beside ? label.x + textWidth(fault.name) : x + width;
    let row = ends.findIndex((end) => end + 6 <= from);
    if (row < 0) row = ends.length;
    if (row >= ROWS_MAX) return [{ fault, x, width, row: ROWS_MAX - 1, label: null }];
    ends[row] = to;
    return [{ fault, x, width, row, label }];
  });
}

function labelPlace(frame: Frame, name: string, x: number, width: number): Placed['label'] {
  const size = textWidth(name);
  if (size + 10 <= width) return { x: x + 6, anchor: 'start', inside: true };
  if (x + width + 6 + size <= frame.right) {
    return { x: x + width + 6, anchor: 'start', inside: false };
  }
  if (x - 6 - size >= frame.left) return { x: x - 6, anchor: 'end', inside: false };
  return null;
}

function drawFault({ fault, x, width, row, label }: Placed): string {
  const y = row * ROW;
  const { name, begin, end, inert } = fault;
  const when =
    end > begin ? `${formatSeconds(begin)} to ${formatSeconds(end)}` : formatSeconds(begin);
  const title = `<title>${escape(`${name}, ${when}${inert ? ', inert' : ''}`)}</title>`;
  const kind = inert ? 'fault inert' : 'fault';
  const shape =
    end > begin
      ? `<rect class="${kind}" x="${x}" y="${y}" width="${Math.max(2, width)}" height="${BAR}" rx="3">${title}</rect>`
      : `<path class="${kind}" d="M${x} ${y + 1}l6 7l-6 7l-6 -7z">${title}</path>`;
  if (label === null) return shape;
  const { x: at, anchor, inside } = label;
  const shift = end > begin || inside ? 0 : anchor === 'end' ? -4 : 4;
  return (
    shape +
    `<text class="${inside ? 'on-fault' : 'label'}" x="${round(at + shift)}" y="${y + 12}" ` +
    `text-anchor="${anchor}">${escape(name)}</text>`
  );
}

/** A shade over all panels for as long as a fault lasts. */
export function faultShades(
  frame: Frame,
  faults: readonly FaultResult[],
  top: number,
  height: number,
): string {
  return faults
    .filter(({ inert }) => !inert)
    .map(({ begin, end }) => {
      const bar = visible(frame, begin * 1e6, end * 1e6);
      if (bar === null) return '';
      return `<rect class="shade" x="${bar.x}" y="${top}" width="${bar.width}" height="${height}"/>`;
    })
    .join('');
}

/** Who led; two at once lie one above the other, and while nobody does it says so. */
export function leaderPanel(
  frame: Frame,
  leadership: readonly Leadership[],
  endMicros: number,
): Panel {
  const ends: number[] = [];
  const spans = leadership.map((span) => {
    let track = ends.findIndex((end) => end <= span.from);
    if (track < 0) track = ends.length;
    ends[track] = span.to;
    return { ...span, track: Math.min(track, 2) };
  });
  const bars = spans.map(({ host, from, to, term, track }) => {
    const bar = visible(frame, from, to);
    if (bar === null) return '';
    const text = fitting([`${host} leads term ${term}`, `${host} t${term}`, host], bar.width);
    const y = track * ROW;
    return (
      `<rect class="leader" x="${bar.x}" y="${y}" width="${bar.width}" height="${BAR}" rx="3"/>` +
      `<text class="on-leader" x="${bar.x + 6}" y="${y + 12}">${escape(text)}</text>`
    );
  });
  const gaps = leaderless(leadership, endMicros).map(({ from, to }) => {
    const bar = visible(frame, from, to);
    if (bar === null) return '';
    const span = formatSeconds((to - from) / 1e6);
    const text = fitting([`no leader for ${span}`, `no leader ${span}`, span], bar.width);
    return (
      `<rect class="gap" x="${bar.x}" y="0" width="${bar.width}" height="${BAR}">` +
      `<title>no leader for ${span}</title></rect>` +
      `<text class="on-gap" x="${round(bar.x + bar.width / 2)}" y="12">${text}</text>`
    );
  });
  const tracks = Math.max(1, Math.min(3, ends.length));
  return {
    height: tracks * ROW,
    svg: rowName(frame, 'leader', 12) + gaps.join('') + bars.join(''),
  };
}

/** Spans in which nobody led. */
export function leaderless(
  leadership: readonly Leadership[],
  endMicros: number,
): { readonly from: number; readonly to: number }[] {
  const gaps: { from: number; to: number }[] = [];
  let until = 0;
  for (const { from, to } of leadership) {
    if (from > until) gaps.push({ from: until, to: from });
    until = Math.max(until, to);
  }
  if (endMicros > until) gaps.push({ from: until, to: endMicros });
  return gaps;
}

/** Where something was found wrong: those that lie close together share a mark. */
export function violationPanel(frame: Frame, violations: readonly Violation[]): Panel {
  const groups: { readonly x: number; readonly first: Violation; count: number }[] = [];
  for (const violation of violations.toSorted((left, right) => left.time - right.time)) {
    const micros = violation.time * 1e6;
    if (micros < frame.from || micros > frame.to) continue;
    const x = round(xOf(frame, micros));
    const last = groups.at(-1);
    if (last !== undefined && x - last.x < MARK) last.count++;
    else groups.push({ x, first: violation, count: 1 });
  }
  const marks = groups.map(({ x, first, count }) => {
    const more = count > 1 ? ` and ${count - 1} more` : '';
    const title = escape(
      `${first.invariant} at ${formatSeconds(first.time)}: ${first.message}${more}`,
    );
    return `<path class="violation" d="M${x} 2l6 11h-12z"><title>${title}</title></path>`;
  });
  const [begin] = groups;
  const end = (groups.at(-1)?.x ?? 0) + 10;
  const text = begin === undefined ? '' : fitting([begin.first.invariant], frame.right - end);
  const label = `<text class="label" x="${end}" y="12">${escape(text)}</text>`;
  return { height: ROW, svg: rowName(frame, 'found', 12) + marks.join('') + label };
}

/** Where a moment lies, through all panels. */
export function momentLine(frame: Frame, micros: number, height: number, kind: string): string {
  if (micros < frame.from || micros > frame.to) return '';
  const x = round(xOf(frame, micros));
  return `<line class="${kind}" x1="${x}" x2="${x}" y1="0" y2="${height}"/>`;
}
