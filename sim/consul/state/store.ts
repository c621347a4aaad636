/**
 * Consul's state store (reference: consul §3): what every server makes of the log. All state is plain
 * data in tables of immutable rows; a copy costs a constant.
 *
 * How to use it:
 * - commands.ts says what goes through the log; fsm.ts applies it. The result of an entry is the
 *   command's own (`KvWriteResult`, `TransactionResult`, null) or a `StoreError`.
 * - Queries (kv-queries.ts, catalog-queries.ts, session-queries.ts, ...) are `(store, ..., set)`: they
 *   answer `{ index, ... }` and, where `set` is not null, name in it the channels they depend on.
 * - watches.ts: `addWatch(watches, id, set)` keeps a query waiting; once an entry has been applied,
 *   `wokenBy(watches, touches)` says whom it wakes. Watches are memory of the server, and no part of
 *   the store: `watches` of the machine that `storeFsm` (fsm.ts) is given. It posts the ids there.
 * - When a snapshot takes the store's place all are woken, with `abandoned` in the message.
 *
 * Known deviations: no ACLs, partitions or peers; keys are ordered by UTF-16 units; a snapshot
 * keeps the indexes of tables and services, which Consul makes anew from the rows it restores.
 */
import type { CaRoot, IntentionRow } from './connect.ts';
import { copyTable, createTable, rowOf, setRow, unsetRow } from './table.ts';
import type { Table } from './table.ts';
import { touchOf } from './watches.ts';
import type { Touch } from './watches.ts';
import type {
  CatalogCheck,
  CatalogNode,
  CatalogService,
  Coordinate,
  KvEntry,
  PreparedQuery,
  Session,
} from './rows.ts';

/** Names of nodes, checks and services count without case; keys join them with NUL. */
export interface Tables {
  readonly kv: Table<KvEntry>;
  /** Index of the deletion by key or prefix. */
  readonly tombstones: Table<number>;
  readonly sessions: Table<Session>;
  /** By name. */
  readonly nodes: Table<CatalogNode>;
  /** By node and id. */
  readonly services: Table<CatalogService>;
  readonly checks: Table<CatalogCheck>;
  /** By node and segment. */
  readonly coordinates: Table<Coordinate>;
  readonly queries: Table<PreparedQuery>;
  /** Indexes of tables, nodes and services, named as Consul does; kvs and tombstones have fields. */
  readonly indexes: Table<number>;

  // Further orders of the rows above: they hold the keys there.
  /** Session, key. */
  readonly heldKeys: Table<string>;
  /** Node, session. */
  readonly sessionsByNode: Table<string>;
  /** Node, check, session. */
  readonly sessionChecks: Table<string>;
  readonly nodesById: Table<string>;
  /** Service name, node, id. */
  readonly servicesByName: Table<string>;
  /** Node, service id or "", check. */
  readonly checksByService: Table<string>;
  /** Service name or "", node, check. */
  readonly checksByServiceName: Table<string>;
  /** Status, node, check. */
  readonly checksByStatus: Table<string>;
  readonly queriesByName: Table<string>;
  /** Session, query. */
  readonly queriesBySession: Table<string>;

  readonly caRoots: Table<CaRoot>;
  /** By destination and source. */
  readonly intentions: Table<IntentionRow>;
}

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

/** By the clock of the server that keeps it. */
export interface RunningDelay {
  readonly untilMicros: number;
  readonly delayMicros: number;
}

export interface StoreBugs {
  /** plant: the end of a session leaves its locks held. */
  readonly B19: boolean;
  /** plant: deletions leave no tombstones. */
  readonly B31: boolean;
}

const NO_BUGS: StoreBugs = { B19: false, B31: false };

export interface Store extends Tables {
  readonly bugs: StoreBugs;
  /** Indexes of the tables kvs and tombstones. */
  kvIndex: number;
  tombstoneIndex: number;
  /** Somebody has watched: writes are to be told. */
  watching: boolean;
  /** What the entry at hand did, until the FSM thread has told the server. */
  touches: Touch[];
  lockDelays: LockDelay[];
  /** Lock-delays by key: memory of the server, and lost to one that starts from a snapshot. */
  readonly runningDelays: Map<string, RunningDelay>;
  /** Those which that server would have; they count only where B18 is fixed. */
  readonly lostDelays: Map<string, RunningDelay>;
  /** Tombstones were made under this index; 0: none. */
  tombstoneHint: number;
  undo: Undo[] | null;
}

