/**
 * Moments worth going to: changes of role, faults, violations, members that come and go. They are
 * found as the run goes and stay known when it goes back, since the same future comes again; an edit
 * makes another future.
 */
import * as Event from '../../core/events.ts';
import { KernelNote } from '../../core/observer.ts';
import type { World } from '../../core/world.ts';
import type { Execution } from '../execution.ts';
import { detailOf } from './happenings.ts';

export type LandmarkKind = 'role' | 'fault' | 'violation' | 'member' | 'process';

export interface Landmark {
  readonly event: number;
  readonly micros: number;
  readonly kind: LandmarkKind;
  readonly text: string;
}

/** Notes that are worth a stop, by name: every machine says in words what it notes. */
const NOTES: Readonly<Record<string, LandmarkKind>> = {
  'become leader': 'role',
  'become candidate': 'role',
  'become follower': 'role',
  'lose lease': 'role',
  'new configuration': 'member',
  install: 'member',
  'member joins': 'member',
  'member dies': 'member',
  'member leaves': 'member',
  'member is alive': 'member',
};

const KERNEL_NOTES: Readonly<Record<number, string>> = {
  [KernelNote.started]: 'start',
  [KernelNote.crashed]: 'crash',
  [KernelNote.paused]: 'pause',
  [KernelNote.resumed]: 'resume',
  [KernelNote.panicked]: 'panic',
};

export class Landmarks {
  private readonly execution: Execution;
  private found: Landmark[] = [];
  /** Rows of the notes that a reader follows the story by. */
  private told: number[] = [];
  /** Everything up to these has been looked at. */
  private event = 0;
  private noteRow = 0;
  /** Kind and text of each note kind that counts; null: does not. */
  private readonly kinds = new Map<number, { kind: LandmarkKind; name: string } | null>();

  constructor(execution: Execution) {
    this.execution = execution;
    // What the starts have noted belongs to no event.
    const { world } = execution;
    for (; this.noteRow < world.notes.rows; this.noteRow++) this.lookAt(world, this.noteRow, []);
  }

  /** In the order of their events; those that are still to come, too, where they are known. */
  get all(): readonly Landmark[] {
    return this.found;
  }

  /** How far the run is known. */
  get knownTo(): number {
    return this.event;
  }

  /** Looks at what has happened since it last looked. */
  look(): void {
    const { world, faults } = this.execution;
    if (world.event <= this.event) return;
    const fresh: Landmark[] = [];
    for (let event = this.event + 1; event <= world.event; event++) {
      if (world.trace.kind(event) !== Event.CONTROL) continue;
      const tag = world.trace.a(event);
      // Negative: the end of `duration`. A look of a restart whether it may go on is nothing new.
      const text = tag < 0 ? 'end of duration' : faults.describe(tag);
      if (text.startsWith('go on with')) continue;
      fresh.push({ event, micros: world.trace.time(event), kind: 'fault', text });
    }
    for (let row = this.noteRow; row < world.notes.rows; row++) this.lookAt(world, row, fresh);
    this.event = world.event;
    this.noteRow = world.notes.rows;
    fresh.sort((one, other) => one.event - other.event);
    this.found.push(...fresh);
    this.lookAtViolations();
  }

  /** The end of a run finds some without another event. One may name an event that is long past. */
  lookAtViolations(): void {
    const violations = this.execution.checks?.violations() ?? [];
    if (violations.length === 0) return;
    const known = this.found.filter(({ kind }) => kind === 'violation');
    for (const { event, time, invariant, status } of violations) {
      if (status === 'allowed') continue;
      if (known.some((one) => one.event === event && one.text === invariant)) continue;
      const micros = Math.round(time * 1e6);
      this.found.push({ event, micros, kind: 'violation', text: invariant });
    }
    this.found.sort((one, other) => one.event - other.event);
  }

  private lookAt(world: World, row: number, fresh: Landmark[]): void {
    const { notes, processes, trace } = world;
    if (detailOf(world, row) === 0) this.told.push(row);
    const kind = notes.kind(row);
    const process = processes[notes.process(row)];
    const wanted = this.kindOf(kind, notes.process(row), world);
    if (wanted === null) return;
    const event = notes.event(row);
    // Everybody starts at the beginning.
    if (event === 0) return;
    const who = process?.name ?? '';
    const micros = trace.time(event);
    fresh.push({ event, micros, kind: wanted.kind, text: `${who}: ${wanted.name}` });
  }

  private kindOf(kind: number, process: number, world: World) {
    let wanted = this.kinds.get(kind);
    if (wanted === undefined) {
      const slot = world.processes[process]?.slotByNumber[kind >> 8];
      const name = kind >> 8 === 0 ? KERNEL_NOTES[kind] : slot?.machine.notes[kind & 255]?.name;
      const own = kind >> 8 === 0 ? ('process' as const) : NOTES[name ?? ''];
      wanted = name === undefined || own === undefined ? null : { kind: own, name };
      this.kinds.set(kind, wanted);
    }
    return wanted;
  }

  /** The last one before an event. */
  before(event: number): Landmark | undefined {
    return this.found.findLast((landmark) => landmark.event < event);
  }

  /** The latest of those notes that have been made, the last one first. */
  *toldRows(): Generator<number> {
    const end = this.toldBefore(this.execution.world.notes.rows);
    for (let at = end - 1; at >= 0; at--) yield this.told[at]!;
  }

  private toldBefore(row: number): number {
    let low = 0;
    let high = this.told.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.told[middle]! < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What comes after this event will be another future. */
  forgetAfter(event: number): void {
    this.found = this.found.filter((landmark) => landmark.event <= event);
    if (event >= this.event) return;
    this.event = event;
    this.noteRow = this.execution.world.notes.rows;
    this.told = this.told.slice(0, this.toldBefore(this.noteRow));
  }
}
