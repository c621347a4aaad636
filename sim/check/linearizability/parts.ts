/**
 * Splits a history into parts that can be judged by themselves: linearizability is local, so
 * operations on different objects do not concern each other unless an operation touches both.
 */
import type { Model } from './model.ts';
import { footprintOf } from './model.ts';
import type { Operation } from './operation.ts';

export interface Part {
  readonly keys: readonly string[];
  /** In order of `call`. */
  readonly operations: readonly Operation[];
}

/** The name of an object that stands for all of them. */
const EVERYTHING = '*';

/** Parts in order of their first operation. */
export function partsOf(model: Model, operations: readonly Operation[]): Part[] {
  const simple = operations.every((operation) => footprintOf(model, operation).length === 0);
  return simple ? byKey(operations) : byFootprint(model, operations);
}

function byKey(operations: readonly Operation[]): Part[] {
  const groups = new Map<string, Operation[]>();
  let lastKey: string | undefined;
  let last: Operation[] = [];
  for (const operation of operations) {
    if (operation.key !== lastKey) {
      lastKey = operation.key;
      const found = groups.get(lastKey);
      last = found ?? [];
      if (found === undefined) groups.set(lastKey, last);
    }
    last.push(operation);
  }
  return Array.from(groups, ([key, members]) => ({ keys: [key], operations: members }));
}

function byFootprint(model: Model, operations: readonly Operation[]): Part[] {
  const sets = new DisjointSets();
  const homes = operations.map((operation) => {
    const names = footprintOf(model, operation);
    const first = sets.number(names[0] ?? operation.key);
    for (const name of names) sets.join(first, sets.number(name));
    return first;
  });
  const all = sets.has(EVERYTHING) ? sets.number(EVERYTHING) : -1;
  const groups = new Map<number, { keys: Set<string>; operations: Operation[] }>();
  operations.forEach((operation, i) => {
    const root = all >= 0 ? all : sets.root(homes[i]!);
    let group = groups.get(root);
    if (group === undefined) groups.set(root, (group = { keys: new Set(), operations: [] }));
    group.operations.push(operation);
    const names = footprintOf(model, operation);
    for (const name of names.length > 0 ? names : [operation.key]) group.keys.add(name);
  });
  return Array.from(groups.values(), ({ keys, operations: members }) => ({
    keys: [...keys],
    operations: members,
  }));
}

/** Union-find over names. */
class DisjointSets {
  readonly #numbers = new Map<string, number>();
  readonly #parents: number[] = [];

  has(name: string): boolean {
    return this.#numbers.has(name);
  }

  number(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#parents.length;
      this.#numbers.set(name, number);
      this.#parents.push(number);
    }
    return number;
  }

  root(number: number): number {
    let root = number;
    while (this.#parents[root] !== root) root = this.#parents[root]!;
    while (this.#parents[number] !== root) {
      const next = this.#parents[number]!;
      this.#parents[number] = root;
      number = next;
    }
    return root;
  }

  join(left: number, right: number): void {
    const from = this.root(left);
    const to = this.root(right);
    // The older name stays the root, so that the result does not depend on the order of joins.
    if (from < to) this.#parents[to] = from;
    else this.#parents[from] = to;
  }
}
