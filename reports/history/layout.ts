/**
 * Where the bars of a picture go. Only the order of records matters, so each record gets a column
 * of its own and time is stretched where a label needs room.
 */
import type { Bar, Picture } from '../../sim/check/linearizability/picture.ts';

export interface PlacedBar {
  readonly bar: Bar;
  readonly label: string;
  /** First and last column, both included. */
  readonly from: number;
  readonly to: number;
  /** Line within the process: bars that overlap lie below each other. */
  readonly line: number;
}

export interface Layout {
  readonly rows: readonly {
    readonly process: string;
    readonly lines: number;
    readonly bars: readonly PlacedBar[];
  }[];
  readonly columns: number;
  /** Column of the record with which no order is left; -1 for none. */
  readonly broken: number;
}

/** How much of a bar is not its label: two ends, two strokes, two spaces. */
export const FRAME = 6;

/** Lays out a picture with labels made by `labelOf`; `frame` is what a bar needs besides. */
export function layOut(picture: Picture, labelOf: (bar: Bar) => string, frame = FRAME): Layout {
  const bars = picture.rows.flatMap((row) => row.bars);
  const labels = new Map(bars.map((bar) => [bar, labelOf(bar)]));
  const moments = bars
    .flatMap((bar) => [
      { bar, position: bar.call, ends: false },
      ...(bar.end < Infinity ? [{ bar, position: bar.end, ends: true }] : []),
    ])
    .sort(
      (left, right) =>
        left.position - right.position ||
        Number(left.ends) - Number(right.ends) ||
        left.bar.number - right.bar.number,
    );
  const calls = new Map<Bar, number>();
  const ends = new Map<Bar, number>();
  let column = -1;
  let broken = -1;
  for (const { bar, position, ends: isEnd } of moments) {
    column++;
    if (isEnd) {
      column = Math.max(column, calls.get(bar)! + labels.get(bar)!.length + frame - 1);
      ends.set(bar, column);
    } else {
      calls.set(bar, column);
    }
    if (position === picture.brokenAt) broken = column;
  }
  // Operations without an answer go on to the edge.
  let edge = column + 1;
  for (const bar of bars) {
    if (!ends.has(bar)) edge = Math.max(edge, calls.get(bar)! + labels.get(bar)!.length + frame);
  }
  const rows = picture.rows.map(({ process, bars: own }) => {
    const placed = stack(own, (bar) => ({
      bar,
      label: labels.get(bar)!,
      from: calls.get(bar)!,
      to: ends.get(bar) ?? edge,
      line: 0,
    }));
    const lines = 1 + Math.max(0, ...placed.map(({ line }) => line));
    return { process, lines, bars: placed };
  });
  return { rows, columns: edge + 1, broken };
}

/** Puts bars that overlap on lines of their own. */
function stack(bars: readonly Bar[], place: (bar: Bar) => PlacedBar): PlacedBar[] {
  const free: number[] = [];
  return bars.map((bar) => {
    const placed = place(bar);
    let line = free.findIndex((column) => column < placed.from);
    if (line < 0) line = free.length;
    free[line] = placed.to;
    return { ...placed, line };
  });
}
