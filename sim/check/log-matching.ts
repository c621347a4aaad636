/**
 * `raft.log-matching`: a leader compares one entry, the one before what it sends, and concludes that
 * everything before it is equal too. Without log matching that conclusion is wrong.
 */
import { makeEntry } from '../protocol/raft/durable.ts';
import { entryIn } from '../protocol/raft/log.ts';
import type { RaftLog } from '../protocol/raft/log.ts';
import type { Entry } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { sameEntry, scanWindows } from './scan.ts';
import { Sightings } from './sightings.ts';
import type { Sighting } from './sightings.ts';

interface State {
  readonly sightings: unknown;
  readonly looked: readonly (readonly [ProcessIndex, readonly Entry[]])[];
  readonly exercised: number;
}

class LogMatching implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.appended];
  /** Appended entries compared with one of the same index and term in another log. */
  exercised = 0;
  private readonly sightings = new Sightings();
  /** What each log held at each index where it was looked at last. */
  private looked = new Map<ProcessIndex, Entry[]>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, first: number, last: number): void {
    const { log } = this.context.durable(process);
    for (let index = first; index <= last; index++) {
      if (this.look(process, log, index)) this.exercised++;
    }
  }

  /** Entries that are where they were, behind the entry they were behind, need no second look. */
  onSecond(): void {
    const { context } = this;
    for (const { process } of context.servers) {
      const { log } = context.durable(process);
      const { entries, firstIndex } = log;
      const looked = this.lookedOf(process);
      for (const { from, to } of scanWindows(entries.length, context.world.now)) {
        for (let at = from; at < to; at++) {
          const index = firstIndex + at;
          if (entries[at] === looked[index]) continue;
          this.look(process, log, index);
          this.look(process, log, index + 1);
        }
      }
    }
  }

  private lookedOf(process: ProcessIndex): Entry[] {
    let looked = this.looked.get(process);
    if (looked === undefined) this.looked.set(process, (looked = []));
    return looked;
  }

  /** True when the entry was compared with one of another log. */
  private look(process: ProcessIndex, log: RaftLog, index: number): boolean {
    const entry = entryIn(log, index);
    if (entry === undefined) return false;
    this.lookedOf(process)[index] = entry;
    const before = entryIn(log, index - 1)?.prefix ?? 0;
    const seenBy = this.sightings.seenBy(index, entry, before);
    if (seenBy >= 0) return seenBy !== process;
    const known = this.sightings.find(index, entry.term);
    if (known === undefined) {
      this.remember(index, { entry, before, server: process });
      return false;
    }
    if (!sameEntry(known.entry, entry)) this.report(process, known, 'differ');
    else if (known.before !== before) this.report(process, known, 'follow different logs');
    return known.server !== process;
  }

  /** Nothing to compare with yet but what the entry says of itself. */
  private remember(place: number, sighting: Sighting): void {
    const { entry, before, server } = sighting;
    this.sightings.add(place, sighting);
    const { index, term, type, data, prefix } = entry;
    if (index === place && makeEntry(before, index, term, type, data).prefix === prefix) return;
    const { name, report } = this.context;
    const what = `entry ${index} of term ${term} stands at index ${place}, behind a log`;
    report(`On ${name(server)}, ${what} that is not the one it was made for`, [server]);
  }

  private report(process: ProcessIndex, { entry, server }: Sighting, how: string): void {
    const { name } = this.context;
    const what = `Entries ${entry.index} of term ${entry.term}`;
    const both = `${name(server)} and ${name(process)}`;
    const where = server === process ? `${name(process)}, then and now,` : both;
    this.context.report(`${what} on ${where} ${how}`, [server, process]);
  }

  save(): unknown {
    const looked = [...this.looked].map(([process, log]) => [process, log.slice()] as const);
    const { sightings, exercised } = this;
    return { sightings: sightings.save(), looked, exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { sightings, looked, exercised } = state as State;
    this.sightings.restore(sightings);
    this.looked = new Map(looked.map(([process, log]) => [process, log.slice()]));
    this.exercised = exercised;
  }
}

export const logMatching: Invariant = {
  name: 'raft.log-matching',
  expectation: 'always',
  statement: 'Logs that hold an entry of the same index and term are equal up to that entry.',
  source: 'Raft paper, figure 3 (Log Matching) and §5.3',
  create: (context) => new LogMatching(context),
};
