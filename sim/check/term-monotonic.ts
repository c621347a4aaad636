/**
 * `raft.term-monotonic`: terms are Raft's clock. A server that goes back may vote a second time in a
 * term, or believe in a leader that has been replaced; so the term is stored before it is used.
 */
import { KernelNote } from '../core/observer.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

interface State {
  readonly highest: readonly (readonly [ProcessIndex, number])[];
  readonly exercised: number;
}

class TermMonotonic implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.term, KernelNote.started];
  /** Changes of term, and starts of servers that had been in a term before. */
  exercised = 0;
  private highest = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex): void {
    if (!this.context.isServer(process)) return;
    if (kind === RaftNote.term || this.highest.has(process)) this.exercised++;
    this.look(process);
  }

  onSecond(): void {
    for (const { process } of this.context.servers) this.look(process);
  }

  private look(process: ProcessIndex): void {
    const { name, report } = this.context;
    const highest = this.highest.get(process) ?? 0;
    const stored = this.context.durable(process).currentTerm;
    const term = this.context.raft(process)?.term ?? stored;
    if (term < highest) {
      report(`${name(process)} went from term ${highest} back to term ${term}`, [process]);
    } else if (stored < term) {
      report(`${name(process)} is in term ${term} and has stored term ${stored}`, [process]);
    }
    if (term > highest) this.highest.set(process, term);
  }

  save(): unknown {
    return { highest: [...this.highest], exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { highest, exercised } = state as State;
    this.highest = new Map(highest);
    this.exercised = exercised;
  }
}

export const termMonotonic: Invariant = {
  name: 'raft.term-monotonic',
  expectation: 'always',
  statement: "A server's term never goes back, not over a crash either, and is stored before use.",
  source: 'Raft paper, figure 2 (currentTerm) and §5.1',
  create: (context) => new TermMonotonic(context),
};
