/** Where a log that others are compared with is not the book; mostly nowhere. */
import { lastIndexOf } from '../protocol/raft/log.ts';
import type { RaftLog } from '../protocol/raft/log.ts';
import type { Entry } from '../protocol/raft/types.ts';

/** Of one log that only grows: each entry is looked at once. */
export class Deviations {
  private indexes: number[] = [];
  private compared = 0;

  /** Ascending indexes at which the log does not hold the very entry of the book. */
  of(log: RaftLog, book: readonly (Entry | undefined)[]): readonly number[] {
    const { entries, firstIndex } = log;
    const differs = (index: number): boolean => entries[index - firstIndex] !== book[index];
    // The book may have come to know the entry since.
    if (this.indexes.length > 0) this.indexes = this.indexes.filter(differs);
    const last = lastIndexOf(log);
    for (let index = Math.max(this.compared + 1, firstIndex); index <= last; index++) {
      if (differs(index)) this.indexes.push(index);
    }
    if (last > this.compared) this.compared = last;
    return this.indexes;
  }
}
