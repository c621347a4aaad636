/**
 * What clients were told about their writes. Whoever runs the load feeds this; invariants judge it.
 */
import type { ProcessIndex } from '../core/machine.ts';

/** A write that a client was told had succeeded. */
export interface AcknowledgedWrite {
  /** Log index that its leader gave it, as the answer carried it. */
  readonly index: number;
  /** `Command.digest` of what was written. */
  readonly digest: number;
  /** The client's process. */
  readonly process: ProcessIndex;
  /** Virtual time in microseconds of the acknowledgement. */
  readonly micros: number;
}

export interface WriteListener {
  /** A client sends a write. */
  onAttempt?(): void;
  onAcknowledged(write: AcknowledgedWrite): void;
}

interface AcknowledgedState {
  readonly writes: readonly AcknowledgedWrite[];
  readonly highest: number;
}

export class AcknowledgedWrites {
  /** In the order in which clients learned of them. */
  writes: AcknowledgedWrite[] = [];
  /** Highest log index among them; 0 for none. */
  highest = 0;
  private readonly listeners: WriteListener[] = [];
  private readonly clock: { readonly now: number };

  constructor(clock: { readonly now: number }) {
    this.clock = clock;
  }

  /** A client sends a write now. */
  attempt(): void {
    for (const listener of this.listeners) listener.onAttempt?.();
  }

  /** A client learns now that its write has succeeded. */
  acknowledge({ index, digest, process }: Omit<AcknowledgedWrite, 'micros'>): void {
    const write = { index, digest, process, micros: this.clock.now };
    this.writes.push(write);
    if (index > this.highest) this.highest = index;
    for (const listener of this.listeners) listener.onAcknowledged(write);
  }

  listen(listener: WriteListener): void {
    this.listeners.push(listener);
  }

  save(): unknown {
    return { writes: this.writes.slice(), highest: this.highest } satisfies AcknowledgedState;
  }

  restore(state: unknown): void {
    const { writes, highest } = state as AcknowledgedState;
    this.writes = writes.slice();
    this.highest = highest;
  }
}
