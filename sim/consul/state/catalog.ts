/**
 * Nodes, services and checks (`consul:agent/consul/state/catalog.go`; reference: consul §3.4). What is
 * registered again unchanged writes nothing.
 */
import {
  raiseServicesOf,
  raiseServicesOfNode,
  removeCheck,
  sameCheck,
  servicesOfNode,
  writeCheck,
} from './checks.ts';
import type { DeregisterCommand, RegisterCommand } from './commands.ts';
import {
  extinguishNode,
  extinguishService,
  raiseNode,
  raiseService,
  raiseTable,
} from './indexes.ts';
import { firstKeyWithPrefix } from './order.ts';
import type {
  CatalogCheck,
  CatalogNode,
  CatalogService,
  CheckDefinition,
  Meta,
  NodeDefinition,
  ServiceDefinition,
} from './rows.ts';
import { destroyAll, sessionsOfCheck, sessionsOfNode } from './sessions.ts';
import { keyOf, removeRow, writeRow } from './store.ts';
import type { Store, StoreError } from './store.ts';
import { orderOfTable, rowOf, rowsWithPrefix } from './table.ts';

/** Check by which Consul knows whether a node is reachable. */
export const SERF_HEALTH = 'serfHealth';

const MISSING_NODE: StoreError = { error: 'Missing node registration' };
const MISSING_SERVICE: StoreError = { error: 'Missing service registration' };

/** Node, service, checks, in this order. Call it within `allOrNothing`. */
export function register(
  store: Store,
  { node, skipNodeUpdate, service, checks }: RegisterCommand,
  index: number,
): StoreError | null {
  const known = rowOf(store.nodes, keyOf(node.node));
  if (known === undefined || (!skipNodeUpdate && !sameNode(known, node))) {
    const error = ensureNode(store, node, index);
    if (error !== null) return { error: `failed inserting node: ${error.error}` };
  }
  if (service !== null) {
    const error = ensureService(store, node.node, service, index);
    if (error !== null) return { error: `failed inserting service: ${error.error}` };
  }
  for (const check of checks) {
    const error = ensureCheck(store, node.node, check, index);
    if (error !== null) {
      return { error: `failed inserting check on node "${node.node}": ${error.error}` };
    }
  }
  return null;
}

export function deregister(
  store: Store,
  { node, serviceId, checkId }: DeregisterCommand,
  index: number,
): void {
  if (serviceId !== '') deleteService(store, node, serviceId, index);
  else if (checkId !== '') deleteCheck(store, node, checkId, index);
  else deleteNode(store, node, index);
}

function sameMeta(a: Meta, b: Meta): boolean {
  return a.length === b.length && a.every(([k, v], at) => k === b[at][0] && v === b[at][1]);
}

function sameNode(a: NodeDefinition, b: NodeDefinition): boolean {
  const names = a.node.toLowerCase() === b.node.toLowerCase() && a.id === b.id;
  return names && a.address === b.address && sameMeta(a.meta, b.meta);
}

/** By its ID first: a new name takes the old node and all that is on it away. Then by its name. */
export function ensureNode(
  store: Store,
  { id, node, address, meta }: NodeDefinition,
  index: number,
): StoreError | null {
  let known: CatalogNode | undefined;
  if (id !== '') {
    const name = rowOf(store.nodesById, id);
    known = name === undefined ? undefined : rowOf(store.nodes, keyOf(name));
    if (known === undefined || keyOf(known.node) !== keyOf(node)) {
      const reserved = nameReserved(store, node, id, known === undefined);
      if (reserved !== null) {
        return { error: `Error while renaming Node ID: "${id}": ${reserved}` };
      }
    }
    if (known !== undefined && keyOf(known.node) !== keyOf(node)) {
      deleteNode(store, known.node, index);
    }
  }
  known ??= rowOf(store.nodes, keyOf(node));
  if (known !== undefined && sameNode(known, { id, node, address, meta })) return null;
  const createIndex = known?.createIndex ?? index;
  const row: CatalogNode = { id, node, address, meta, createIndex, modifyIndex: index };
  const before = rowOf(store.nodes, keyOf(node));
  if (before !== undefined && before.id !== '' && before.id !== id) {
    removeRow(store, store.nodesById, before.id);
  }
  writeRow(store, store.nodes, keyOf(node), row);
  if (id !== '') writeRow(store, store.nodesById, id, node);
  raiseTable(store, 'nodes', index);
  raiseNode(store, node, index);
  raiseServicesOfNode(store, node, index);
  return null;
}

