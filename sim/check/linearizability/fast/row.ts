/** An operation as the fast path sees it: something that happens to a single register. */
import type { Scalar } from '../operation.ts';

/** What a row does. Written as numbers because a history has a million of them. */
export const ROW = {
  /** Replaces whatever is there by `value`. */
  write: 0,
  /** Saw `value`. */
  read: 1,
  /** Saw `from` and replaced it by `value`, in one step. */
  cas: 2,
  /** Saw the version written at index `fromVersion` and replaced it by `value`. */
  casVersion: 3,
  /** Saw something else than `from`. */
  notValue: 4,
  /** Saw another version than the one written at `fromVersion`. */
  notVersion: 5,
  /** Says nothing and does nothing. */
  nothing: 6,
} as const;

export type RowKind = (typeof ROW)[keyof typeof ROW];

/** One row, reused for every operation; null stands for "absent" or "never written". */
export interface RegisterRow {
  kind: RowKind;
  value: Scalar;
  from: Scalar;
  /** ModifyIndex compared with; 0 means that the key must be absent. */
  fromVersion: number;
  /** Raft index of the version written or read; 0 when not known. */
  version: number;
}

export function createRow(): RegisterRow {
  return { kind: ROW.nothing, value: null, from: null, fromVersion: -1, version: 0 };
}
