/** Metrics of the servers' request path: what was tried again, how many queries waited. */
import { ServerNote } from '../consul/requests/inputs.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';

interface Counts {
  readonly retries: number;
  readonly wakeUps: number;
  readonly blocking: number;
}

export class RequestMeasure implements Observer {
  readonly wants: readonly NoteKind[] = Object.values(ServerNote);
  private counts: Counts = { retries: 0, wakeUps: 0, blocking: 0 };
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  onNote(kind: NoteKind, _process: ProcessIndex, a: number): void {
    const { retries, wakeUps, blocking } = this.counts;
    if (kind === ServerNote.held) this.counts = { ...this.counts, retries: retries + 1 };
    else if (kind === ServerNote.woken) this.counts = { ...this.counts, wakeUps: wakeUps + 1 };
    else if (a > blocking) this.counts = { ...this.counts, blocking: a };
  }

  finish(): void {
    const { metrics } = this.world;
    metrics.set(metrics.id('rpc.retries', 'counter'), this.counts.retries);
    metrics.set(metrics.id('rpc.wake-ups', 'counter'), this.counts.wakeUps);
    metrics.set(metrics.id('rpc.blocking-queries', 'counter'), this.counts.blocking);
  }

  save(): unknown {
    return this.counts;
  }

  restore(state: unknown): void {
    this.counts = state as Counts;
  }
}
