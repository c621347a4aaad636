/** `call.deadline`: a call with a deadline has ended by then, and nothing is sent for it afterwards. */
import { KernelNote } from '../../core/observer.ts';
import { CallNote } from '../../service/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { callerAt } from './callers.ts';

interface Saved {
  readonly exercised: number;
  readonly resumed: readonly (readonly [ProcessIndex, number])[];
}

class Deadline implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    CallNote.attempted,
    CallNote.succeeded,
    CallNote.failed,
    KernelNote.resumed,
  ];
  /** Calls with a deadline that have ended. */
  exercised = 0;
  /** When a client was last let go on after a pause, in which it could not keep time. */
  private resumed = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, slot: number): void {
    const { world, report } = this.context;
    const { clock } = world.processes[process].host;
    const now = clock.monotonic(world.now);
    if (kind === KernelNote.resumed) {
      this.resumed.set(process, now);
      return;
    }
    const { deadlineMicros, startedMicros } = callerAt(world, process).calls[slot]!;
    if (deadlineMicros === Infinity) return;
    if ((this.resumed.get(process) ?? -1) >= startedMicros) return;
    const name = world.processes[process].name;
    if (kind === CallNote.attempted) {
      if (now < deadlineMicros) return;
      report(`${name} sent an attempt at or after the deadline of its call`, [process]);
      return;
    }
    this.exercised++;
    if (now <= deadlineMicros) return;
    const late = inSeconds(now - deadlineMicros);
    report(`a call of ${name} ended ${late} after its deadline`, [process]);
  }

  save(): unknown {
    return { exercised: this.exercised, resumed: [...this.resumed] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, resumed } = state as Saved;
    this.exercised = exercised;
    this.resumed = new Map(resumed);
  }
}

export const deadline: Invariant = {
  name: 'call.deadline',
  expectation: 'always',
  statement: 'A call with a deadline has ended by then, and nothing is sent for it afterwards.',
  source: 'grpc/proposal:A6-client-retries.md (Deadlines)',
  occasional: true,
  create: (context) => new Deadline(context),
};
