/**
 * The log store's content: entries by index, the oldest of which a snapshot may have replaced. Plain
 * data; every access is one array access.
 */
import type { Entry } from './types.ts';

export interface RaftLog {
  /** Index of `entries[0]`; everything before it has been trimmed. */
  firstIndex: number;
  /** HOLE where BoltDB has never stored an entry between two that it has. */
  entries: Entry[];
}

/** Stands for an entry that the store does not have. */
const HOLE: Entry = { index: 0, term: 0, type: 1, data: null, prefix: 0 };

export function createLog(entries: Entry[] = [], firstIndex = 1): RaftLog {
  return { firstIndex, entries };
}

export function copyLog({ firstIndex, entries }: RaftLog): RaftLog {
  return { firstIndex, entries: entries.slice() };
}

/** `firstIndex - 1` for an empty log. */
export function lastIndexOf(log: RaftLog): number {
  return log.firstIndex + log.entries.length - 1;
}

/** Undefined where the log does not have it. */
export function entryIn(log: RaftLog, index: number): Entry | undefined {
  const at = index - log.firstIndex;
  if (at < 0) return undefined;
  const entry = log.entries[at];
  return entry === HOLE ? undefined : entry;
}

/** Entries `from` to `to`; null unless the log holds them all. */
export function entriesBetween(log: RaftLog, from: number, to: number): Entry[] | null {
  const at = from - log.firstIndex;
  if (at < 0 || to > lastIndexOf(log)) return null;
  if (from === to) return log.entries[at] === HOLE ? null : [log.entries[at]];
  const entries = log.entries.slice(at, at + to - from + 1);
  return entries.includes(HOLE) ? null : entries;
}

/** Each entry goes to its index. */
export function storeEntries(log: RaftLog, entries: readonly Entry[]): void {
  for (const entry of entries) putEntry(log, entry);
}

/** An empty log begins with its first entry, and nothing is put before that. */
export function putEntry(log: RaftLog, entry: Entry): void {
  if (log.entries.length === 0) log.firstIndex = entry.index;
  const at = entry.index - log.firstIndex;
  if (at < 0) return;
  while (log.entries.length < at) log.entries.push(HOLE);
  log.entries[at] = entry;
}

/** Removes the entries from `index` on. */
export function deleteFrom(log: RaftLog, index: number): void {
  const length = Math.max(index - log.firstIndex, 0);
  if (log.entries.length > length) log.entries.length = length;
}

/** Removes the entries up to `index`. */
export function deleteTo(log: RaftLog, index: number): void {
  const count = Math.min(index - log.firstIndex + 1, log.entries.length);
  if (count <= 0) return;
  const { entries } = log;
  let at = count;
  while (entries[at] === HOLE) at++;
  log.entries = entries.slice(at);
  log.firstIndex += at;
}
