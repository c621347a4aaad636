/**
 * `raft.leader-append-only`: followers copy their leader's log, so what a leader once wrote in its
 * term has to stay as it is: whatever it removed might already be somebody else's truth.
 */
import { Role } from '../protocol/raft/types.ts';
import { copyLog, entryIn, lastIndexOf } from '../protocol/raft/log.ts';
import type { RaftLog } from '../protocol/raft/log.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { firstDifference, sameEntry, scanDifference } from './scan.ts';

/** One leadership, and the log it has shown so far. */
interface Leadership {
  readonly term: number;
  readonly log: RaftLog;
}

interface State {
  readonly leaderships: readonly (readonly [ProcessIndex, Leadership])[];
  readonly exercised: number;
}

function copy(leaderships: readonly (readonly [ProcessIndex, Leadership])[]) {
  return leaderships.map(
    ([process, { term, log }]) => [process, { term, log: copyLog(log) }] as const,
  );
}

class LeaderAppendOnly implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    RaftNote.becameLeader,
    RaftNote.appended,
    RaftNote.truncated,
  ];
  /** Appends of leaders whose log before them was compared. */
  exercised = 0;
  private leaderships = new Map<ProcessIndex, Leadership>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, first: number): void {
    const leadership = this.current(process);
    if (leadership === undefined) return;
    const own = this.context.durable(process).log;
    const { log } = leadership;
    if (kind === RaftNote.truncated) {
      this.report(process, leadership, `removes its log from index ${first} on`);
    } else if (kind === RaftNote.appended) {
      this.exercised++;
      const last = lastIndexOf(log);
      if (!sameEntry(entryIn(own, last), entryIn(log, last))) {
        this.reportChange(process, leadership, firstDifference(own, log, 1, last));
      }
      for (let index = last + 1; index <= lastIndexOf(own); index++) {
        log.entries.push(entryIn(own, index)!);
      }
    }
  }

  onSecond(): void {
    for (const process of this.leaderships.keys()) {
      const leadership = this.current(process);
      if (leadership === undefined) continue;
      const own = this.context.durable(process).log;
      const { log } = leadership;
      const index = scanDifference(own, log, lastIndexOf(log), this.context.world.now);
      if (index > 0) this.reportChange(process, leadership, index);
    }
  }

  /** The leadership that the server is in; begins one where the last was of another term. */
  private current(process: ProcessIndex): Leadership | undefined {
    const state = this.context.raft(process);
    if (state === undefined || state.role !== Role.leader) {
      this.leaderships.delete(process);
      return undefined;
    }
    let leadership = this.leaderships.get(process);
    if (leadership?.term !== state.term) {
      leadership = { term: state.term, log: copyLog(this.context.durable(process).log) };
      this.leaderships.set(process, leadership);
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
    const leaderships = copy([...this.leaderships]);
    return { leaderships, exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { leaderships, exercised } = state as State;
    this.leaderships = new Map(copy(leaderships));
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
