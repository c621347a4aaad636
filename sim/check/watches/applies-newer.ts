/**
 * `watch.applies-newer`: no watcher puts an older configuration in the place of a newer one (reference:
 * agents §8.2 B8). Stale reads may go back, and so may the server that is asked next.
 */
import { KernelNote } from '../../core/observer.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import type { WatchAnswer } from './answers.ts';

class AppliesNewer implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [KernelNote.crashed];
  /** Answers older than what the watcher had. */
  exercised = 0;
  /** Index of the configuration that each watcher has. */
  private held = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.watches.listen((answer) => this.onAnswer(answer));
  }

  /** What is in memory only is gone. */
  onNote(_kind: NoteKind, process: ProcessIndex): void {
    this.held.delete(process);
  }

  private onAnswer({ process, watch, index }: WatchAnswer): void {
    const before = this.held.get(process) ?? 0;
    this.held.set(process, watch.heldIndex);
    if (index < before) this.exercised++;
    if (watch.heldIndex >= before) return;
    const { name } = this.context.world.processes[process];
    const message = `The watcher ${name} took the configuration of index ${watch.heldIndex} for that of ${before}`;
    this.context.report(message, []);
  }

  save(): unknown {
    return { exercised: this.exercised, held: new Map(this.held) };
  }

  restore(state: unknown): void {
    const saved = state as { exercised: number; held: Map<ProcessIndex, number> };
    this.exercised = saved.exercised;
    this.held = new Map(saved.held);
  }
}

export const appliesNewer: Invariant = {
  name: 'watch.applies-newer',
  expectation: 'always',
  occasional: true,
  statement: 'No watcher puts an older configuration in the place of a newer one.',
  source:
    'consul:agent/consul/rpc.go (setQueryMeta); developer.hashicorp.com/consul/api-docs/features/blocking',
  create: (context) => new AppliesNewer(context),
};
