/**
 * A table of immutable rows by key. Point reads and writes go to a map; a copy shares everything
 * written so far and costs a constant, as both go on in maps of their own above it. Keys are put
 * in order when somebody first asks for it.
 */
import { insertKey, keysWithPrefix, orderOf, removeKey, shareOrder } from './order.ts';
import type { Order } from './order.ts';

/** Null marks a row that is gone. */
type Layer<Row> = Map<string, Row | null>;

export interface Table<Row> {
  /** Names its watches. */
  readonly name: string;
  /** Changes since the last copy. */
  top: Layer<Row>;
  /** Shared with copies; newest first, each less than half as large as the next. */
  frozen: readonly ReadonlyMap<string, Row | null>[];
  size: number;
  order: Order | null;
}

export function createTable<Row>(name: string): Table<Row> {
  return { name, top: new Map(), frozen: [], size: 0, order: null };
}

export function rowOf<Row>(table: Table<Row>, key: string): Row | undefined {
  const row = table.top.get(key);
  if (row !== undefined) return row ?? undefined;
  return table.frozen.length === 0 ? undefined : frozenRow(table, key);
}

function frozenRow<Row>({ frozen }: Table<Row>, key: string): Row | undefined {
  for (const layer of frozen) {
    const row = layer.get(key);
    if (row !== undefined) return row ?? undefined;
  }
  return undefined;
}

/** For the store's own use: writes that must be watched or undone go through `writeRow`. */
export function setRow<Row>(table: Table<Row>, key: string, row: Row, isNew: boolean): void {
  table.top.set(key, row);
  if (!isNew) return;
  table.size++;
  if (table.order !== null) insertKey(table.order, key);
}

/** The row must be there. */
export function unsetRow<Row>(table: Table<Row>, key: string): void {
  if (table.frozen.length === 0) table.top.delete(key);
  else table.top.set(key, null);
  table.size--;
  if (table.order !== null) removeKey(table.order, key);
}

/** Keys in order, made when first asked for. */
export function orderOfTable<Row>(table: Table<Row>): Order {
  table.order ??= orderOf(keysOf(table));
  return table.order;
}

function keysOf<Row>(table: Table<Row>): string[] {
  const keys: string[] = [];
  forEachRow(table, (_, key) => keys.push(key));
  return keys;
}

/** In the order of the keys. */
export function rowsWithPrefix<Row>(table: Table<Row>, prefix: string): Row[] {
  if (table.size === 0) return [];
  return keysWithPrefix(orderOfTable(table), prefix).map((key) => rowOf(table, key)!);
}

/** In no order that means anything: two equal tables may differ in it. */
export function forEachRow<Row>(table: Table<Row>, visit: (row: Row, key: string) => void): void {
  const { top, frozen } = table;
  for (const [key, row] of top) if (row !== null) visit(row, key);
  for (const [at, layer] of frozen.entries()) {
    for (const [key, row] of layer) {
      const hidden = top.has(key) || frozen.some((above, place) => place < at && above.has(key));
      if (row !== null && !hidden) visit(row, key);
    }
  }
}

/** A table of the same rows; later changes of either do not show in the other. */
export function copyTable<Row>(table: Table<Row>): Table<Row> {
  if (table.top.size > 0) {
    table.frozen = withLayer(table.frozen, table.top);
    table.top = new Map();
  }
  return {
    name: table.name,
    top: new Map(),
    frozen: table.frozen,
    size: table.size,
    order: table.order && shareOrder(table.order),
  };
}

/** Layers of similar size become one, so that few are left and each row is moved seldom. */
function withLayer<Row>(
  frozen: Table<Row>['frozen'],
  layer: ReadonlyMap<string, Row | null>,
): Table<Row>['frozen'] {
  let top = layer;
  let at = 0;
  for (; at < frozen.length && top.size * 2 >= frozen[at].size; at++) {
    const merged = new Map(frozen[at]);
    for (const [key, row] of top) merged.set(key, row);
    top = merged;
  }
  if (at > 0 && at === frozen.length) top = withoutGone(top);
  return top.size === 0 ? frozen.slice(at) : [top, ...frozen.slice(at)];
}

function withoutGone<Row>(layer: ReadonlyMap<string, Row | null>): ReadonlyMap<string, Row | null> {
  const rows = new Map<string, Row | null>();
  for (const [key, row] of layer) if (row !== null) rows.set(key, row);
  return rows;
}
