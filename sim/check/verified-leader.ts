/**
 * `raft.verified-leader`: a consistent read is as good as the verification before it. A quorum that
 * answers after the verification began shares a server with the quorum that elected a newer leader, and
 * that server refuses. So nobody is confirmed who had a successor when the verification began.
 */
import { KernelNote } from '../core/observer.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { inSeconds } from './invariant.ts';

interface Election {
  readonly process: ProcessIndex;
  readonly term: number;
  readonly micros: number;
}

interface Begun {
  readonly term: number;
  readonly micros: number;
}

type Verifications = Map<number, Begun>;

interface State {
  readonly elections: readonly Election[];
  readonly begun: readonly (readonly [ProcessIndex, Verifications])[];
  readonly exercised: number;
}

function copy(begun: Iterable<readonly [ProcessIndex, Verifications]>) {
  return [...begun].map(([process, byId]) => [process, new Map(byId)] as const);
}

class VerifiedLeader implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    RaftNote.becameLeader,
    RaftNote.verifying,
    RaftNote.verified,
    KernelNote.crashed,
  ];
  /** Leaders confirmed. */
  exercised = 0;
  /** By ascending terms. */
  private elections: Election[] = [];
  private begun = new Map<ProcessIndex, Verifications>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, term: number): void {
    const { now } = this.context.world;
    switch (kind) {
      case RaftNote.becameLeader:
        if (a > (this.elections.at(-1)?.term ?? 0)) {
          this.elections.push({ process, term: a, micros: now });
        }
        return;
      case RaftNote.verifying: {
        let byId = this.begun.get(process);
        if (byId === undefined) this.begun.set(process, (byId = new Map()));
        byId.set(a, { term, micros: now });
        return;
      }
      case RaftNote.verified:
        this.judgeVerified(process, a);
        return;
      default:
        this.begun.delete(process);
    }
  }

  private judgeVerified(process: ProcessIndex, id: number): void {
    const byId = this.begun.get(process);
    const verification = byId?.get(id);
    if (verification === undefined) return;
    byId!.delete(id);
    this.exercised++;
    const { term, micros } = verification;
    const successor = this.elections.find((one) => one.term > term && one.micros < micros);
    if (successor === undefined) return;
    const { name, report } = this.context;
    const who = `${name(successor.process)} led since ${inSeconds(successor.micros)}`;
    const what = `${name(process)} is confirmed as leader of term ${term}`;
    report(`${what}, asked at ${inSeconds(micros)}, when ${who}`, [process, successor.process]);
  }

  save(): unknown {
    const { elections, begun, exercised } = this;
    return { elections: elections.slice(), begun: copy(begun), exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { elections, begun, exercised } = state as State;
    this.elections = elections.slice();
    this.begun = new Map(copy(begun));
    this.exercised = exercised;
  }
}

export const verifiedLeader: Invariant = {
  name: 'raft.verified-leader',
  expectation: 'always',
  statement: 'A leader that a quorum has confirmed had no successor when it asked.',
  source: 'Raft thesis, §6.4; hashicorp/raft:raft.go (verifyLeader)',
  occasional: true,
  create: (context) => new VerifiedLeader(context),
};
