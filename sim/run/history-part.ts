/** The part of the operation history that is about one datacenter's store. */
import type { History, HistoryRecord } from '../client/history.ts';
import type { NoteKind } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';

export class HistoryPart implements Observer {
  readonly wants: readonly NoteKind[] = [];
  /** Places of its records among all; those behind the count are of a later state. */
  private readonly places: number[] = [];
  private count = 0;
  private readonly history: History;
  private readonly belongs: (record: HistoryRecord) => boolean;

  constructor(history: History, belongs: (record: HistoryRecord) => boolean) {
    this.history = history;
    this.belongs = belongs;
  }

  onNote(): void {}

  /** The last record of the history; whether it is one of these. */
  take(record: HistoryRecord): boolean {
    if (!this.belongs(record)) return false;
    this.places[this.count++] = this.history.length - 1;
    return true;
  }

  /** By its place among these. */
  record(at: number): HistoryRecord {
    return this.history.record(this.places[at]);
  }

  save(): unknown {
    return this.count;
  }

  restore(state: unknown): void {
    this.count = state as number;
  }
}
