/**
 * Indexes of tables, nodes and services (`consul:agent/consul/state/catalog_ce.go`; reference: consul
 * §3.4): what queries answer as X-Consul-Index.
 */
import { removeRow, writeRow } from './store.ts';
import type { Store } from './store.ts';
import { rowOf } from './table.ts';
import { watchKey } from './watches.ts';
import type { WatchSet } from './watches.ts';

const SERVICE_EXTINCTION = 'service_last_extinction';
const NODE_EXTINCTION = 'node_last_extinction';

/** Written once, by the first leader of a cluster. */
export type SystemTable = 'autopilot-config' | 'connect-ca-config' | 'system-metadata';
export type IndexedTable =
  | 'nodes'
  | 'services'
  | 'checks'
  | 'sessions'
  | 'prepared-queries'
  | 'connect-ca-roots'
  | 'connect-ca-builtin-serial'
  | 'connect-ca-leaf-certs'
  | 'intentions'
  | SystemTable;

export function indexOf(store: Store, ...names: readonly string[]): number {
  let index = 0;
  for (const name of names) index = Math.max(index, rowOf(store.indexes, name) ?? 0);
  return index;
}

/** Consul writes the entry again even where it stays the same, which wakes its watchers. */
function raise(store: Store, name: string, index: number): void {
  const known = rowOf(store.indexes, name);
  writeRow(store, store.indexes, name, Math.max(known ?? 0, index), known);
}

export function raiseTable(store: Store, table: IndexedTable, index: number): void {
  raise(store, table, index);
}

function nodeIndexName(node: string): string {
  return `node.${node.toLowerCase()}`;
}

function serviceIndexName(service: string): string {
  return `service.${service.toLowerCase()}`;
}

export function raiseNode(store: Store, node: string, index: number): void {
  raise(store, nodeIndexName(node), index);
}

export function raiseService(store: Store, service: string, index: number): void {
  raise(store, serviceIndexName(service), index);
}

/** The last instance of a service is gone. */
export function extinguishService(store: Store, service: string, index: number): void {
  removeRow(store, store.indexes, serviceIndexName(service));
  raise(store, SERVICE_EXTINCTION, index);
}

export function extinguishNode(store: Store, node: string, index: number): void {
  removeRow(store, store.indexes, nodeIndexName(node));
  raise(store, NODE_EXTINCTION, index);
}

export function nodeIndexOf(store: Store, node: string): number {
  return indexOf(store, nodeIndexName(node));
}

export function nodeExtinctionIndex(store: Store): number {
  return indexOf(store, NODE_EXTINCTION);
}

/**
 * A service's own index; without instances that of the last service to vanish, and where none ever did
 * that of the catalog. `set` gets the service's channel, if there is one; true says so.
 */
export function serviceIndexOf(
  store: Store,
  service: string,
  exists: boolean,
  withChecks: boolean,
  set: WatchSet | null,
): { readonly index: number; readonly watched: boolean } {
  const extinction = rowOf(store.indexes, SERVICE_EXTINCTION);
  if (!exists && extinction !== undefined) return { index: extinction, watched: false };
  const name = serviceIndexName(service);
  const own = rowOf(store.indexes, name);
  if (own !== undefined) {
    if (set !== null) watchKey(store.indexes, name, set);
    return { index: own, watched: true };
  }
  const tables = withChecks ? ['checks', 'services', 'nodes'] : ['services', 'nodes'];
  return { index: indexOf(store, ...tables), watched: false };
}