/** Whoever has the name keeps it while its serfHealth is not critical. */
function nameReserved(
  store: Store,
  node: string,
  id: string,
  fromNamelessId: boolean,
): string | null {
  const owner = rowOf(store.nodes, keyOf(node));
  if (owner === undefined || owner.id === id) return null;
  const health = rowOf(store.checks, keyOf(owner.node, SERF_HEALTH));
  const healthy = health !== undefined && health.status !== 'critical';
  if (!healthy || (owner.id === '' && fromNamelessId)) return null;
  return `Node name ${node} is reserved by node ${owner.id} with name ${owner.node} (${owner.address})`;
}

function sameService(a: ServiceDefinition, b: ServiceDefinition): boolean {
  return (
    a.id === b.id &&
    a.service === b.service &&
    a.address === b.address &&
    a.port === b.port &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, at) => tag === b.tags[at]) &&
    sameMeta(a.meta, b.meta)
  );
}

function placeOfService({ service, node, id }: CatalogService): string {
  return keyOf(service, node, id);
}

export function ensureService(
  store: Store,
  node: string,
  definition: ServiceDefinition,
  index: number,
): StoreError | null {
  if (rowOf(store.nodes, keyOf(node)) === undefined) return MISSING_NODE;
  const key = keyOf(node, definition.id);
  const known = rowOf(store.services, key);
  if (known !== undefined && sameService(known, definition)) return null;
  const createIndex = known?.createIndex ?? index;
  const row: CatalogService = { ...definition, node, createIndex, modifyIndex: index };
  if (known !== undefined && placeOfService(known) !== placeOfService(row)) {
    removeRow(store, store.servicesByName, placeOfService(known));
  }
  writeRow(store, store.services, key, row, known);
  writeRow(store, store.servicesByName, placeOfService(row), key);
  raiseTable(store, 'services', index);
  raiseService(store, row.service, index);
  raiseTable(store, 'nodes', index);
  raiseNode(store, node, index);
  return null;
}

/** A critical status ends the sessions of the check, also when it is told again. */
export function ensureCheck(
  store: Store,
  node: string,
  definition: CheckDefinition,
  index: number,
): StoreError | null {
  if (rowOf(store.nodes, keyOf(node)) === undefined) return MISSING_NODE;
  const { id, serviceId, status } = definition;
  const service = serviceId === '' ? undefined : rowOf(store.services, keyOf(node, serviceId));
  if (serviceId !== '' && service === undefined) return MISSING_SERVICE;
  const serviceName = service?.service ?? '';
  const known = rowOf(store.checks, keyOf(node, id));
  const row: CatalogCheck = { ...definition, node, serviceName, createIndex: 0, modifyIndex: 0 };
  if (status === 'critical') destroyAll(store, sessionsOfCheck(store, node, id), index);
  if (known === undefined || !sameCheck(known, row)) writeCheck(store, row, known, index);
  return null;
}

export function deleteNode(store: Store, node: string, index: number): void {
  const known = rowOf(store.nodes, keyOf(node));
  if (known === undefined) return;
  for (const { id } of servicesOfNode(store, node)) deleteService(store, node, id, index);
  for (const { id } of rowsWithPrefix(store.checks, keyOf(node, ''))) {
    deleteCheck(store, node, id, index);
  }
  for (const { segment } of rowsWithPrefix(store.coordinates, keyOf(node, ''))) {
    removeRow(store, store.coordinates, keyOf(node, segment));
  }
  removeRow(store, store.nodes, keyOf(node));
  if (known.id !== '') removeRow(store, store.nodesById, known.id);
  raiseTable(store, 'nodes', index);
  extinguishNode(store, node, index);
  destroyAll(store, sessionsOfNode(store, node), index);
}

export function deleteService(store: Store, node: string, id: string, index: number): void {
  const known = rowOf(store.services, keyOf(node, id));
  if (known === undefined) return;
  for (const check of rowsWithPrefix(store.checksByService, keyOf(node, id, ''))) {
    deleteCheck(store, node, rowOf(store.checks, check)!.id, index);
  }
  raiseTable(store, 'checks', index);
  removeRow(store, store.services, keyOf(node, id));
  removeRow(store, store.servicesByName, placeOfService(known));
  raiseTable(store, 'services', index);
  raiseTable(store, 'nodes', index);
  raiseNode(store, node, index);
  const others = firstKeyWithPrefix(orderOfTable(store.servicesByName), keyOf(known.service, ''));
  if (others === undefined) extinguishService(store, known.service, index);
  else raiseService(store, known.service, index);
}

export function deleteCheck(store: Store, node: string, id: string, index: number): void {
  const known = rowOf(store.checks, keyOf(node, id));
  if (known === undefined) return;
  raiseServicesOf(store, known, index);
  if (known.serviceId === '') raiseTable(store, 'services', index);
  removeCheck(store, known);
  raiseTable(store, 'checks', index);
  destroyAll(store, sessionsOfCheck(store, node, id), index);
}
