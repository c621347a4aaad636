/**
 * The key-value verbs (`consul:agent/consul/state/kvs.go`, `kvs_ce.go`, `graveyard.go`; reference:
 * consul §3.1). An entry's index is the Raft index of the write that made it.
 */
import { assert } from '../../core/assert.ts';
import type { KvCommand } from './commands.ts';
import { keysWithPrefix } from './order.ts';
import type { KvEntry } from './rows.ts';
import { removeRow, writeRow } from './store.ts';
import type { Store, StoreError } from './store.ts';
import { forEachRow, orderOfTable, rowOf } from './table.ts';

/** Consul's boolean, and the ModifyIndex of the key afterwards; 0 where there is none. */
export interface KvWriteResult {
  readonly applied: boolean;
  readonly modifyIndex: number;
}

export function applyKv(
  store: Store,
  command: KvCommand,
  index: number,
): KvWriteResult | StoreError {
  const { key, value, flags, compareIndex } = command;
  const known = rowOf(store.kv, key);
  switch (command.op) {
    case 'put':
      return done(putKey(store, known, key, value, flags, index));
    case 'cas':
      if ((known?.modifyIndex ?? 0) !== compareIndex) return refused(known);
      return done(putKey(store, known, key, value, flags, index));
    case 'delete':
      if (known !== undefined) deleteKey(store, known, index);
      return DELETED;
    case 'delete-cas':
      if (known === undefined) return DELETED;
      if (known.modifyIndex !== compareIndex) return refused(known);
      deleteKey(store, known, index);
      return DELETED;
    case 'delete-tree':
      deleteTree(store, key, index);
      return DELETED;
    case 'lock':
      return lockKey(store, known, command, index);
    case 'unlock':
      return unlockKey(store, known, command, index);
    default:
      assert(false, `unknown KV operation ${String(command.op)}`);
  }
}

const DELETED: KvWriteResult = { applied: true, modifyIndex: 0 };

function done({ modifyIndex }: KvEntry): KvWriteResult {
  return { applied: true, modifyIndex };
}

function refused(known: KvEntry | undefined): KvWriteResult {
  return { applied: false, modifyIndex: known?.modifyIndex ?? 0 };
}

/** Keeps the session, resets LockIndex. */
export function putKey(
  store: Store,
  known: KvEntry | undefined,
  key: string,
  value: string,
  flags: number,
  index: number,
): KvEntry {
  return setEntry(store, known, key, value, flags, known?.session ?? '', 0, index);
}

/** Who writes what is there already writes nothing (since Consul 1.5.2). */
function setEntry(
  store: Store,
  known: KvEntry | undefined,
  key: string,
  value: string,
  flags: number,
  session: string,
  lockIndex: number,
  index: number,
): KvEntry {
  if (
    known !== undefined &&
    known.value === value &&
    known.lockIndex === lockIndex &&
    known.flags === flags &&
    known.session === session
  ) {
    return known;
  }
  const createIndex = known === undefined ? index : known.createIndex;
  const entry: KvEntry = {
    key,
    value,
    flags,
    session,
    lockIndex,
    createIndex,
    modifyIndex: index,
  };
  writeRow(store, store.kv, key, entry, known);
  store.kvIndex = index;
  const holder = known === undefined ? '' : known.session;
  if (holder !== session) {
    if (holder !== '') removeRow(store, store.heldKeys, heldKey(holder, key));
    if (session !== '') writeRow(store, store.heldKeys, heldKey(session, key), key);
  }
  return entry;
}

export function heldKey(session: string, key: string): string {
  return `${session}\0${key}`;
}

export function deleteKey(store: Store, known: KvEntry, index: number): void {
  bury(store, known.key, index);
  forget(store, known, index);
}

function bury(store: Store, key: string, index: number): void {
  if (store.bugs.B31) return;
  writeRow(store, store.tombstones, key, index);
  store.tombstoneIndex = index;
  store.tombstoneHint = index;
}

function forget(store: Store, known: KvEntry, index: number): void {
  removeRow(store, store.kv, known.key);
  if (known.session !== '') removeRow(store, store.heldKeys, heldKey(known.session, known.key));
  store.kvIndex = index;
}

/** One tombstone stands for all; none where everything goes, as its readers ask the tables. */
export function deleteTree(store: Store, prefix: string, index: number): void {
  const keys = store.kv.size === 0 ? [] : keysWithPrefix(orderOfTable(store.kv), prefix);
  if (keys.length === 0) return;
  for (const key of keys) forget(store, rowOf(store.kv, key)!, index);
  if (prefix !== '') bury(store, prefix, index);
}

type LockRequest = Pick<KvCommand, 'key' | 'value' | 'flags' | 'session'>;

export function lockKey(
  store: Store,
  known: KvEntry | undefined,
  { key, value, flags, session }: LockRequest,
  index: number,
): KvWriteResult | StoreError {
  if (session === '') return { error: 'missing session' };
  if (rowOf(store.sessions, session) === undefined)
    return { error: `invalid session "${session}"` };
  const holder = known?.session ?? '';
  if (holder !== '' && holder !== session) return refused(known);
  const lockIndex = (known?.lockIndex ?? 0) + (holder === session ? 0 : 1);
  return done(setEntry(store, known, key, value, flags, session, lockIndex, index));
}

export function unlockKey(
  store: Store,
  known: KvEntry | undefined,
  { key, value, flags, session }: LockRequest,
  index: number,
): KvWriteResult | StoreError {
  if (session === '') return { error: 'missing session' };
  if (known === undefined || known.session !== session) return refused(known);
  return done(setEntry(store, known, key, value, flags, '', known.lockIndex, index));
}

/** Its session is over: the key is free, or gone. */
export function releaseKey(store: Store, known: KvEntry, index: number): void {
  const { key, value, flags, lockIndex } = known;
  setEntry(store, known, key, value, flags, '', lockIndex, index);
}

/** The indexes of the tables stay: only what asks for a prefix notices. */
export function reapTombstones(store: Store, upTo: number): void {
  const old: string[] = [];
  forEachRow(store.tombstones, (index, key) => {
    if (index <= upTo) old.push(key);
  });
  for (const key of old.sort()) removeRow(store, store.tombstones, key);
}
