/**
 * `kv.lock-believed`: a client that runs takes itself for the holder of a lock on fresh evidence alone.
 * While it holds, it has a consistent query under way; one that fails, or no answer in time, means that
 * the lock is lost. A client that stands still can do nothing about it, and is judged from when it goes on.
 */
import type { KvLoadState } from '../../client/kv-load.ts';
import { KernelNote } from '../../core/observer.ts';
import { LOAD_MACHINE } from '../../service/loads.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';

/** A query waits 15 s and a sixteenth, and 7 s more are left to its answer. */
const PATIENCE_MICROS = 23_000_000;
const SLACK_MICROS = 1_000_000;

interface Saved {
  readonly exercised: number;
  readonly since: readonly (readonly [ProcessIndex, number])[];
}

class LockBelieved implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [KernelNote.resumed];
  /** Seconds in which clients took themselves for holders. */
  exercised = 0;
  private since = new Map<ProcessIndex, number>();
  private clients: readonly ProcessIndex[] | null = null;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_: NoteKind, process: ProcessIndex): void {
    this.since.set(process, this.context.world.now);
  }

  onSecond(): void {
    const { world, concerns } = this.context;
    this.clients ??= world.processes.flatMap(({ index, slotByNumber }) =>
      slotByNumber[LOAD_MACHINE] !== undefined && concerns(index) ? [index] : [],
    );
    for (const process of this.clients) this.look(process);
  }

  private look(process: ProcessIndex): void {
    const { world, name, report } = this.context;
    const { status, ioPaused, slotByNumber } = world.processes[process];
    if (status !== 'running' || ioPaused) return;
    const lock = (slotByNumber[LOAD_MACHINE]!.state as KvLoadState | undefined)?.lock;
    if (lock?.phase !== 'holding') return;
    this.exercised++;
    const seen = Math.max(lock.seenMicros, this.since.get(process) ?? 0);
    const age = world.now - seen;
    if (age <= PATIENCE_MICROS + SLACK_MICROS) return;
    const message = `${name(process)} takes itself for the holder of ${lock.key}, which it saw ${inSeconds(age)} ago`;
    report(message, [process]);
  }

  save(): unknown {
    return { exercised: this.exercised, since: [...this.since] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, since } = state as Saved;
    this.exercised = exercised;
    this.since = new Map(since);
  }
}

export const lockBelieved: Invariant = {
  name: 'kv.lock-believed',
  expectation: 'always',
  occasional: true,
  statement:
    'A client that runs takes itself for the holder of a lock no longer than one query after it last ' +
    'saw that.',
  source: 'hashicorp/consul:api/lock.go (monitorLock); issue 1843',
  create: (context) => new LockBelieved(context),
};
