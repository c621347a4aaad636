/** How lists and maps are copied into a checkpoint, and out of it. */
export interface Copies {
  list<Item>(list: readonly Item[]): Item[];
  map<Key, Value>(map: ReadonlyMap<Key, Value>): Map<Key, Value>;
}

const NO_ENTRIES: ReadonlyMap<never, never> = new Map<never, never>();
const NO_ITEMS: readonly never[] = [];

/**
 * Into a checkpoint. Most are empty most of the time, and all those are one and the same, so that many
 * checkpoints of many processes fit. Nobody writes to what is kept.
 */
export const KEPT: Copies = {
  list: <Item>(list: readonly Item[]) =>
    list.length === 0 ? (NO_ITEMS as readonly Item[] as Item[]) : list.slice(),
  map: <Key, Value>(map: ReadonlyMap<Key, Value>) =>
    map.size === 0 ? (NO_ENTRIES as unknown as Map<Key, Value>) : new Map(map),
};

/** Out of a checkpoint, to go on with. */
export const OWN: Copies = {
  list: (list) => list.slice(),
  map: (map) => new Map(map),
};
