/**
 * Consul's state store (reference: consul §3): what every server makes of the log. All state is plain
 * data in tables of immutable rows; a copy costs a constant.
 *
 * How to use it:
 * - commands.ts makes what goes through the log; fsm.ts applies it. The result of an entry is the
 *   command's own (`KvWriteResult`, ...) or a `StoreError`.
 * - Queries (kv-queries.ts, catalog-queries.ts, ...) are `(store, ..., set)`: they answer
 *   `{ index, ... }` and, where `set` is not null, name in it the channels they depend on.
 * - watches.ts: `addWatch(watches, id, set)` keeps a query waiting; once an entry has been applied,
 *   `wokenBy(watches, touches)` says whom it wakes. Watches are memory of the server, and no part of
 *   the store: `watches` of the sibling machine that `storeFsm` (fsm.ts) is given. It posts the ids.
 * - A query that meets a restored snapshot is woken too, with `abandoned` in the message.
 *
 * Known deviations: no ACLs, partitions, peers or other parts of Consul Enterprise; keys are ordered by
 * UTF-16 units.
 */
import { copyTable, createTable, rowOf, setRow, unsetRow } from './table.ts';
import type { Table } from './table.ts';
import { touchOf } from './watches.ts';
import type { Touch } from './watches.ts';
import type { KvEntry, Session } from './rows.ts';

/** A change to take back should the entry fail. */
interface Undo {
  readonly table: Table<unknown>;
  readonly key: string;
  /** What was there, or undefined. */
  readonly row: unknown;
}

/** Lock-delay to arm: the server's clock is not known to the store. */
export interface LockDelay {
  readonly key: string;
  readonly delayMicros: number;
}

export interface Store {
  readonly kv: Table<KvEntry>;
  /** Keys held by a session: `session NUL key`. */
  readonly heldKeys: Table<string>;
  /** Index of the deletion by key or prefix. */
  readonly tombstones: Table<number>;
  readonly sessions: Table<Session>;
  /** Indexes of the tables kvs and tombstones. */
  kvIndex: number;
  tombstoneIndex: number;
  /** Indexes of all other tables, and of services, as Consul names them. */
  readonly indexes: Table<number>;
  /** Somebody has watched: writes are to be told. */
  watching: boolean;
  /** What the entry at hand did, until the FSM thread has told the server. */
  touches: Touch[];
  lockDelays: LockDelay[];
  /** Tombstones were made under this index; 0: none. */
  tombstoneHint: number;
  undo: Undo[] | null;
}

/** The FSM's answer where Consul's returns an error; the entry stays in the log. */
export interface StoreError {
  readonly error: string;
}

export function createStore(): Store {
  return {
    kv: createTable('kvs'),
    heldKeys: createTable('kvs.session'),
    tombstones: createTable('tombstones'),
    sessions: createTable('sessions'),
    kvIndex: 0,
    tombstoneIndex: 0,
    indexes: createTable('index'),
    watching: false,
    touches: [],
    lockDelays: [],
    tombstoneHint: 0,
    undo: null,
  };
}

/** Tables whose rows snapshots hold. */
export function tablesOf(store: Store): Table<unknown>[] {
  return [store.kv, store.heldKeys, store.tombstones, store.sessions, store.indexes];
}

export function copyStore(store: Store): Store {
  return {
    kv: copyTable(store.kv),
    heldKeys: copyTable(store.heldKeys),
    tombstones: copyTable(store.tombstones),
    sessions: copyTable(store.sessions),
    kvIndex: store.kvIndex,
    tombstoneIndex: store.tombstoneIndex,
    indexes: copyTable(store.indexes),
    watching: store.watching,
    touches: [],
    lockDelays: [],
    tombstoneHint: 0,
    undo: null,
  };
}

/** `known` is the row that is there, or undefined. */
export function writeRow<Row>(
  store: Store,
  table: Table<Row>,
  key: string,
  row: Row,
  known = rowOf(table, key),
): void {
  if (store.undo !== null) store.undo.push({ table, key, row: known });
  if (store.watching) store.touches.push(touchOf(table, key, known === undefined));
  setRow(table, key, row, known === undefined);
}

export function removeRow<Row>(store: Store, table: Table<Row>, key: string): void {
  const known = rowOf(table, key);
  if (known === undefined) return;
  if (store.undo !== null) store.undo.push({ table, key, row: known });
  unsetRow(table, key);
  if (store.watching) store.touches.push(touchOf(table, key, true));
}

/** All of it happens, or nothing (go-memdb's transaction): `work` says whether it succeeded. */
export function allOrNothing(store: Store, work: () => boolean): void {
  const { kvIndex, tombstoneIndex, tombstoneHint } = store;
  const delays = store.lockDelays.length;
  const touches = store.touches.length;
  store.undo = [];
  if (!work()) {
    for (const { table, key, row } of store.undo.reverse()) {
      const known = rowOf(table, key) !== undefined;
      if (row !== undefined) setRow(table, key, row, !known);
      else if (known) unsetRow(table, key);
    }
    store.kvIndex = kvIndex;
    store.tombstoneIndex = tombstoneIndex;
    store.tombstoneHint = tombstoneHint;
    store.lockDelays.length = delays;
    store.touches.length = touches;
  }
  store.undo = null;
}

export function indexOfTable(store: Store, name: string): number {
  return rowOf(store.indexes, name) ?? 0;
}
