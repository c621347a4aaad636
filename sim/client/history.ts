/**
 * The operation history (design §11): one record when an operation is invoked, one when it ends.
 * `ok` happened, `fail` did not, `info` nobody knows. Kept in columns, turned into records to read.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import type { ReadMode, ServerAnswer } from '../consul/requests/request.ts';
import type { KvEntry } from '../consul/state/rows.ts';
import type { TransactionResult } from '../consul/state/transaction-types.ts';
import type { KvLoadState } from './kv-load.ts';
import { LOAD_MACHINE, LoadNote } from './operation.ts';
import type { Operation, OperationFunction } from './operation.ts';
import { answeredRows, rowsOf } from './transactions.ts';
import type { Row } from './transactions.ts';

export type HistoryType = 'invoke' | 'ok' | 'fail' | 'info';

export interface HistoryRecord {
  /** Dense number of the client over all loads. */
  readonly process: number;
  readonly type: HistoryType;
  readonly f: OperationFunction;
  readonly key: string;
  /**
   * Written or read value; null for a read of nothing, or one that has not been answered. Of a
   * transaction its verbs, of a session that was made its id.
   */
  readonly value: string | null | readonly Row[];
  /** Virtual time in microseconds. */
  readonly time: number;
  /** Pairs the lines. */
  readonly op: number;
  readonly mode: string;
  /** That a lock operation names. */
  readonly session: string | undefined;
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
/** Conditions that did not hold: the server said so. */
const REFUSED: Partial<Record<OperationFunction, string>> = {
  cas: 'cas: index mismatch',
  acquire: 'acquire: held, or within its lock-delay',
  release: 'release: not held',
  txn: 'txn: rolled back',
  'session-renew': 'session-renew: no such session',
};

/** A value as one text; that of a transaction as JSON. */
export function historyText(value: HistoryRecord['value']): string | null {
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

export class History implements Observer {
  readonly wants: readonly NoteKind[] = Object.values(LoadNote);
  private readonly type: number[] = [];
  private readonly process: ProcessIndex[] = [];
  private readonly f: OperationFunction[] = [];
  private readonly key: string[] = [];
  private readonly value: HistoryRecord['value'][] = [];
  private readonly session: string[] = [];
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
    const { answer, error, f, key, id, server } = operation;
    // What found another index, or another holder, did not happen.
    const refused = answer !== null && !answer.applied;
    const at = this.count++;
    this.type[at] = refused ? 2 : kind - LoadNote.invoked;
    this.process[at] = process;
    this.f[at] = f;
    this.key[at] = key;
    this.value[at] = valueOf(operation);
    this.session[at] = operation.session;
    this.time[at] = this.world.now;
    this.op[at] = id;
    this.index[at] = indexOf(kind, operation);
    this.leaderIndex[at] = answer === null || answer.logIndex === 0 ? -1 : answer.logIndex;
    this.server[at] = server;
    this.event[at] = this.world.event;
    this.mode[at] = operation.mode;
    this.error[at] = refused ? REFUSED[f]! : error;
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
      session: this.session[at] === '' ? undefined : this.session[at],
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

function valueOf({ f, written, verbs, answer }: Operation): HistoryRecord['value'] {
  if (f === 'txn') {
    if (answer === null || !answer.applied) return rowsOf(verbs!);
    return answeredRows(verbs!, answer.value as TransactionResult);
  }
  if (written !== null) return written;
  return answer === null ? null : answeredValue(f, answer);
}

function answeredValue(f: OperationFunction, { value }: ServerAnswer): string | null {
  if (f === 'get') return (value as KvEntry | null)?.value ?? null;
  return f === 'session-create' ? (value as string) : null;
}

/** Of what is about no key of its own there is none. */
function indexOf(kind: NoteKind, { f, key, compareIndex, answer }: Operation): number {
  if (answer !== null) return key === '' ? -1 : answer.index;
  return kind === LoadNote.invoked && f === 'cas' ? compareIndex : -1;
}
