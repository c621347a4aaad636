/** `balance.ejection-limit`: of a service no more instances are ejected at a time than the limit says. */
import { CallNote } from '../../service/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { callerAt } from './callers.ts';

class EjectionLimit implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [CallNote.ejected];
  /** Ejections looked at. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, at: number): void {
    const { world, report } = this.context;
    const upstream = callerAt(world, process).upstreams[at];
    const { spec, hosts } = upstream.outliers!;
    this.exercised++;
    const ejected = hosts.filter(({ ejectedAt }) => ejectedAt >= 0).length;
    const share = spec.maxEjectionShare * hosts.length;
    const isGrpc = spec.variant === 'grpc';
    // Envoy asks what the share would be, gRPC what it was before.
    const limit = Math.max(
      isGrpc ? Math.ceil(share) : Math.floor(share + 1e-9),
      spec.alwaysEjectOne && !isGrpc ? 1 : 0,
    );
    if (ejected <= limit) return;
    const { name } = world.processes[process];
    const { service } = upstream.config.settings;
    report(`${name} has ejected ${ejected} of ${hosts.length} instances of ${service}`, [process]);
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const ejectionLimit: Invariant = {
  name: 'balance.ejection-limit',
  expectation: 'always',
  statement: 'No client ejects more instances of a service at a time than its limit allows.',
  source: 'envoyproxy/envoy:source/common/upstream/outlier_detection_impl.cc (ejectHost)',
  occasional: true,
  create: (context) => new EjectionLimit(context),
};
