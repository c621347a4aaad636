/**
 * `raft.leader-completeness`: leaders never ask followers what was committed before, they only impose
 * their own log. What a new leader lacks is lost for everybody.
 *
 * Every new leader is compared by the prefix of the last entry that it must hold. Once a second the
 * scan compares the logs of leaders with what was committed in earlier terms, in the windows of the
 * book, wherever the book has another entry than was committed, and at their end.
 */
import { Role } from '../protocol/raft/types.ts';
import { entryIn } from '../protocol/raft/log.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { firstDifference, holdsEntry } from './scan.ts';

interface State {
  readonly latest: ProcessIndex;
  readonly exercised: number;
}

class LeaderCompleteness implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader];
  /** Leaders elected after something had been committed in an earlier term. */
  exercised = 0;
  /** Leader of the highest term so far, or -1. */
  private latest: ProcessIndex = -1;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    // An old leader may learn late that a quorum holds an entry: then the new one must hold it too.
    context.commits.onLeader((process) => {
      if (this.latest !== process && this.latest >= 0) this.look(this.latest);
    });
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    const { latest, context } = this;
    const state = context.raft(process);
    if (state === undefined) return;
    const before = latest < 0 ? undefined : context.raft(latest);
    if (before === undefined || state.term >= before.term) this.latest = process;
    if (context.committed.lastBefore(state.term) > 0) this.exercised++;
    this.look(process);
  }

  onSecond(): void {
    const { book, committed, servers } = this.context;
    for (const { process } of servers) {
      const term = this.termOfLeader(process);
      if (term < 0) continue;
      const last = committed.lastBefore(term);
      const index = book.difference(process, committed.log, last);
      if (index > 0) this.report(process, term, index);
    }
  }

  private termOfLeader(process: ProcessIndex): number {
    const state = this.context.raft(process);
    return state?.role === Role.leader ? state.term : -1;
  }

  private look(process: ProcessIndex): void {
    const { committed, durable } = this.context;
    const term = this.termOfLeader(process);
    if (term < 0) return;
    const last = committed.lastBefore(term);
    const disk = durable(process);
    if (holdsEntry(disk, committed.log, last)) return;
    this.report(process, term, firstDifference(disk, committed.log, last));
  }

  private report(process: ProcessIndex, term: number, index: number): void {
    const { committed, durable, name, report } = this.context;
    const entry = committed.log.entry(index);
    const own = entryIn(durable(process).log, index);
    const has = own === undefined ? 'its log ends before it' : `it has one of term ${own.term}`;
    const told = entry === undefined ? '' : ` of term ${entry.term}`;
    const what = `without the committed entry ${index}${told}`;
    report(`${name(process)} leads term ${term} ${what}: ${has}`, [process]);
  }

  save(): unknown {
    return { latest: this.latest, exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { latest, exercised } = state as State;
    this.latest = latest;
    this.exercised = exercised;
  }
}

export const leaderCompleteness: Invariant = {
  name: 'raft.leader-completeness',
  expectation: 'always',
  statement: 'An entry committed in one term is in the log of the leaders of all later terms.',
  source: 'Raft paper, figure 3 (Leader Completeness), §5.4.1 and §5.4.3',
  create: (context) => new LeaderCompleteness(context),
};
