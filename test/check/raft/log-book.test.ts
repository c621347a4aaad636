import { expect, test } from 'vitest';
import { KeptLog } from '../../../sim/check/kept-log.ts';
import { LogBook } from '../../../sim/check/log-book.ts';
import { SCAN_ENTRIES_MAX } from '../../../sim/check/scan.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { createLog, entryIn } from '../../../sim/protocol/raft/log.ts';
import type { RaftLog } from '../../../sim/protocol/raft/log.ts';
import { EntryType } from '../../../sim/protocol/raft/types.ts';
import type { Entry, RaftDurable } from '../../../sim/protocol/raft/types.ts';
import { SECOND } from './kit.ts';

/** A log of so many entries of one term, behind the entries given. */
function extended(entries: readonly Entry[], length: number, term = 1): Entry[] {
  const log = entries.slice();
  while (log.length < length) {
    log.push(makeEntry(log.at(-1)?.prefix ?? 0, log.length + 1, term, EntryType.noop, null));
  }
  return log;
}

/** What is kept of a log beside the book, which may not know it. */
function kept(book: LogBook, entries: readonly Entry[]): KeptLog {
  const log = new KeptLog(book);
  for (const entry of entries) log.put(entry);
  return log;
}

/** The snapshot that stands for what a log has trimmed of the first one. */
function coverOf(first: RaftLog, { firstIndex }: RaftLog): RaftDurable['snapshots'] {
  const last = entryIn(first, firstIndex - 1);
  if (last === undefined) return [];
  const { index, term, prefix } = last;
  const rest = { configuration: { servers: [], digest: 0 }, configurationIndex: 0, bytes: 0 };
  return [{ index, term, prefix, ...rest, image: null, digest: 0, intact: true, synced: true }];
}

/** A book over these logs, one a server; `scan` is the next full second. */
function bookOver(...logs: readonly RaftLog[]) {
  const world = { now: 0 };
  const servers = logs.map((_, process) => ({ process }));
  const book = new LogBook({
    world,
    servers,
    durable: (process) => ({ log: logs[process]!, snapshots: coverOf(logs[0]!, logs[process]!) }),
  });
  const told: string[] = [];
  book.reader = {
    onFirst: () => {},
    onDifferent: (process, known, how) => void told.push(`${process} ${known.entry.index} ${how}`),
  };
  const scan = (): void => {
    world.now += SECOND;
    book.onSecond();
  };
  return { book, scan, told };
}

test('any single difference is found in time', () => {
  const entries = extended([], 2 * SCAN_ENTRIES_MAX);
  const reference = createLog(entries);
  const half = SCAN_ENTRIES_MAX / 2;
  for (const at of [0, half - 1, half, 2 * half + 17, entries.length - 1]) {
    const other = createLog(entries.slice());
    const { book, scan, told } = bookOver(reference, other);
    for (let second = 0; second < 4; second++) scan();
    other.entries[at] = { ...entries[at]!, prefix: entries[at]!.prefix + 1 };
    const found = [1, 2, 3, 4].map(() => {
      scan();
      return book.difference(1, kept(book, entries), entries.length);
    });
    expect(new Set(found)).toContain(at + 1);
    expect(told).toContain(`1 ${at + 1} differ`);
    expect(book.difference(0, kept(book, entries), entries.length)).toBe(0);
  }
});

test('the first difference counts, and the end of a log is one', () => {
  const entries = extended([], 100);
  const short = createLog(entries.slice(0, 60));
  const { book, scan } = bookOver(createLog(entries), short);
  scan();
  const until = (last: number): number => book.difference(1, kept(book, entries), last);
  expect([60, 61, 100].map(until)).toEqual([0, 61, 61]);
  short.entries[49] = makeEntry(1, 50, 2, EntryType.noop, null);
  short.entries[39] = makeEntry(1, 40, 2, EntryType.noop, null);
  scan();
  expect([39, 40, 100].map(until)).toEqual([0, 40, 40]);
});

test('what is trimmed is not judged', () => {
  const entries = extended([], 100);
  const trimmed = { firstIndex: 51, entries: entries.slice(50) };
  const { book, scan } = bookOver(createLog(entries), trimmed);
  scan();
  expect(book.difference(1, kept(book, entries.slice(0, 40)), 40)).toBe(0);
  trimmed.entries[0] = makeEntry(1, 51, 2, EntryType.noop, null);
  scan();
  expect(book.difference(1, kept(book, entries), 100)).toBe(51);
});

test('a reference that is not the book is compared wherever it is not, at any distance', () => {
  const length = 4 * SCAN_ENTRIES_MAX;
  const entries = extended([], length);
  const { book, scan } = bookOver(createLog(entries));
  for (let second = 0; second < 8; second++) scan();
  const at = SCAN_ENTRIES_MAX + 5;
  const reference = kept(book, entries.slice(0, at - 1));
  expect(book.difference(0, reference, at - 1)).toBe(0);
  for (const entry of [makeEntry(1, at, 2, EntryType.noop, null), ...entries.slice(at)]) {
    reference.put(entry);
  }
  for (let second = 0; second < 8; second++) {
    scan();
    expect(book.difference(0, reference, length)).toBe(at);
  }
});

test('an entry of an older term, put back where it was seen first, is behind the wrong successor', () => {
  const common = extended([], 5);
  const lost = extended(common, 6, 2);
  const kept = extended(common, 8, 3);
  const log = createLog(lost);
  const { scan, told } = bookOver(log, createLog(kept));
  scan();
  log.entries = kept.slice();
  scan();
  expect(told).toEqual([]);
  log.entries[5] = lost[5]!;
  scan();
  expect(told).toEqual(['0 7 follow different logs']);
});

test('a book that is restored goes on as the one that was saved', () => {
  const entries = extended([], 3000);
  const log = createLog(entries.slice(0, 2000));
  const { book, scan } = bookOver(createLog(entries), log);
  scan();
  for (const process of [0, 1]) book.onNote(0, process, 1, 2000);
  const saved = book.save();
  const { compared } = book;
  log.entries = entries.slice();
  book.onNote(0, 0, 2001, 3000);
  book.onNote(0, 1, 2001, 3000);
  const after = book.compared;
  expect(after).toBe(compared + 1000);
  book.restore(saved);
  expect(book.compared).toBe(compared);
  book.onNote(0, 0, 2001, 3000);
  book.onNote(0, 1, 2001, 3000);
  expect(book.compared).toBe(after);
});
