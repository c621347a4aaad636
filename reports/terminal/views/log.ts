/** The Raft logs of all servers side by side, newest entries at the right. */
import type { EntryCell, LogRow } from '../../../sim/run/watch/logs.ts';
import { fill, fit, heading, line, span } from '../line.ts';
import type { Line, Span } from '../line.ts';
import type { Stage } from '../state.ts';

const LEFT = 15;
const CELL = 5;
/** Indexes are written above every so many entries. */
const RULER = 5;

const LEGEND = '= applied  - committed  . stored  ! differs   n noop  c configuration  b barrier';

export function log(stage: Stage): Line[] {
  const { watched, width, height, ui } = stage;
  const count = Math.max(1, Math.floor((width - LEFT) / CELL));
  const last = watched.sights.lastIndex();
  const to = Math.max(1, Math.min(last, last - ui.scroll));
  const from = Math.max(1, to - count + 1);
  const rows = watched.sights.logs(from, to);
  const lines: Line[] = [
    heading('Raft logs', `entries ${from} to ${to} of ${last}; PgUp and PgDn scroll`),
    line(span(` ${LEGEND}`, 'faint')),
    ruler(from, to),
    ...rows.map((row) => logLine(row, stage)),
    line(),
    heading('What each holds'),
    ...rows.map((row) => summary(row, last)),
  ];
  const differing = rows.filter(({ cells }) => cells.some((cell) => cell?.differs));
  if (differing.length > 0) {
    const names = differing.map(({ node }) => node).join(', ');
    lines.push(
      line(),
      line(span(` The logs of ${names} differ here: all but one side will be cut off.`, 'bad')),
    );
  }
  return fill(lines, height).map((one) => fit(one, width));
}

function ruler(from: number, to: number): Line {
  let text = ' '.repeat(LEFT);
  for (let index = from; index <= to; index++) {
    text += index % RULER === 0 || index === from ? String(index).padStart(CELL) : ' '.repeat(CELL);
    // A long number takes the room of the cells before it.
    if (text.length > LEFT + (index - from + 1) * CELL)
      text = text.slice(0, LEFT + (index - from + 1) * CELL);
  }
  return [span(text, 'faint')];
}

function logLine({ node, leader, up, cells }: LogRow, { processes, ui }: Stage): Line {
  const selected = processes[ui.selected]?.name === node;
  const role = up ? (leader ? 'leader' : '') : 'down';
  return [
    span(selected ? '>' : ' ', 'key'),
    span(node.padEnd(5), 'strong'),
    span(role.padEnd(LEFT - 6), leader ? 'good' : up ? 'plain' : 'bad'),
    ...cells.map(cellSpan),
  ];
}

const TYPES: Readonly<Record<string, string>> = { noop: 'n', configuration: 'c', barrier: 'b' };

function cellSpan(cell: EntryCell | null): Span {
  if (cell === null) return span(' '.repeat(CELL));
  const { term, type, applied, committed, differs } = cell;
  const sign = differs ? '!' : applied ? '=' : committed ? '-' : '.';
  const text = `${TYPES[type] ?? ''}${term % 1000}${sign}`.padStart(CELL);
  return span(text, differs ? 'bad' : committed ? 'bar' : 'warn');
}

function summary(
  { node, firstIndex, lastIndex, commitIndex, snapshotIndex }: LogRow,
  last: number,
): Line {
  const trails = last - lastIndex;
  const parts = [
    span(` ${node.padEnd(5)}`, 'strong'),
    span(`entries ${firstIndex} to ${lastIndex}, committed ${commitIndex}`),
  ];
  if (snapshotIndex > 0) parts.push(span(`, snapshot at ${snapshotIndex}`));
  if (trails > 0) parts.push(span(`, ${trails} behind the longest`, 'warn'));
  return parts;
}
