/** Reads of sessions (`consul:agent/consul/state/session.go`): all answer the table's index. */
import { indexOf } from './indexes.ts';
import type { Session } from './rows.ts';
import { keyOf } from './store.ts';
import type { Store } from './store.ts';
import { rowOf, rowsWithPrefix } from './table.ts';
import { watchKey, watchPrefix } from './watches.ts';
import type { WatchSet } from './watches.ts';

export function getSession(
  store: Store,
  id: string,
  set: WatchSet | null,
): { readonly index: number; readonly session: Session | undefined } {
  if (set !== null) {
    store.watching = true;
    watchKey(store.sessions, id, set);
  }
  return { index: indexOf(store, 'sessions'), session: rowOf(store.sessions, id) };
}

export interface SessionList {
  readonly index: number;
  readonly sessions: readonly Session[];
}

export function listSessions(store: Store, set: WatchSet | null): SessionList {
  if (set !== null) {
    store.watching = true;
    watchPrefix(store.sessions, '', set);
  }
  return { index: indexOf(store, 'sessions'), sessions: rowsWithPrefix(store.sessions, '') };
}

export function nodeSessions(store: Store, node: string, set: WatchSet | null): SessionList {
  const prefix = keyOf(node, '');
  if (set !== null) {
    store.watching = true;
    watchPrefix(store.sessionsByNode, prefix, set);
  }
  const ids = rowsWithPrefix(store.sessionsByNode, prefix);
  const sessions = ids.map((id) => rowOf(store.sessions, id)!);
  return { index: indexOf(store, 'sessions'), sessions };
}
