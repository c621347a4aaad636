/** Tells the invariants of reads and of watchers what clients asked and were told. */
import type { Checks } from '../check/checks.ts';
import type { Ending } from '../check/store/told.ts';
import type { KvLoadState } from '../client/kv-load.ts';
import { LockNote } from '../client/lock/state.ts';
import { LOAD_MACHINE, LoadNote } from '../client/operation.ts';
import { WatchNote } from '../client/watch.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';

const ENDINGS: Readonly<Record<NoteKind, Ending>> = {
  [LoadNote.succeeded]: 'answered',
  [LoadNote.failed]: 'failed',
  [LoadNote.unknown]: 'unknown',
};

export class ClientFeed implements Observer {
  readonly wants: readonly NoteKind[] = [
    ...Object.values(LoadNote),
    LockNote.taken,
    LockNote.ended,
    ...Object.values(WatchNote),
  ];
  private readonly world: World;
  private readonly checks: Checks;

  /** `asked` tells clients whose operations concern the store that is judged. */
  constructor(world: World, checks: Checks, asked: (process: ProcessIndex) => boolean) {
    this.world = world;
    this.checks = checks;
    checks.watches.watchers = () =>
      world.processes.flatMap(({ name, index, slotByNumber }) => {
        if (!asked(index)) return [];
        const state = slotByNumber[LOAD_MACHINE]?.state as KvLoadState | undefined;
        const watch = state?.watch ?? null;
        return watch === null ? [] : [{ name, watch }];
      });
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, index: number, asked: number): void {
    const { state } = this.world.processes[process].slotByNumber[LOAD_MACHINE]!;
    const { operations, watch, lock } = state as KvLoadState;
    const { floors, told, watches } = this.checks;
    if (kind === WatchNote.answered) {
      watches.tell({ process, watch: watch!, micros: a, index, asked });
    } else if (kind === WatchNote.failed) {
      watches.tellOfFailure(process, watch!);
    } else if (kind === LoadNote.invoked) {
      floors.onInvoked(operations[a]!);
    } else if (kind === LockNote.taken || kind === LockNote.ended) {
      told.tellOfHolder(process, lock!.key, kind === LockNote.taken);
    } else {
      floors.onEnded(process, operations[a]!, kind === LoadNote.succeeded);
      told.tell(process, operations[a]!, ENDINGS[kind]!);
    }
  }
}
