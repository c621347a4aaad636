/**
 * The operation history (design §11): one record when an operation is invoked, one when it ends.
 * `ok` happened, `fail` did not, `info` nobody knows.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { LOAD_MACHINE, LoadNote } from './kv-load.ts';
import type { KvLoadState, Operation } from './kv-load.ts';

export type HistoryType = 'invoke' | 'ok' | 'fail' | 'info';

export interface HistoryRecord {
  /** Dense number of the client over all loads. */
  readonly process: number;
  readonly type: HistoryType;
  readonly f: 'put' | 'get' | 'cas';
  readonly key: string;
  /** Written or read value; null for a read of nothing, or one that has not been answered. */
  readonly value: string | null;
  /** Virtual time in microseconds. */
  readonly time: number;
  /** Pairs the lines. */
  readonly op: number;
  readonly mode: string;
  /** ModifyIndex that the answer carried. */
  readonly index: number | undefined;
  /** Log index of an acknowledged write, as its leader assigned it. */
  readonly leaderIndex: number | undefined;
  /** Server that the client asked. */
  readonly host: string;
  readonly event: number;
  readonly error: string | undefined;
}

const TYPES: Readonly<Record<number, HistoryType>> = {
  [LoadNote.invoked]: 'invoke',
  [LoadNote.succeeded]: 'ok',
  [LoadNote.failed]: 'fail',
  [LoadNote.unknown]: 'info',
};

export class History implements Observer {
  readonly wants: readonly NoteKind[] = Object.values(LoadNote);
  private readonly written: HistoryRecord[] = [];
  /** Records behind the count stay: a later state that is restored finds them again. */
  private count = 0;
  private readonly world: World;
  /** Dense client number by process. */
  private readonly clients: ReadonlyMap<ProcessIndex, number>;

  constructor(world: World, clients: ReadonlyMap<ProcessIndex, number>) {
    this.world = world;
    this.clients = clients;
  }

  onNote(kind: NoteKind, process: ProcessIndex, slot: number): void {
    const state = this.world.processes[process].slotByNumber[LOAD_MACHINE]!.state as KvLoadState;
    const operation = state.operations[slot]!;
    this.written[this.count++] = this.record(kind, process, operation, state.config.mode);
  }

  private record(
    kind: NoteKind,
    process: ProcessIndex,
    operation: Operation,
    mode: string,
  ): HistoryRecord {
    const { answer, error, f, key, id, written } = operation;
    // A cas that found another index did not happen: the server said so.
    const refused = answer !== null && !answer.applied;
    return {
      process: this.clients.get(process)!,
      type: refused ? 'fail' : TYPES[kind],
      f,
      key,
      value: written ?? answer?.value ?? null,
      time: this.world.now,
      op: id,
      mode,
      index: answer?.index,
      leaderIndex: answer !== null && answer.logIndex > 0 ? answer.logIndex : undefined,
      host: this.world.processes[operation.server].host.name,
      event: this.world.event,
      error: refused ? 'cas: index mismatch' : (error ?? undefined),
    };
  }

  /** In the order in which they happened. */
  get records(): readonly HistoryRecord[] {
    return this.written.slice(0, this.count);
  }

  /** One JSON object a line. */
  lines(): string[] {
    return this.records.map((record) => JSON.stringify(record));
  }

  save(): unknown {
    return this.count;
  }

  restore(state: unknown): void {
    this.count = state as number;
  }
}
