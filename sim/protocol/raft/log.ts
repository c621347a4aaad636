/**
 * The log store's content: entries by index, the oldest of which a snapshot may have replaced. Plain
 * data; every access is one array access.
 */
import type { Entry } from './types.ts';

export interface RaftLog {
  /** Index of `entries[0]`; everything before it has been trimmed. */
  firstIndex: number;
  entries: Entry[];
}

export function createLog(entries: Entry[] = []): RaftLog {
  return { firstIndex: 1, entries };
}

export function copyLog({ firstIndex, entries }: RaftLog): RaftLog {
  return { firstIndex, entries: entries.slice() };
}

/** `firstIndex - 1` for an empty log. */
export function lastIndexOf(log: RaftLog): number {
  return log.firstIndex + log.entries.length - 1;
}

/** Undefined before the first and after the last entry. */
export function entryIn(log: RaftLog, index: number): Entry | undefined {
  const at = index - log.firstIndex;
  return at < 0 ? undefined : log.entries[at];
}

/** Entries `from` to `to`, as far as the log holds them. */
export function entriesBetween(log: RaftLog, from: number, to: number): Entry[] {
  const at = Math.max(from - log.firstIndex, 0);
  return log.entries.slice(at, Math.max(to - log.firstIndex + 1, at));
}

/** The store puts entries at their index; a gap cannot be stored. */
export function storeEntries(log: RaftLog, entries: readonly Entry[]): void {
  for (const entry of entries) {
    const at = entry.index - log.firstIndex;
    if (at < 0 || at > log.entries.length) return;
    log.entries[at] = entry;
  }
}

/** Removes the entries from `index` on. */
export function deleteFrom(log: RaftLog, index: number): void {
  const length = Math.max(index - log.firstIndex, 0);
  if (log.entries.length > length) log.entries.length = length;
}