/** The FSM's answer where Consul's returns an error; the entry stays in the log. */
export interface StoreError {
  readonly error: string;
}

export function isStoreError(result: unknown): result is StoreError {
  return result !== null && typeof result === 'object' && 'error' in result;
}

/** Names by which watches know the tables. */
const TABLE_NAMES: Readonly<Record<keyof Tables, string>> = {
  kv: 'kvs',
  tombstones: 'tombstones',
  sessions: 'sessions',
  nodes: 'nodes',
  services: 'services',
  checks: 'checks',
  coordinates: 'coordinates',
  queries: 'prepared-queries',
  indexes: 'index',
  heldKeys: 'kvs.session',
  sessionsByNode: 'sessions.node',
  sessionChecks: 'session_checks',
  nodesById: 'nodes.uuid',
  servicesByName: 'services.service',
  checksByService: 'checks.node_service',
  checksByServiceName: 'checks.service',
  checksByStatus: 'checks.status',
  queriesByName: 'prepared-queries.name',
  queriesBySession: 'prepared-queries.session',
  caRoots: 'connect-ca-roots',
  intentions: 'intentions',
};

const TABLES = Object.keys(TABLE_NAMES) as (keyof Tables)[];

type Fields = Pick<
  Store,
  'bugs' | 'kvIndex' | 'tombstoneIndex' | 'watching' | 'runningDelays' | 'lostDelays'
>;

function storeOf(
  tableOf: (name: keyof Tables) => Table<unknown>,
  { bugs, kvIndex, tombstoneIndex, watching, runningDelays, lostDelays }: Fields,
): Store {
  const tables = Object.fromEntries(TABLES.map((name) => [name, tableOf(name)]));
  return {
    ...(tables as unknown as Tables),
    bugs,
    kvIndex,
    tombstoneIndex,
    watching,
    touches: [],
    lockDelays: [],
    runningDelays: new Map(runningDelays),
    lostDelays: new Map(lostDelays),
    tombstoneHint: 0,
    undo: null,
  };
}

const NO_DELAYS = new Map<string, RunningDelay>();
const EMPTY: Fields = {
  bugs: NO_BUGS,
  kvIndex: 0,
  tombstoneIndex: 0,
  watching: false,
  runningDelays: NO_DELAYS,
  lostDelays: NO_DELAYS,
};

export function createStore(bugs = NO_BUGS): Store {
  return storeOf((name) => createTable(TABLE_NAMES[name]), { ...EMPTY, bugs });
}

/** What a server makes of the image of a snapshot. */
export function restoreStore(image: Store): Store {
  const lostDelays = new Map(image.lostDelays);
  for (const [key, { delayMicros }] of image.runningDelays) {
    lostDelays.set(key, { untilMicros: 0, delayMicros });
  }
  const fields = { ...image, watching: false, runningDelays: NO_DELAYS, lostDelays };
  return storeOf((name) => copyTable(image[name] as Table<unknown>), fields);
}

export function copyStore(store: Store): Store {
  return storeOf((name) => copyTable(store[name] as Table<unknown>), store);
}

/** In a fixed order. */
export function tablesOf(store: Store): Table<unknown>[] {
  return TABLES.map((name) => store[name] as Table<unknown>);
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

/** All of it happens, or, where `work` ends with an error, nothing (go-memdb's transaction). */
export function allOrNothing<T>(
  store: Store,
  work: () => T,
  failed: (result: T) => boolean = isStoreError,
): T {
  const { kvIndex, tombstoneIndex, tombstoneHint } = store;
  const delays = store.lockDelays.length;
  const touches = store.touches.length;
  const undo: Undo[] = [];
  store.undo = undo;
  const result = work();
  store.undo = null;
  if (!failed(result)) return result;
  for (const { table, key, row } of undo.reverse()) {
    const known = rowOf(table, key) !== undefined;
    if (row !== undefined) setRow(table, key, row, !known);
    else if (known) unsetRow(table, key);
  }
  store.kvIndex = kvIndex;
  store.tombstoneIndex = tombstoneIndex;
  store.tombstoneHint = tombstoneHint;
  store.lockDelays.length = delays;
  store.touches.length = touches;
  return result;
}

/** Parts of a key of several names. */
export function keyOf(...parts: readonly string[]): string {
  return parts.join('\0').toLowerCase();
}
