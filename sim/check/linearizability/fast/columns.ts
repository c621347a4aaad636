/** A part's operations as columns of numbers, when all of them are what a register can do. */
import type { Model } from '../model.ts';
import type { Operation, Scalar } from '../operation.ts';
import { createRow, ROW } from './row.ts';

/** Number of the value that is there before the first write. */
export const INITIAL_VALUE = 0;
/** Number of "absent" when it is not the initial value; a value nobody can confuse with others. */
export const NO_VALUE = -1;

export interface Columns {
  readonly count: number;
  readonly operations: readonly Operation[];
  readonly kind: Uint8Array;
  /** Values as numbers, equal for equal values. */
  readonly value: Int32Array;
  readonly from: Int32Array;
  readonly fromVersion: Float64Array;
  readonly version: Float64Array;
  readonly call: Float64Array;
  readonly end: Float64Array;
  /** 1 where the outcome is unknown. */
  readonly lost: Uint8Array;
  readonly values: readonly Scalar[];
  /** Number of nil, or NO_VALUE when no operation mentions it and it is not initial. */
  readonly nilValue: number;
}

/** Undefined when an operation is not one of a register, or there is more than one key. */
export function columnsOf(model: Model, operations: readonly Operation[]): Columns | undefined {
  const { registerRow } = model;
  if (registerRow === undefined) return undefined;
  const count = operations.length;
  const key = operations[0]?.key;
  const columns = allocate(operations);
  const numbers = new Map<Scalar, number>();
  const values: Scalar[] = [];
  const numberOf = (value: Scalar): number => {
    let number = numbers.get(value);
    if (number === undefined) {
      number = values.length;
      numbers.set(value, number);
      values.push(value);
    }
    return number;
  };
  numberOf(initialValue(model));
  const row = createRow();
  for (let i = 0; i < count; i++) {
    const operation = operations[i]!;
    if (operation.key !== key || !registerRow(operation, row)) return undefined;
    const { kind } = row;
    columns.kind[i] = kind;
    columns.version[i] = row.version;
    columns.call[i] = operation.call;
    columns.end[i] = operation.return;
    columns.lost[i] = operation.outcome === 'unknown' ? 1 : 0;
    if (kind <= ROW.casVersion) columns.value[i] = numberOf(row.value);
    if (kind === ROW.cas || kind === ROW.notValue) columns.from[i] = numberOf(row.from);
    if (kind === ROW.casVersion || kind === ROW.notVersion) {
      columns.fromVersion[i] = row.fromVersion;
    }
  }
  return { ...columns, values, nilValue: numbers.get(null) ?? NO_VALUE };
}

function allocate(operations: readonly Operation[]) {
  const count = operations.length;
  return {
    count,
    operations,
    kind: new Uint8Array(count),
    value: new Int32Array(count),
    from: new Int32Array(count),
    fromVersion: new Float64Array(count),
    version: new Float64Array(count),
    call: new Float64Array(count),
    end: new Float64Array(count),
    lost: new Uint8Array(count),
  };
}

/** What a read sees before the first write. */
function initialValue(model: Model): Scalar {
  const initial = model.initial();
  return typeof initial === 'object' ? null : (initial as Scalar);
}
