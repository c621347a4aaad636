/**
 * A picture of operations for the terminal, in plain characters:
 *
 *     a  |= write 1 =|          |= write 2 =|
 *     b               |- read 1 -|           |= read 1 =|
 *                                                       ^ no order is left
 *
 * `=` marks what contradicts itself, `-` what happened beside it, `...?` an unknown outcome.
 */
import type { Bar, Picture } from '../../sim/check/linearizability/picture.ts';
import { padEnd, shorten } from '../text.ts';
import type { Layout, PlacedBar } from './layout.ts';
import { FRAME, layOut } from './layout.ts';

const LABEL_MAX = 40;
const LABEL_SHORT = 14;
/** Without strokes and spaces beside the label. */
const FRAME_NARROW = 2;
const GAP = 2;

/** Lines of the picture, at most `width` wide if that is possible at all. */
export function drawPicture(picture: Picture, width: number): string[] {
  const names = Math.max(...picture.rows.map(({ process }) => process.length), 0);
  const room = width - names - GAP;
  const attempts: (readonly [labelOf: (bar: Bar) => string, frame: number])[] = [
    [(bar) => shorten(bar.label, LABEL_MAX), FRAME],
    [(bar) => shorten(bar.label, LABEL_SHORT), FRAME],
    [(bar) => `${bar.number}`, FRAME],
    [(bar) => `${bar.number}`, FRAME_NARROW],
  ];
  const layouts = attempts.map(([labelOf, frame]) => layOut(picture, labelOf, frame));
  const fitting = layouts.findIndex(({ columns }) => columns <= room);
  const chosen = fitting < 0 ? layouts.length - 1 : fitting;
  const layout = layouts[chosen]!;
  const numbered = chosen >= 2;
  const inset = attempts[chosen]![1] === FRAME ? 2 : 1;
  const lines = layout.rows.flatMap(({ process, lines: count, bars }) =>
    Array.from({ length: count }, (_, line) => {
      const name = padEnd(line === 0 ? process : '', names + GAP);
      const own = bars.filter((bar) => bar.line === line);
      return (name + drawLine(own, layout, inset)).trimEnd();
    }),
  );
  if (layout.broken >= 0) {
    const indent = ' '.repeat(names + GAP + layout.broken);
    const text = 'no order is left';
    const fits = layout.broken + text.length + 2 <= room;
    lines.push(fits ? `${indent}^ ${text}` : `${indent.slice(0, -text.length - 1)}${text} ^`);
  }
  if (numbered) lines.push(...legend(picture));
  if (picture.omitted > 0) lines.push(`${picture.omitted} more operations are not shown.`);
  return lines;
}

function drawLine(bars: readonly PlacedBar[], { columns }: Layout, inset: number): string {
  const cells = Array.from({ length: columns }, () => ' ');
  for (const { bar, label, from, to } of bars) {
    const lost = bar.end === Infinity;
    const stroke = bar.involved ? '=' : '-';
    const fill = lost ? '.' : stroke;
    for (let column = from; column <= to; column++) cells[column] = fill;
    cells[from] = '|';
    cells[to] = lost ? '?' : '|';
    const text = inset === 1 ? label : ` ${label} `;
    for (let i = 0; i < text.length; i++) cells[from + inset + i] = text[i]!;
  }
  return cells.join('');
}

/** What the numbers stand for, when there is no room for labels. */
function legend(picture: Picture): string[] {
  const bars = picture.rows.flatMap(({ process, bars: own }) =>
    own.map((bar) => ({ process, bar })),
  );
  bars.sort((left, right) => left.bar.number - right.bar.number);
  return bars.map(({ process, bar }) => {
    const mark = bar.involved ? '=' : '-';
    return `${`${bar.number}`.padStart(3)} ${mark} ${process}: ${bar.label}${placeOf(bar)}`;
  });
}

/** ` (lines 12 and 15)`, where known. */
export function placeOf({ operation: { callLine, returnLine } }: Bar): string {
  if (callLine === 0) return '';
  return returnLine === 0 ? ` (line ${callLine})` : ` (lines ${callLine} and ${returnLine})`;
}
