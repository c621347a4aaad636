/**
 * Comparing logs entry by entry: the slow scans that confirm what prefixes say in O(1). Entries are
 * immutable and shared, so that in a healthy run a comparison is one of identities.
 */
import type { Entry } from '../protocol/raft/types.ts';

/** Entries of one log that one scan looks at. */
export const SCAN_ENTRIES_MAX = 4096;
const SECOND_MICROS = 1_000_000;

/** A part of a log: array indexes in [from, to). */
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

/** First array index in [from, to) at which two logs differ, or -1. */
export function firstDifference(
  log: readonly Entry[],
  reference: readonly Entry[],
  from: number,
  to: number,
): number {
  for (let i = from; i < to; i++) {
    if (log[i] !== reference[i] && !sameEntry(log[i], reference[i])) return i;
  }
  return -1;
}

/** First difference among the first `length` entries that this second's windows show, or -1. */
export function scanDifference(
  log: readonly Entry[],
  reference: readonly Entry[],
  length: number,
  now: number,
): number {
  for (const { from, to } of scanWindows(length, now)) {
    const at = firstDifference(log, reference, from, to);
    if (at >= 0) return at;
  }
  return -1;
}
