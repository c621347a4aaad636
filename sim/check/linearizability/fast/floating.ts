/**
 * Places the operations that change nothing and belong to no cluster: reads whose write is
 * ambiguous, and conditions that did not hold. Each needs a moment between its call and its end in
 * which the value was the right one. With the order of the clusters given, the earliest such
 * moment is the best for all: what comes later is only held back by it.
 */
import type { Columns } from './columns.ts';
import type { Clusters } from './clusters.ts';
import { NONE } from './clusters.ts';
import { ROW } from './row.ts';

/** True when all of them find a place. */
export function placeFloating(
  columns: Columns,
  clusters: Clusters,
  order: Int32Array | readonly number[],
): boolean {
  const rows = floatingRows(columns, clusters);
  if (rows.length === 0) return true;
  const { call, end } = columns;
  const bounds = new Bounds(columns, clusters, order);
  const places = new Map<number, number>();
  const byEnd = rows.toSorted((left, right) => end[left]! - end[right]! || left - right);
  let ended = 0;
  let reached = 0;
  // Rows are in order of their calls.
  for (const row of rows) {
    while (ended < byEnd.length && end[byEnd[ended]!]! < call[row]!) {
      reached = Math.max(reached, places.get(byEnd[ended]!)!);
      ended++;
    }
    const first = Math.max(reached, bounds.earliest(call[row]!));
    const last = bounds.latest(end[row]!);
    let place = first;
    while (place <= last && !fits(columns, clusters, row, order[place]!)) place++;
    if (place > last) return false;
    places.set(row, place);
  }
  return true;
}

function floatingRows({ count, kind }: Columns, { floating }: Clusters): number[] {
  const rows = [...floating];
  for (let row = 0; row < count; row++) {
    if (kind[row] === ROW.notValue || kind[row] === ROW.notVersion) rows.push(row);
  }
  return rows.sort((left, right) => left - right);
}

/** Whether the answer of `row` is right while `cluster` is current. */
function fits(columns: Columns, clusters: Clusters, row: number, cluster: number): boolean {
  const value = clusters.value[cluster]!;
  switch (columns.kind[row]) {
    case ROW.read:
      return columns.value[row] === value;
    case ROW.notValue:
      return columns.from[row] !== value;
    default: {
      const expected = columns.fromVersion[row]!;
      const absent = value === columns.nilValue;
      if (expected === 0 || absent) return (expected === 0) !== absent;
      // A version that is not known might be the one compared with.
      const version = clusters.version[cluster]!;
      return version !== expected && (version > 0 || clusters.writer[cluster] === NONE);
    }
  }
}

/** First and last place in the order that real time leaves to an operation. */
class Bounds {
  readonly #ends: Float64Array;
  readonly #reached: Int32Array;
  readonly #calls: Float64Array;
  readonly #left: Int32Array;

  constructor(columns: Columns, clusters: Clusters, order: Int32Array | readonly number[]) {
    const { call, end } = columns;
    const after: [number, number][] = [];
    const before: [number, number][] = [];
    for (let place = 0; place < order.length; place++) {
      const cluster = order[place]!;
      const writer = clusters.writer[cluster]!;
      if (writer !== NONE) {
        after.push([end[writer]!, place]);
        before.push([call[writer]!, place - 1]);
      }
      if (clusters.firstRead[cluster] !== NONE) {
        after.push([end[clusters.firstRead[cluster]!]!, place]);
        before.push([call[clusters.lastRead[cluster]!]!, place]);
      }
    }
    after.sort((left, right) => left[0] - right[0] || left[1] - right[1]);
    before.sort((left, right) => left[0] - right[0] || left[1] - right[1]);
    this.#ends = Float64Array.from(after, ([position]) => position);
    this.#reached = Int32Array.from(after, ([, place]) => place);
    for (let i = 1; i < after.length; i++) {
      this.#reached[i] = Math.max(this.#reached[i]!, this.#reached[i - 1]!);
    }
    this.#calls = Float64Array.from(before, ([position]) => position);
    this.#left = Int32Array.from(before, ([, place]) => place);
    for (let i = before.length - 2; i >= 0; i--) {
      this.#left[i] = Math.min(this.#left[i]!, this.#left[i + 1]!);
    }
    this.last = order.length - 1;
  }

  readonly last: number;

  /** Whatever ended before `call` comes before. */
  earliest(call: number): number {
    const count = countBelow(this.#ends, call);
    return count === 0 ? 0 : this.#reached[count - 1]!;
  }

  /** Whatever was called after `end` comes after. */
  latest(end: number): number {
    const from = countBelow(this.#calls, end);
    return from === this.#calls.length ? this.last : this.#left[from]!;
  }
}

/** How many of the sorted positions are smaller than `position`. */
function countBelow(positions: Float64Array, position: number): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (positions[middle]! < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
