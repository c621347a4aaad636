/**
 * Given the order of the clusters, finds out whether the operations can follow it: no operation
 * may have ended before one of an earlier cluster was called. Within a cluster the write comes
 * first, and its reads follow in order of their calls.
 */
import type { Columns } from './columns.ts';
import type { Clusters } from './clusters.ts';
import { NONE } from './clusters.ts';

/**
 * Two rows that cannot be brought into that order: the second belongs after the first, and ended
 * before the first was called. Undefined when there is none.
 */
export function disorder(
  columns: Columns,
  clusters: Clusters,
  order: Int32Array | readonly number[],
): readonly [number, number] | undefined {
  const { call, end } = columns;
  /** Row called last of all that came so far. */
  let last = NONE;
  let lastCall = -Infinity;
  for (let place = 0; place < order.length; place++) {
    const cluster = order[place]!;
    const writer = clusters.writer[cluster]!;
    if (writer !== NONE) {
      if (end[writer]! < lastCall) return [last, writer];
      if (call[writer]! > lastCall) {
        lastCall = call[writer]!;
        last = writer;
      }
    }
    const firstRead = clusters.firstRead[cluster]!;
    if (firstRead === NONE) continue;
    if (end[firstRead]! < lastCall) return [last, firstRead];
    const lastRead = clusters.lastRead[cluster]!;
    if (call[lastRead]! > lastCall) {
      lastCall = call[lastRead]!;
      last = lastRead;
    }
  }
  return undefined;
}

/** The same for the writes alone. */
export function disorderOfWrites(
  columns: Columns,
  clusters: Clusters,
  order: readonly number[],
): readonly [number, number] | undefined {
  const { call, end } = columns;
  let last = NONE;
  for (const cluster of order) {
    const writer = clusters.writer[cluster]!;
    if (writer === NONE) continue;
    if (last !== NONE && end[writer]! < call[last]!) return [last, writer];
    if (last === NONE || call[writer]! > call[last]!) last = writer;
  }
  return undefined;
}
