/** Operations of a running history: records come one by one, operations grow with them. */
import type { Operation, Value } from './operation.ts';

/** A record as the client side of a run writes it (design: history format). */
export interface RunRecord {
  readonly process: number | string;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: string;
  readonly key: string;
  readonly value: Value;
  /** Virtual time in microseconds. */
  readonly time: number;
  readonly op: number;
  readonly mode?: string | undefined;
  /** ModifyIndex of the answer; on the invocation of a cas the one it compares with. */
  readonly index?: number | undefined;
  /** Log index of an acknowledged write. */
  readonly leaderIndex?: number | undefined;
  readonly session?: string | undefined;
  readonly host?: string | undefined;
  readonly event?: number | undefined;
  readonly error?: string | undefined;
}

/** What the recorder of a run notes when a condition did not hold. */
const REFUSALS: ReadonlySet<string> = new Set([
  'cas: index mismatch',
  'acquire: held, or within its lock-delay',
  'release: not held',
  'txn: rolled back',
]);
const DENSE_AHEAD = 1024;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Operations under way, by the numbers that the records give them. */
class OpenOperations {
  /** Numbers are mostly dense. */
  readonly #dense: (Mutable<Operation> | undefined)[] = [];
  readonly #others = new Map<number, Mutable<Operation>>();

  set(op: number, operation: Operation): void {
    if (op < 0 || op > 2 * this.#dense.length + DENSE_AHEAD) {
      this.#others.set(op, operation);
      return;
    }
    while (this.#dense.length <= op) this.#dense.push(undefined);
    this.#dense[op] = operation;
  }

  take(op: number): Mutable<Operation> | undefined {
    const operation = op >= 0 && op < this.#dense.length ? this.#dense[op] : undefined;
    if (operation !== undefined) {
      this.#dense[op] = undefined;
      return operation;
    }
    const other = this.#others.get(op);
    if (other !== undefined) this.#others.delete(op);
    return other;
  }
}

/** Keeps where the records of each operation are; operations that have ended are made of them anew. */
export class OperationLog {
  /** Operations that certainly had no effect. */
  readonly failed = new Set<number>();
  readonly #open = new OpenOperations();
  readonly #recall: (position: number) => RunRecord;
  /** Positions of the two records by id; -1 for none. */
  readonly #calls: number[] = [];
  readonly #returns: number[] = [];
  #position = 0;

  /** @param recall gives a record that was appended, by its position */
  constructor(recall: (position: number) => RunRecord) {
    this.#recall = recall;
  }

  /** Records so far. */
  get length(): number {
    return this.#position;
  }

  /** The operation that the record is about, as known after it; undefined for an unknown one. */
  append(record: RunRecord): Operation | undefined {
    const position = this.#position++;
    if (record.type === 'invoke') {
      const operation = invoked(record, this.#calls.length, position);
      this.#calls.push(position);
      this.#returns.push(-1);
      this.#open.set(record.op, operation);
      return operation;
    }
    const operation = this.#open.take(record.op);
    if (operation === undefined) return undefined;
    complete(operation, record, position);
    this.#returns[operation.id] = position;
    if (record.type === 'fail' && operation.outcome !== 'refused') this.failed.add(operation.id);
    return operation;
  }

  operation(id: number): Operation {
    const [call, end] = [this.#calls[id]!, this.#returns[id]!];
    const operation = invoked(this.#recall(call), id, call);
    if (end >= 0) complete(operation, this.#recall(end), end);
    return operation;
  }

  /** What a check takes: without what failed, numbered anew. */
  known(): Operation[] {
    return this.#chosen((id) => !this.failed.has(id)).map((operation, id) => ({
      ...operation,
      id,
    }));
  }

  failures(): Operation[] {
    return this.#chosen((id) => this.failed.has(id));
  }

  #chosen(wanted: (id: number) => boolean): Operation[] {
    const ids = Array.from(this.#calls.keys()).filter(wanted);
    return ids.map((id) => this.operation(id));
  }
}

function isRead(f: string): boolean {
  return f === 'get' || f === 'read';
}

/** Spelled out: runs make many, and copying all fields of others is slow. */
function invoked(record: RunRecord, id: number, position: number): Operation {
  const { f, key, value, time } = record;
  return {
    id,
    process: String(record.process),
    f,
    key,
    input: isRead(f) ? null : value,
    output: null,
    outcome: 'unknown',
    call: position,
    return: Infinity,
    index: 0,
    expected: record.index ?? -1,
    session: record.session ?? '',
    mode: record.mode ?? '',
    host: '',
    callMicros: time,
    returnMicros: -1,
    callLine: position + 1,
    returnLine: 0,
    event: 0,
  };
}

/** In place: while it is under way nobody else holds it. */
function complete(operation: Mutable<Operation>, record: RunRecord, position: number): void {
  const { type, value, time, index, leaderIndex, error } = record;
  const read = isRead(operation.f);
  const refused = type === 'fail' && !read && (error === undefined || REFUSALS.has(error));
  if (type === 'ok' || refused) operation.return = position;
  if (type === 'ok') {
    if (read || operation.f === 'txn') operation.output = value;
    // Of a write the place in the log says more than the index of what it left.
    operation.index = (read ? index : (leaderIndex ?? index)) ?? 0;
  }
  operation.outcome = type === 'ok' ? 'ok' : refused ? 'refused' : 'unknown';
  operation.host = record.host ?? '';
  operation.returnMicros = time;
  operation.returnLine = position + 1;
  operation.event = record.event ?? 0;
}
