import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeptLog } from '../../../sim/check/kept-log.ts';
import { createLog, entryIn, putEntry } from '../../../sim/protocol/raft/log.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { EntryType } from '../../../sim/protocol/raft/types.ts';
import type { Entry } from '../../../sim/protocol/raft/types.ts';

const INDEXES = 12;
const TERMS = 3;
const entries = Array.from({ length: TERMS }, (_, term) =>
  Array.from({ length: INDEXES + 1 }, (__, index) =>
    makeEntry(0, index, term, EntryType.noop, null),
  ),
);

/** An entry that somebody keeps, or that the book comes to know first. */
const acts = fc.array(
  fc.record({
    known: fc.boolean(),
    index: fc.integer({ min: 1, max: INDEXES }),
    term: fc.integer({ min: 0, max: TERMS - 1 }),
  }),
  { maxLength: 40 },
);

function bookOf() {
  const seen: (Entry | undefined)[] = [];
  const learn = (entry: Entry): void => void (seen[entry.index] ??= entry);
  return { learn, first: (index: number) => seen[index] };
}

describe('a log kept beside the book', () => {
  test('holds what a log of its own would, and says where that is not the book', () => {
    const property = fc.property(acts, (plan) => {
      const book = bookOf();
      const log = createLog();
      let kept = new KeptLog(book);
      for (const { known, index, term } of plan) {
        const entry = entries[term]![index]!;
        if (known) {
          book.learn(entry);
        } else {
          putEntry(log, entry);
          kept.put(entry);
        }
        kept = new KeptLog(book, kept.save());
      }
      const all = Array.from({ length: INDEXES + 2 }, (_, index) => index);
      expect(all.map((index) => kept.entry(index))).toEqual(all.map((i) => entryIn(log, i)));
      const differing = all.filter((index) => {
        const own = entryIn(log, index);
        return own !== undefined && own !== book.first(index);
      });
      const held = kept.deviations().filter((index) => kept.entry(index) !== undefined);
      expect(held).toEqual(differing);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('has nothing of its own where it is the book', () => {
    const book = bookOf();
    const kept = new KeptLog(book);
    for (const entry of entries[1]!.slice(1)) {
      book.learn(entry);
      kept.put(entry);
    }
    expect(kept.lastIndex).toBe(INDEXES);
    expect(kept.save().others).toEqual([]);
  });
});
