/**
 * What the logs of all servers are compared with: at each index the entry that was seen there first,
 * and the first one of each further term. Entries are immutable and shared, so that in a healthy run
 * a comparison is one of identities.
 *
 * Once a second a pass over all logs, by the windows of `scan.ts`, notes where each is not the book.
 * All invariants share it: a log and what it should be equal to may differ where one of the two is
 * not the book, and nowhere else.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import { entryIn, lastIndexOf } from '../protocol/raft/log.ts';
import type { RaftLog } from '../protocol/raft/log.ts';
import type { Entry, RaftDurable } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { KeptLog } from './kept-log.ts';
import { coveredTo, firstComparable, sameEntry, scanWindows } from './scan.ts';
import { Sightings } from './sightings.ts';
import type { Sighting } from './sightings.ts';

/** Whoever judges what the book notices. */
export interface BookReader {
  /** The first entry of its term at this index. */
  onFirst(index: number, sighting: Sighting): void;
  /** The log of this server holds an entry that should be equal to the one that is known. */
  onDifferent(process: ProcessIndex, known: Sighting, how: string): void;
}

type Disk = Pick<RaftDurable, 'log' | 'snapshots'>;

/** Prefixes have 32 bits: what stood before has been trimmed. */
const UNKNOWN = 2 ** 40;

/** Old entries are forgotten by so many at a time. */
const FORGET_MIN = 4096;

/** What the book has to know of a run. */
export interface BookSource {
  readonly world: { readonly now: number };
  readonly servers: readonly { readonly process: ProcessIndex }[];
  durable(process: ProcessIndex): Disk;
}

interface State {
  readonly sightings: unknown;
  readonly compared: number;
}

export class LogBook implements Observer {
  readonly wants: readonly NoteKind[] = [RaftNote.appended];
  /** Appended entries that were compared with one of the same index and term in another log. */
  compared = 0;
  reader: BookReader | null = null;
  private readonly sightings = new Sightings();
  /** By process: the indexes at which its log was not the book in the last pass. */
  private readonly differing: number[][] = [];
  private readonly source: BookSource;

  constructor(source: BookSource) {
    this.source = source;
    for (const { process } of source.servers) this.differing[process] = [];
  }

  onNote(_kind: NoteKind, process: ProcessIndex, first: number, last: number): void {
    this.onAppended(process, first, last);
  }

  handlerOf(): NoteHandler {
    return (process, first, last) => this.onAppended(process, first, last);
  }

  private onAppended(process: ProcessIndex, first: number, last: number): void {
    const disk = this.source.durable(process);
    const { log } = disk;
    let before = prefixBefore(disk, first);
    for (let index = first; index <= last; index++) {
      const entry = entryIn(log, index);
      if (entry === undefined) return;
      const seenBy = this.sightings.seenBy(index, entry, before);
      if (seenBy < 0) this.lookClosely(process, index, entry, before, true);
      else if (seenBy !== process) this.compared++;
      before = entry.prefix;
    }
  }

  /** The entry that was seen first at an index, or undefined where none was or it is forgotten. */
  first(index: number): Entry | undefined {
    return this.sightings.first(index);
  }

  /** Where this server's log may hold a configuration: where the book does, or where it differs. */
  configurationsOf(process: ProcessIndex): readonly number[] {
    const { configurations } = this.sightings;
    const differing = this.differing[process];
    return differing.length === 0 ? configurations : [...configurations, ...differing];
  }

  /** Looks at all logs, by windows, and closely wherever one is not the book. */
  onSecond(): void {
    const { durable, servers, world } = this.source;
    for (const { process } of servers) {
      const disk = durable(process);
      const differing = this.differing[process];
      this.pass(disk.log, differing, world.now);
      for (const index of differing) {
        this.look(process, disk, index);
        this.look(process, disk, index + 1);
      }
      for (const index of this.sightings.breaks) this.look(process, disk, index);
    }
    this.forgetOld();
  }

  /** What no disk holds any more, in its log or behind a snapshot that it keeps, is compared no more. */
  private forgetOld(): void {
    const { durable, servers } = this.source;
    let oldest = Infinity;
    for (const { process } of servers) {
      const { log, snapshots } = durable(process);
      // A server without anything gets what it will have from another.
      if (log.entries.length > 0) oldest = Math.min(oldest, log.firstIndex);
      for (const { index } of snapshots) oldest = Math.min(oldest, index);
    }
    if (oldest - this.sightings.base < FORGET_MIN || oldest === Infinity) return;
    this.sightings.forget(oldest - 1);
  }

  private pass({ entries, firstIndex }: RaftLog, differing: number[], now: number): void {
    const { base, entries: book } = this.sightings;
    const shift = firstIndex - base;
    differing.length = 0;
    for (const { from, to } of scanWindows(entries.length, now)) {
      const known = Math.max(from, Math.min(to, book.length - shift));
      for (let at = Math.max(from, -shift); at < known; at++) {
        if (entries[at] !== book[shift + at]) differing.push(firstIndex + at);
      }
      for (let at = known; at < to; at++) differing.push(firstIndex + at);
    }
  }

  private look(process: ProcessIndex, disk: Disk, index: number): void {
    const entry = entryIn(disk.log, index);
    if (entry === undefined) return;
    const before = prefixBefore(disk, index);
    if (this.sightings.seenBy(index, entry, before) < 0) {
      this.lookClosely(process, index, entry, before, false);
    }
  }

  private lookClosely(
    process: ProcessIndex,
    index: number,
    entry: Entry,
    before: number,
    appended: boolean,
  ): void {
    const known = this.sightings.find(index, entry.term);
    if (known === undefined) {
      if (before === UNKNOWN) return;
      const sighting = { entry, before, server: process };
      this.sightings.add(index, sighting);
      this.reader?.onFirst(index, sighting);
      return;
    }
    if (!sameEntry(known.entry, entry)) this.reader?.onDifferent(process, known, 'differ');
    else if (known.before !== before && before !== UNKNOWN) {
      this.reader?.onDifferent(process, known, 'follow different logs');
    }
    if (appended && known.server !== process) this.compared++;
  }

  /**
   * First index up to `last` at which the pass of this second has seen that a server's log is not
   * the reference, or 0: inside the windows, wherever the reference is not the book, and at the end
   * of a log that is too short.
   */
  difference(process: ProcessIndex, reference: KeptLog, last: number): number {
    const disk = this.source.durable(process);
    const { log } = disk;
    const covered = coveredTo(disk, reference);
    const first = firstComparable(disk, reference, covered);
    const end = Math.max(lastIndexOf(log), covered);
    let at = first < log.firstIndex ? first : Math.max(first, Math.min(last, end) + 1);
    const look = (index: number): void => {
      if (index <= covered || index < first || index >= at) return;
      const wanted = reference.entry(index);
      if (wanted !== undefined && !sameEntry(entryIn(log, index), wanted)) at = index;
    };
    this.differing[process].forEach(look);
    reference.deviations().forEach(look);
    return at <= last ? at : 0;
  }

  save(): unknown {
    return { sightings: this.sightings.save(), compared: this.compared } satisfies State;
  }

  restore(state: unknown): void {
    const { sightings, compared } = state as State;
    this.sightings.restore(sightings);
    this.compared = compared;
  }
}

/** The prefix that an entry stands behind, in the log or a snapshot. */
function prefixBefore({ log, snapshots }: Disk, index: number): number {
  const entry = entryIn(log, index - 1);
  if (entry !== undefined) return entry.prefix;
  if (index === 1) return 0;
  return snapshots.find((snapshot) => snapshot.index === index - 1)?.prefix ?? UNKNOWN;
}
