/** The state store as Raft's FSM thread drives it (`consul:agent/consul/fsm`). */
import { clear } from '../../core/fifo.ts';
import type { InputKind, Outbox } from '../../core/machine.ts';
import type { Entry, Fsm } from '../../protocol/raft/types.ts';
import { deregister, register } from './catalog.ts';
import type { StoreCommand } from './commands.ts';
import { applyConnect } from './connect.ts';
import { raiseTable } from './indexes.ts';
import { applyKv, reapTombstones } from './kv.ts';
import { startLockDelays } from './lock-delay.ts';
import { deleteQuery, setQuery } from './queries.ts';
import type { Coordinate } from './rows.ts';
import { createSession, destroySession } from './sessions.ts';
import { bytesOf, digestOf } from './snapshots.ts';
import { allOrNothing, copyStore, createStore, keyOf, restoreStore, writeRow } from './store.ts';
import type { Store, StoreBugs } from './store.ts';
import { rowOf } from './table.ts';
import { applyTransaction } from './transaction.ts';
import { abandonAll, wokenBy } from './watches.ts';
import type { Watches } from './watches.ts';

export function applyCommand(store: Store, { data, index }: Entry): unknown {
  const command = data as StoreCommand;
  switch (command.op) {
    case 'register':
      return allOrNothing(store, () => register(store, command, index));
    case 'deregister':
      deregister(store, command, index);
      return null;
    case 'session-create':
      return createSession(store, command.session, index) ?? command.session.id;
    case 'session-destroy':
      destroySession(store, command.id, index);
      return null;
    case 'txn':
      return applyTransaction(store, command.operations, index);
    case 'reap-tombstones':
      reapTombstones(store, command.index);
      return null;
    case 'coordinates':
      for (const update of command.updates) setCoordinate(store, update);
      return null;
    case 'system':
      raiseTable(store, command.table, index);
      return null;
    case 'connect':
      return applyConnect(store, command, index);
    case 'query-set':
      return setQuery(store, command.query, index);
    case 'query-delete':
      deleteQuery(store, command.id, index);
      return null;
    default:
      return applyKv(store, command, index);
  }
}

/** Those of nodes that are gone are dropped (`consul:agent/consul/state/coordinate.go`). */
function setCoordinate(store: Store, update: Coordinate): void {
  if (rowOf(store.nodes, keyOf(update.node)) === undefined) return;
  writeRow(store, store.coordinates, keyOf(update.node, update.segment), update);
}

/** Which queries are to look again. */
export interface Woken {
  readonly ids: readonly number[];
  /** The store that they have read is no more (`consul:agent/consul/state/state_store.go (AbandonCh)`). */
  readonly abandoned: boolean;
}

/** State of the machine whose queries wait. */
interface Waiting {
  readonly watches: Watches;
}

/** State of the machine that times tombstones. */
interface Timing {
  readonly leads: boolean;
}

/** Machines of the server that hear of changes. */
export interface StoreListeners {
  /** Its queries are woken by its input `woken`, whose body is a `Woken`. */
  readonly queries: number;
  readonly woken: InputKind;
  /** It is told of tombstones, by their index as `from`, while it says that it leads. */
  readonly timers: number;
  readonly tombstones: InputKind;
}

function onApplied(store: Store, listeners: StoreListeners, out: Outbox): void {
  if (store.lockDelays.length > 0) {
    startLockDelays(store, out);
    clear(store.lockDelays);
  }
  if (store.tombstoneHint > 0) {
    const timing = out.sibling(listeners.timers) as Timing | undefined;
    if (timing?.leads === true) out.post(listeners.tombstones, 0, store.tombstoneHint, null);
    store.tombstoneHint = 0;
  }
  if (store.touches.length === 0) return;
  const { watches } = out.sibling(listeners.queries) as Waiting;
  const ids = watches.waiting.size === 0 ? [] : wokenBy(watches, store.touches);
  clear(store.touches);
  if (ids.length > 0) out.post(listeners.woken, 0, 0, { ids, abandoned: false } satisfies Woken);
}

function onRestored({ queries, woken }: StoreListeners, out: Outbox): void {
  const { watches } = out.sibling(queries) as Waiting;
  if (watches.waiting.size === 0) return;
  out.post(woken, 0, 0, { ids: abandonAll(watches), abandoned: true } satisfies Woken);
}

const STORE_FSM: Fsm<Store> = {
  create: createStore,
  apply: applyCommand,
  save: copyStore,
  restore: restoreStore,
  bytes: bytesOf,
  digest: digestOf,
};

export function storeFsm(listeners: StoreListeners, bugs: StoreBugs): Fsm<Store> {
  return {
    ...STORE_FSM,
    create: () => createStore(bugs),
    onApplied: (store, out) => onApplied(store, listeners, out),
    onRestored: (out) => onRestored(listeners, out),
  };
}
