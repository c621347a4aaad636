/** Space-time diagram of a moment: a line for each process, messages between them. */
import type { Moment } from '../../../sim/explore/picture/moments.ts';
import { formatSeconds } from '../../format.ts';
import { frameOf, rowName, timeAxis } from './frame.ts';
import type { Frame, View } from './frame.ts';
import { escape, round, textWidth } from './markup.ts';
import { linear } from './scale.ts';

/** Events at even distances, or at their times. */
export type Spacing = 'even' | 'time';

export interface MomentView extends View {
  readonly spacing: Spacing;
  /** Row of the event whose past and future stand out; null: the moment's past does. */
  readonly selected: number | null;
}

export interface MomentDrawing {
  readonly svg: string;
  readonly height: number;
  /** Where each event lies. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const TOP = 26;
const ROW_MAX = 58;
const ROW_MIN = 40;
/** Events that a diagram begins with, before and after its moment. */
const EVENTS_BEFORE = 36;
const EVENTS_AFTER = 8;

/** Where the moment and what led to it can be read without zooming. */
export function firstView(moment: Moment, spacing: Spacing): View {
  const { event, time } = moment.events;
  const centre = Math.max(0, event.indexOf(moment.event));
  const first = Math.max(0, centre - EVENTS_BEFORE);
  const last = Math.min(event.length - 1, centre + EVENTS_AFTER);
  if (spacing === 'even') return { from: first - 1, to: last + 1 };
  const margin = Math.max(1, (time[last]! - time[first]!) / 30);
  return { from: time[first]! - margin, to: time[last]! + margin };
}

/** All that the diagram has. */
export function wholeView({ events }: Moment, spacing: Spacing): View {
  const { time } = events;
  if (spacing === 'even') return { from: -1, to: Math.max(1, time.length) };
  const [first, last] = [time[0] ?? 0, time.at(-1) ?? 1];
  const margin = Math.max(1, (last - first) / 50);
  return { from: first - margin, to: last + margin };
}

export function drawMoment(moment: Moment, view: MomentView, width: number): MomentDrawing {
  const { events, processes } = moment;
  const frame = frameOf(view, width, processes);
  const row = Math.max(ROW_MIN, Math.min(ROW_MAX, 340 / processes.length));
  const bottom = TOP + row * processes.length;
  const x = linear(view.from, view.to, frame.left, frame.right);
  const lane = (process: number): number => TOP + row * (process + 0.5);
  const points = events.event.map((_, at) => ({
    x: round(x(positionOf(moment, at, view.spacing))),
    y: events.process[at]! < 0 ? TOP - 8 : lane(events.process[at]!),
  }));
  const light = lights(moment, view.selected);
  const lines = processes.map((name, process) => {
    const y = lane(process);
    const line = `<line class="life" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>`;
    return line + rowName(frame, name, y + 4);
  });
  const drawn = { moment, view, frame, points, light, x, lane, bottom };
  const axis = axisOf(drawn);
  const svg =
    `<g aria-hidden="true">${axis}${lines.join('')}` +
    `<svg x="${frame.left - 8}" y="0" width="${frame.right - frame.left + 16}" height="${bottom + 4}" ` +
    `viewBox="${frame.left - 8} 0 ${frame.right - frame.left + 16} ${bottom + 4}">` +
    `${centreLine(drawn)}${messages(drawn)}${nodes(drawn)}${labels(drawn)}</svg></g>`;
  return { svg, height: bottom + 24, points };
}

interface Drawn {
  readonly moment: Moment;
  readonly view: MomentView;
  readonly frame: Frame;
  readonly points: MomentDrawing['points'];
  readonly light: readonly string[];
  readonly x: (position: number) => number;
  readonly lane: (process: number) => number;
  readonly bottom: number;
}

function positionOf({ events }: Moment, at: number, spacing: Spacing): number {
  return spacing === 'even' ? at : events.time[at]!;
}

/** Where a message was sent: at the event that sent it, or between its neighbours in time. */
function sendPosition({ events }: Moment, at: number, spacing: Spacing): number {
  const sent = events.sent[at]!;
  if (spacing === 'time') return sent;
  const parent = events.parents[at]!.map((event) => events.event.indexOf(event)).find(
    (row) => row >= 0 && events.time[row] === sent && events.process[row] === events.from[at],
  );
  if (parent !== undefined) return parent;
  const after = events.time.findIndex((time) => time > sent);
  return Math.min(at, after < 0 ? events.time.length : after) - 0.5;
}

/** For each event: `past`, `future`, `chosen`, or `` where it has to do with neither. */
export function lights({ events, event }: Moment, selected: number | null): string[] {
  const rows = new Map(events.event.map((number, row) => [number, row]));
  if (selected === null) {
    return events.past.map((past, row) => {
      if (events.event[row] === event) return 'chosen';
      return past ? 'past' : '';
    });
  }
  const light = events.event.map(() => '');
  light[selected] = 'chosen';
  const waiting = [selected];
  while (waiting.length > 0) {
    for (const parent of events.parents[waiting.pop()!]!) {
      const row = rows.get(parent);
      if (row === undefined || light[row] !== '') continue;
      light[row] = 'past';
      waiting.push(row);
    }
  }
  // Parents come before their children, so that one pass finds all that follows.
  for (let row = selected + 1; row < light.length; row++) {
    const follows = events.parents[row]!.some((parent) => {
      const from = rows.get(parent);
      return from !== undefined && (light[from] === 'future' || from === selected);
    });
    if (follows && light[row] === '') light[row] = 'future';
  }
  return light;
}

function axisOf({ moment, view, frame, bottom }: Drawn): string {
  if (view.spacing === 'time') return timeAxis(frame, bottom).svg;
  const { time } = moment.events;
  const first = Math.max(0, Math.ceil(view.from));
  const last = Math.min(time.length - 1, Math.floor(view.to));
  const at = (row: number): string => `${(time[row]! / 1e6).toFixed(6)} s`;
  const middle = `${formatSeconds((time[last]! - time[first]!) / 1e6)} in even steps`;
  return (
    `<text class="tick" x="${frame.left}" y="${bottom + 15}">${at(first)}</text>` +
    `<text class="tick mid" x="${(frame.left + frame.right) / 2}" y="${bottom + 15}">${middle}</text>` +
    `<text class="tick end" x="${frame.right}" y="${bottom + 15}">${at(last)}</text>`
  );
}

function inView({ view, moment }: Drawn, at: number): boolean {
  const position = positionOf(moment, at, view.spacing);
  return position >= view.from && position <= view.to;
}

function centreLine(drawn: Drawn): string {
  const { moment, points, bottom } = drawn;
  const row = moment.events.event.indexOf(moment.event);
  if (row < 0 || !inView(drawn, row)) return '';
  const kind = moment.violation < 0 ? 'moment-line' : 'violation-line';
  const { x } = points[row]!;
  return `<line class="${kind}" x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${bottom}"/>`;
}

function messages(drawn: Drawn): string {
  const { moment, view, points, light, x, lane } = drawn;
  const { events } = moment;
  return events.from
    .map((from, at) => {
      if (from < 0) return '';
      const begin = sendPosition(moment, at, view.spacing);
      const end = positionOf(moment, at, view.spacing);
      if (end < view.from || begin > view.to) return '';
      const { x: toX, y: toY } = points[at]!;
      const kind = messageKind(events.class[at]!);
      const lit = light[at] === 'chosen' ? 'past' : light[at]!;
      return `<path class="message ${kind} ${lit}" d="M${round(x(begin))} ${lane(from)}L${toX} ${toY}"/>`;
    })
    .join('');
}

/** Messages of one kind have one colour. */
export function messageKind(messageClass: string): string {
  if (messageClass === 'raft.heartbeat') return 'quiet';
  if (/vote/.test(messageClass)) return 'vote';
  return messageClass.startsWith('raft.') ? 'append' : 'other';
}

function nodes(drawn: Drawn): string {
  const { moment, points, light } = drawn;
  const { events } = moment;
  return points
    .map(({ x, y }, at) => {
      if (!inView(drawn, at)) return '';
      const lit = light[at]!;
      const kind = events.from[at]! < 0 ? 'local' : messageKind(events.class[at]!);
      const size = lit === 'chosen' ? 6 : events.notes[at]!.length > 0 ? 4.5 : 3;
      const shape =
        events.process[at]! < 0
          ? `<path class="node fault-node ${lit}" d="M${x} ${y - 6}l6 6l-6 6l-6 -6z"`
          : `<circle class="node ${kind} ${lit}" cx="${x}" cy="${y}" r="${size}"`;
      return `${shape} data-row="${at}"/>`;
    })
    .join('');
}

/** The first note of an event, where it does not lie on its neighbour. */
function labels(drawn: Drawn): string {
  const { moment, points, light, frame } = drawn;
  const { events } = moment;
  const ends = new Map<number, number>();
  const rows = points.map((_, at) => at).filter((at) => inView(drawn, at));
  // What stands out is named first.
  const rank = (at: number): number => (light[at] === 'chosen' ? 0 : light[at] === 'past' ? 1 : 2);
  const taken: { readonly lane: number; readonly from: number; readonly to: number }[] = [];
  const found: string[] = [];
  for (const at of rows.toSorted((left, right) => rank(left) - rank(right) || left - right)) {
    const lane = events.process[at]!;
    const note = events.notes[at]![0];
    const text = lane < 0 ? 'fault' : shortNote(note, moment.processes[lane]!);
    if (text === '') continue;
    const half = textWidth(text) / 2;
    const middle = Math.max(frame.left + half, Math.min(frame.right - half, points[at]!.x));
    const [from, to] = [middle - half, middle + half];
    if (taken.some((one) => one.lane === lane && from < one.to + 4 && to > one.from - 4)) continue;
    taken.push({ lane, from, to });
    ends.set(lane, to);
    found.push(
      `<text class="note-label ${light[at]}" x="${round(middle)}" y="${points[at]!.y - 10}">${escape(text)}</text>`,
    );
  }
  return found.join('');
}

/** `s1 become leader term=3 last=41` on the line of s1: `become leader`. */
function shortNote(note: string | undefined, process: string): string {
  if (note === undefined) return '';
  const own = note.startsWith(`${process} `) ? note.slice(process.length + 1) : note;
  return own.replace(/ \w[\w-]*=.*$/, '');
}

/** An event in words, for tooltips and for those who do not see the diagram. */
export function describeEvent({ events, processes }: Moment, row: number): string[] {
  const process = processes[events.process[row]!] ?? 'the plan of faults';
  const lines = [
    `event ${events.event[row]} at ${(events.time[row]! / 1e6).toFixed(6)} s`,
    `${process}: ${events.label[row]}`,
  ];
  if (events.from[row]! >= 0) {
    const took = formatSeconds((events.time[row]! - events.sent[row]!) / 1e6);
    lines.push(`${events.class[row]} from ${processes[events.from[row]!]}, ${took} on its way`);
  }
  const parents = events.parents[row]!;
  if (parents.length > 0) lines.push(`due to ${parents.map((event) => `#${event}`).join(', ')}`);
  return [...lines, ...events.notes[row]!];
}
