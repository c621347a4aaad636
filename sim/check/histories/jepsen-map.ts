/** An operation map of Jepsen, read from EDN or JSON, as a record. */
import type { Value } from '../linearizability/operation.ts';
import type { HistoryRecord, Problem } from './record.ts';
import { createRecord, isRecordType } from './record.ts';

/** Looks up a field by name; undefined when it is not there. */
export type Fields = (name: string) => unknown;

export interface MapOptions {
  /** Values are `[key value]`, as Jepsen's `independent` writes them. */
  readonly independent: boolean;
}

/** A record, a problem, or undefined for an event that is no client's operation. */
export function recordOf(
  fields: Fields,
  line: number,
  options: MapOptions,
): HistoryRecord | Problem | undefined {
  const process = fields('process') ?? 0;
  // The nemesis and other helpers have names; only clients have numbers.
  if (typeof process !== 'number') return undefined;
  const type = fields('type');
  if (!isRecordType(type)) {
    const what = type === undefined ? 'has no :type' : `has the :type ${JSON.stringify(type)}`;
    return { line, message: `an operation ${what}; it must be invoke, ok, fail or info` };
  }
  let value = plain(fields('value') ?? null);
  let key = fields('key');
  if (options.independent && Array.isArray(value) && value.length === 2) {
    const [own, rest] = value as [Value, Value];
    key = own;
    value = rest;
  }
  const f = fields('f') ?? (Array.isArray(value) ? 'txn' : undefined);
  if (typeof f !== 'string') return { line, message: 'an operation has no :f' };
  const time = fields('time');
  const error = fields('error');
  return createRecord({
    line,
    process: `${process}`,
    type,
    f,
    key: key === undefined || key === null ? '' : textOf(plain(key)),
    value,
    // Jepsen counts nanoseconds.
    timeMicros: typeof time === 'number' && time >= 0 ? Math.floor(time / 1000) : -1,
    error: error === undefined || error === null ? '' : textOf(plain(error)),
  });
}

export function isProblem(found: HistoryRecord | Problem): found is Problem {
  return 'message' in found;
}

function textOf(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Maps become lists of pairs, so that every value is a scalar or a list. */
export function plain(value: unknown): Value {
  if (value instanceof Map) {
    return Array.from(value, ([key, inner]: [string, unknown]) => [key, plain(inner)]);
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, inner]) => [key, plain(inner)]);
  }
  return (value ?? null) as Value;
}
