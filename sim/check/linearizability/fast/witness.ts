/**
 * Looks for an order of operations that tie keys together, such as transactions, when all writes that
 * took effect carry their Raft indexes: the writes in the order of these, and each operation that
 * changes nothing at the first place between them where its answer is right. Whether a place suits one
 * of them does not depend on the others, and an earlier place is never worse, so that the first one is
 * the best for all.
 *
 * It says `true` only with an order in hand. Writes of unknown outcome without an index are left out,
 * which no order forbids; everything it cannot place is left to the search.
 */
import type { Model } from '../model.ts';
import type { Operation } from '../operation.ts';

/** True when there is an order; in steps proportional to the operations. */
export function hasWitness(model: Model, operations: readonly Operation[]): boolean {
  if (model.ordersByIndex !== true) return false;
  const writes: Operation[] = [];
  const others: Operation[] = [];
  for (const operation of operations) {
    const { outcome, index } = operation;
    if (outcome === 'unknown') continue;
    if (outcome === 'refused' || model.isRead(operation)) others.push(operation);
    else if (index === 0) return false;
    else writes.push(operation);
  }
  writes.sort((left, right) => left.index - right.index || left.call - right.call);
  if (!followsTime(writes)) return false;
  return new Sweep(model, writes, others).run();
}

/** No write returned before one that comes earlier was called; no two share an index. */
function followsTime(writes: readonly Operation[]): boolean {
  let lastCall = -Infinity;
  for (const [place, write] of writes.entries()) {
    if (write.return < lastCall) return false;
    if (place > 0 && writes[place - 1]!.index === write.index) return false;
    lastCall = Math.max(lastCall, write.call);
  }
  return true;
}

/** An operation that waits for its place. */
interface Waiting {
  readonly operation: Operation;
  /** First and last number of writes that may come before it. */
  readonly first: number;
  readonly last: number;
}

class Sweep {
  readonly #model: Model;
  readonly #writes: readonly Operation[];
  /** By `first`, the next one last. */
  readonly #coming: Waiting[];
  #active: Waiting[] = [];

  constructor(model: Model, writes: readonly Operation[], others: readonly Operation[]) {
    this.#model = model;
    this.#writes = writes;
    const bounds = new Bounds(writes);
    this.#coming = others
      .map((operation) => ({
        operation,
        first: bounds.returnedBefore(operation.call),
        last: bounds.calledBefore(operation.return),
      }))
      .sort(
        (left, right) => right.first - left.first || right.operation.call - left.operation.call,
      );
  }

  run(): boolean {
    let state = this.#model.initial();
    for (let place = 0; place <= this.#writes.length; place++) {
      if (place > 0) {
        const after = this.#model.step(state, this.#writes[place - 1]!);
        if (after === undefined) return false;
        state = after;
      }
      if (!this.#placeAt(place, state)) return false;
    }
    return this.#active.length === 0;
  }

  /** Places what fits here; false when something has missed its last place. */
  #placeAt(place: number, state: unknown): boolean {
    const coming = this.#coming;
    while (coming.length > 0 && coming.at(-1)!.first <= place) this.#active.push(coming.pop()!);
    if (this.#active.length === 0) return true;
    this.#active.sort((left, right) => left.operation.call - right.operation.call);
    const left: Waiting[] = [];
    // Nothing comes before what had returned when it was called.
    let barrier = Infinity;
    for (const waiting of this.#active) {
      const { operation, last } = waiting;
      if (operation.call < barrier && this.#fits(state, operation)) continue;
      if (last <= place) return false;
      left.push(waiting);
      barrier = Math.min(barrier, operation.return);
    }
    this.#active = left;
    return true;
  }

  /** Its answer is right, and tells nothing of the state that was not known. */
  #fits(state: unknown, operation: Operation): boolean {
    const after = this.#model.step(state, operation);
    if (after === undefined) return false;
    return after === state || this.#model.identity(after) === this.#model.identity(state);
  }
}

/** How many of the writes, in their order, real time puts before or allows before a position. */
class Bounds {
  readonly #returns: readonly (readonly [number, number])[];
  /** By call: the first write, in their order, that was called then or later. */
  readonly #calls: readonly (readonly [number, number])[];

  constructor(writes: readonly Operation[]) {
    const places = writes.map((write, place) => ({ write, place }));
    this.#returns = runningMax(
      places
        .map(({ write, place }) => [write.return, place + 1] as const)
        .sort((left, right) => left[0] - right[0]),
    );
    this.#calls = runningMin(
      places
        .map(({ write, place }) => [write.call, place] as const)
        .sort((left, right) => left[0] - right[0]),
    );
  }

  returnedBefore(position: number): number {
    const count = countBelow(this.#returns, position);
    return count === 0 ? 0 : this.#returns[count - 1]![1];
  }

  /** All writes up to the first one that was called after it. */
  calledBefore(position: number): number {
    const from = countBelow(this.#calls, position);
    return from === this.#calls.length ? this.#calls.length : this.#calls[from]![1];
  }
}

type Pairs = readonly (readonly [number, number])[];

function runningMax(pairs: Pairs): Pairs {
  let most = 0;
  return pairs.map(([position, value]) => [position, (most = Math.max(most, value))] as const);
}

function runningMin(pairs: Pairs): Pairs {
  let least = Infinity;
  return pairs
    .toReversed()
    .map(([position, value]) => [position, (least = Math.min(least, value))] as const)
    .reverse();
}

function countBelow(pairs: Pairs, position: number): number {
  let low = 0;
  let high = pairs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pairs[middle]![0] < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
