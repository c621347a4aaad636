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

/** What the recorder of a run notes when a comparison did not hold. */
const MISMATCH = 'cas: index mismatch';
const DENSE_AHEAD = 1024;

/** Ids of the operations under way, by the numbers that the records give them. */
class OpenIds {
  /** Numbers are mostly dense; -1 for none. */
  readonly #dense: number[] = [];
  readonly #others = new Map<number, number>();

  set(op: number, id: number): void {
    if (op < 0 || op > 2 * this.#dense.length + DENSE_AHEAD) {
      this.#others.set(op, id);
      return;
    }
    while (this.#dense.length <= op) this.#dense.push(-1);
    this.#dense[op] = id;
  }

  /** -1 for one that is not under way. */
  take(op: number): number {
    if (op >= 0 && op < this.#dense.length && this.#dense[op]! >= 0) {
      const id = this.#dense[op]!;
      this.#dense[op] = -1;
      return id;
    }
    const id = this.#others.get(op) ?? -1;
    this.#others.delete(op);
    return id;
  }
}

export class OperationLog {
  /** In order of call; those that failed stay, marked in `failed`. */
  readonly operations: Operation[] = [];
  readonly failed = new Set<number>();
  readonly #open = new OpenIds();
  #position = 0;

  /** Records so far. */
  get length(): number {
    return this.#position;
  }

  /** The operation that the record is about, as known after it; undefined for an unknown one. */
  append(record: RunRecord): Operation | undefined {
    const position = this.#position++;
    if (record.type === 'invoke') {
      const operation = invoked(record, this.operations.length, position);
      this.#open.set(record.op, operation.id);
      this.operations.push(operation);
      return operation;
    }
    const id = this.#open.take(record.op);
    if (id < 0) return undefined;
    const operation = this.operations[id]!;
    complete(operation, record, position);
    if (record.type === 'fail' && operation.outcome !== 'refused') this.failed.add(id);
    return operation;
  }

  /** What a check takes: without what failed, numbered anew. */
  known(): Operation[] {
    return this.operations
      .filter(({ id }) => !this.failed.has(id))
      .map((operation, id) => ({ ...operation, id }));
  }

  failures(): Operation[] {
    return this.operations.filter(({ id }) => this.failed.has(id));
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

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

/** In the place of the operation under way, which nobody else holds yet. */
function complete(operation: Mutable<Operation>, record: RunRecord, position: number): void {
  const { type, value, time, index, leaderIndex, error } = record;
  const read = isRead(operation.f);
  const refused = type === 'fail' && !read && (error === undefined || error === MISMATCH);
  if (type === 'ok' || refused) operation.return = position;
  if (type === 'ok') {
    if (read) operation.output = value;
    // Of a write the place in the log says more than the index of what it left.
    operation.index = (read ? index : (leaderIndex ?? index)) ?? 0;
  }
  operation.outcome = type === 'ok' ? 'ok' : refused ? 'refused' : 'unknown';
  operation.host = record.host ?? '';
  operation.returnMicros = time;
  operation.returnLine = position + 1;
  operation.event = record.event ?? 0;
}
