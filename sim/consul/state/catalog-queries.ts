/**
 * Reads of nodes, services and checks, with the index that each answers and what it watches
 * (`consul:agent/consul/state/catalog.go`; reference: consul §3.4).
 */
import { indexOf, nodeExtinctionIndex, nodeIndexOf, serviceIndexOf } from './indexes.ts';
import type { CatalogCheck, CatalogNode, CatalogService, CheckStatus } from './rows.ts';
import { keyOf } from './store.ts';
import type { Store } from './store.ts';
import { rowOf, rowsWithPrefix } from './table.ts';
import type { Table } from './table.ts';
import { addWithLimit, watchKey, watchPrefix } from './watches.ts';
import type { Channel, WatchSet } from './watches.ts';

function watchBelow(
  store: Store,
  table: Table<unknown>,
  prefix: string,
  set: WatchSet | null,
): void {
  if (set === null) return;
  store.watching = true;
  watchPrefix(table, prefix, set);
}

function channelOfKey(table: Table<unknown>, key: string): Channel {
  const found: WatchSet = [];
  watchKey(table, key, found);
  return found[0];
}

function channelOfPrefix(table: Table<unknown>, prefix: string): Channel {
  const found: WatchSet = [];
  watchPrefix(table, prefix, found);
  return found[0];
}

export interface NodeList {
  readonly index: number;
  readonly nodes: readonly CatalogNode[];
}

export function listNodes(store: Store, set: WatchSet | null): NodeList {
  watchBelow(store, store.nodes, '', set);
  return { index: indexOf(store, 'nodes'), nodes: rowsWithPrefix(store.nodes, '') };
}

/** Every name with the tags that some instance has, in order. */
export interface ServiceList {
  readonly index: number;
  readonly services: readonly { readonly service: string; readonly tags: readonly string[] }[];
}

export function listServices(store: Store, set: WatchSet | null): ServiceList {
  watchBelow(store, store.services, '', set);
  const tagsByName = new Map<string, Set<string>>();
  for (const key of rowsWithPrefix(store.servicesByName, '')) {
    const { service, tags } = rowOf(store.services, key)!;
    const known = tagsByName.get(service) ?? new Set<string>();
    tagsByName.set(service, known);
    for (const tag of tags) known.add(tag);
  }
  const services = [...tagsByName].map(([service, tags]) => ({ service, tags: [...tags].sort() }));
  return { index: indexOf(store, 'services'), services };
}

export interface NodeServices {
  readonly index: number;
  readonly node: CatalogNode | undefined;
  readonly services: readonly CatalogService[];
}

/** Names shorter than this are not looked for among IDs (`minUUIDLookupLen`). */
const ID_LENGTH_MIN = 2;

/** Known deviation: nodes are found by name only, as no client here asks by ID. */
export function listNodeServices(store: Store, node: string, set: WatchSet | null): NodeServices {
  if (set !== null) {
    store.watching = true;
    watchKey(store.nodes, keyOf(node), set);
  }
  const known = rowOf(store.nodes, keyOf(node));
  if (known === undefined) {
    const index = node.length < ID_LENGTH_MIN ? 0 : nodeExtinctionIndex(store);
    return { index, node: undefined, services: [] };
  }
  watchBelow(store, store.services, keyOf(node, ''), set);
  const services = rowsWithPrefix(store.services, keyOf(node, ''));
  return { index: nodeIndexOf(store, node), node: known, services };
}

function instancesOf(store: Store, service: string): CatalogService[] {
  const keys = rowsWithPrefix(store.servicesByName, keyOf(service, ''));
  return keys.map((key) => rowOf(store.services, key)!);
}

export interface ServiceNode {
  readonly node: CatalogNode;
  readonly service: CatalogService;
}

export interface ServiceNodes {
  readonly index: number;
  readonly instances: readonly ServiceNode[];
}

