/** Lines of a screen: pieces of text, each in one style. No line is ever wider than it was asked to be. */
import { shorten } from '../text.ts';

/** What a piece of text is; how that looks is the theme's. */
export type Style =
  'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'bar' | 'key' | 'selected' | 'title';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

export function line(...parts: readonly (Span | string)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part));
}

export const EMPTY: Line = [];

/** All characters that are used are one column wide. */
export function widthOf(parts: Line): number {
  return parts.reduce((sum, { text }) => sum + text.length, 0);
}

/** Exactly so wide: cut or filled up with spaces. */
export function fit(parts: Line, width: number): Line {
  const own = widthOf(parts);
  if (own === width) return parts;
  if (own < width) return [...parts, span(' '.repeat(width - own))];
  const cut: Span[] = [];
  let left = Math.max(0, width);
  for (const part of parts) {
    if (left === 0) break;
    const text = part.text.slice(0, left);
    cut.push({ ...part, text });
    left -= text.length;
  }
  return cut;
}

/** `left` and `right` at the two ends of a line; the left one gives way. */
export function ends(left: Line, right: Line, width: number): Line {
  const room = width - widthOf(right);
  return room <= 0 ? fit(right, width) : [...fit(left, room), ...right];
}

/** Two columns of lines side by side. */
export function beside(
  left: readonly Line[],
  leftWidth: number,
  right: readonly Line[],
  rightWidth: number,
): Line[] {
  const height = Math.max(left.length, right.length);
  return Array.from({ length: height }, (_, at) => [
    ...fit(left[at] ?? EMPTY, leftWidth),
    ...fit(right[at] ?? EMPTY, rightWidth),
  ]);
}

/** Exactly so many lines. */
export function fill(lines: readonly Line[], height: number): Line[] {
  const missing = Math.max(0, height - lines.length);
  return [...lines.slice(0, height), ...Array.from({ length: missing }, () => EMPTY)];
}

export function textOf(parts: Line): string {
  return parts.map(({ text }) => text).join('');
}

/** A column of a table: `right` for numbers; `width` is fixed, or what its cells need. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
  /** Cut to this at most. */
  readonly most?: number;
}

export interface Row {
  readonly cells: readonly (Span | string)[];
  readonly selected?: boolean;
}

function widthsOf(columns: readonly Column[], rows: readonly Row[], width: number): number[] {
  return columns.map(({ title, most = width }, at) => {
    const widest = rows.reduce((max, { cells }) => {
      const cell = cells[at] ?? '';
      return Math.max(max, (typeof cell === 'string' ? cell : cell.text).length);
    }, title.length);
    return Math.min(most, widest);
  });
}

/** What a table needs to show everything. */
export function tableWidth(columns: readonly Column[], rows: readonly Row[]): number {
  return widthsOf(columns, rows, Infinity).reduce((sum, width) => sum + width + 2, -1);
}

/** Title line and rows, columns two spaces apart, what does not fit is cut at the right. */
export function tableOf(columns: readonly Column[], rows: readonly Row[], width: number): Line[] {
  const cells = rows.map((row) =>
    row.cells.map((cell) => (typeof cell === 'string' ? span(cell) : cell)),
  );
  const widths = widthsOf(columns, rows, width);
  const put = ({ text, style }: Span, at: number): Span => {
    const short = shorten(text, widths[at]!);
    const padded =
      columns[at]!.right === true ? short.padStart(widths[at]!) : short.padEnd(widths[at]!);
    return span(padded, style);
  };
  const join = (parts: readonly Span[]): Line => parts.flatMap((part) => [part, span('  ')]);
  const head = join(columns.map(({ title }, at) => put(span(title, 'faint'), at)));
  const lines = cells.map((row, at) => {
    const selected = rows[at]!.selected === true;
    const marker = selected ? span('>', 'key') : span(' ');
    return fit([marker, ...join(row.map(put))], width);
  });
  return [fit([span(' '), ...head], width), ...lines];
}

/** A title over what follows. */
export function heading(text: string, note = ''): Line {
  return note === '' ? [span(text, 'title')] : [span(text, 'title'), span(`  ${note}`, 'faint')];
}
