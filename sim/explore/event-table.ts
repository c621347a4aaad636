/** Every event of a run in plain columns, for exports: they must not need the world it came from. */
import * as Event from '../core/events.ts';
import type { Process } from '../core/process.ts';
import { Transcript } from '../core/transcript.ts';
import type { World } from '../core/world.ts';

/** More rows than this are left out, from the end. */
export const ROWS_MAX = 1_000_000;

/** Columns of equal length, one row per event in the order of its number. */
export interface EventColumns {
  readonly event: readonly number[];
  /** Microseconds. */
  readonly time: readonly number[];
  /** Process that the event is for; "" of faults and the like. */
  readonly process: readonly string[];
  readonly kind: readonly string[];
  /** What a message or timer is called; "" for the rest. */
  readonly name: readonly string[];
  /** Message class; "" for what is no message. */
  readonly class: readonly string[];
  /** Sender of a message; "" for what is no message. */
  readonly from: readonly string[];
  /** The event that this one is due to; 0: none. */
  readonly cause: readonly number[];
  /** The event at which the lane could go on, where it had waited; 0: none. */
  readonly woken: readonly number[];
}

/** What programs noted, in the order in which it happened. */
export interface NoteColumns {
  readonly event: readonly number[];
  readonly time: readonly number[];
  readonly process: readonly string[];
  readonly machine: readonly string[];
  readonly note: readonly string[];
  readonly text: readonly string[];
}

export interface EventTable {
  readonly processes: readonly { readonly name: string; readonly host: string }[];
  readonly events: EventColumns;
  readonly notes: NoteColumns;
  /** Events that the run had; more than there are rows where some were left out. */
  readonly total: number;
}

type Writable<T> = {
  -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : never;
};

export function eventTableOf(world: World): EventTable {
  const processes = world.processes.map(({ name, host }) => ({ name, host: host.name }));
  return { processes, events: eventColumns(world), notes: noteColumns(world), total: world.event };
}

function eventColumns(world: World): EventColumns {
  const { trace, processes } = world;
  const columns: Writable<EventColumns> = {
    event: [],
    time: [],
    process: [],
    kind: [],
    name: [],
    class: [],
    from: [],
    cause: [],
    woken: [],
  };
  const last = Math.min(world.event, ROWS_MAX);
  for (let event = 1; event <= last; event++) {
    if (!trace.has(event)) continue;
    const kind = trace.kind(event);
    const control = kind === Event.CONTROL;
    const process = processes[trace.process(event)]!;
    const sender = senderOf(world, event);
    columns.event.push(event);
    columns.time.push(trace.time(event));
    columns.process.push(control ? '' : process.name);
    columns.kind.push(Event.EVENT_NAMES[kind] ?? '');
    columns.from.push(sender?.name ?? '');
    const owner = ownerOf(world, event, sender);
    const route = owner === undefined ? undefined : routeOf(owner, kind, trace.a(event));
    columns.name.push(route?.name ?? '');
    columns.class.push(sender === undefined ? '' : (world.classes[route?.messageClass ?? 0] ?? ''));
    columns.cause.push(trace.cause(event));
    columns.woken.push(trace.woken(event));
  }
  return columns;
}

/** A message was sent in the event that it is due to; a datagram carries its sender. */
export function senderOf({ trace, processes }: World, event: number): Process | undefined {
  switch (trace.kind(event)) {
    case Event.DATAGRAM:
      return processes[trace.b(event)];
    case Event.REQUEST:
    case Event.ANSWER:
    case Event.FAILURE: {
      const cause = trace.cause(event);
      return trace.has(cause) ? processes[trace.process(cause)] : undefined;
    }
    default:
      return undefined;
  }
}

/** An answer is named like its request, which is an input of the one that answers. */
export function ownerOf(
  { trace, processes }: World,
  event: number,
  sender: Process | undefined,
): Process | undefined {
  const kind = trace.kind(event);
  const answers = kind === Event.ANSWER || kind === Event.FAILURE;
  return answers ? sender : processes[trace.process(event)];
}

/** Name and class of what a process received. */
export function routeOf({ slotByNumber }: Process, kind: number, input: number) {
  const named = [Event.TIMER, Event.DATAGRAM, Event.REQUEST, Event.ANSWER, Event.FAILURE];
  if (!(named as readonly number[]).includes(kind)) return undefined;
  return slotByNumber[input >> 8]?.routes[input & 255];
}

function noteColumns(world: World): NoteColumns {
  const transcript = new Transcript(world);
  const columns: Writable<NoteColumns> = {
    event: [],
    time: [],
    process: [],
    machine: [],
    note: [],
    text: [],
  };
  const last = Math.min(world.notes.rows, ROWS_MAX);
  for (let row = 0; row < last; row++) {
    const told = transcript.row(row);
    if (told === undefined) continue;
    const event = world.notes.event(row);
    columns.event.push(event);
    columns.time.push(event === 0 ? 0 : world.trace.time(event));
    columns.process.push(told.process);
    columns.machine.push(told.machine);
    columns.note.push(told.what);
    columns.text.push(told.text);
  }
  return columns;
}
