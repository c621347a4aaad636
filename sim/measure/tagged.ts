/**
 * Figures of one kind of operation, `kv.latency{put}`. Nobody pays for them unless a threshold asks:
 * only those that one names are measured.
 */
import type { KvLoadState } from '../client/kv-load.ts';
import { LOAD_MACHINE, LoadNote } from '../client/operation.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import type { MeasuredPart } from './load.ts';

/** What a threshold names: load, metric of it, kind of operation. */
export interface Tagged {
  readonly load: string;
  readonly name: string;
  readonly operation: string;
}

interface Counted {
  readonly load: string;
  readonly operation: string;
  acknowledged: number;
  ended: number;
}

export class TaggedMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [LoadNote.succeeded, LoadNote.failed, LoadNote.unknown];
  private readonly world: World;
  private readonly part: MeasuredPart;
  /** Metric by `load/metric/operation`; of an availability there are only counts until the end. */
  private readonly times = new Map<string, number>();
  private counts: Counted[];

  constructor(world: World, tagged: readonly Tagged[], part: MeasuredPart) {
    this.world = world;
    this.part = part;
    const shares = tagged.filter(({ name }) => name === 'availability');
    this.counts = shares.map(({ load, operation }) => {
      return { load, operation, acknowledged: 0, ended: 0 };
    });
    for (const { load, name, operation } of tagged) {
      if (name === 'availability') continue;
      const id = world.metrics.id(`${load}.${name}{${operation}}`, 'time');
      this.times.set(`${load}/${name}/${operation}`, id);
    }
  }

  onNote(kind: NoteKind, process: ProcessIndex, slot: number, latency: number): void {
    const started = this.world.now - latency;
    if (started < this.part.fromMicros || started >= this.part.untilMicros) return;
    const { state } = this.world.processes[process].slotByNumber[LOAD_MACHINE]!;
    const { config, operations } = state as KvLoadState;
    const operation = operations[slot]!.f;
    const success = kind === LoadNote.succeeded;
    const name = success ? 'latency' : 'error-latency';
    const id = this.times.get(`${config.load}/${name}/${operation}`);
    if (id !== undefined) this.world.metrics.record(id, latency);
    for (const count of this.counts) {
      if (count.load !== config.load || count.operation !== operation) continue;
      count.ended++;
      if (success) count.acknowledged++;
    }
  }

  /** Writes the shares, which only the end knows; of no operation there is none. */
  finish(): void {
    const { metrics } = this.world;
    for (const { load, operation, acknowledged, ended } of this.counts) {
      if (ended === 0) continue;
      const id = metrics.id(`${load}.availability{${operation}}`, 'counter');
      metrics.set(id, acknowledged / ended);
    }
  }

  save(): unknown {
    return this.counts.map((count) => ({ ...count }));
  }

  restore(state: unknown): void {
    this.counts = (state as readonly Counted[]).map((count) => ({ ...count }));
  }
}
