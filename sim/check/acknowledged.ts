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
  /** A client sends the write with this digest to this process, a server or an agent. */
  onAttempt?(to: ProcessIndex, digest: number): void;
  /** The leader has refused one by itself: it says nothing of what the cluster can do. */
  onWithdrawn?(digest: number): void;
  /** `at` is the place of the write in `AcknowledgedWrites`. */
  onAcknowledged(at: number): void;
}

interface AcknowledgedState {
  readonly indexes: readonly number[];
  readonly digests: readonly number[];
  readonly processes: readonly ProcessIndex[];
  readonly times: readonly number[];
  readonly highest: number;
}

/** In columns, and in the order in which clients learned of them. */
export class AcknowledgedWrites {
  /** Highest log index among them; 0 for none. */
  highest = 0;
  private indexes: number[] = [];
  private digests: number[] = [];
  private processes: ProcessIndex[] = [];
  private times: number[] = [];
  private readonly listeners: WriteListener[] = [];
  private readonly clock: { readonly now: number };

  constructor(clock: { readonly now: number }) {
    this.clock = clock;
  }

  /** A client sends the write with this digest to this process now. */
  attempt(to: ProcessIndex, digest: number): void {
    for (const listener of this.listeners) listener.onAttempt?.(to, digest);
  }

  /** One that was sent has never been meant for the log. */
  withdraw(digest: number): void {
    for (const listener of this.listeners) listener.onWithdrawn?.(digest);
  }

  /** A client learns now that its write has succeeded. */
  acknowledge({ index, digest, process }: Omit<AcknowledgedWrite, 'micros'>): void {
    const at = this.indexes.length;
    this.indexes.push(index);
    this.digests.push(digest);
    this.processes.push(process);
    this.times.push(this.clock.now);
    if (index > this.highest) this.highest = index;
    for (const listener of this.listeners) listener.onAcknowledged(at);
  }

  get length(): number {
    return this.indexes.length;
  }

  index(at: number): number {
    return this.indexes[at];
  }

  digest(at: number): number {
    return this.digests[at];
  }

  write(at: number): AcknowledgedWrite {
    const { digests, indexes, processes, times } = this;
    return {
      index: indexes[at],
      digest: digests[at],
      process: processes[at],
      micros: times[at],
    };
  }

  listen(listener: WriteListener): void {
    this.listeners.push(listener);
  }

  save(): unknown {
    const { digests, highest, indexes, processes, times } = this;
    return {
      indexes: indexes.slice(),
      digests: digests.slice(),
      processes: processes.slice(),
      times: times.slice(),
      highest,
    } satisfies AcknowledgedState;
  }

  restore(state: unknown): void {
    const { digests, highest, indexes, processes, times } = state as AcknowledgedState;
    this.indexes = indexes.slice();
    this.digests = digests.slice();
    this.processes = processes.slice();
    this.times = times.slice();
    this.highest = highest;
  }
}
