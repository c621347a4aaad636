/**
 * `kv.acknowledged-write-survives`: the promise that clients rely on. A write that was acknowledged
 * is committed at its index, and every later leader holds it there.
 *
 * Each acknowledgement is compared with what was committed, each new leader by the prefix of the
 * last entry that it must hold. Once a second the scan compares the logs of leaders with all that
 * was committed, as leader completeness does, and looks for the writes themselves where they differ.
 */
import { EntryType, Role } from '../protocol/raft/types.ts';
import { entryIn } from '../protocol/raft/log.ts';
import type { Command, Entry } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { inSeconds } from './invariant.ts';
import { coveredTo, holdsEntry, scanWindows } from './scan.ts';

/** Acknowledged writes that one scan looks at: each costs more than comparing two logs. */
const SCAN_WRITES_MAX = 2048;

function isWrite(entry: Entry | undefined, digest: number): boolean {
  if (entry === undefined || entry.type !== EntryType.command) return false;
  return (entry.data as Command).digest === digest;
}

interface State {
  readonly exercised: number;
  readonly orphans: number;
}

class AcknowledgedWriteSurvives implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader];
  /** Acknowledgements compared with what was committed, and leaders that had writes to hold. */
  exercised = 0;
  /** Writes that were not committed when they were acknowledged: reported, and looked for since. */
  private orphans = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.acknowledged.listen({ onAcknowledged: (at) => this.onAcknowledged(at) });
  }

  private onAcknowledged(at: number): void {
    const { acknowledged, committed, name, report } = this.context;
    this.exercised++;
    if (isWrite(committed.log.entry(acknowledged.index(at)), acknowledged.digest(at))) return;
    this.orphans++;
    const write = acknowledged.write(at);
    const found = committed.log.entry(write.index) === undefined ? 'nothing' : 'another entry';
    const what = `The write that ${name(write.process)} was told is at index ${write.index}`;
    report(`${what} was not committed there: ${found} is`, [write.process]);
  }

  /** Prefixes tell at once whether the new leader holds all that was acknowledged. */
  onNote(_kind: NoteKind, process: ProcessIndex): void {
    const { acknowledged, committed, durable, raft } = this.context;
    const state = raft(process);
    if (state === undefined || state.role !== Role.leader) return;
    const last = Math.min(acknowledged.highest, committed.lastBefore(state.term));
    if (last === 0) return;
    this.exercised++;
    if (!holdsEntry(durable(process), committed.log, last)) {
      this.scan(process, state.term, 0, acknowledged.length);
    }
  }

  /** What was committed holds all writes but the orphans: so does a log that is equal to it. */
  onSecond(): void {
    const { acknowledged, book, committed, raft, servers, world } = this.context;
    for (const { process } of servers) {
      const state = raft(process);
      if (state === undefined || state.role !== Role.leader) continue;
      const last = Math.min(acknowledged.highest, committed.lastBefore(state.term + 1));
      const equal = book.difference(process, committed.log, last) === 0;
      if (equal && this.orphans === 0) continue;
      for (const { from, to } of scanWindows(acknowledged.length, world.now, SCAN_WRITES_MAX)) {
        this.scan(process, state.term, from, to);
      }
    }
  }

  /** Looks for acknowledged writes in [from, to), in their order, that the leader has lost. */
  private scan(process: ProcessIndex, term: number, from: number, to: number): void {
    const { acknowledged, committed, durable, name, report } = this.context;
    const { log } = durable(process);
    const covered = coveredTo(durable(process), committed.log);
    // What its own term committed is its own doing, so it must hold that as well.
    const last = committed.lastBefore(term + 1);
    let lost = 0;
    let at = -1;
    for (let i = from; i < to; i++) {
      const index = acknowledged.index(i);
      // Up to `covered` a snapshot stands for the log.
      if (index > last || index <= covered) continue;
      if (isWrite(entryIn(log, index), acknowledged.digest(i))) continue;
      if (at < 0) at = i;
      lost++;
    }
    if (at < 0) return;
    const first = acknowledged.write(at);
    const more = lost === 1 ? '' : ` and ${lost - 1} more`;
    const what = `without the write at index ${first.index}, acknowledged at`;
    const when = `${inSeconds(first.micros)}${more}`;
    report(`${name(process)} leads term ${term} ${what} ${when}`, [process, first.process]);
  }

  save(): unknown {
    const { exercised, orphans } = this;
    return { exercised, orphans } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, orphans } = state as State;
    this.exercised = exercised;
    this.orphans = orphans;
  }
}

export const acknowledgedWriteSurvives: Invariant = {
  name: 'kv.acknowledged-write-survives',
  expectation: 'always',
  statement: 'A write that a client was told has succeeded is committed and never lost.',
  source: 'Raft paper, §8; what leader completeness and state-machine safety are for',
  create: (context) => new AcknowledgedWriteSurvives(context),
};
