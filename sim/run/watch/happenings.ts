/** What happened at one event: what came, what was noted, and why. */
import * as Event from '../../core/events.ts';
import { Transcript } from '../../core/transcript.ts';
import type { World } from '../../core/world.ts';
import type { Execution } from '../execution.ts';
import { messageAt } from './messages.ts';

/** One note of a program. */
export interface NoteRow {
  readonly row: number;
  readonly event: number;
  readonly micros: number;
  readonly process: string;
  readonly machine: string;
  readonly what: string;
  readonly text: string;
}

export interface Happening {
  readonly event: number;
  readonly micros: number;
  /** `-` for a fault. */
  readonly process: string;
  /** `request append from s1`, `timer heartbeat timeout`, `begin crash leader`. */
  readonly what: string;
  /** Events that it is due to; 0: none. */
  readonly cause: number;
  readonly woken: number;
  readonly notes: readonly NoteRow[];
}

/** Rows of the note log that are looked at for a screen. */
const NOTES_MAX = 50_000;

export function happeningAt(
  { world, faults }: Execution,
  event: number,
  transcript = new Transcript(world),
): Happening {
  const { trace, processes } = world;
  const control = trace.kind(event) === Event.CONTROL;
  const rows = noteRowsOf(world, event);
  const notes: NoteRow[] = [];
  for (let row = rows.from; row < rows.to; row++) {
    const note = noteAt(world, transcript, row);
    if (note !== undefined) notes.push(note);
  }
  return {
    event,
    micros: trace.time(event),
    process: control || event === 0 ? '-' : processes[trace.process(event)]!.name,
    what: control ? controlText(faults, trace.a(event)) : eventText(world, event),
    cause: trace.cause(event),
    woken: trace.woken(event),
    notes,
  };
}

/** A negative tag is the end of `duration`. */
function controlText(faults: Execution['faults'], tag: number): string {
  return tag < 0 ? 'the end of duration: everything is healed' : faults.describe(tag);
}

function eventText(world: World, event: number): string {
  if (event === 0) return 'start';
  const { trace, processes } = world;
  const message = messageAt(world, event);
  const name = Event.EVENT_NAMES[trace.kind(event)] ?? '';
  if (message !== undefined) {
    return `${message.name} from ${processes[message.from]!.name}`;
  }
  if (trace.kind(event) !== Event.TIMER) return name;
  const input = trace.a(event);
  const slot = processes[trace.process(event)]!.slotByNumber[input >> 8];
  return `timer: ${slot?.routes[input & 255]?.name ?? '?'}`;
}

export function noteAt(world: World, transcript: Transcript, row: number): NoteRow | undefined {
  const told = transcript.row(row);
  if (told === undefined) return undefined;
  const event = world.notes.event(row);
  const { process, machine, what, text } = told;
  return { row, event, micros: world.trace.time(event), process, machine, what, text };
}

/** Those of the latest rows that fit, oldest first. */
export function noteRows(
  world: World,
  transcript: Transcript,
  count: number,
  latest: Iterable<number>,
  fits: (note: NoteRow) => boolean,
): NoteRow[] {
  const rows: NoteRow[] = [];
  let looked = 0;
  for (const row of latest) {
    if (rows.length >= count || looked++ >= NOTES_MAX) break;
    const note = noteAt(world, transcript, row);
    if (note !== undefined && fits(note)) rows.push(note);
  }
  return rows.reverse();
}

/** All rows, the last one first. */
export function* allRows({ notes }: World): Generator<number> {
  for (let row = notes.rows - 1; row >= 0; row--) yield row;
}

export function detailOf({ notes, processes }: World, row: number): 0 | 1 {
  const kind = notes.kind(row);
  const slot = processes[notes.process(row)]?.slotByNumber[kind >> 8];
  return slot?.machine.notes[kind & 255]?.detail ?? 0;
}

/** Rows of the note log that belong to an event: notes lie in the order of their events. */
export function noteRowsOf({ notes }: World, event: number): { from: number; to: number } {
  const firstFrom = (least: number): number => {
    let low = 0;
    let high = notes.rows;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (notes.event(middle) < least) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { from: firstFrom(event), to: firstFrom(event + 1) };
}
