/**
 * Takes the order of the writes from their Raft indexes. Applies when every write that took effect
 * has one; then the order is given, and only has to be compared with real time.
 */
import type { Columns } from './columns.ts';
import type { ClusterProblem, Clusters } from './clusters.ts';
import { NONE } from './clusters.ts';
import { disorder, disorderOfWrites } from './order.ts';
import { ROW } from './row.ts';
import { contradictory } from './zones.ts';

const REFUSED: ClusterProblem = { reason: undefined, rows: [] };

/** True when the indexes order everything that certainly happened. */
export function hasVersions(clusters: Clusters): boolean {
  for (let cluster = 1; cluster < clusters.count; cluster++) {
    if (clusters.certain[cluster] === 1 && clusters.version[cluster] === 0) return false;
  }
  return clusters.count > 1;
}

/** Clusters in order of their indexes, or why that cannot be the order. */
export function orderByVersions(columns: Columns, clusters: Clusters): number[] | ClusterProblem {
  const order: number[] = [0];
  for (let cluster = 1; cluster < clusters.count; cluster++) {
    if (clusters.certain[cluster] === 1) order.push(cluster);
  }
  const { version } = clusters;
  order.sort((left, right) => version[left]! - version[right]! || left - right);
  const writes = disorderOfWrites(columns, clusters, order);
  if (writes !== undefined) return contradictory(columns, writes);
  const kept = withoutRepeats(columns, clusters, order);
  if (kept === undefined) return REFUSED;
  for (let place = 1; place < kept.length; place++) {
    const row = clusters.writer[kept[place]!]!;
    if (columns.kind[row] === ROW.write) continue;
    if (conditionHeld(columns, clusters, row, kept[place - 1]!)) continue;
    // A write without an answer may have come between.
    if (clusters.leftOut) return REFUSED;
    const before = clusters.writer[kept[place - 1]!]!;
    const reason = 'a condition held although another write had come before';
    return { reason, rows: before === NONE ? [row] : [before, row] };
  }
  const pair = disorder(columns, clusters, kept);
  return pair === undefined ? kept : contradictory(columns, pair);
}

function conditionHeld(columns: Columns, clusters: Clusters, row: number, before: number): boolean {
  if (columns.kind[row] === ROW.cas) return columns.from[row] === clusters.value[before];
  const expected = columns.fromVersion[row]!;
  const absent = clusters.value[before] === columns.nilValue;
  // A deletion has an index, but what is absent matches none.
  return expected === 0 ? absent : !absent && clusters.version[before] === expected;
}

/**
 * Writing what is there already is no write in Consul and keeps the older index. Such a write only
 * saw the value: it is turned into a read of the cluster before it. Undefined when somebody read
 * its own index after all.
 */
function withoutRepeats(
  columns: Columns,
  clusters: Clusters,
  order: readonly number[],
): number[] | undefined {
  const kept: number[] = [];
  const { call, end } = columns;
  for (const cluster of order) {
    const before = kept.at(-1);
    if (before === undefined || clusters.value[before] !== clusters.value[cluster]) {
      kept.push(cluster);
      continue;
    }
    const writer = clusters.writer[cluster]!;
    if (columns.kind[writer] !== ROW.write || clusters.firstRead[cluster] !== NONE) {
      return undefined;
    }
    const last = clusters.lastRead[before]!;
    if (last === NONE || call[writer]! > call[last]!) clusters.lastRead[before] = writer;
    const first = clusters.firstRead[before]!;
    if (first === NONE || end[writer]! < end[first]!) clusters.firstRead[before] = writer;
  }
  return kept;
}
