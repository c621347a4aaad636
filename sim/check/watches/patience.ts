/**
 * `watch.patience`: an agent waits for a blocking query for as long as a server may take for it, its
 * jitter included (reference: agents I6).
 */
import type { ReadsState } from '../../consul/agent/reads/state.ts';
import { READS_MACHINE, ReadNote } from '../../consul/agent/reads/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';

class Patience implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [ReadNote.impatient, ReadNote.fetched, ReadNote.answered];
  /** Blocking queries of agents that have ended. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, waited: number, longest: number): void {
    const { processes } = this.context.world;
    const state = processes[process].slotByNumber[READS_MACHINE]!.state as ReadsState;
    if (!state.config.streaming) this.exercised++;
    if (kind !== ReadNote.impatient || waited >= longest) return;
    const { name } = processes[process];
    this.context.report(
      `${name} gave up a blocking query after ${inSeconds(waited)}; the server may take ${inSeconds(longest)}`,
      [],
    );
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const patience: Invariant = {
  name: 'watch.patience',
  expectation: 'always',
  occasional: true,
  statement: 'An agent gives up a blocking query no sooner than the server has to answer it.',
  source: 'consul#13695; consul:agent/structs/structs.go (BlockingTimeout)',
  create: (context) => new Patience(context),
};
