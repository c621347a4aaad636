/** Membership: everybody's opinion of everybody, and what the selected member would print. */
import type { MemberCell } from '../../../sim/run/watch/members.ts';
import { duration } from '../format.ts';
import { fill, fit, heading, line, span, tableOf } from '../line.ts';
import type { Line, Span, Style } from '../line.ts';
import type { Stage } from '../state.ts';

const LEGEND = 'o all agree  ? suspected  x taken for dead  ! they disagree  d down  z paused';

/** One character for each node; as many lines as there are, and no more than `room`. */
export function memberGrid(stage: Stage, cells: readonly MemberCell[], room: number): Line[] {
  const { width, processes, ui } = stage;
  const selected = processes[ui.selected]?.name;
  const perLine = Math.max(1, width - 2);
  const lines: Line[] = [heading(`Members ${cells.length}`, LEGEND)];
  const shown = Math.max(0, room - 1);
  for (let from = 0, at = 0; from < cells.length && at < shown; from += perLine, at++) {
    const row = cells.slice(from, from + perLine);
    lines.push([span(' '), ...joined(row.map((cell) => signOf(cell, cell.node === selected)))]);
  }
  const hidden = cells.length - shown * perLine;
  if (hidden > 0 && shown > 0) lines[0] = heading(`Members ${cells.length}, ${hidden} not shown`);
  return lines.map((one) => fit(one, width));
}

function signOf({ status, alive, suspect, dead, left }: MemberCell, selected: boolean): Span {
  const style = (own: Style): Style => (selected ? 'selected' : own);
  if (status === 'down')
    return span(dead + left > 0 && alive + suspect === 0 ? 'x' : 'd', style('bad'));
  if (status !== 'up') return span('z', style('warn'));
  if (dead > 0 && alive + suspect > 0) return span('!', style('bad'));
  if (dead > 0) return span('x', style('bad'));
  if (suspect > 0) return span('?', style('warn'));
  return span(left > 0 ? '-' : 'o', style('good'));
}

/** Neighbours of one style become one piece. */
function joined(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const one of spans) {
    const last = found.at(-1);
    if (last?.style === one.style) found[found.length - 1] = span(last.text + one.text, one.style);
    else found.push(one);
  }
  return found;
}

export function members(stage: Stage): Line[] {
  const { watched, width, height, processes, ui } = stage;
  const views = watched.sights.members();
  if (views === null) return [line('This scenario has no gossip pool.')];
  const gridRoom = Math.min(
    1 + Math.ceil(views.cells.length / (width - 2)),
    Math.floor(height / 2),
  );
  const lines = memberGrid(stage, views.cells, gridRoom);
  const cell = views.cells.find(({ process }) => process === ui.selected) ?? views.cells[0]!;
  lines.push(opinionLine(cell), line());
  const viewer = processes[cell.process]!;
  const seen = watched.sights.membersSeenBy(viewer.index) ?? [];
  const room = Math.max(1, height - lines.length - 2);
  // Whoever is seen differently from the others comes first.
  const unusual = seen.filter(
    ({ status, suspicionMicros }) => status !== 'alive' || suspicionMicros !== null,
  );
  const usual = seen.filter((row) => !unusual.includes(row));
  const rows = [...unusual, ...usual].slice(ui.scroll, ui.scroll + room).map((row) => ({
    cells: [
      span(row.node, 'strong'),
      span(row.status, row.status === 'alive' ? 'plain' : 'bad'),
      row.type,
      String(row.incarnation),
      row.suspicionMicros === null
        ? span('-', 'faint')
        : span(`suspect, dead in ${duration(row.suspicionMicros)}`, 'warn'),
    ],
  }));
  lines.push(heading(`As ${viewer.name} sees them`, `${seen.length} members, k and j choose`));
  const columns = [
    { title: 'Node' },
    { title: 'Status' },
    { title: 'Type' },
    { title: 'Incarnation', right: true },
    { title: 'Suspicion' },
  ];
  lines.push(...tableOf(columns, rows, width));
  return fill(lines, height);
}

/** What everybody who runs holds of one node. */
function opinionLine({ node, status, alive, suspect, dead, left, health }: MemberCell): Line {
  const parts: Span[] = [span(` ${node}`, 'strong'), span(` is ${status}`)];
  parts.push(span(`, and is seen as alive by ${alive}`));
  if (suspect > 0) parts.push(span(`, suspect by ${suspect}`, 'warn'));
  if (dead > 0) parts.push(span(`, dead by ${dead}`, 'bad'));
  if (left > 0) parts.push(span(`, left by ${left}`));
  if (health !== null)
    parts.push(span(`; its own health score is ${health}`, health > 0 ? 'warn' : 'plain'));
  return parts;
}
