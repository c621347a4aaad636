/**
 * Sessions: created, renewed, ended. Ending one frees or deletes the keys it holds in the same
 * Raft entry and starts their lock-delays (`consul:agent/consul/state/session.go`).
 */
import type { Call, Effect } from './verbs.ts';
import { always } from './verbs.ts';
import type { Store } from './store.ts';
import { commit, put, replace, withName } from './store.ts';

/** `value` names the behaviour: `delete`, or anything else for `release`. */
export function createSession(store: Store, { session, value, index }: Call): Effect {
  if (store.ended.includes(session)) return always(undefined);
  const committed = commit(store, index);
  if (committed === undefined || value !== 'delete') return always(committed);
  return always({ ...committed, deleting: withName(committed.deleting, session) });
}

/** Succeeds while the session exists; says nothing about when it ends. */
export function renewSession(store: Store, { session }: Call): Effect {
  const ended = store.ended.includes(session);
  return { held: ended ? undefined : store, refusable: ended };
}

export function destroySession(store: Store, { session, index }: Call): Effect {
  const committed = commit(store, index);
  if (committed === undefined || store.ended.includes(session)) return always(committed);
  const deletes = store.deleting.includes(session);
  let after: Store = { ...committed, ended: withName(committed.ended, session) };
  for (const [key, { value, session: holder, lockIndex }] of store.entries) {
    if (holder !== session) continue;
    after = deletes
      ? replace(after, key, undefined)
      : put(after, key, { value, session: '', lockIndex }, index);
    after = { ...after, delayed: withName(after.delayed, key) };
  }
  return always(after);
}
