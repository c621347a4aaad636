/**
 * What clients experience (design §11): latencies of successes and failures apart, availability over
 * the operations started in the measured part, the longest outage, recovery after each fault.
 */
import type { KvLoadState } from '../client/kv-load.ts';
import { LOAD_MACHINE, LoadNote } from '../client/operation.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { CallNote, INSTANCE_MACHINE } from '../service/vocabulary.ts';
import { loadsByProcess } from './calls.ts';

/** The measured part of a run: [from, until) in microseconds. */
export interface MeasuredPart {
  readonly fromMicros: number;
  readonly untilMicros: number;
}

const NO_LOAD = -2;
const OUTCOME_OF_CALL = new Map<NoteKind, NoteKind>([
  [CallNote.succeeded, LoadNote.succeeded],
  [CallNote.failed, LoadNote.failed],
]);

interface LoadFigures {
  readonly name: string;
  readonly latency: number;
  readonly errorLatency: number;
  acknowledged: number;
  failed: number;
  unknown: number;
  lastSuccess: number;
  /** Start of the last attempt, to see whether one lies in a gap. */
  lastAttempt: number;
  longestOutage: number;
  /** Times of all successes, ascending; those behind the count belong to a state saved later. */
  readonly successes: number[];
  count: number;
}

export class LoadMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [
    ...Object.values(LoadNote),
    CallNote.invoked,
    CallNote.succeeded,
    CallNote.failed,
  ];
  private loads: LoadFigures[];
  private readonly world: World;
  private readonly part: MeasuredPart;
  /** By process: its load, -1 before a client has been heard of, NO_LOAD where there is none. */
  private readonly indexes: Int32Array;

  constructor(world: World, loads: readonly string[], part: MeasuredPart) {
    this.world = world;
    this.part = part;
    this.indexes = new Int32Array(world.processes.length).fill(-1);
    // Instances call too, but are nobody's load.
    for (const { index, slotByNumber } of world.processes) {
      if (slotByNumber[INSTANCE_MACHINE] !== undefined) this.indexes[index] = NO_LOAD;
    }
    for (const [process, name] of loadsByProcess(world)) {
      this.indexes[process] = loads.indexOf(name);
    }
    this.loads = loads.map((name) => ({
      name,
      latency: world.metrics.id(`${name}.latency`, 'time'),
      errorLatency: world.metrics.id(`${name}.error-latency`, 'time'),
      acknowledged: 0,
      failed: 0,
      unknown: 0,
      lastSuccess: -1,
      lastAttempt: -1,
      longestOutage: 0,
      successes: [],
      count: 0,
    }));
  }

  private loadOf(process: ProcessIndex): LoadFigures | undefined {
    const { indexes } = this;
    if (indexes[process] === -1) {
      const { state } = this.world.processes[process].slotByNumber[LOAD_MACHINE]!;
      const { load } = (state as KvLoadState).config;
      indexes[process] = this.loads.findIndex(({ name }) => name === load);
    }
    return this.loads[indexes[process]];
  }

  handlerOf(kind: NoteKind): NoteHandler {
    if (kind === LoadNote.invoked || kind === CallNote.invoked) {
      return (process) => this.onInvoked(process);
    }
    const outcome = OUTCOME_OF_CALL.get(kind) ?? kind;
    return (process, _slot, latency) => this.onEnded(outcome, process, latency);
  }

  onNote(kind: NoteKind, process: ProcessIndex, slot: number, latency: number): void {
    this.handlerOf(kind)(process, slot, latency, 0);
  }

  private onInvoked(process: ProcessIndex): void {
    const load = this.loadOf(process);
    if (load !== undefined) load.lastAttempt = this.world.now;
  }

  private onEnded(kind: NoteKind, process: ProcessIndex, latency: number): void {
    const load = this.loadOf(process);
    if (load === undefined) return;
    const { now } = this.world;
    const { fromMicros, untilMicros } = this.part;
    if (kind === LoadNote.succeeded) this.onSuccess(load, now);
    const started = now - latency;
    if (started < fromMicros || started >= untilMicros) return;
    if (kind === LoadNote.succeeded) {
      load.acknowledged++;
      this.world.metrics.record(load.latency, latency);
      return;
    }
    if (kind === LoadNote.failed) load.failed++;
    else load.unknown++;
    this.world.metrics.record(load.errorLatency, latency);
  }

  private onSuccess(load: LoadFigures, now: number): void {
    this.closeGap(load, now);
    load.lastSuccess = now;
    load.successes[load.count++] = now;
  }

  /** A gap counts when somebody tried meanwhile, as far as it lies in the measured part. */
  private closeGap(load: LoadFigures, now: number): void {
    const { fromMicros, untilMicros } = this.part;
    if (load.lastAttempt <= load.lastSuccess) return;
    const from = Math.max(load.lastSuccess, fromMicros);
    const gap = Math.min(now, untilMicros) - from;
    if (gap > load.longestOutage) load.longestOutage = gap;
  }

  /** Writes the figures that are known at the end only; an outage that still lasts counts. */
  finish(faultBegins: readonly number[]): void {
    const { metrics, now } = this.world;
    for (const load of this.loads) {
      this.closeGap(load, now);
      const ended = load.acknowledged + load.failed + load.unknown;
      const share = ended === 0 ? 0 : load.acknowledged / ended;
      metrics.set(metrics.id(`${load.name}.availability`, 'counter'), share);
      const outage = metrics.id(`${load.name}.longest-outage`, 'counter', 's');
      metrics.set(outage, load.longestOutage / 1e6);
      const recovery = metrics.id(`${load.name}.recovery`, 'time');
      for (const begin of faultBegins) {
        const success = firstAfter(load.successes, load.count, begin);
        if (success !== undefined) metrics.record(recovery, success - begin);
      }
    }
  }

  save(): unknown {
    return this.loads.map((load) => ({ ...load }));
  }

  restore(state: unknown): void {
    this.loads = (state as readonly LoadFigures[]).map((load) => ({ ...load }));
  }
}

/** First of the first `count` elements of an ascending list that lies after `time`. */
function firstAfter(times: readonly number[], count: number, time: number): number | undefined {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] > time) high = middle;
    else low = middle + 1;
  }
  return low < count ? times[low] : undefined;
}
