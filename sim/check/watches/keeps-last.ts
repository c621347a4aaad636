/**
 * `watch.keeps-last`: errors leave a watcher the last configuration that it had (reference: agents §8.2
 * B9). While nobody leads, or its server is gone, there is nothing better.
 */
import type { WatchState } from '../../client/watch.ts';
import { KernelNote } from '../../core/observer.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';

class KeepsLast implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [KernelNote.crashed];
  /** Errors of watchers that had a configuration. */
  exercised = 0;
  private configured = new Set<ProcessIndex>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.watches.listen(({ process }) => this.configured.add(process));
    context.watches.listenToFailures((process, watch) => this.onFailure(process, watch));
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    this.configured.delete(process);
  }

  private onFailure(process: ProcessIndex, { held }: WatchState): void {
    if (!this.configured.has(process)) return;
    this.exercised++;
    if (held !== null) return;
    const { name } = this.context.world.processes[process];
    this.context.report(`The watcher ${name} has no configuration any more after an error`, []);
  }

  save(): unknown {
    return { exercised: this.exercised, configured: new Set(this.configured) };
  }

  restore(state: unknown): void {
    const saved = state as { exercised: number; configured: Set<ProcessIndex> };
    this.exercised = saved.exercised;
    this.configured = new Set(saved.configured);
  }
}

export const keepsLast: Invariant = {
  name: 'watch.keeps-last',
  expectation: 'always',
  occasional: true,
  statement: 'A watcher that gets an error keeps the configuration that it has.',
  source:
    'consul:agent/consul/rpc.go (forwardRequestToLeader, canRetry); consul-template:watch/view.go (poll)',
  create: (context) => new KeepsLast(context),
};
