/**
 * `raft.election-safety`: two leaders of one term could both commit, each without knowing of the
 * other's entries. Every other guarantee of Raft stands on this one.
 */
import { Role } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

interface State {
  readonly leaders: readonly (readonly [number, ProcessIndex])[];
  readonly exercised: number;
}

class ElectionSafety implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader, RaftNote.term];
  /** Leaders seen, each in each of its terms. */
  exercised = 0;
  private leaderOfTerm = new Map<number, ProcessIndex>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  /** A change of term counts as well: a leader must not carry its role into another term. */
  onNote(_kind: NoteKind, process: ProcessIndex): void {
    this.look(process);
  }

  onSecond(): void {
    for (const { process } of this.context.servers) this.look(process);
  }

  private look(process: ProcessIndex): void {
    const state = this.context.raft(process);
    if (state === undefined || state.role !== Role.leader) return;
    const { term } = state;
    const leader = this.leaderOfTerm.get(term);
    if (leader === process) return;
    if (leader === undefined) {
      this.leaderOfTerm.set(term, process);
      this.exercised++;
      return;
    }
    const { name } = this.context;
    const message = `${name(process)} leads term ${term}, which ${name(leader)} was elected to lead`;
    this.context.report(message, [leader, process]);
  }

  save(): unknown {
    const { leaderOfTerm, exercised } = this;
    return { leaders: [...leaderOfTerm], exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { leaders, exercised } = state as State;
    this.leaderOfTerm = new Map(leaders);
    this.exercised = exercised;
  }
}

export const electionSafety: Invariant = {
  name: 'raft.election-safety',
  expectation: 'always',
  statement: 'At most one server is elected leader in a term.',
  source: 'Raft paper, figure 3 (Election Safety) and §5.2',
  create: (context) => new ElectionSafety(context),
};
