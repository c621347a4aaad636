/**
 * A run told in lines, one per note:
 *
 *     12.482310s  s2      raft    become leader          term=7 last=41  <- #90311
 *
 * When (seconds of virtual time), who, which machine, what, its arguments, and the number of the event
 * in which it happened. Columns are fixed within a transcript; a longer name widens its column.
 */
import type { ProcessIndex } from './machine.ts';
import { KERNEL_NOTE_NAMES, KernelNote } from './observer.ts';
import type { World } from './world.ts';

/** 0: what a reader follows the story by; 1: also the notes that come with every message. */
export type Detail = 0 | 1;

export interface TranscriptOptions {
  readonly detail?: Detail;
  /** First row of the note log to tell; 0 when left out. */
  readonly from?: number;
  /** Row to stop before; the end of the log when left out. */
  readonly to?: number;
}

const TIME_WIDTH = 10;
const HOST_WIDTH = 8;
const MACHINE_WIDTH = 8;
const WHAT_WIDTH = 23;
const GAP = 2;

const CRASH_NAMES = ['kill', 'power', 'exit'] as const;
const PAUSE_NAMES = ['stop', 'suspend', 'io'] as const;

interface Told {
  readonly machine: string;
  readonly what: string;
  readonly text: string;
  readonly detail: Detail;
}

export class Transcript {
  private readonly world: World;
  private readonly hostWidth: number;
  private readonly machineWidth: number;
  private readonly whatWidth: number;

  constructor(world: World) {
    this.world = world;
    const hosts: string[] = [];
    const machines: string[] = [];
    const names: string[] = [];
    for (const { name, slots } of world.processes) {
      hosts.push(name);
      for (const { machine } of slots) {
        const told = machine.notes.filter((note) => note !== undefined);
        if (told.length > 0) machines.push(machine.name);
        names.push(...told.map((note) => note.name));
      }
    }
    this.hostWidth = widthOf(hosts, HOST_WIDTH);
    this.machineWidth = widthOf(machines, MACHINE_WIDTH);
    this.whatWidth = widthOf(names, WHAT_WIDTH);
  }

  /** The line of one row of the note log, or undefined where it is forgotten or below the detail. */
  line(row: number, detail: Detail = 0): string | undefined {
    const { notes, trace, processes } = this.world;
    if (!notes.has(row)) return undefined;
    const told = this.told(row);
    if (told.detail > detail) return undefined;
    const event = notes.event(row);
    const time = formatSeconds(event === 0 ? 0 : trace.time(event)).padStart(TIME_WIDTH);
    const host = processes[notes.process(row)].name.padEnd(this.hostWidth);
    const machine = told.machine.padEnd(this.machineWidth);
    const what = told.text === '' ? told.what : told.what.padEnd(this.whatWidth) + told.text;
    return `${time}  ${host}${machine}${what}  <- #${event}`;
  }

  /** The parts of a line, of any detail; undefined where the row is forgotten. */
  row(row: number): (Omit<Told, 'detail'> & { readonly process: string }) | undefined {
    const { notes, processes } = this.world;
    if (!notes.has(row)) return undefined;
    const { machine, what, text } = this.told(row);
    return { process: processes[notes.process(row)].name, machine, what, text };
  }

  /** Lines of the rows asked for, oldest first. */
  lines({ detail = 0, from = 0, to = this.world.notes.rows }: TranscriptOptions = {}): string[] {
    const lines: string[] = [];
    for (let row = from; row < to; row++) {
      const line = this.line(row, detail);
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }

  private told(row: number): Told {
    const { notes, processes } = this.world;
    const kind = notes.kind(row);
    const a = notes.a(row);
    if (kind >> 8 === 0) return this.toldByKernel(kind, a);
    const slot = processes[notes.process(row)].slotByNumber[kind >> 8];
    const spec = slot?.machine.notes[kind & 255];
    if (slot === undefined || spec === undefined) {
      return { machine: '?', what: `note ${kind}`, text: '', detail: 1 };
    }
    const text = spec.text?.(a, notes.b(row), notes.c(row), (at) => this.nameOf(at)) ?? '';
    return { machine: slot.machine.name, what: spec.name, text, detail: spec.detail ?? 0 };
  }

  private toldByKernel(kind: number, a: number): Told {
    let text = '';
    if (kind === KernelNote.crashed) text = `how=${CRASH_NAMES[a]}`;
    else if (kind === KernelNote.paused) text = `kind=${PAUSE_NAMES[a]}`;
    else if (kind === KernelNote.panicked) text = this.world.panicReason(a);
    const detail = kind === KernelNote.write ? 1 : 0;
    return { machine: 'kernel', what: KERNEL_NOTE_NAMES[kind] ?? `note ${kind}`, text, detail };
  }

  private nameOf(process: ProcessIndex): string {
    return this.world.processes[process]?.name ?? '-';
  }
}

/** `12.482310s`; integer microseconds, exact. */
export function formatSeconds(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const rest = String(micros - seconds * 1_000_000).padStart(6, '0');
  return `${seconds}.${rest}s`;
}

function widthOf(names: readonly string[], least: number): number {
  let width = least;
  for (const name of names) width = Math.max(width, name.length + GAP);
  return width;
}
