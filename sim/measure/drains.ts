/** How instances end that are told to stop: how long they take, and which requests are cut off. */
import { ProgramNote } from '../client/program.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import { KernelNote } from '../core/observer.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { insideOf } from '../service/instance.ts';
import type { InstanceState } from '../service/instance.ts';
import { INSTANCE_MACHINE } from '../service/vocabulary.ts';
import type { MeasuredPart } from './load.ts';

export class DrainMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [ProgramNote.stopping, KernelNote.crashed];
  /** When each has been told. */
  private told = new Map<ProcessIndex, number>();
  private readonly world: World;
  private readonly part: MeasuredPart;
  private readonly drain: number;
  private readonly cutOff: number;

  constructor(world: World, part: MeasuredPart) {
    this.world = world;
    this.part = part;
    this.drain = world.metrics.id('instance.drain', 'time');
    this.cutOff = world.metrics.id('instance.cut-off', 'counter');
  }

  onNote(kind: NoteKind, process: ProcessIndex): void {
    const { now, metrics, processes } = this.world;
    if (kind === ProgramNote.stopping) {
      this.told.set(process, now);
      return;
    }
    const slot = processes[process].slotByNumber[INSTANCE_MACHINE];
    const { fromMicros, untilMicros } = this.part;
    const since = this.told.get(process);
    this.told.delete(process);
    if (slot?.state === undefined || now < fromMicros || now >= untilMicros) return;
    metrics.add(this.cutOff, insideOf(slot.state as InstanceState));
    if (since !== undefined) metrics.record(this.drain, now - since);
  }

  save(): unknown {
    return new Map(this.told);
  }

  restore(state: unknown): void {
    this.told = new Map(state as ReadonlyMap<ProcessIndex, number>);
  }
}
