/** Size and digest of what a snapshot holds (`consul:agent/consul/fsm/snapshot_ce.go`). */
import { hashString, mix } from '../../core/fingerprint.ts';
import { tablesOf } from './store.ts';
import type { Store, Tables } from './store.ts';
import { forEachRow } from './table.ts';

/** Header of a snapshot. */
const HEADER_BYTES = 64;
/** Msgpack of one key: its field names and numbers; key and value come on top. */
const KEY_BYTES = 110;
/** Typical rows of the others (reference: consul §4.2). */
const ROW_BYTES: Partial<Record<keyof Tables, number>> = {
  tombstones: 40,
  sessions: 220,
  nodes: 300,
  services: 400,
  checks: 350,
  coordinates: 250,
  queries: 300,
  indexes: 40,
  caRoots: 2500,
  intentions: 150,
};

export function bytesOf(store: Store): number {
  let sum = HEADER_BYTES;
  forEachRow(store.kv, ({ value }, key) => (sum += KEY_BYTES + key.length + value.length));
  for (const name of Object.keys(ROW_BYTES) as (keyof Tables)[]) {
    sum += store[name].size * ROW_BYTES[name]!;
  }
  return sum;
}

/** A sum over the rows: equal stores may have come to them in another order. */
export function digestOf(store: Store): number {
  let sum = mix(store.kvIndex, store.tombstoneIndex);
  for (const [at, table] of tablesOf(store).entries()) {
    forEachRow(table, (row, key) => {
      sum = (sum + mix(mix(at, hashString(key)), digestOfRow(row))) | 0;
    });
  }
  return sum;
}

/** Rows are made in one place each, so that their fields have an order. */
function digestOfRow(row: unknown): number {
  if (typeof row === 'number') return row;
  return hashString(typeof row === 'string' ? row : JSON.stringify(row));
}
