/**
 * `gossip.incarnation-monotonic`: a member raises its incarnation and nobody else does. So no view
 * holds more than it has announced in any of its lives, and while it lives it never goes back.
 */
import { KernelNote } from '../../core/observer.ts';
import { GossipNote } from '../../protocol/gossip/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';

/** The incarnation that everybody starts with, which a formed pool has before anything is told. */
const FIRST = 1;

interface Saved {
  readonly exercised: number;
  readonly current: readonly (readonly [ProcessIndex, number])[];
  readonly highest: readonly (readonly [ProcessIndex, number])[];
}

class IncarnationMonotonic implements InvariantCheck {
  readonly wants: readonly NoteKind[];
  /** Incarnations that were announced, and those that were heard of. */
  exercised = 0;
  /** Of this life, and of all lives. */
  private current = new Map<ProcessIndex, number>();
  private highest = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    const { announced, refuted, joined, cleared, suspected, died, left } = GossipNote;
    const { started } = KernelNote;
    this.wants = [announced, refuted, joined, cleared, suspected, died, left, started];
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number): void {
    if (kind === KernelNote.started) {
      this.current.delete(process);
      return;
    }
    this.exercised++;
    if (kind === GossipNote.announced || kind === GossipNote.refuted) this.announce(process, a);
    else this.hear(process, a, b);
  }

  private announce(process: ProcessIndex, incarnation: number): void {
    const before = this.current.get(process) ?? 0;
    if (incarnation <= before) {
      const { name } = this.context.world.processes[process];
      this.context.report(`${name} went from incarnation ${before} to ${incarnation}`, [process]);
    }
    this.current.set(process, incarnation);
    this.highest.set(process, Math.max(incarnation, this.highest.get(process) ?? FIRST));
  }

  private hear(process: ProcessIndex, node: ProcessIndex, incarnation: number): void {
    const highest = this.highest.get(node) ?? FIRST;
    if (incarnation <= highest) return;
    const { processes } = this.context.world;
    const text = `${processes[process].name} holds incarnation ${incarnation} of ${processes[node].name}`;
    this.context.report(`${text}, which never went beyond ${highest}`, [process, node]);
  }

  save(): unknown {
    const { exercised, current, highest } = this;
    return { exercised, current: [...current], highest: [...highest] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, current, highest } = state as Saved;
    this.exercised = exercised;
    this.current = new Map(current);
    this.highest = new Map(highest);
  }
}

export const incarnationMonotonic: Invariant = {
  name: 'gossip.incarnation-monotonic',
  expectation: 'always',
  statement: 'Only a member itself raises its incarnation, and it never goes back while it lives.',
  source: 'SWIM, §4.2; hashicorp/memberlist:state.go (nextIncarnation, skipIncarnation)',
  create: (context) => new IncarnationMonotonic(context),
};
