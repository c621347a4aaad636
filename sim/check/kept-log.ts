/**
 * A log that is kept to compare others with: what was committed, applied, or shown by a leader. Mostly
 * it is the book, so that all it has of its own is where it is not.
 */
import type { Entry } from '../protocol/raft/types.ts';

/** Entries as they were seen first, by index; what it has told once it tells for ever. */
interface Book {
  first(index: number): Entry | undefined;
}

export interface KeptLogState {
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly others: readonly (readonly [number, Entry | null])[];
}

const NONE: readonly number[] = [];

export class KeptLog {
  firstIndex = 1;
  /** `firstIndex - 1` while it is empty. */
  lastIndex = 0;
  /** What it holds where that is not the book's, or null where it holds nothing. */
  private readonly others = new Map<number, Entry | null>();
  private readonly book: Book;

  constructor(book: Book, state?: KeptLogState) {
    this.book = book;
    if (state === undefined) return;
    this.firstIndex = state.firstIndex;
    this.lastIndex = state.lastIndex;
    for (const [index, entry] of state.others) this.others.set(index, entry);
  }

  /** Undefined where it does not have one. */
  entry(index: number): Entry | undefined {
    if (index < this.firstIndex || index > this.lastIndex) return undefined;
    if (this.others.size > 0) {
      const other = this.others.get(index);
      if (other !== undefined) return other ?? undefined;
    }
    return this.book.first(index);
  }

  /** The entry goes to its index. An empty log begins with it, and nothing is put before that. */
  put(entry: Entry): void {
    const { index } = entry;
    if (this.lastIndex < this.firstIndex) {
      this.firstIndex = index;
      this.lastIndex = index - 1;
    }
    if (index < this.firstIndex) return;
    for (let hole = this.lastIndex + 1; hole < index; hole++) this.others.set(hole, null);
    if (index > this.lastIndex) this.lastIndex = index;
    if (this.book.first(index) !== entry) this.others.set(index, entry);
    else if (this.others.size > 0) this.others.delete(index);
  }

  /** Ascending indexes at which it does not hold the very entry of the book. */
  deviations(): readonly number[] {
    if (this.others.size === 0) return NONE;
    // The book may have come to know the entry since.
    for (const [index, entry] of this.others) {
      if (this.book.first(index) === entry) this.others.delete(index);
    }
    return [...this.others.keys()].sort((one, other) => one - other);
  }

  save(): KeptLogState {
    const { firstIndex, lastIndex, others } = this;
    return { firstIndex, lastIndex, others: [...others] };
  }
}
