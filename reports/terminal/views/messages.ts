/** A strip of space and time: a column for each process, a line for each message, newest last. */
import type { NoteRow } from '../../../sim/run/watch/happenings.ts';
import type { MessageRow } from '../../../sim/run/watch/messages.ts';
import { duration, moment } from '../format.ts';
import { fill, fit, heading, span } from '../line.ts';
import type { Line, Span, Style } from '../line.ts';
import type { Stage } from '../state.ts';
import { fitsFilter } from './events.ts';

const LEFT = 22;
const COLUMN_LEAST = 9;

/** Processes that have a column; all others share the last one. */
interface Columns {
  readonly names: readonly string[];
  readonly up: readonly boolean[];
  /** Place of each column's lifeline. */
  readonly places: readonly number[];
  columnOf(process: number): number;
}

export function messages(stage: Stage): Line[] {
  const { watched, ui, width, height } = stage;
  const columns = columnsOf(stage);
  const quiet = ui.detail === 0;
  const names = new Map(stage.processes.map(({ index, name }) => [index, name]));
  const fits = (one: MessageRow): boolean =>
    (!quiet || !isRoutine(one)) &&
    columns.columnOf(one.from) !== columns.columnOf(one.to) &&
    fitsFilter(ui.filter, one.name, one.class, names.get(one.from) ?? '', names.get(one.to) ?? '');
  const room = Math.max(1, height - 2);
  const rows = watched.sights.messages(room + ui.scroll, fits);
  const first = rows[0]?.event ?? 0;
  const notes =
    ui.filter === '' ? watched.sights.notes(room, 0).filter(({ event }) => event >= first) : [];
  const all = [
    ...rows.map((row) => ({ event: row.event, order: 0, line: arrow(stage, columns, row) })),
    ...notes.map((note) => ({ event: note.event, order: 1, line: remark(stage, columns, note) })),
  ].sort((one, other) => one.event - other.event || one.order - other.order);
  const end = all.length - ui.scroll;
  const shown = all.slice(Math.max(0, end - room), Math.max(0, end));
  const filter = ui.filter === '' ? '' : `, with "${ui.filter}"`;
  const routine = quiet ? 'without heartbeats and gossip' : 'all';
  const title = heading('Messages', `as they arrive, ${routine}${filter}; d shows more, / filters`);
  return fill([title, head(columns, width), ...shown.map((one) => one.line)], height).map((one) =>
    fit(one, width),
  );
}

function isRoutine({ name, class: of }: MessageRow): boolean {
  return of.startsWith('gossip.') || name.startsWith('heartbeat') || of === 'raft.heartbeat';
}

function columnsOf({ processes, width, ui }: Stage): Columns {
  const servers = processes.filter(({ kind }) => kind === 'server' || kind === 'instance');
  const most = Math.max(2, Math.floor((width - LEFT) / COLUMN_LEAST));
  const selected = processes[ui.selected];
  const own = servers.slice(0, most - 1);
  if (selected !== undefined && !own.includes(selected) && selected.kind !== 'client') {
    if (own.length === most - 1) own.pop();
    own.push(selected);
  }
  const rest = processes.some((process) => !own.includes(process));
  const names = own.map(({ name }) => name);
  if (rest) names.push(processes.some(({ kind }) => kind === 'agent') ? 'others' : 'clients');
  const step = Math.floor((width - LEFT) / Math.max(1, names.length));
  const places = names.map((_, at) => LEFT + Math.floor(step / 2) + at * step);
  const byIndex = new Map(own.map(({ index }, at) => [index, at]));
  return {
    names,
    up: [...own.map(({ status }) => status === 'up'), true],
    places,
    columnOf: (process) => byIndex.get(process) ?? names.length - 1,
  };
}

function head({ names, places }: Columns, width: number): Line {
  const row = Array.from({ length: width }, () => ' ');
  names.forEach((name, at) => put(row, places[at]! - Math.floor(name.length / 2), name));
  return [span(row.join(''), 'strong')];
}

function put(row: string[], from: number, text: string): void {
  for (let i = 0; i < text.length; i++)
    if (from + i >= 0 && from + i < row.length) row[from + i] = text[i]!;
}

function lifelines({ glyphs }: Stage['theme'], { places, up }: Columns, width: number): string[] {
  const row = Array.from({ length: width }, () => ' ');
  places.forEach((place, at) => put(row, place, up[at] === true ? glyphs.vertical : glyphs.gone));
  return row;
}

const ARROW_STYLES: readonly (readonly [RegExp, Style])[] = [
  [/error$/, 'bad'],
  [/vote/, 'warn'],
  [/^raft\./, 'bar'],
  [/^gossip\./, 'faint'],
];

function arrow(stage: Stage, columns: Columns, message: MessageRow): Line {
  const { theme, width } = stage;
  const { glyphs } = theme;
  const row = lifelines(theme, columns, width);
  const from = columns.places[columns.columnOf(message.from)]!;
  const to = columns.places[columns.columnOf(message.to)]!;
  const [low, high] = from < to ? [from, to] : [to, from];
  const answer = / (answer|error)$/.test(message.name);
  for (let at = low + 1; at < high; at++) row[at] = answer ? glyphs.answer : glyphs.horizontal;
  row[from] = glyphs.from;
  row[to] = from < to ? glyphs.right : glyphs.left;
  const room = high - low - 3;
  const names = [
    message.name,
    message.name.replace(/ answer$/, ''),
    message.name.slice(0, room - 2),
  ];
  const short = ` ${names.find(({ length }) => length + 2 <= room) ?? ''} `;
  if (room > 3) put(row, low + 1 + Math.floor((high - low - short.length) / 2), short);
  const found = ARROW_STYLES.find(
    ([pattern]) => pattern.test(message.name) || pattern.test(message.class),
  );
  const style: Style = found?.[1] ?? 'plain';
  const took = duration(message.micros - message.sentMicros);
  const text = row.join('');
  return [
    span(moment(message.micros).padStart(12), 'faint'),
    span(` ${took.padStart(7)} `, 'faint'),
    span(text.slice(LEFT - 1, low)),
    span(text.slice(low, high + 1), style),
    span(text.slice(high + 1)),
  ];
}

/** What a process noted, beside its lifeline. */
function remark(stage: Stage, columns: Columns, { process, what, text, micros }: NoteRow): Line {
  const { theme, width, processes } = stage;
  const index = processes.find(({ name }) => name === process)?.index ?? -1;
  const place = columns.places[columns.columnOf(index)] ?? LEFT;
  const row = lifelines(theme, columns, width);
  const words = ` ${process} ${what} ${text}`.trimEnd();
  const room = width - place - 1;
  // At the right edge the words stand before their line.
  const begin = words.length <= room ? place + 1 : Math.max(LEFT, place - words.length);
  put(row, begin, words.slice(0, width - begin));
  row[place] = '*';
  const parts: Span[] = [span(moment(micros).padStart(12), 'faint'), span(' '.repeat(9))];
  return [
    ...parts,
    span(row.join('').slice(LEFT - 1), what.startsWith('become') ? 'good' : 'strong'),
  ];
}
