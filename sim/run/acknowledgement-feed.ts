/** Tells the invariants what clients were told of their writes. */
import type { Checks } from '../check/checks.ts';
import type { KvLoadState } from '../client/kv-load.ts';
import { LOAD_MACHINE, LoadNote, changesNothing } from '../client/operation.ts';
import type { Operation } from '../client/operation.ts';
import { createdDigest } from '../consul/requests/session-endpoints.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';

export class AcknowledgementFeed implements Observer {
  readonly wants: readonly NoteKind[] = [LoadNote.invoked, LoadNote.succeeded];
  private readonly world: World;
  private readonly checks: Checks;

  constructor(world: World, checks: Checks) {
    this.world = world;
    this.checks = checks;
  }

  onNote(kind: NoteKind, process: ProcessIndex, slot: number): void {
    this.handlerOf(kind)(process, slot, 0, 0);
  }

  handlerOf(kind: NoteKind): NoteHandler {
    return kind === LoadNote.invoked
      ? (process, slot) => this.onInvoked(process, slot)
      : (process, slot) => this.onSucceeded(process, slot);
  }

  private operation(process: ProcessIndex, slot: number): Operation {
    const { state } = this.world.processes[process].slotByNumber[LOAD_MACHINE]!;
    return (state as KvLoadState).operations[slot]!;
  }

  private onInvoked(process: ProcessIndex, slot: number): void {
    const operation = this.operation(process, slot);
    if (changesNothing(operation)) return;
    this.checks.acknowledged.attempt(operation.server, operation.digest);
  }

  private onSucceeded(process: ProcessIndex, slot: number): void {
    const operation = this.operation(process, slot);
    const { logIndex: index } = operation.answer!;
    if (changesNothing(operation)) return;
    // What the leader refuses by itself, as within a lock-delay, is in no log.
    if (index === 0) {
      this.checks.acknowledged.withdraw(operation.digest);
      return;
    }
    this.checks.acknowledged.acknowledge({ index, digest: writtenDigest(operation), process });
  }
}

/** The id of a session, and so the digest of its entry, is the leader's. */
function writtenDigest({ f, digest, answer }: Operation): number {
  return f === 'session-create' ? createdDigest(answer!.value as string) : digest;
}
