/** The state store as Raft's FSM thread drives it (`consul:agent/consul/fsm`). */
import { hashString, mix } from '../../core/fingerprint.ts';
import type { InputKind, Outbox } from '../../core/machine.ts';
import type { Entry, Fsm } from '../../protocol/raft/types.ts';
import type { KvCommand, StoreCommand } from './commands.ts';
import { applyKv, reapTombstones } from './kv.ts';
import { copyStore, createStore } from './store.ts';
import type { Store } from './store.ts';
import { forEachRow } from './table.ts';
import { abandonAll, wokenBy } from './watches.ts';
import type { Watches } from './watches.ts';

export function applyCommand(store: Store, entry: Entry): unknown {
  const command = entry.data as StoreCommand;
  switch (command.op) {
    case 'reap-tombstones':
      reapTombstones(store, command.index);
      return null;
    default:
      return applyKv(store, command as KvCommand, entry.index);
  }
}

/** Msgpack of one key: its field names and numbers; key and value come on top. */
const KEY_BYTES = 110;
/** Header of a snapshot (`consul:agent/consul/fsm/snapshot.go`). */
const HEADER_BYTES = 64;
const TOMBSTONE_BYTES = 40;

function bytes({ kv, tombstones }: Store): number {
  let sum = HEADER_BYTES;
  forEachRow(kv, ({ value }, key) => (sum += KEY_BYTES + key.length + value.length));
  forEachRow(tombstones, (_, key) => (sum += TOMBSTONE_BYTES + key.length));
  return sum;
}

/** A sum over the rows: equal stores may have come to them in another order. */
function digest(store: Store): number {
  let sum = mix(store.kvIndex, store.tombstoneIndex);
  forEachRow(store.kv, ({ value, flags, session, lockIndex, createIndex, modifyIndex }, key) => {
    const content = mix(mix(hashString(key), hashString(value)), mix(createIndex, modifyIndex));
    sum = (sum + mix(content, mix(mix(flags, hashString(session)), lockIndex))) | 0;
  });
  forEachRow(store.tombstones, (index, key) => {
    sum = (sum + mix(hashString(key), index)) | 0;
  });
  return sum;
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

function onApplied(store: Store, machine: number, woken: InputKind, out: Outbox): void {
  store.lockDelays.length = 0;
  store.tombstoneHint = 0;
  if (store.touches.length === 0) return;
  const { watches } = out.sibling(machine) as Waiting;
  const ids = watches.waiting.size === 0 ? [] : wokenBy(watches, store.touches);
  store.touches.length = 0;
  if (ids.length > 0) out.post(woken, 0, 0, { ids, abandoned: false } satisfies Woken);
}

function onRestored(machine: number, woken: InputKind, out: Outbox): void {
  const { watches } = out.sibling(machine) as Waiting;
  if (watches.waiting.size === 0) return;
  out.post(woken, 0, 0, { ids: abandonAll(watches), abandoned: true } satisfies Woken);
}

const STORE_FSM: Fsm<Store> = {
  create: createStore,
  apply: applyCommand,
  save: copyStore,
  bytes,
  digest,
};

/** Wakes queries of the machine with this number by its input `woken`, whose body is a `Woken`. */
export function storeFsm(machine: number, woken: InputKind): Fsm<Store> {
  return {
    ...STORE_FSM,
    restore: (image) => ({ ...copyStore(image), watching: false }),
    onApplied: (store, out) => onApplied(store, machine, woken, out),
    onRestored: (out) => onRestored(machine, woken, out),
  };
}