/** `/v1/catalog/service`: watches the instances and their nodes. */
export function listServiceNodes(
  store: Store,
  service: string,
  set: WatchSet | null,
): ServiceNodes {
  watchBelow(store, store.servicesByName, keyOf(service, ''), set);
  const instances = instancesOf(store, service).map((one) => {
    if (set !== null) {
      const channel = channelOfKey(store.nodes, keyOf(one.node));
      addWithLimit(set, channel, channelOfPrefix(store.nodes, ''));
    }
    return { node: rowOf(store.nodes, keyOf(one.node))!, service: one };
  });
  const { index } = serviceIndexOf(store, service, instances.length > 0, false, null);
  return { index, instances };
}

export interface CheckedInstance extends ServiceNode {
  /** Of the node, then of the service. */
  readonly checks: readonly CatalogCheck[];
}

export interface CheckedInstances {
  readonly index: number;
  readonly instances: readonly CheckedInstance[];
}

/**
 * `/v1/health/service`: all instances with their checks; who wants healthy ones filters. Where there are
 * any it watches nothing but the service's own index.
 */
export function listCheckedInstances(
  store: Store,
  service: string,
  set: WatchSet | null,
): CheckedInstances {
  if (set !== null) store.watching = true;
  const found = instancesOf(store, service);
  const { index, watched } = serviceIndexOf(
    store,
    service,
    found.length > 0,
    true,
    found.length > 0 ? set : null,
  );
  if (!watched || found.length === 0) {
    watchBelow(store, store.servicesByName, keyOf(service, ''), set);
  }
  const instances = found.map((one) => ({
    node: rowOf(store.nodes, keyOf(one.node))!,
    service: one,
    checks: checksOf(store, one),
  }));
  return { index, instances };
}

function checksOf(store: Store, { node, id }: CatalogService): CatalogCheck[] {
  const keys = rowsWithPrefix(store.checksByService, keyOf(node, '', ''));
  keys.push(...rowsWithPrefix(store.checksByService, keyOf(node, id, '')));
  return keys.map((key) => rowOf(store.checks, key)!);
}

/** DNS and prepared queries leave out what is critical, or not passing; `ignored` names checks. */
export function isHealthy(
  { checks }: CheckedInstance,
  onlyPassing: boolean,
  ignored: readonly string[] = [],
): boolean {
  return checks.every(
    ({ id, status }) =>
      ignored.includes(id) || status === 'passing' || (!onlyPassing && status === 'warning'),
  );
}

export interface CheckList {
  readonly index: number;
  readonly checks: readonly CatalogCheck[];
}

function checksAt(store: Store, table: Table<string>, prefix: string): CatalogCheck[] {
  return rowsWithPrefix(table, prefix).map((key) => rowOf(store.checks, key)!);
}

export function listNodeChecks(store: Store, node: string, set: WatchSet | null): CheckList {
  watchBelow(store, store.checks, keyOf(node, ''), set);
  const checks = rowsWithPrefix(store.checks, keyOf(node, ''));
  return { index: indexOf(store, 'checks'), checks };
}

export function listServiceChecks(store: Store, service: string, set: WatchSet | null): CheckList {
  const prefix = keyOf(service, '');
  watchBelow(store, store.checksByServiceName, prefix, set);
  const checks = checksAt(store, store.checksByServiceName, prefix);
  return { index: indexOf(store, 'checks'), checks };
}

export function listChecksInState(
  store: Store,
  state: CheckStatus | 'any',
  set: WatchSet | null,
): CheckList {
  const table = state === 'any' ? store.checks : store.checksByStatus;
  const prefix = state === 'any' ? '' : keyOf(state, '');
  watchBelow(store, table, prefix, set);
  const checks =
    state === 'any'
      ? rowsWithPrefix(store.checks, '')
      : checksAt(store, store.checksByStatus, prefix);
  return { index: indexOf(store, 'checks'), checks };
}
