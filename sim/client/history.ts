/**
 * The operation history (design §11): one record when an operation is invoked, one when it ends.
 * `ok` happened, `fail` did not, `info` nobody knows. Kept in columns, turned into records to read.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import type { ReadMode } from '../consul/requests/request.ts';
import { LOAD_MACHINE, LoadNote } from './kv-load.ts';
import type { KvFunction, KvLoadState, Operation } from './kv-load.ts';

export type HistoryType = 'invoke' | 'ok' | 'fail' | 'info';

export interface HistoryRecord {
  /** Dense number of the client over all loads. */
  readonly process: number;
  readonly type: HistoryType;
  readonly f: KvFunction;
  readonly key: string;
  /** Written or read value; null for a read of nothing, or one that has not been answered. */
  readonly value: string | null;
  /** Virtual time in microseconds. */
  readonly time: number;
  /** Pairs the lines. */
  readonly op: number;
  readonly mode: string;
  /** ModifyIndex that the answer carried; of the invocation of a cas the one it compares with. */
  readonly index: number | undefined;
  /** Log index of an acknowledged write, as its leader assigned it. */
  readonly leaderIndex: number | undefined;
  /** Server that the client asked. */
  readonly host: string;
  readonly event: number;
  readonly error: string | undefined;
}

const TYPES: readonly HistoryType[] = ['invoke', 'ok', 'fail', 'info'];
const MISMATCH = 'cas: index mismatch';

export class History implements Observer {
  readonly wants: readonly NoteKind[] = Object.values(LoadNote);
  private readonly type: number[] = [];
  private readonly process: ProcessIndex[] = [];
  private readonly f: KvFunction[] = [];
  private readonly key: string[] = [];
  private readonly value: (string | null)[] = [];
  private readonly time: number[] = [];
  private readonly op: number[] = [];
  /** -1: none. */
  private readonly index: number[] = [];
  private readonly leaderIndex: number[] = [];
  private readonly server: ProcessIndex[] = [];
  private readonly event: number[] = [];
  private readonly error: (string | null)[] = [];
  private readonly mode: ReadMode[] = [];
  /** Rows behind the count stay: a later state that is restored finds them again. */
  private count = 0;
  private readonly world: World;
  /** Dense client number by process. */
  private readonly clients: ReadonlyMap<ProcessIndex, number>;
  private readonly listeners: ((record: HistoryRecord) => void)[] = [];

  constructor(world: World, clients: ReadonlyMap<ProcessIndex, number>) {
    this.world = world;
    this.clients = clients;
  }

  handlerOf(kind: NoteKind): NoteHandler {
    return (process, slot) => this.onNote(kind, process, slot);
  }

  onNote(kind: NoteKind, process: ProcessIndex, slot: number): void {
    const state = this.stateOf(process);
    const operation = state.operations[slot]!;
    const { answer, error, f, key, id, written, server } = operation;
    // A cas that found another index did not happen: the server said so.
    const refused = answer !== null && !answer.applied;
    const at = this.count++;
    this.type[at] = refused ? 2 : kind - LoadNote.invoked;
    this.process[at] = process;
    this.f[at] = f;
    this.key[at] = key;
    this.value[at] = written ?? (answer === null ? null : (answer.value as string | null));
    this.time[at] = this.world.now;
    this.op[at] = id;
    this.index[at] = answer === null ? compared(kind, operation) : answer.index;
    this.leaderIndex[at] = answer === null || answer.logIndex === 0 ? -1 : answer.logIndex;
    this.server[at] = server;
    this.event[at] = this.world.event;
    this.mode[at] = operation.mode;
    this.error[at] = refused ? MISMATCH : error;
    if (this.listeners.length === 0) return;
    const record = this.record(at);
    for (let i = 0; i < this.listeners.length; i++) this.listeners[i](record);
  }

  /** Tells of every record when it is made. */
  listen(listener: (record: HistoryRecord) => void): void {
    this.listeners.push(listener);
  }

  private stateOf(process: ProcessIndex): KvLoadState {
    return this.world.processes[process].slotByNumber[LOAD_MACHINE]!.state as KvLoadState;
  }

  /** By its place, from 0; also one of a later state, after a return to an earlier one. */
  record(at: number): HistoryRecord {
    const process = this.process[at];
    return {
      process: this.clients.get(process)!,
      type: TYPES[this.type[at]],
      f: this.f[at],
      key: this.key[at],
      value: this.value[at],
      time: this.time[at],
      op: this.op[at],
      mode: this.mode[at],
      index: this.index[at] < 0 ? undefined : this.index[at],
      leaderIndex: this.leaderIndex[at] < 0 ? undefined : this.leaderIndex[at],
      host: this.world.processes[this.server[at]].host.name,
      event: this.event[at],
      error: this.error[at] ?? undefined,
    };
  }

  get length(): number {
    return this.count;
  }

  /** In the order in which they happened; made anew at every call. */
  records(): HistoryRecord[] {
    return Array.from({ length: this.count }, (_, at) => this.record(at));
  }

  /** One JSON object a line. */
  lines(): string[] {
    return this.records().map((record) => JSON.stringify(record));
  }

  save(): unknown {
    return this.count;
  }

  restore(state: unknown): void {
    this.count = state as number;
  }
}

function compared(kind: NoteKind, { f, compareIndex }: Operation): number {
  return kind === LoadNote.invoked && f === 'cas' ? compareIndex : -1;
}
