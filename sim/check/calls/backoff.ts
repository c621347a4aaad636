/** `call.backoff`: what a retry waits is within the bounds of its formula. */
import type { BackoffSpec } from '../../../scenarios/services.ts';
import { CallNote } from '../../service/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { upstreamOf } from './callers.ts';

/** gRPC's jitter may exceed the cap by a fifth; rounding by a microsecond. */
const JITTER = 1.2;

class Backoff implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [CallNote.backoff];
  /** Waits looked at. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, slot: number, micros: number): void {
    const { world, report } = this.context;
    const { retry } = upstreamOf(world, process, slot).config.settings;
    this.exercised++;
    const [least, most] = bounds(retry!.backoff);
    if (micros >= least && micros <= most) return;
    const { name } = world.processes[process];
    const range = `${inSeconds(least)} to ${inSeconds(most)}`;
    report(`a retry of ${name} waits ${inSeconds(micros)}, outside ${range}`, [process]);
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

function bounds({ kind, baseMicros, capMicros }: BackoffSpec): readonly [number, number] {
  switch (kind) {
    case 'none':
      return [0, 0];
    case 'fixed':
    case 'exponential':
    case 'decorrelated':
      return [baseMicros, capMicros];
    case 'equal-jitter':
      return [Math.min(baseMicros, Math.floor(capMicros / 2)), capMicros];
    case 'grpc':
      return [Math.floor(baseMicros * 0.8), Math.ceil(capMicros * JITTER)];
    default:
      return [0, capMicros];
  }
}

export const backoff: Invariant = {
  name: 'call.backoff',
  expectation: 'always',
  statement: 'A retry waits no less than its formula allows and no more than its cap.',
  source: 'consul-template#1028',
  occasional: true,
  create: (context) => new Backoff(context),
};
