/**
 * Distances between nodes by their network coordinates (reference: agents §3.1;
 * `consul:agent/consul/rtt.go (sortNodesByDistanceFrom)`).
 */
import { distance } from '../../protocol/coordinate/space.ts';
import { rowOf } from './table.ts';
import type { Coordinate } from './rows.ts';
import { keyOf } from './store.ts';
import type { Store } from './store.ts';

/** Estimated round trip in seconds; without a coordinate of both it is without end. */
function distanceOf(one: Coordinate, other: Coordinate | undefined): number {
  if (other === undefined || one.vector.length !== other.vector.length) return Infinity;
  return distance(rowFor(one), 0, rowFor(other), 0, one.vector.length);
}

function rowFor({ vector, error, adjustment, height }: Coordinate): number[] {
  return [...vector, error, adjustment, height];
}

function coordinateOf(store: Store, node: string): Coordinate | undefined {
  return rowOf(store.coordinates, keyOf(node, ''));
}

/** Nearest first; those that are as far, or of whom nothing is known, stay in their order. */
export function sortByDistance<T extends { readonly node: { readonly node: string } }>(
  store: Store,
  near: string,
  instances: readonly T[],
): T[] {
  const from = coordinateOf(store, near);
  // Who has no coordinate knows no distances, and leaves everything as it is.
  if (from === undefined) return [...instances];
  const placed = instances.map((one, at) => {
    return { one, at, far: distanceOf(from, coordinateOf(store, one.node.node)) };
  });
  placed.sort((a, b) => (a.far === b.far ? a.at - b.at : a.far - b.far));
  return placed.map(({ one }) => one);
}
