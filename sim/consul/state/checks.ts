/** Writing one check row with its further orders and the indexes that go with it. */
import { raiseService, raiseTable } from './indexes.ts';
import type { CatalogCheck, CatalogService } from './rows.ts';
import { keyOf, removeRow, writeRow } from './store.ts';
import type { Store } from './store.ts';
import { rowsWithPrefix } from './table.ts';

export function servicesOfNode(store: Store, node: string): CatalogService[] {
  return rowsWithPrefix(store.services, keyOf(node, ''));
}

/** A check of the node concerns all services there. */
export function raiseServicesOf(
  store: Store,
  { node, serviceId, serviceName }: CatalogCheck,
  index: number,
): void {
  if (serviceId !== '') raiseService(store, serviceName, index);
  else raiseServicesOfNode(store, node, index);
}

export function raiseServicesOfNode(store: Store, node: string, index: number): void {
  for (const { service } of servicesOfNode(store, node)) raiseService(store, service, index);
}

function ordersOf(
  store: Store,
  { id, node, status, serviceId, serviceName }: CatalogCheck,
): readonly (readonly [Store['checksByStatus'], string])[] {
  return [
    [store.checksByService, keyOf(node, serviceId, id)],
    [store.checksByServiceName, keyOf(serviceName, node, id)],
    [store.checksByStatus, keyOf(status, node, id)],
  ];
}

/** Something about the check is new: the indexes of its services go up. */
export function writeCheck(
  store: Store,
  check: CatalogCheck,
  known: CatalogCheck | undefined,
  index: number,
): void {
  raiseServicesOf(store, check, index);
  const key = keyOf(check.node, check.id);
  const createIndex = known?.createIndex ?? index;
  if (known !== undefined) forgetOrders(store, known, check);
  writeRow(store, store.checks, key, { ...check, createIndex, modifyIndex: index }, known);
  for (const [table, place] of ordersOf(store, check)) writeRow(store, table, place, key);
  raiseTable(store, 'checks', index);
}

function forgetOrders(store: Store, known: CatalogCheck, after: CatalogCheck): void {
  const places = ordersOf(store, after);
  for (const [at, [table, place]] of ordersOf(store, known).entries()) {
    if (places[at][1] !== place) removeRow(store, table, place);
  }
}

export function removeCheck(store: Store, check: CatalogCheck): void {
  removeRow(store, store.checks, keyOf(check.node, check.id));
  for (const [table, place] of ordersOf(store, check)) removeRow(store, table, place);
}

export function sameCheck(a: CatalogCheck, b: CatalogCheck): boolean {
  return (
    a.status === b.status &&
    a.output === b.output &&
    a.name === b.name &&
    a.type === b.type &&
    a.serviceId === b.serviceId &&
    a.serviceName === b.serviceName &&
    a.sessionName === b.sessionName &&
    a.node.toLowerCase() === b.node.toLowerCase()
  );
}
