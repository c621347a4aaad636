/**
 * Sessions (`consul:agent/consul/state/session.go`; reference: consul §3.3). What ends a session frees
 * or deletes its keys in the same entry, and arms their lock-delays on every server that applies it.
 */
import type { CatalogCheck, Session, SessionDefinition } from './rows.ts';
import { raiseTable } from './indexes.ts';
import { sameCheck, writeCheck } from './checks.ts';
import { deleteKey, heldKey, releaseKey } from './kv.ts';
import { keysWithPrefix } from './order.ts';
import { deleteQuery } from './queries.ts';
import { keyOf, removeRow, writeRow } from './store.ts';
import type { Store, StoreError } from './store.ts';
import { orderOfTable, rowOf, rowsWithPrefix } from './table.ts';

/** `consul:agent/structs/structs.go (MaxLockDelay)`. */
const LOCK_DELAY_MICROS_MAX = 60_000_000;

export function createSession(
  store: Store,
  definition: SessionDefinition,
  index: number,
): StoreError | null {
  const { id, node, checks } = definition;
  if (id === '') return { error: 'Missing session ID' };
  if (rowOf(store.nodes, keyOf(node)) === undefined) return { error: 'Missing node registration' };
  for (const check of checks) {
    const row = rowOf(store.checks, keyOf(node, check));
    if (row === undefined) return { error: `Missing check '${check}' registration` };
    if (row.status === 'critical' && row.type !== 'session') {
      return { error: `Check '${check}' is in critical state` };
    }
  }
  const session: Session = { ...definition, createIndex: index, modifyIndex: index };
  // Nobody gives an id twice, but the log would take it.
  const known = rowOf(store.sessions, id);
  if (known !== undefined) forgetPlaces(store, known);
  writeRow(store, store.sessions, id, session, known);
  writeRow(store, store.sessionsByNode, keyOf(node, id), id);
  for (const check of checks) writeRow(store, store.sessionChecks, keyOf(node, check, id), id);
  raiseTable(store, 'sessions', index);
  tellChecks(store, session, 'passing', index);
  return null;
}

/** Nothing happens where there is no such session. */
export function destroySession(store: Store, id: string, index: number): void {
  const session = rowOf(store.sessions, id);
  if (session === undefined) return;
  const { behavior } = session;
  removeRow(store, store.sessions, id);
  forgetPlaces(store, session);
  raiseTable(store, 'sessions', index);
  const delayMicros = Math.min(session.lockDelayMicros, LOCK_DELAY_MICROS_MAX);
  const held = store.bugs.B19 ? [] : rowsWithPrefix(store.heldKeys, heldKey(id, ''));
  for (const key of held) {
    const entry = rowOf(store.kv, key)!;
    if (behavior === 'delete') deleteKey(store, entry, index);
    else releaseKey(store, entry, index);
    if (delayMicros > 0) store.lockDelays.push({ key, delayMicros });
  }
  for (const query of rowsWithPrefix(store.queriesBySession, keyOf(id, ''))) {
    deleteQuery(store, query, index);
  }
  tellChecks(store, session, 'critical', index);
}

function forgetPlaces(store: Store, { id, node, checks }: Session): void {
  removeRow(store, store.sessionsByNode, keyOf(node, id));
  for (const check of checks) removeRow(store, store.sessionChecks, keyOf(node, check, id));
}

/** Checks of type `session` follow the sessions of the name they are given (since Consul 1.21). */
function tellChecks(
  store: Store,
  { node, name }: Session,
  status: 'passing' | 'critical',
  index: number,
): void {
  for (const check of rowsWithPrefix(store.checks, keyOf(node, ''))) {
    if (check.type !== 'session' || check.sessionName !== name) continue;
    const state = status === 'passing' ? 'in force' : 'is invalid';
    const after: CatalogCheck = { ...check, status, output: `Session '${name}' ${state}` };
    if (!sameCheck(after, check)) writeCheck(store, after, check, index);
    if (status === 'critical') destroyAll(store, sessionsOfCheck(store, node, check.id), index);
  }
}

/** Ids of the sessions that end with a check. */
export function sessionsOfCheck(store: Store, node: string, check: string): string[] {
  return idsBelow(store, 'sessionChecks', keyOf(node, check, ''));
}

export function sessionsOfNode(store: Store, node: string): string[] {
  return idsBelow(store, 'sessionsByNode', keyOf(node, ''));
}

function idsBelow(
  store: Store,
  table: 'sessionChecks' | 'sessionsByNode',
  prefix: string,
): string[] {
  if (store[table].size === 0) return [];
  const order = orderOfTable(store[table]);
  return keysWithPrefix(order, prefix).map((key) => rowOf(store[table], key)!);
}

export function destroyAll(store: Store, ids: readonly string[], index: number): void {
  for (const id of ids) destroySession(store, id, index);
}
