/** The cluster at a glance: servers, who reaches whom, what is broken, what happened last. */
import type { Countdown, ServerRow } from '../../../sim/run/watch/servers.ts';
import { duration } from '../format.ts';
import { beside, fill, fit, heading, line, span, tableOf, tableWidth } from '../line.ts';
import type { Line, Row, Span, Style } from '../line.ts';
import type { Stage } from '../state.ts';
import { barOf } from '../theme.ts';
import { memberGrid } from './members.ts';
import { noteLine } from './events.ts';

/** Lines for the latest notes that are kept free if possible. */
const NOTES_LEAST = 4;

export function overview(stage: Stage): Line[] {
  const { height, width, watched } = stage;
  const servers = watched.sights.servers(stage.player.shownMicros);
  const lines = serverTable(stage, servers);
  const load = loadLine(stage);
  if (load !== null) lines.push(load);
  const left = height - lines.length;
  const members = watched.sights.members();
  if (members !== null && left > 6) {
    const agents = members.cells.filter(({ node }) => !servers.some((one) => one.node === node));
    const room = Math.min(Math.floor(left / 3), 2 + Math.ceil(agents.length / (width - 2)));
    if (agents.length > 0) lines.push(...memberGrid(stage, agents, room));
  }
  const reach = reachLines(stage);
  const faults = faultLines(stage);
  const middle = Math.max(
    0,
    Math.min(Math.max(reach.length, faults.length), height - lines.length - NOTES_LEAST),
  );
  if (width >= 60) {
    const half = Math.min(Math.max(28, widest(reach) + 3), Math.floor(width / 2));
    lines.push(...fill(beside(reach, half, faults, width - half), middle));
  } else if (middle > 0) {
    const some = faults.length > 2 ? faults : reach;
    lines.push(...fill(some, middle));
  }
  lines.push(...latest(stage, height - lines.length));
  return lines;
}

function widest(lines: readonly Line[]): number {
  return lines.reduce(
    (most, one) =>
      Math.max(
        most,
        one.reduce((sum, { text }) => sum + text.length, 0),
      ),
    0,
  );
}

const STATE_STYLES: Readonly<Record<string, Style>> = {
  leader: 'good',
  candidate: 'warn',
  follower: 'plain',
  '-': 'faint',
};

function serverTable(stage: Stage, servers: readonly ServerRow[]): Line[] {
  const { width, processes, ui } = stage;
  const selected = processes[ui.selected]?.name;
  const wide = width >= 72;
  const wider = width >= 110;
  const columns = [
    { title: 'Node' },
    { title: 'State' },
    ...(wide ? [{ title: 'Voter' }] : []),
    { title: 'Term', right: true },
    { title: 'Commit', right: true },
    ...(wide
      ? [
          { title: 'Applied', right: true },
          { title: 'Trails', right: true },
        ]
      : []),
    ...(wider ? [{ title: 'Last', right: true }, { title: 'Vote' }, { title: 'Leader' }] : []),
    { title: wide ? 'Timer' : '' },
  ];
  const rowsOf = (barWidth: number): Row[] =>
    servers.map((server) => ({
      selected: server.node === selected,
      cells: [
        span(server.node, 'strong'),
        stateSpan(server),
        ...(wide ? [server.voter ? 'true' : 'false'] : []),
        String(server.term),
        String(server.commitIndex),
        ...(wide ? [String(server.appliedIndex), trailsOf(server)] : []),
        ...(wider ? [String(server.lastIndex), server.votedFor, server.leader] : []),
        countdownSpan(stage, server.lease ?? server.timer, barWidth),
      ],
    }));
  // What the other columns leave is the bar's.
  const rest = width - tableWidth(columns, rowsOf(0));
  return tableOf(columns, rowsOf(Math.max(3, Math.min(24, rest))), width);
}

function stateSpan({ state, status }: ServerRow): Span {
  if (status !== 'up') return span(status, status === 'down' ? 'bad' : 'warn');
  return span(state, STATE_STYLES[state] ?? 'plain');
}

function trailsOf({ trails }: ServerRow): string {
  return trails === null ? '-' : String(Math.max(0, trails));
}

/** Of a follower: until it looks whether the leader has been silent for too long. */
const WAITS: Readonly<Record<string, string>> = {
  'heartbeat timeout': 'timeout',
  'election timeout': 'election',
  'next heartbeat': 'beat',
};

/** The shorter the bar, the less is left. */
function countdownSpan({ theme }: Stage, wait: Countdown | null, width: number): Span {
  if (wait === null) return span('-', 'faint');
  const { name, leftMicros, ofMicros } = wait;
  const share = ofMicros === 0 ? 0 : leftMicros / ofMicros;
  const short = WAITS[name] ?? name;
  const low = share < 0.2 && name !== 'next heartbeat';
  const text = `${barOf(theme.glyphs, share, width)} ${duration(leftMicros).padStart(7)} ${short}`;
  return span(text, low ? 'warn' : 'bar');
}

/** How the latest operations of clients went. */
function loadLine({ watched, width }: Stage): Line | null {
  const summary = watched.sights.operationSummary(200);
  const { ok, failed, unknown, open, p50Micros, p99Micros } = summary;
  if (ok + failed + unknown + open === 0) return null;
  const parts: Span[] = [span(' clients ', 'faint'), span(`${ok} ok`, ok > 0 ? 'good' : 'plain')];
  if (p50Micros !== null) {
    parts.push(span(`  p50 ${duration(p50Micros)}  p99 ${duration(p99Micros!)}`));
  }
  parts.push(span(`  ${failed} failed`, failed > 0 ? 'warn' : 'plain'));
  parts.push(span(`  ${unknown} unknown`, unknown > 0 ? 'warn' : 'plain'));
  parts.push(span(`  ${open} open`));
  parts.push(span(`  (last ${ok + failed + unknown + open})`, 'faint'));
  return fit(parts, width);
}

/** `\` itself, `.` reaches, `x` cut, `~` impaired, `-` down. */
export function reachLines(stage: Stage): Line[] {
  const { watched, height, width } = stage;
  const rows = watched.sights.reach(Math.max(3, Math.min(height - 12, Math.floor(width / 6))));
  const names = rows.map(({ name }) => name);
  const cell = names.reduce((most, { length }) => Math.max(most, length), 2) + 1;
  const styles: Readonly<Record<string, Style>> = { x: 'bad', '~': 'warn', '-': 'faint' };
  return [
    heading('Reach', 'row sends'),
    line(
      span(' '.repeat(cell + 1)),
      span(names.map((name) => name.padStart(cell)).join(''), 'faint'),
    ),
    ...rows.map(({ name, cells }): Line => [
      span(` ${name.padEnd(cell)}`),
      ...cells.map((one) => span(one.padStart(cell), styles[one] ?? 'plain')),
    ]),
  ];
}

function faultLines({ watched, player }: Stage): Line[] {
  const faults = watched.sights.faults();
  const rows = faults.map(({ label, sinceMicros }) =>
    line(
      span(` ${label}`, 'bad'),
      span(`  for ${duration(Math.max(0, player.shownMicros - sinceMicros))}`, 'faint'),
    ),
  );
  const nothing = [line(span(' nothing is broken', 'faint'))];
  return [heading('Faults in force'), ...(rows.length === 0 ? nothing : rows)];
}

function latest(stage: Stage, height: number): Line[] {
  if (height < 2) return fill([], Math.max(0, height));
  const notes = stage.watched.sights.notes(height - 1, 0);
  return fill([heading('Latest'), ...notes.map((note) => noteLine(note, stage.width))], height);
}
