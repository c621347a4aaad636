/**
 * Comparing logs entry by entry: the slow scans that confirm what prefixes say in O(1). Entries are
 * immutable and shared, so that in a healthy run a comparison is one of identities.
 */
import { entryIn } from '../protocol/raft/log.ts';
import type { Entry, RaftDurable } from '../protocol/raft/types.ts';
import type { KeptLog } from './kept-log.ts';

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

type Disk = Pick<RaftDurable, 'log' | 'snapshots'>;

/**
 * Up to this index a snapshot of the disk stands for the log: the newest one that can be read and
 * whose log is the reference's, as far as that is known.
 */
export function coveredTo({ snapshots }: Disk, reference: KeptLog): number {
  for (const { index, prefix, intact } of snapshots) {
    const known = reference.entry(index);
    if (intact && (known === undefined || known.prefix === prefix)) return index;
  }
  return 0;
}

/** First index at which the disk and the reference can be compared entry by entry. */
export function firstComparable({ log }: Disk, reference: KeptLog, covered: number): number {
  return Math.max(reference.firstIndex, Math.min(log.firstIndex, covered + 1));
}

/** The disk has the reference's entry, in its log or inside a snapshot; or nobody knows of any. */
export function holdsEntry(disk: Disk, reference: KeptLog, index: number): boolean {
  const wanted = reference.entry(index);
  if (wanted === undefined || sameEntry(entryIn(disk.log, index), wanted)) return true;
  return index <= coveredTo(disk, reference);
}

/** First index up to `last` at which the disk lacks the reference's entry, or 0. */
export function firstDifference(disk: Disk, reference: KeptLog, last: number): number {
  const covered = coveredTo(disk, reference);
  for (let index = firstComparable(disk, reference, covered); index <= last; index++) {
    const entry = entryIn(disk.log, index);
    const other = reference.entry(index);
    if (entry === other || other === undefined || index <= covered) continue;
    if (!sameEntry(entry, other)) return index;
  }
  return 0;
}
