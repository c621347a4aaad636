/**
 * `raft.log-matching`: a leader compares one entry, the one before what it sends, and concludes that
 * everything before it is equal too. Without log matching that conclusion is wrong.
 *
 * Every append is compared as it is told. Once a second the scan looks at the newest 512 entries of
 * each log and at 512 others in turn, and closely at those that are not the book's.
 */
import { makeEntry } from '../protocol/raft/durable.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import type { BookReader } from './log-book.ts';
import type { Sighting } from './sightings.ts';

/** The book does the comparing; this judges what it notices. */
class LogMatching implements InvariantCheck, BookReader {
  readonly wants: readonly NoteKind[] = [];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.book.reader = this;
  }

  onNote(): void {}

  /** Appended entries compared with one of the same index and term in another log. */
  get exercised(): number {
    return this.context.book.compared;
  }

  /** Nothing to compare with yet but what the entry says of itself. */
  onFirst(place: number, { entry, before, server }: Sighting): void {
    const { index, term, type, data, prefix } = entry;
    if (index === place && makeEntry(before, index, term, type, data).prefix === prefix) return;
    const { name, report } = this.context;
    const what = `entry ${index} of term ${term} stands at index ${place}, behind a log`;
    report(`On ${name(server)}, ${what} that is not the one it was made for`, [server]);
  }

  onDifferent(process: ProcessIndex, { entry, server }: Sighting, how: string): void {
    const { name } = this.context;
    const what = `Entries ${entry.index} of term ${entry.term}`;
    const both = `${name(server)} and ${name(process)}`;
    const where = server === process ? `${name(process)}, then and now,` : both;
    this.context.report(`${what} on ${where} ${how}`, [server, process]);
  }

  /** The book saves what it has seen. */
  save(): unknown {
    return null;
  }

  restore(): void {}
}

export const logMatching: Invariant = {
  name: 'raft.log-matching',
  expectation: 'always',
  statement: 'Logs that hold an entry of the same index and term are equal up to that entry.',
  source: 'Raft paper, figure 3 (Log Matching) and §5.3',
  create: (context) => new LogMatching(context),
};
