/**
 * `raft.snapshot-monotonic`: a snapshot stands for the log that was trimmed behind it. A server whose
 * newest one is older than before has lost what lay between, or believes that it has.
 */
import { KernelNote } from '../core/observer.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

/** Highest snapshot index of one server: on its disk, and in the memory of its present life. */
interface Highest {
  stored: number;
  known: number;
}

interface State {
  readonly highest: readonly (readonly [ProcessIndex, Highest])[];
  readonly exercised: number;
}

class SnapshotMonotonic implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.snapshot, RaftNote.installed, KernelNote.started];
  /** Snapshots and restarts where there had been a snapshot before. */
  exercised = 0;
  private highest = new Map<ProcessIndex, Highest>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex): void {
    if (!this.context.isServer(process)) return;
    const started = kind === KernelNote.started;
    const highest = this.highestOf(process);
    if (highest.stored > 0) this.exercised++;
    if (started) highest.known = 0;
    this.look(process, highest);
  }

  onSecond(): void {
    for (const { process } of this.context.servers) this.look(process, this.highestOf(process));
  }

  private highestOf(process: ProcessIndex): Highest {
    let highest = this.highest.get(process);
    if (highest === undefined) this.highest.set(process, (highest = { stored: 0, known: 0 }));
    return highest;
  }

  private look(process: ProcessIndex, highest: Highest): void {
    const { durable, name, raft, report } = this.context;
    const stored = durable(process).snapshots.reduce((most, one) => Math.max(most, one.index), 0);
    if (stored < highest.stored) {
      const now = stored === 0 ? 'none is left' : `the newest is that of ${stored}`;
      report(`${name(process)} had a snapshot of index ${highest.stored}, ${now}`, [process]);
    }
    highest.stored = Math.max(highest.stored, stored);
    const known = raft(process)?.snapshotIndex ?? 0;
    if (known > 0 && known < highest.known) {
      const what = `went from the snapshot of index ${highest.known} back to that of ${known}`;
      report(`${name(process)} ${what}`, [process]);
    }
    highest.known = Math.max(highest.known, known);
  }

  save(): unknown {
    const highest = [...this.highest].map(([process, one]) => [process, { ...one }] as const);
    return { highest, exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { highest, exercised } = state as State;
    this.highest = new Map(highest.map(([process, one]) => [process, { ...one }]));
    this.exercised = exercised;
  }
}

export const snapshotMonotonic: Invariant = {
  name: 'raft.snapshot-monotonic',
  expectation: 'always',
  statement: "The index of a server's newest snapshot never goes back, not over a crash either.",
  source: 'Raft paper, §7; hashicorp/raft:state.go (setLastSnapshot)',
  occasional: true,
  create: (context) => new SnapshotMonotonic(context),
};
