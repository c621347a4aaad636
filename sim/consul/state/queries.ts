/** Rows of prepared queries (`consul:agent/consul/state/prepared_query.go`; reference: consul §3.5). */
import { raiseTable } from './indexes.ts';
import type { PreparedQuery, QueryDefinition } from './rows.ts';
import { keyOf, removeRow, writeRow } from './store.ts';
import type { Store, StoreError } from './store.ts';
import { forEachRow, rowOf } from './table.ts';

export function setQuery(
  store: Store,
  definition: QueryDefinition,
  index: number,
): StoreError | null {
  const { id, name, session, template } = definition;
  if (id === '') return { error: 'Missing Query ID' };
  const known = rowOf(store.queries, id);
  const owner = name === '' && !template ? undefined : rowOf(store.queriesByName, keyOf(name));
  if (owner !== undefined && owner !== id) {
    return { error: `name '${name}' aliases an existing query name` };
  }
  if (name !== id && rowOf(store.queries, name) !== undefined) {
    return { error: `name '${name}' aliases an existing query ID` };
  }
  if (session !== '' && rowOf(store.sessions, session) === undefined) {
    return { error: 'invalid session' };
  }
  if (known !== undefined) forgetPlaces(store, known);
  const createIndex = known?.createIndex ?? index;
  writeRow(store, store.queries, id, { ...definition, createIndex, modifyIndex: index }, known);
  if (name !== '' || template) writeRow(store, store.queriesByName, keyOf(name), id);
  if (session !== '') writeRow(store, store.queriesBySession, keyOf(session, id), id);
  raiseTable(store, 'prepared-queries', index);
  return null;
}

export function deleteQuery(store: Store, id: string, index: number): void {
  const known = rowOf(store.queries, id);
  if (known === undefined) return;
  removeRow(store, store.queries, id);
  forgetPlaces(store, known);
  raiseTable(store, 'prepared-queries', index);
}

function forgetPlaces(store: Store, { id, name, session, template }: PreparedQuery): void {
  if (name !== '' || template) removeRow(store, store.queriesByName, keyOf(name));
  if (session !== '') removeRow(store, store.queriesBySession, keyOf(session, id));
}

/** By ID, then by name, then by the template with the longest name that `idOrName` begins with. */
export function resolveQuery(store: Store, idOrName: string): PreparedQuery | undefined {
  const id = rowOf(store.queries, idOrName);
  if (id !== undefined) return id;
  const named = rowOf(store.queriesByName, keyOf(idOrName));
  const byName = named === undefined ? undefined : rowOf(store.queries, named);
  if (byName !== undefined && !byName.template) return byName;
  let best: PreparedQuery | undefined;
  const wanted = keyOf(idOrName);
  forEachRow(store.queries, (query) => {
    const longer = best === undefined || query.name.length > best.name.length;
    if (query.template && longer && wanted.startsWith(keyOf(query.name))) best = query;
  });
  return best;
}
