/**
 * `raft.transfer-quiet`: whoever has been told to take over campaigns with the log that it has. A leader
 * that takes in more meanwhile has the longer one, refuses its vote, and nobody leads. So it takes nothing
 * until it is replaced, or an election timeout has passed.
 */
import { KernelNote } from '../core/observer.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

/** Who was told, and when by the leader's clock. */
interface Handed {
  readonly target: ProcessIndex;
  readonly localMicros: number;
}

interface State {
  readonly handed: readonly (readonly [ProcessIndex, Handed])[];
  readonly exercised: number;
}

class TransferQuiet implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    RaftNote.handedOver,
    RaftNote.dispatched,
    RaftNote.becameFollower,
    RaftNote.becameCandidate,
    KernelNote.crashed,
  ];
  /** Successors that were told. */
  exercised = 0;
  private handed = new Map<ProcessIndex, Handed>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  private local(process: ProcessIndex): number {
    const { now, processes } = this.context.world;
    return processes[process].host.clock.monotonic(now);
  }

  onNote(kind: NoteKind, process: ProcessIndex, target: ProcessIndex): void {
    if (kind === RaftNote.handedOver) {
      this.exercised++;
      this.handed.set(process, { target, localMicros: this.local(process) });
    } else if (this.handed.size > 0) {
      if (kind === RaftNote.dispatched) this.onDispatched(process);
      else this.handed.delete(process);
    }
  }

  private onDispatched(process: ProcessIndex): void {
    const handed = this.handed.get(process);
    if (handed === undefined) return;
    const { name, raft, report } = this.context;
    this.handed.delete(process);
    const passed = this.local(process) - handed.localMicros;
    if (passed >= raft(process)!.config.electionMicros) return;
    const what = `${name(process)} takes entries while ${name(handed.target)}`;
    report(`${what} campaigns at its word`, [process, handed.target]);
  }

  save(): unknown {
    return { handed: [...this.handed], exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { handed, exercised } = state as State;
    this.handed = new Map(handed);
    this.exercised = exercised;
  }
}

export const transferQuiet: Invariant = {
  name: 'raft.transfer-quiet',
  expectation: 'always',
  statement:
    'A leader takes no entries for an election timeout after it has told another to take over.',
  source: 'Raft thesis, §3.10; hashicorp/raft:raft.go (leaderLoop)',
  occasional: true,
  create: (context) => new TransferQuiet(context),
};
