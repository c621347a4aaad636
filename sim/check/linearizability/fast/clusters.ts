/**
 * Clusters: a write together with the reads that certainly saw it. Cluster 0 is the initial value.
 * Reads whose write is ambiguous belong to no cluster; they float, and are placed last.
 */
import type { Columns } from './columns.ts';
import { INITIAL_VALUE } from './columns.ts';
import { ROW } from './row.ts';

export const NONE = -1;

export interface Clusters {
  readonly count: number;
  /** Row of the write; NONE for the initial value. */
  readonly writer: Int32Array;
  readonly value: Int32Array;
  /** Raft index of the write; 0 where it is not known. */
  readonly version: Float64Array;
  /** 1 when the write certainly took effect. */
  readonly certain: Uint8Array;
  /** Row of the read called last, and of the one that ended first; NONE without reads. */
  readonly lastRead: Int32Array;
  readonly firstRead: Int32Array;
  /** Clusters by value, as chains through `nextOfValue`. */
  readonly firstOfValue: Int32Array;
  readonly nextOfValue: Int32Array;
  /** Rows of reads without a cluster. */
  readonly floating: number[];
  /** Some write of unknown outcome was left out because nothing shows that it happened. */
  leftOut: boolean;
  /** Some read's write is known by its index only; several had the value. */
  usedIndex: boolean;
}

export interface ClusterProblem {
  /** Undefined: this cannot be judged here. */
  readonly reason: string | undefined;
  readonly rows: readonly number[];
}

const REFUSED: ClusterProblem = { reason: undefined, rows: [] };

/**
 * Builds the clusters and gives each read to one.
 * @param byIndex a version belongs to one write, and a read's version tells which
 */
export function clustersOf(columns: Columns, byIndex: boolean): Clusters | ClusterProblem {
  const clusters = createClusters(columns);
  const byVersion = new Map<number, number>();
  for (let cluster = 1; cluster < clusters.count; cluster++) {
    const version = clusters.version[cluster]!;
    if (version === 0) continue;
    if (byVersion.has(version)) return REFUSED;
    byVersion.set(version, cluster);
  }
  const { count, kind, version } = columns;
  // Reads that carry an index come first: they tell which write of several has it.
  for (let row = 0; row < count; row++) {
    if (kind[row] !== ROW.read || version[row] === 0) continue;
    const problem = giveByVersion(columns, clusters, byVersion, row, byIndex);
    if (problem !== undefined) return problem;
  }
  for (let row = 0; row < count; row++) {
    if (kind[row] !== ROW.read || version[row] !== 0) continue;
    const problem = giveByValue(columns, clusters, row);
    if (problem !== undefined) return problem;
  }
  return clusters;
}

function createClusters(columns: Columns): Clusters {
  const { count, kind, value, version, lost, values } = columns;
  let writes = 1;
  for (let row = 0; row < count; row++) if (isWrite(kind[row]!)) writes++;
  const clusters: Clusters = {
    count: writes,
    writer: new Int32Array(writes).fill(NONE),
    value: new Int32Array(writes),
    version: new Float64Array(writes),
    certain: new Uint8Array(writes),
    lastRead: new Int32Array(writes).fill(NONE),
    firstRead: new Int32Array(writes).fill(NONE),
    firstOfValue: new Int32Array(values.length).fill(NONE),
    nextOfValue: new Int32Array(writes).fill(NONE),
    floating: [],
    leftOut: false,
    usedIndex: false,
  };
  clusters.certain[0] = 1;
  clusters.firstOfValue[INITIAL_VALUE] = 0;
  let cluster = 1;
  for (let row = 0; row < count; row++) {
    if (!isWrite(kind[row]!)) continue;
    clusters.writer[cluster] = row;
    clusters.value[cluster] = value[row]!;
    clusters.version[cluster] = version[row]!;
    clusters.certain[cluster] = 1 - lost[row]!;
    clusters.nextOfValue[cluster] = clusters.firstOfValue[value[row]!]!;
    clusters.firstOfValue[value[row]!] = cluster;
    cluster++;
  }
  return clusters;
}

export function isWrite(kind: number): boolean {
  return kind === ROW.write || kind === ROW.cas || kind === ROW.casVersion;
}

function giveByVersion(
  columns: Columns,
  clusters: Clusters,
  byVersion: Map<number, number>,
  row: number,
  byIndex: boolean,
): ClusterProblem | undefined {
  const { value, version } = columns;
  const seen = value[row]!;
  let cluster = byVersion.get(version[row]!);
  if (cluster === undefined) {
    cluster = onlyCandidate(clusters, seen, (other) => clusters.version[other] === 0 && other > 0);
    if (cluster === undefined) return REFUSED;
    if (cluster === NONE) return byIndex ? neverWritten(columns, row) : REFUSED;
    byVersion.set(version[row]!, cluster);
    clusters.version[cluster] = version[row]!;
  }
  if (clusters.value[cluster] !== seen) {
    if (!byIndex) return REFUSED;
    const reason = `a read at index ${version[row]} saw another value than the write of that index`;
    return { reason, rows: [row, clusters.writer[cluster]!] };
  }
  clusters.usedIndex ||= clusterOfValue(clusters, seen) === undefined;
  addRead(columns, clusters, cluster, row);
  return undefined;
}

function giveByValue(
  columns: Columns,
  clusters: Clusters,
  row: number,
): ClusterProblem | undefined {
  const cluster = onlyCandidate(clusters, columns.value[row]!, () => true);
  if (cluster === NONE) return neverWritten(columns, row);
  if (cluster === undefined) clusters.floating.push(row);
  else addRead(columns, clusters, cluster, row);
  return undefined;
}

/** The one cluster of that value that fits; NONE for none, undefined for several. */
function onlyCandidate(
  clusters: Clusters,
  value: number,
  fits: (cluster: number) => boolean,
): number | undefined {
  let found = NONE;
  let cluster = clusters.firstOfValue[value]!;
  for (; cluster !== NONE; cluster = clusters.nextOfValue[cluster]!) {
    if (!fits(cluster)) continue;
    if (found !== NONE) return undefined;
    found = cluster;
  }
  return found;
}

function neverWritten({ values, value }: Columns, row: number): ClusterProblem {
  const seen = JSON.stringify(values[value[row]!]);
  return { reason: `a read saw ${seen}, which nobody had written`, rows: [row] };
}

function addRead(columns: Columns, clusters: Clusters, cluster: number, row: number): void {
  const { call, end } = columns;
  clusters.certain[cluster] = 1;
  const last = clusters.lastRead[cluster]!;
  if (last === NONE || call[row]! > call[last]!) clusters.lastRead[cluster] = row;
  const first = clusters.firstRead[cluster]!;
  if (first === NONE || end[row]! < end[first]!) clusters.firstRead[cluster] = row;
}

/** The only cluster of a value, for the condition of a compare-and-set. */
export function clusterOfValue(clusters: Clusters, value: number): number | undefined {
  return onlyCandidate(clusters, value, () => true);
}
