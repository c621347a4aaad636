/** How long changes take to those who watch the store: from their entry being applied first to their answer. */
import type { KvLoadState } from '../client/kv-load.ts';
import { LOAD_MACHINE } from '../client/operation.ts';
import { WatchNote } from '../client/watch.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { MeasuredPart } from './load.ts';

interface Saved {
  readonly applied: readonly number[];
  readonly told: ReadonlyMap<ProcessIndex, number>;
}

export class WatchMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [RaftNote.applied, WatchNote.answered];
  /** When each entry was first applied, by index; 0: before the run. */
  private applied: number[] = [];
  /** What each watcher has heard of: it is another number after each change. */
  private told = new Map<ProcessIndex, number>();
  private readonly world: World;
  private readonly part: MeasuredPart;
  private readonly latency: number;

  constructor(world: World, part: MeasuredPart) {
    this.world = world;
    this.part = part;
    this.latency = world.metrics.id('watch.push-latency', 'time');
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    this.handlerOf(kind)(process, a, b, c);
  }

  handlerOf(kind: NoteKind): NoteHandler {
    return kind === RaftNote.applied
      ? (_, index) => this.onApplied(index)
      : (process, _, index) => this.onAnswered(process, index);
  }

  private onApplied(index: number): void {
    while (this.applied.length < index) this.applied.push(0);
    if (this.applied.length === index) this.applied.push(this.world.now);
  }

  private onAnswered(process: ProcessIndex, index: number): void {
    const { now, metrics, processes } = this.world;
    const { held } = (processes[process].slotByNumber[LOAD_MACHINE]!.state as KvLoadState).watch!;
    const known = this.told.get(process);
    const told = held!.reduce((sum, { modifyIndex }) => sum + modifyIndex, held!.length);
    this.told.set(process, told);
    // Whose time is up has a newer index, and the same as before.
    if (known === undefined || told === known || index >= this.applied.length) return;
    const since = this.applied[index];
    if (since < this.part.fromMicros || now >= this.part.untilMicros) return;
    metrics.record(this.latency, now - since);
  }

  save(): unknown {
    return { applied: this.applied.slice(), told: new Map(this.told) } satisfies Saved;
  }

  restore(state: unknown): void {
    const { applied, told } = state as Saved;
    this.applied = applied.slice();
    this.told = new Map(told);
  }
}
