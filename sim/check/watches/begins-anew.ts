/**
 * `watch.begins-anew`: a watcher whose index goes back asks from 0 (reference: agents §8.2). Otherwise it
 * waits until the others have come as far as they once were, and hears of nothing.
 */
import type { HealthDiscoveryState } from '../../client/health-discovery.ts';
import { DISCOVERY_MACHINE, DiscoveryNote } from '../../service/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import type { WatchAnswer } from './answers.ts';

class BeginsAnew implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [DiscoveryNote.learnt, DiscoveryNote.failed];
  /** Answers whose index was lower than the one before. */
  exercised = 0;
  /** Index that the query under way waits for a higher one of, by process and upstream. */
  private asked = new Map<string, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.watches.listen((answer) => this.onAnswer(answer));
  }

  private onAnswer({ process, watch, index, asked }: WatchAnswer): void {
    if (asked > 0) this.lookAt(process, asked, index, watch.index);
  }

  onNote(kind: NoteKind, process: ProcessIndex, upstream: number, _b: number, index: number): void {
    const { slotByNumber } = this.context.world.processes[process];
    const { config, watched } = slotByNumber[DISCOVERY_MACHINE]!.state as HealthDiscoveryState;
    const at = config.services.findIndex((one) => one.upstream === upstream);
    if (config.services[at].intervalMicros !== null) return;
    const key = `${process}/${upstream}`;
    const next = watched[at].index;
    if (kind === DiscoveryNote.learnt) {
      this.lookAt(process, this.asked.get(key) ?? 0, index, next);
    }
    this.asked.set(key, next);
  }

  private lookAt(process: ProcessIndex, before: number, index: number, next: number): void {
    if (index >= before) return;
    this.exercised++;
    if (next === 0) return;
    const { name } = this.context.world.processes[process];
    const message = `${name} waits for more than index ${next}, though the answers went back from ${before} to ${index}`;
    this.context.report(message, []);
  }

  save(): unknown {
    return { exercised: this.exercised, asked: new Map(this.asked) };
  }

  restore(state: unknown): void {
    const saved = state as { exercised: number; asked: Map<string, number> };
    this.exercised = saved.exercised;
    this.asked = new Map(saved.asked);
  }
}

export const beginsAnew: Invariant = {
  name: 'watch.begins-anew',
  expectation: 'always',
  occasional: true,
  statement: 'A watcher whose index goes back asks from 0.',
  source: 'consul:api/watch/plan.go (Run); consul#2621',
  create: (context) => new BeginsAnew(context),
};
