/**
 * `session.not-given-up`: renewals that fail are tried again. A client gives its session up when it is
 * told that it is over, or when no renewal has succeeded for longer than the TTL.
 */
import type { KvLoadState } from '../../client/kv-load.ts';
import { LOAD_MACHINE, LockNote, Renewal } from '../../service/loads.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';

class NotGivenUp implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [LockNote.renewalFailed];
  /** Renewals that failed while their sessions may have lived. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_: NoteKind, process: ProcessIndex, age: number, outcome: number): void {
    if (outcome === Renewal.told) return;
    const { world, name, report } = this.context;
    const slot = world.processes[process].slotByNumber[LOAD_MACHINE]!;
    const { ttlMicros } = (slot.state as KvLoadState).lock!.config;
    this.exercised++;
    if (outcome !== Renewal.givenUp || age > ttlMicros) return;
    const message = `${name(process)} gave up its session ${inSeconds(age)} after a renewal, with a TTL of ${inSeconds(ttlMicros)}`;
    report(message, [process]);
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const notGivenUp: Invariant = {
  name: 'session.not-given-up',
  expectation: 'always',
  occasional: true,
  statement:
    'A client gives up its session when it is told that it is over, or has not renewed it for longer ' +
    'than its TTL, and not before.',
  source: 'hashicorp/consul:api/session.go (RenewPeriodic); pull request 912',
  create: (context) => new NotGivenUp(context),
};
