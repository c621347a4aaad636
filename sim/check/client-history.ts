/**
 * What clients asked and were told, record by record. Whoever runs the load feeds this; invariants
 * that judge answers listen.
 */
import type { RunRecord } from './linearizability/operation-log.ts';

export class ClientHistory {
  private readonly listeners: ((record: RunRecord) => void)[] = [];
  private readonly kept: RunRecord[] = [];
  private recall: ((at: number) => RunRecord) | null = null;

  /** Takes the next record; those of one operation come in the order in which they happened. */
  append(record: RunRecord): void {
    this.kept.push(record);
    this.tell(record);
  }

  /**
   * From now on records come by `tell` only, and are not kept here: `recall` gives them again, by
   * their place among them.
   */
  continueFrom(recall: (at: number) => RunRecord): void {
    this.recall = recall;
  }

  tell(record: RunRecord): void {
    for (let i = 0; i < this.listeners.length; i++) this.listeners[i](record);
  }

  /** A record that was there, by its place among all. */
  record(at: number): RunRecord {
    const { kept, recall } = this;
    return at < kept.length || recall === null ? kept[at] : recall(at - kept.length);
  }

  listen(listener: (record: RunRecord) => void): void {
    this.listeners.push(listener);
  }
}
