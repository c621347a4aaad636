/**
 * One operation of a client's history, the currency of every checker in this folder.
 *
 * Real time is the order of the records of a history: `call` and `return` are positions in that
 * order, not times. Two operations are ordered when one returned before the other was called;
 * otherwise they are concurrent. Positions avoid the question whether two records of the same
 * microsecond are ordered: whoever recorded them knew.
 */

export type Scalar = null | boolean | number | string;
export type Value = Scalar | readonly Value[];

/**
 * - `ok`: took effect and its answer is known.
 * - `refused`: the answer was that a condition did not hold (a compare-and-set that lost, a lock
 *   that is held, an empty queue). It changed nothing, and says something about the state.
 * - `unknown`: no answer, or one that leaves open what happened. It may take effect at any time
 *   after its call, or never.
 */
export type Outcome = 'ok' | 'refused' | 'unknown';

export interface Operation {
  /** Place in the history, dense from 0; what verdicts and pictures refer to. */
  readonly id: number;
  readonly process: string;
  /** Verb: `read`, `put`, `cas`, ... Each model says which ones it knows. */
  readonly f: string;
  readonly key: string;
  /** Argument; `[from, to]` for a compare-and-set by value. */
  readonly input: Value;
  /** Answer; null where there is none. */
  readonly output: Value;
  readonly outcome: Outcome;
  /** Position of the invocation among all records. */
  readonly call: number;
  /** Position of the completion; Infinity when the outcome is unknown. */
  readonly return: number;
  /** Raft index the answer carried: of the write, or of the version that was read. 0: none. */
  readonly index: number;
  /** ModifyIndex that a conditional write compares with; -1: none. */
  readonly expected: number;
  /** Session that a lock operation names; empty: none. */
  readonly session: string;
  /** Consistency mode of a read (`default`, `consistent`, `stale`); empty: none. */
  readonly mode: string;
  /** Host that answered; empty: not recorded. */
  readonly host: string;
  /** Times of invocation and completion in microseconds; -1 where not recorded. */
  readonly callMicros: number;
  readonly returnMicros: number;
  /** Line numbers of the two records, from 1; 0 where there is none. */
  readonly callLine: number;
  readonly returnLine: number;
  /** Trace event of the completion; 0 where not recorded. */
  readonly event: number;
}

const DEFAULTS: Operation = {
  id: 0,
  process: '0',
  f: 'read',
  key: '',
  input: null,
  output: null,
  outcome: 'ok',
  call: 0,
  return: Infinity,
  index: 0,
  expected: -1,
  session: '',
  mode: '',
  host: '',
  callMicros: -1,
  returnMicros: -1,
  callLine: 0,
  returnLine: 0,
  event: 0,
};

/** Fills in what is not given. Every operation has the same shape, which keeps access fast. */
export function createOperation(fields: Partial<Operation>): Operation {
  return { ...DEFAULTS, ...fields };
}

/** Operations in order of `call`, with `id` equal to the place, as the checkers expect them. */
export interface History {
  readonly operations: readonly Operation[];
  /** Operations that certainly had no effect; only used to explain impossible reads. */
  readonly failed: readonly Operation[];
}

/** A primitive that is equal for equal values: what maps and sets of values are keyed by. */
export function canonical(value: Value): Scalar {
  return typeof value === 'object' && value !== null ? `\u0001${JSON.stringify(value)}` : value;
}

/** Text that is equal for equal values only. */
export function valueText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `"${value}"`;
    case 'number':
    case 'boolean':
      return `${value}`;
    default:
      return value === null ? 'nil' : JSON.stringify(value);
  }
}

/** `before` returned before `after` was called. */
export function precedes(before: Operation, after: Operation): boolean {
  return before.return < after.call;
}

/** What an observer who saw only the records up to `position` would know of the operations. */
export function cutHistory(operations: readonly Operation[], position: number): Operation[] {
  const known: Operation[] = [];
  for (const operation of operations) {
    if (operation.call > position) continue;
    known.push(operation.return > position ? forget(operation) : operation);
  }
  return known;
}

/** The same operation with its answer lost. */
export function forget(operation: Operation): Operation {
  if (operation.outcome === 'unknown') return operation;
  return { ...operation, outcome: 'unknown', output: null, index: 0, return: Infinity };
}
