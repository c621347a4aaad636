/**
 * What clients asked and were told, record by record. Whoever runs the load feeds this; invariants
 * that judge answers listen.
 */
import type { RunRecord } from './linearizability/operation-log.ts';

export class ClientHistory {
  private readonly listeners: ((record: RunRecord) => void)[] = [];

  /** Takes the next record; those of one operation come in the order in which they happened. */
  append(record: RunRecord): void {
    for (const listener of this.listeners) listener(record);
  }

  listen(listener: (record: RunRecord) => void): void {
    this.listeners.push(listener);
  }
}
