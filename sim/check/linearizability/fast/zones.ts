/**
 * Finds an order of clusters from real time alone (Gibbons and Korach 1997, extended by
 * compare-and-set: it follows the write it replaced at once, so that their clusters form a chain,
 * and chains are ordered as wholes).
 *
 * A chain has a zone from its first end to its last call. One must come before another when it has
 * an end before the other's last call; an order exists exactly when no two chains must come
 * before each other, for in any longer cycle the chain whose first end is earliest is in such a
 * pair with the one before it. The sum of the two bounds then sorts them.
 */
import type { Columns } from './columns.ts';
import type { ClusterProblem, Clusters } from './clusters.ts';
import { clusterOfValue, NONE } from './clusters.ts';
import { disorder } from './order.ts';
import { ROW } from './row.ts';

interface Chain {
  readonly clusters: number[];
  /** Row that ended first, and row called last. */
  firstEnd: number;
  lastCall: number;
  /** Positions of the two. */
  end: number;
  call: number;
}

/** Clusters in order, or why there is none. */
export function orderByZones(columns: Columns, clusters: Clusters): number[] | ClusterProblem {
  const follower = new Int32Array(clusters.count).fill(NONE);
  const follows = new Int32Array(clusters.count).fill(NONE);
  const problem = linkConditions(columns, clusters, follower, follows);
  if (problem !== undefined) return problem;
  const chains: Chain[] = [];
  let placed = 0;
  for (let cluster = 0; cluster < clusters.count; cluster++) {
    if (clusters.certain[cluster] === 0 || follows[cluster] !== NONE) continue;
    const chain = chainFrom(columns, clusters, follower, cluster);
    placed += chain.clusters.length;
    if (chain.clusters.length > 0) {
      const pair = disorder(columns, clusters, chain.clusters);
      if (pair !== undefined) return contradictory(columns, pair);
    }
    chains.push(chain);
  }
  let certain = 0;
  for (let cluster = 0; cluster < clusters.count; cluster++) certain += clusters.certain[cluster]!;
  if (placed < certain) return { reason: 'values were each made from the other', rows: [] };
  const conflict = conflictAmong(chains);
  if (conflict !== undefined) {
    const reason = 'two values were each seen before the other was last current';
    return { reason, rows: conflict };
  }
  chains.sort((left, right) => left.end + left.call - (right.end + right.call) || tie(left, right));
  return chains.flatMap((chain) => chain.clusters);
}

function tie(left: Chain, right: Chain): number {
  return left.clusters[0]! - right.clusters[0]!;
}

/** Says which of two rows ended too early. */
export function contradictory(
  columns: Columns,
  [earlier, later]: readonly [number, number],
): ClusterProblem {
  const { kind } = columns;
  const what = kind[later] === ROW.read ? 'a read' : 'a write';
  const other = kind[earlier] === ROW.read ? 'a read of an older value' : 'an older write';
  return {
    reason: `${what} ended before ${other} was called`,
    rows: [earlier, later],
  };
}

/** Finds for each compare-and-set the cluster it replaced. */
function linkConditions(
  columns: Columns,
  clusters: Clusters,
  follower: Int32Array,
  follows: Int32Array,
): ClusterProblem | undefined {
  const byVersion = new Map<number, number>();
  const waiting: number[] = [];
  for (let cluster = 1; cluster < clusters.count; cluster++) {
    if (clusters.certain[cluster] === 1) waiting.push(cluster);
    if (clusters.version[cluster]! > 0) byVersion.set(clusters.version[cluster]!, cluster);
  }
  for (let cluster = waiting.pop(); cluster !== undefined; cluster = waiting.pop()) {
    const row = clusters.writer[cluster]!;
    if (columns.kind[row] === ROW.write) continue;
    const replaced = replacedBy(columns, clusters, row, byVersion);
    if (replaced === undefined) return { reason: undefined, rows: [] };
    if (replaced === NONE) {
      return { reason: 'a condition held on a value that nobody had written', rows: [row] };
    }
    if (follower[replaced] !== NONE) {
      const other = clusters.writer[follower[replaced]!]!;
      return { reason: 'two conditional writes replaced the same write', rows: [other, row] };
    }
    follower[replaced] = cluster;
    follows[cluster] = replaced;
    // That its value was found there is proof enough that it happened.
    if (clusters.certain[replaced] === 0) waiting.push(replaced);
    clusters.certain[replaced] = 1;
  }
  return undefined;
}

/** NONE when it was never written, undefined when it is ambiguous. */
function replacedBy(
  columns: Columns,
  clusters: Clusters,
  row: number,
  byVersion: ReadonlyMap<number, number>,
): number | undefined {
  if (columns.kind[row] === ROW.cas) return clusterOfValue(clusters, columns.from[row]!);
  const expected = columns.fromVersion[row]!;
  if (expected === 0) {
    return columns.nilValue < 0 ? undefined : clusterOfValue(clusters, columns.nilValue);
  }
  const found = byVersion.get(expected);
  if (found === undefined || clusters.value[found] === columns.nilValue) return undefined;
  // Writing the same value again keeps the index, so that more may lie between the two.
  return clusterOfValue(clusters, clusters.value[found]!);
}

function chainFrom(
  columns: Columns,
  clusters: Clusters,
  follower: Int32Array,
  first: number,
): Chain {
  const { call, end } = columns;
  const chain: Chain = { clusters: [], firstEnd: NONE, lastCall: NONE, end: Infinity, call: -1 };
  const widen = (row: number): void => {
    if (end[row]! < chain.end) {
      chain.end = end[row]!;
      chain.firstEnd = row;
    }
    if (call[row]! > chain.call) {
      chain.call = call[row]!;
      chain.lastCall = row;
    }
  };
  for (let cluster = first; cluster !== NONE; cluster = follower[cluster]!) {
    chain.clusters.push(cluster);
    if (clusters.writer[cluster] !== NONE) widen(clusters.writer[cluster]!);
    // The initial value was there before everything else.
    else chain.end = -Infinity;
    if (clusters.lastRead[cluster] === NONE) continue;
    widen(clusters.lastRead[cluster]!);
    widen(clusters.firstRead[cluster]!);
  }
  return chain;
}

/** Rows that show two chains which must each come before the other. */
function conflictAmong(chains: readonly Chain[]): number[] | undefined {
  const byEnd = chains.toSorted((left, right) => left.end - right.end || tie(left, right));
  // Of the chains that ended first, the two called last: one of them is not the chain itself.
  let best: Chain | undefined;
  let second: Chain | undefined;
  let next = 0;
  const byCall = chains.toSorted((left, right) => left.call - right.call || tie(left, right));
  for (const chain of byCall) {
    while (next < byEnd.length && byEnd[next]!.end < chain.call) {
      const candidate = byEnd[next++]!;
      if (best === undefined || candidate.call > best.call) {
        second = best;
        best = candidate;
      } else if (second === undefined || candidate.call > second.call) {
        second = candidate;
      }
    }
    const other = best === chain ? second : best;
    if (other === undefined || other.call <= chain.end) continue;
    const rows = [other.firstEnd, other.lastCall, chain.firstEnd, chain.lastCall];
    return rows.filter((row) => row !== NONE);
  }
  return undefined;
}
