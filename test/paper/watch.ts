/** Keeps the notes of some kinds as a run makes them. */
import type { NoteKind, ProcessIndex } from '../../sim/core/machine.ts';
import type { Observer } from '../../sim/core/observer.ts';
import type { Execution } from '../../sim/run/execution.ts';

export interface Seen {
  readonly kind: NoteKind;
  readonly process: ProcessIndex;
  readonly time: number;
  readonly a: number;
}

export class Watch implements Observer {
  readonly wants: readonly NoteKind[];
  readonly seen: Seen[] = [];
  private readonly execution: Execution;

  constructor(execution: Execution, wants: readonly NoteKind[]) {
    this.execution = execution;
    this.wants = wants;
    execution.world.observe(this);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    this.seen.push({ kind, process, time: this.execution.world.now, a });
  }
}
