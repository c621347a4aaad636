/**
 * The snapshot file (`hashicorp/serf:serf/snapshot.go`): who was alive, and the clocks, as lines that
 * are appended. What is kept here is what a replay of the lines gives, and the lines since the last
 * sync, which a loss of power takes away.
 */
import type { GossipPool } from '../gossip/pool.ts';
import type { SerfMachineConfig } from './state.ts';

export type SnapshotLine =
  | { readonly kind: 'alive' | 'not-alive'; readonly node: number }
  | { readonly kind: 'clock' | 'event-clock' | 'query-clock'; readonly time: number }
  | { readonly kind: 'leave' };

/** What a replay gives. Of a formed pool everybody was alive but for those in `special`. */
export interface SnapshotImage {
  readonly complete: boolean;
  readonly special: ReadonlyMap<number, boolean>;
  readonly clock: number;
  readonly eventClock: number;
  readonly queryClock: number;
  readonly bytes: number;
}

export interface SerfDurable extends SnapshotImage {
  complete: boolean;
  special: Map<number, boolean>;
  clock: number;
  eventClock: number;
  queryClock: number;
  /** Size of the file. */
  bytes: number;
  readonly rejoinsAfterLeave: boolean;
  /** As of the last sync. */
  synced: SnapshotImage;
}

/** Lines are appended; or the file is written anew, and synced, with what is `image`. */
export interface SnapshotWrite {
  readonly access?: 'buffered';
  readonly bytes: number;
  readonly lines: readonly SnapshotLine[];
  readonly image: SnapshotImage | null;
}

const EMPTY: SnapshotImage = {
  complete: false,
  special: new Map(),
  clock: 0,
  eventClock: 0,
  queryClock: 0,
  bytes: 0,
};

export function createSerfDurable({ pool, member, serf }: SerfMachineConfig): SerfDurable {
  const formed = pool.founders[pool.nodeOf[member]] === 1;
  const image: SnapshotImage = formed ? { ...EMPTY, complete: true, clock: 1 } : EMPTY;
  return {
    ...image,
    special: new Map(),
    rejoinsAfterLeave: serf.rejoinsAfterLeave,
    synced: image,
  };
}

export function imageOf(disk: SnapshotImage): SnapshotImage {
  const { complete, special, clock, eventClock, queryClock, bytes } = disk;
  return { complete, special: new Map(special), clock, eventClock, queryClock, bytes };
}

function reset(disk: SerfDurable, image: SnapshotImage): void {
  Object.assign(disk, imageOf(image));
}

/** One line of a replay. */
function replay(disk: SerfDurable, line: SnapshotLine): void {
  switch (line.kind) {
    case 'alive':
    case 'not-alive':
      disk.special.set(line.node, line.kind === 'alive');
      return;
    case 'clock':
      disk.clock = line.time;
      return;
    case 'event-clock':
      disk.eventClock = line.time;
      return;
    case 'query-clock':
      disk.queryClock = line.time;
      return;
    case 'leave':
      if (!disk.rejoinsAfterLeave) reset(disk, { ...EMPTY, bytes: disk.bytes });
  }
}

export function applySnapshotWrite(disk: SerfDurable, write: SnapshotWrite): void {
  if (write.image !== null) reset(disk, write.image);
  for (const line of write.lines) replay(disk, line);
  if (write.image === null) disk.bytes += write.bytes;
  if (write.access === undefined) disk.synced = imageOf(disk);
}

export function loseSnapshotPower(disk: SerfDurable): void {
  reset(disk, disk.synced);
}

export function saveSerfDurable(disk: SerfDurable): SerfDurable {
  return { ...disk, special: new Map(disk.special) };
}

/** Nodes that were alive when the snapshot was last written, by number. */
export function aliveNodes(disk: SnapshotImage, pool: GossipPool): number[] {
  const isAlive = (node: number): boolean =>
    disk.special.get(node) ?? (disk.complete && pool.founders[node] === 1);
  return Array.from(pool.founders.keys()).filter(isAlive);
}
