/**
 * The replicated key-value map, as Consul's state store keeps it (reference: consul §3.1): an entry's
 * index is the Raft index of the write that made it; `cas` compares with the ModifyIndex, 0 meaning
 * "only if absent"; a put of the stored value writes nothing and keeps the index.
 *
 * Known deviations: no flags, sessions, locks, deletes or prefixes yet.
 */
import { assert } from '../core/assert.ts';
import { hashString, mix } from '../core/fingerprint.ts';
import type { Command, Entry, Fsm } from '../protocol/raft/types.ts';

export type KvWrite = 'put' | 'cas';

/** Immutable; goes through the Raft log. */
export interface KvCommand extends Command {
  readonly op: KvWrite;
  readonly key: string;
  readonly value: string;
  /** ModifyIndex that `cas` expects; unused by `put`. */
  readonly compareIndex: number;
}

/** The store's own: it changes in place, so nobody keeps one. */
export interface KvEntry {
  value: string;
  readonly createIndex: number;
  modifyIndex: number;
}

export interface KvStore {
  readonly entries: Map<string, KvEntry>;
  /** Index of the last write to the table. */
  index: number;
}

/** What a write returns from the FSM: Consul's boolean, and the ModifyIndex of the key afterwards. */
export interface KvWriteResult {
  readonly applied: boolean;
  readonly modifyIndex: number;
}

export function kvCommand(
  op: KvWrite,
  key: string,
  value: string,
  compareIndex: number,
  digest: number,
): KvCommand {
  return { op, key, value, compareIndex, digest };
}

function apply(store: KvStore, entry: Entry): KvWriteResult {
  const command = entry.data as KvCommand;
  const known = store.entries.get(command.key);
  switch (command.op) {
    case 'cas':
      if ((known?.modifyIndex ?? 0) !== command.compareIndex) {
        return { applied: false, modifyIndex: known?.modifyIndex ?? 0 };
      }
      break;
    case 'put':
      break;
    default:
      assert(false, `unknown KV operation ${String(command.op)}`);
  }
  if (known !== undefined && known.value === command.value) {
    return { applied: true, modifyIndex: known.modifyIndex };
  }
  const modifyIndex = entry.index;
  if (known === undefined) {
    store.entries.set(command.key, { value: command.value, createIndex: modifyIndex, modifyIndex });
  } else {
    known.value = command.value;
    known.modifyIndex = modifyIndex;
  }
  store.index = modifyIndex;
  return { applied: true, modifyIndex };
}

/** Msgpack of one entry: its field names and numbers; key and value come on top. */
const ENTRY_BYTES = 110;
/** Header of a snapshot (`hashicorp/consul:agent/consul/fsm/snapshot.go`). */
const HEADER_BYTES = 64;

function bytes({ entries }: KvStore): number {
  let sum = HEADER_BYTES;
  for (const [key, { value }] of entries) sum += ENTRY_BYTES + key.length + value.length;
  return sum;
}

/** Keys count in the order in which they were made, which the log decides. */
function digest({ entries, index }: KvStore): number {
  let sum = index;
  for (const [key, { value, createIndex, modifyIndex }] of entries) {
    const content = mix(hashString(key), hashString(value));
    sum = mix(mix(sum, content), mix(createIndex, modifyIndex));
  }
  return sum;
}

export const kvFsm: Fsm<KvStore> = {
  bytes,
  digest,
  create: () => ({ entries: new Map(), index: 0 }),
  apply,
  save: ({ entries, index }) => ({
    entries: new Map([...entries].map(([key, entry]) => [key, { ...entry }])),
    index,
  }),
};
