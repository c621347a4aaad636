/** The book of all logs forgets what no disk holds any more, and goes on comparing the rest. */
import { describe, expect, test } from 'vitest';
import { LogBook } from '../../../sim/check/log-book.ts';
import type { Sighting } from '../../../sim/check/sightings.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { createLog, deleteTo, putEntry } from '../../../sim/protocol/raft/log.ts';
import { EntryType } from '../../../sim/protocol/raft/types.ts';
import type { Entry } from '../../../sim/protocol/raft/types.ts';

const ENTRIES = 10_000;

function logOf(entries: number): Entry[] {
  const log: Entry[] = [];
  for (let index = 1; index <= entries; index++) {
    const before = log.at(-1)?.prefix ?? 0;
    log.push(makeEntry(before, index, 1, EntryType.noop, null));
  }
  return log;
}

/** Two servers with the same log; the second may lag, or hold a snapshot. */
function bookOf() {
  const entries = logOf(ENTRIES);
  const disks = [0, 1].map(() => ({
    log: createLog(entries.slice()),
    snapshots: [] as { index: number }[],
  }));
  const found: { index: number; process: number }[] = [];
  const book = new LogBook({
    world: { now: 0 },
    servers: [{ process: 0 }, { process: 1 }],
    durable: (process) => disks[process] as never,
  });
  book.reader = {
    onFirst: () => {},
    onDifferent: (process, { entry }: Sighting) => found.push({ index: entry.index, process }),
  };
  for (const process of [0, 1]) book.onNote(0, process, 1, ENTRIES);
  return { book, disks, entries, found };
}

describe('the book', () => {
  test('keeps what a log or a snapshot of any server reaches back to', () => {
    const { book, disks, entries } = bookOf();
    deleteTo(disks[0]!.log, 8000);
    book.onSecond();
    expect(book.first(1)).toBe(entries[0]);
    deleteTo(disks[1]!.log, 9000);
    disks[0]!.snapshots.push({ index: 6000 });
    book.onSecond();
    expect([1, 5998].map((index) => book.first(index))).toEqual([undefined, undefined]);
    expect(book.first(5999)).toBe(entries[5998]);
    expect(book.first(ENTRIES)).toBe(entries.at(-1));
  });

  test('does not wait for a server that has nothing', () => {
    const { book, disks } = bookOf();
    disks[1]!.log = createLog();
    deleteTo(disks[0]!.log, 8000);
    book.onSecond();
    expect(book.first(100)).toBeUndefined();
  });

  test('still sees a difference afterwards, and goes on with new entries', () => {
    const { book, disks, entries, found } = bookOf();
    for (const { log } of disks) deleteTo(log, 8000);
    book.onSecond();
    const next = makeEntry(entries.at(-1)!.prefix, ENTRIES + 1, 1, EntryType.noop, null);
    for (const process of [0, 1]) {
      putEntry(disks[process]!.log, next);
      book.onNote(0, process, ENTRIES + 1, ENTRIES + 1);
    }
    expect(book.first(ENTRIES + 1)).toBe(next);
    const saved = book.save();
    const { log } = disks[1]!;
    log.entries[500] = makeEntry(4711, 8501, 1, EntryType.noop, null);
    for (let second = 1; found.length === 0 && second < 20; second++) {
      (book as unknown as { source: { world: { now: number } } }).source.world.now = second * 1e6;
      book.onSecond();
    }
    expect(found).toContainEqual({ index: 8501, process: 1 });
    book.restore(saved);
    expect(book.first(8501)).toBe(entries[8500]);
    expect(book.first(100)).toBeUndefined();
  });
});
