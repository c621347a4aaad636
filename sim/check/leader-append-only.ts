/**
 * `raft.leader-append-only`: followers copy their leader's log, so what a leader once wrote in its
 * term has to stay as it is: whatever it removed might already be somebody else's truth.
 *
 * Every append of a leader is compared with the end of the log before it. Once a second the scan
 * compares its whole log so far, in the windows of the book, wherever that log is not the book, and
 * at its end.
 */
import type { NoteHandler } from '../core/observer.ts';
import { Role } from '../protocol/raft/types.ts';
import { entryIn, lastIndexOf } from '../protocol/raft/log.ts';
import type { RaftLog } from '../protocol/raft/log.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { KeptLog } from './kept-log.ts';
import type { KeptLogState } from './kept-log.ts';
import { firstDifference, holdsEntry } from './scan.ts';

/** One leadership, and the log it has shown so far. */
interface Leadership {
  readonly term: number;
  readonly log: KeptLog;
}

interface State {
  /** By process. */
  readonly leaderships: readonly ({ term: number; log: KeptLogState } | undefined)[];
  readonly exercised: number;
}

/** The leader's log has shown what it holds from an index on. */
function show(log: KeptLog, own: RaftLog, from: number): void {
  for (let index = from; index <= lastIndexOf(own); index++) {
    const entry = entryIn(own, index);
    if (entry !== undefined) log.put(entry);
  }
}

class LeaderAppendOnly implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    RaftNote.becameLeader,
    RaftNote.appended,
    RaftNote.truncated,
  ];
  /** Appends of leaders whose log before them was compared. */
  exercised = 0;
  /** By process. */
  private leaderships: (Leadership | undefined)[];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.leaderships = context.world.processes.map(() => undefined);
  }

  onNote(kind: NoteKind, process: ProcessIndex, first: number): void {
    const leadership = this.current(process);
    if (leadership === undefined || kind !== RaftNote.truncated) return;
    this.report(process, leadership, `removes its log from index ${first} on`);
  }

  handlerOf(kind: NoteKind): NoteHandler | undefined {
    return kind === RaftNote.appended ? (process) => this.onAppended(process) : undefined;
  }

  private onAppended(process: ProcessIndex): void {
    const leadership = this.current(process);
    if (leadership === undefined) return;
    const disk = this.context.durable(process);
    const own = disk.log;
    const { log } = leadership;
    this.exercised++;
    const last = log.lastIndex;
    if (!holdsEntry(disk, log, last)) {
      this.reportChange(process, leadership, firstDifference(disk, log, last));
    }
    show(log, own, last + 1);
  }

  onSecond(): void {
    const { book, servers } = this.context;
    for (const { process } of servers) {
      if (this.leaderships[process] === undefined) continue;
      const leadership = this.current(process);
      if (leadership === undefined) continue;
      const { log } = leadership;
      const index = book.difference(process, log, log.lastIndex);
      if (index > 0) this.reportChange(process, leadership, index);
    }
  }

  /** The leadership that the server is in; begins one where the last was of another term. */
  private current(process: ProcessIndex): Leadership | undefined {
    const state = this.context.raft(process);
    let leadership = this.leaderships[process];
    if (state === undefined || state.role !== Role.leader) {
      if (leadership !== undefined) this.leaderships[process] = undefined;
      return undefined;
    }
    if (leadership?.term !== state.term) {
      leadership = { term: state.term, log: new KeptLog(this.context.book) };
      const own = this.context.durable(process).log;
      show(leadership.log, own, own.firstIndex);
      this.leaderships[process] = leadership;
    }
    return leadership;
  }

  private reportChange(process: ProcessIndex, leadership: Leadership, index: number): void {
    const what =
      index <= lastIndexOf(this.context.durable(process).log) ? 'overwrites' : 'has lost';
    this.report(process, leadership, `${what} entry ${index} of its own log`);
  }

  private report(process: ProcessIndex, { term }: Leadership, what: string): void {
    const { context } = this;
    context.report(`${context.name(process)}, leader of term ${term}, ${what}`, [process]);
  }

  save(): unknown {
    const { leaderships, exercised } = this;
    return {
      leaderships: leaderships.map((one) => one && { term: one.term, log: one.log.save() }),
      exercised,
    } satisfies State;
  }

  restore(state: unknown): void {
    const { leaderships, exercised } = state as State;
    this.leaderships = leaderships.map(
      (one) => one && { term: one.term, log: new KeptLog(this.context.book, one.log) },
    );
    this.exercised = exercised;
  }
}

export const leaderAppendOnly: Invariant = {
  name: 'raft.leader-append-only',
  expectation: 'always',
  statement: 'A leader only appends to its log; it never overwrites or removes entries of it.',
  source: 'Raft paper, figure 3 (Leader Append-Only) and §5.3',
  create: (context) => new LeaderAppendOnly(context),
};
