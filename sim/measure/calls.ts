/**
 * What becomes of calls beyond what every load is measured by: attempts per call, calls answered well
 * per second, where attempts went, and why calls failed. Calls count by the time they began.
 */
import { CALL_LOAD_MACHINE, CALLER_MACHINE, CALL_ERRORS } from '../service/vocabulary.ts';
import { CallNote } from '../service/vocabulary.ts';
import type { CallerState } from '../client/call/state.ts';
import type { CallLoadState } from '../client/call/call-load.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import type { MeasuredPart } from './load.ts';

interface Counted {
  readonly name: string;
  calls: number;
  attempts: number;
  successes: number;
  /** By process of the instance. */
  shares: number[];
  /** By error. */
  errors: number[];
}

/** Load of each process, for those that are clients of services. */
export function loadsByProcess(world: World): ReadonlyMap<ProcessIndex, string> {
  const loads = new Map<ProcessIndex, string>();
  for (const { index, slotByNumber } of world.processes) {
    const slot = slotByNumber[CALL_LOAD_MACHINE];
    if (slot === undefined) continue;
    loads.set(index, (slot.config as CallLoadState['config']).load);
  }
  return loads;
}

export class CallMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [CallNote.attempted, CallNote.succeeded, CallNote.failed];
  private loads: Counted[];
  private readonly world: World;
  private readonly part: MeasuredPart;
  /** Place of its load by process, -1 for the callers of instances. */
  private readonly places: Int32Array;

  constructor(world: World, names: readonly string[], part: MeasuredPart) {
    this.world = world;
    this.part = part;
    this.places = new Int32Array(world.processes.length).fill(-1);
    for (const [process, name] of loadsByProcess(world)) this.places[process] = names.indexOf(name);
    this.loads = names.map((name) => {
      return { name, calls: 0, attempts: 0, successes: 0, shares: [], errors: [] };
    });
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    this.handlerOf(kind)(process, a, b, c);
  }

  handlerOf(kind: NoteKind): NoteHandler {
    if (kind === CallNote.attempted)
      return (process, slot, to) => this.onAttempt(process, slot, to);
    return (process, _, micros, error) => this.onEnd(process, micros, error);
  }

  private isMeasured(started: number): boolean {
    return started >= this.part.fromMicros && started < this.part.untilMicros;
  }

  private onAttempt(process: ProcessIndex, slot: number, to: ProcessIndex): void {
    const place = this.places[process];
    if (place < 0) return;
    const { state } = this.world.processes[process].slotByNumber[CALLER_MACHINE]!;
    const { startedMicros, attempts } = (state as CallerState).calls[slot]!;
    const { host } = this.world.processes[process];
    const age = host.clock.monotonic(this.world.now) - startedMicros;
    if (!this.isMeasured(this.world.now - age)) return;
    const load = this.loads[place];
    if (attempts === 1) load.calls++;
    load.attempts++;
    while (load.shares.length <= to) load.shares.push(0);
    load.shares[to]++;
  }

  private onEnd(process: ProcessIndex, micros: number, error: number): void {
    const place = this.places[process];
    if (place < 0 || !this.isMeasured(this.world.now - micros)) return;
    const load = this.loads[place];
    if (error === 0) {
      load.successes++;
      return;
    }
    while (load.errors.length <= error) load.errors.push(0);
    load.errors[error]++;
  }

  /** Writes the figures, which only the end knows. */
  finish(): void {
    const { world, part } = this;
    const { metrics } = world;
    const set = (name: string, value: number): void => {
      metrics.set(metrics.id(name, 'counter'), value);
    };
    const seconds = (Math.min(world.now, part.untilMicros) - part.fromMicros) / 1e6;
    for (const { name, calls, attempts, successes, shares, errors } of this.loads) {
      if (calls > 0) set(`${name}.amplification`, attempts / calls);
      if (seconds > 0) set(`${name}.goodput`, successes / seconds);
      shares.forEach((count, process) => {
        if (count > 0) set(`${name}.share{${world.processes[process].name}}`, count / attempts);
      });
      errors.forEach((count, error) => {
        if (count > 0) set(`${name}.errors{${CALL_ERRORS[error]}}`, count);
      });
    }
  }

  save(): unknown {
    return this.loads.map(copy);
  }

  restore(state: unknown): void {
    this.loads = (state as readonly Counted[]).map(copy);
  }
}

function copy(load: Counted): Counted {
  return { ...load, shares: load.shares.slice(), errors: load.errors.slice() };
}
