/** `mesh.trust-unbroken`: a rotation of roots is no reason to refuse anybody. */
import { CaNote } from '../../consul/connect/vocabulary.ts';
import { CallNote, errorCode } from '../../service/vocabulary.ts';
import { QUIET_NOTES, Quiet } from '../catalog/quiet.ts';
import type { QuietState } from '../catalog/quiet.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { isCalm, proxyAt } from './members.ts';

const UNKNOWN = errorCode('certificate-unknown');

interface Saved {
  readonly exercised: number;
  readonly rotated: boolean;
  readonly quiet: QuietState;
}

class TrustUnbroken implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [...QUIET_NOTES, CaNote.rotated, CallNote.answered];
  /** Calls after the first rotation. */
  exercised = 0;
  private rotated = false;
  private readonly quiet: Quiet;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.quiet = new Quiet(context);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    if (kind === CaNote.rotated) this.rotated = true;
    else if (kind === CallNote.answered) this.onAnswered(process, b, c);
    else this.quiet.onNote(kind, process, a, b, c);
  }

  onSecond(): void {
    this.quiet.look();
  }

  private onAnswered(caller: ProcessIndex, server: ProcessIndex, error: number): void {
    if (!this.rotated) return;
    this.exercised++;
    if (error !== UNKNOWN) return;
    const { world, report } = this.context;
    const ends = [caller, server];
    const agents = ends.map((one) => proxyAt(world, one)?.settings.agent ?? -1);
    if (!agents.every((one) => isCalm(this.quiet, one, world.now))) return;
    const [from, to] = ends.map((one) => world.processes[one].name);
    report(`${from} and ${to} do not trust each other after a rotation of roots`, ends);
  }

  save(): unknown {
    const { exercised, rotated } = this;
    return { exercised, rotated, quiet: this.quiet.save() } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, rotated, quiet } = state as Saved;
    this.exercised = exercised;
    this.rotated = rotated;
    this.quiet.restore(quiet);
  }
}

export const trustUnbroken: Invariant = {
  name: 'mesh.trust-unbroken',
  expectation: 'always',
  occasional: true,
  statement:
    'While roots are rotated, proxies that can reach their servers trust the certificates of both.',
  source:
    'hashicorp/consul:agent/consul/leader_connect_ca.go (primaryUpdateRootCA), leader_connect.go (pruneCARoots)',
  create: (context) => new TrustUnbroken(context),
};
