/**
 * `gossip.no-resurrection`: news that is older than what a member has heard already brings nobody
 * back to life. What counts is all that it has heard, whether or not that changed its view.
 */
import { KernelNote } from '../../core/observer.ts';
import { GossipNote } from '../../protocol/gossip/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';

interface Saved {
  readonly exercised: number;
  readonly heard: readonly (readonly [
    ProcessIndex,
    readonly (readonly [ProcessIndex, number])[],
  ])[];
}

class NoResurrection implements InvariantCheck {
  readonly wants: readonly NoteKind[];
  /** Members that came back to life in somebody's eyes. */
  exercised = 0;
  /** Highest incarnation at which a node has been accused, by who heard it, then by node. */
  private heard = new Map<ProcessIndex, Map<ProcessIndex, number>>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    const { witnessed, suspected, died, joined, purged, left } = GossipNote;
    this.wants = [witnessed, suspected, died, left, joined, purged, KernelNote.crashed];
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number): void {
    switch (kind) {
      case KernelNote.crashed:
        this.heard.delete(process);
        return;
      case GossipNote.purged:
        this.heard.get(process)?.delete(a);
        return;
      case GossipNote.joined:
        this.onReturn(process, a, b);
        return;
      default:
        this.accused(process, a, b);
    }
  }

  private accused(process: ProcessIndex, node: ProcessIndex, incarnation: number): void {
    let nodes = this.heard.get(process);
    if (nodes === undefined) this.heard.set(process, (nodes = new Map()));
    nodes.set(node, Math.max(incarnation, nodes.get(node) ?? 0));
  }

  private onReturn(process: ProcessIndex, node: ProcessIndex, incarnation: number): void {
    const accused = this.heard.get(process)?.get(node);
    if (accused === undefined) return;
    this.exercised++;
    if (incarnation > accused) return;
    const { processes } = this.context.world;
    const [who, whom] = [processes[process].name, processes[node].name];
    const text = `${who} takes ${whom} back at incarnation ${incarnation}, which it has heard accused at ${accused}`;
    this.context.report(text, [process, node]);
  }

  save(): unknown {
    const heard = [...this.heard].map(([process, nodes]) => [process, [...nodes]] as const);
    return { exercised: this.exercised, heard } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, heard } = state as Saved;
    this.exercised = exercised;
    this.heard = new Map(heard.map(([process, nodes]) => [process, new Map(nodes)]));
  }
}

export const noResurrection: Invariant = {
  name: 'gossip.no-resurrection',
  expectation: 'always',
  statement:
    'Nobody who was taken for dead comes back by news older than an accusation that was heard.',
  source: 'SWIM, §4.2 (incarnation numbers order what is said of a member)',
  create: (context) => new NoResurrection(context),
};
