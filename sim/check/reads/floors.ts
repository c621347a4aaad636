/**
 * What reads must know: of each key the newest write that a client had been told of when the read was
 * called. ModifyIndexes are compared; a write of unknown outcome, and a deletion, which has none, ask
 * nothing of anybody.
 */
import type { Operation } from '../../client/operation.ts';
import type { ProcessIndex } from '../../core/machine.ts';
import type { World } from '../../core/world.ts';

/** A read that was answered, and the ModifyIndex below which it missed a write. */
export interface FlooredRead {
  readonly process: ProcessIndex;
  readonly operation: Operation;
  readonly floor: number;
  /** When a client was told of that write. */
  readonly writtenMicros: number;
  readonly callMicros: number;
}

interface Written {
  readonly index: number;
  readonly atMicros: number;
}

interface Called {
  readonly written: Written;
  readonly callMicros: number;
}

interface State {
  readonly written: ReadonlyMap<string, Written>;
  readonly called: ReadonlyMap<number, Called>;
}

const NOTHING: Written = { index: 0, atMicros: 0 };

export class ReadFloors {
  private written = new Map<string, Written>();
  /** Reads under way, by the number of their operation. */
  private called = new Map<number, Called>();
  private readonly world: World;
  private readonly listeners: ((read: FlooredRead) => void)[] = [];

  constructor(world: World) {
    this.world = world;
  }

  listen(listener: (read: FlooredRead) => void): void {
    this.listeners.push(listener);
  }

  onInvoked(operation: Operation): void {
    if (this.listeners.length === 0 || operation.f !== 'get') return;
    const written = this.written.get(operation.key) ?? NOTHING;
    this.called.set(operation.id, { written, callMicros: this.world.now });
  }

  onEnded(process: ProcessIndex, operation: Operation, succeeded: boolean): void {
    if (this.listeners.length === 0) return;
    if (operation.f === 'get') this.onRead(process, operation, succeeded);
    else if (succeeded && operation.key !== '') this.onWritten(operation);
  }

  private onWritten({ key, answer }: Operation): void {
    const { applied, index } = answer!;
    const { index: known } = this.written.get(key) ?? NOTHING;
    if (applied && index > known) this.written.set(key, { index, atMicros: this.world.now });
  }

  private onRead(process: ProcessIndex, operation: Operation, succeeded: boolean): void {
    const { written, callMicros } = this.called.get(operation.id)!;
    this.called.delete(operation.id);
    if (!succeeded) return;
    const { index: floor, atMicros: writtenMicros } = written;
    const read: FlooredRead = { process, operation, floor, writtenMicros, callMicros };
    for (const listener of this.listeners) listener(read);
  }

  save(): unknown {
    return { written: new Map(this.written), called: new Map(this.called) } satisfies State;
  }

  restore(state: unknown): void {
    const { written, called } = state as State;
    this.written = new Map(written);
    this.called = new Map(called);
  }
}
