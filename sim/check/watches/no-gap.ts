/**
 * `watch.no-gap`: a watcher waits from the index that its last answer had, or begins anew from 0 (reference:
 * agents §8.2). Whatever comes in between would be lost, unless something follows it.
 */
import { KernelNote } from '../../core/observer.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import type { WatchAnswer } from './answers.ts';

class NoGap implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [KernelNote.crashed];
  /** Queries that waited for a change. */
  exercised = 0;
  /** Index of the last answer of each watcher. */
  private answered = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.watches.listen((answer) => this.onAnswer(answer));
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    this.answered.delete(process);
  }

  private onAnswer({ process, index, asked }: WatchAnswer): void {
    const last = this.answered.get(process);
    this.answered.set(process, index);
    if (asked === 0) return;
    this.exercised++;
    if (asked === last) return;
    const { name } = this.context.world.processes[process];
    const message = `The watcher ${name} waited from index ${asked}, and its last answer had ${last ?? 'none'}`;
    this.context.report(message, []);
  }

  save(): unknown {
    return { exercised: this.exercised, answered: new Map(this.answered) };
  }

  restore(state: unknown): void {
    const saved = state as { exercised: number; answered: Map<ProcessIndex, number> };
    this.exercised = saved.exercised;
    this.answered = new Map(saved.answered);
  }
}

export const noGap: Invariant = {
  name: 'watch.no-gap',
  expectation: 'always',
  occasional: true,
  statement: 'A watcher waits from the index of its last answer, or begins anew.',
  source:
    'consul:api/watch/plan.go (Run); developer.hashicorp.com/consul/api-docs/features/blocking',
  create: (context) => new NoGap(context),
};
