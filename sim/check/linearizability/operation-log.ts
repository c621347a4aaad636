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
const READS = new Set(['get', 'read']);

export class OperationLog {
  /** In order of call; those that failed stay, marked in `failed`. */
  readonly operations: Operation[] = [];
  readonly failed = new Set<number>();
  readonly #open = new Map<number, number>();
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
    const id = this.#open.get(record.op);
    if (id === undefined) return undefined;
    this.#open.delete(record.op);
    const operation = completed(this.operations[id]!, record, position);
    this.operations[id] = operation;
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

/** Spelled out, here and below: runs make many, and copying all fields of others is slow. */
function invoked(record: RunRecord, id: number, position: number): Operation {
  const { f, key, value, time } = record;
  return {
    id,
    process: String(record.process),
    f,
    key,
    input: READS.has(f) ? null : value,
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

function completed(operation: Operation, record: RunRecord, position: number): Operation {
  const { type, value, time, index, leaderIndex, error } = record;
  const { id, process, f, key, input, call, expected, session, mode } = operation;
  const read = READS.has(f);
  const refused = type === 'fail' && !read && (error === undefined || error === MISMATCH);
  const answered = type === 'ok' || refused;
  return {
    id,
    process,
    f,
    key,
    input,
    output: type === 'ok' && read ? value : null,
    outcome: type === 'ok' ? 'ok' : refused ? 'refused' : 'unknown',
    call,
    return: answered ? position : Infinity,
    // Of a write the place in the log says more than the index of what it left.
    index: type === 'ok' ? ((read ? index : (leaderIndex ?? index)) ?? 0) : 0,
    expected,
    session,
    mode,
    host: record.host ?? '',
    callMicros: operation.callMicros,
    returnMicros: time,
    callLine: operation.callLine,
    returnLine: position + 1,
    event: record.event ?? 0,
  };
}
