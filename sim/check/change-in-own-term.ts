/**
 * `raft.change-in-own-term`: a configuration that an older leader appended may still win. A leader that
 * changes the one before, and has committed nothing of its own term, does not know; two changes of one
 * server each then make majorities that have nobody in common.
 */
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

interface State {
  readonly before: readonly (readonly [ProcessIndex, number])[];
  readonly exercised: number;
}

class ChangeInOwnTerm implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader, RaftNote.reconfigured];
  /** Changes by leaders whose election was seen. */
  exercised = 0;
  /** Last index of each leader's log at its election. */
  private before = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number): void {
    if (kind === RaftNote.becameLeader) this.before.set(process, b);
    else this.onReconfigured(process, a);
  }

  private onReconfigured(process: ProcessIndex, index: number): void {
    const last = this.before.get(process);
    if (last === undefined) return;
    this.exercised++;
    const { name, raft, report } = this.context;
    const { commitIndex, term } = raft(process)!;
    if (commitIndex > last) return;
    const what = `${name(process)} changes the configuration at index ${index}`;
    report(`${what} and has committed nothing of term ${term}`, [process]);
  }

  save(): unknown {
    return { before: [...this.before], exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { before, exercised } = state as State;
    this.before = new Map(before);
    this.exercised = exercised;
  }
}

export const changeInOwnTerm: Invariant = {
  name: 'raft.change-in-own-term',
  expectation: 'always',
  statement: 'A leader changes the configuration only once an entry of its own term is committed.',
  source:
    'Bug in single-server membership changes (raft-dev, 2015); ' +
    'hashicorp/raft:raft.go (configurationChangeChIfStable)',
  occasional: true,
  create: (context) => new ChangeInOwnTerm(context),
};
