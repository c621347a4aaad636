/**
 * Comparing logs entry by entry: the slow scans that confirm what prefixes say in O(1). Entries are
 * immutable and shared, so that in a healthy run a comparison is one of identities.
 */
import { entryIn } from '../protocol/raft/log.ts';
import type { RaftLog } from '../protocol/raft/log.ts';
import type { Entry } from '../protocol/raft/types.ts';

/** Entries of one log that one scan looks at. */
export const SCAN_ENTRIES_MAX = 1024;
const SECOND_MICROS = 1_000_000;

/** A part of a list: places in [from, to). */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * What a scan looks at of a log of this length, at this time: two windows, the second possibly empty.
 * A short log is scanned whole every second. Of a longer one, each scan takes the newest half of what
 * it may, and as much of the rest in turn, so that every entry is looked at again and again. `most`
 * is even.
 */
export function scanWindows(
  length: number,
  now: number,
  most = SCAN_ENTRIES_MAX,
): readonly [Window, Window] {
  const whole = { from: 0, to: length };
  if (length <= most) return [whole, { from: 0, to: 0 }];
  const half = most / 2;
  const old = length - half;
  const turns = Math.ceil(old / half);
  const from = (Math.floor(now / SECOND_MICROS) % turns) * half;
  return [
    { from: old, to: length },
    { from, to: Math.min(from + half, old) },
  ];
}

/** The same index, term, content and history. */
export function sameEntry(one: Entry | undefined, other: Entry | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  return one.prefix === other.prefix && one.term === other.term && one.index === other.index;
}

/** First index from both logs have not trimmed. */
export function firstShared(log: RaftLog, reference: RaftLog): number {
  return Math.max(log.firstIndex, reference.firstIndex);
}

/** First index in [from, to] at which two logs differ, or 0; nothing is said of what is trimmed. */
export function firstDifference(
  log: RaftLog,
  reference: RaftLog,
  from: number,
  to: number,
): number {
  for (let index = Math.max(from, firstShared(log, reference)); index <= to; index++) {
    const entry = entryIn(log, index);
    const other = entryIn(reference, index);
    if (entry !== other && !sameEntry(entry, other)) return index;
  }
  return 0;
}
