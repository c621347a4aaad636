/**
 * Writing the snapshot (`hashicorp/serf:serf/snapshot.go (stream, appendLine, compact)`). Lines wait in
 * the program until one comes more than half a second after the last flush; the clock is looked at
 * every half second. A file that has grown too large is written anew, and only then, and at a leave,
 * synced.
 *
 * Known deviations: the kernel never writes dirty pages back by itself, so that a loss of power takes
 * everything since the last sync; a snapshot is not flushed at the end of a program that left nobody.
 */
import type { Copies } from '../../core/copies.ts';
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../gossip/member.ts';
import { aliveNodes, imageOf } from './durable.ts';
import type { SerfDurable, SnapshotImage, SnapshotLine, SnapshotWrite } from './durable.ts';
import { serfOf } from './state.ts';
import { CLOCK_TICK, SNAPSHOT_LINES, SNAPSHOT_WRITTEN, SerfNote } from './vocabulary.ts';

export interface SnapshotWriter {
  /** What the file says once all lines are in it. */
  image: SnapshotImage;
  /** Nobody else has the map of the image, which may change in place. */
  ownsImage: boolean;
  /** Lines in the program's buffer, and their bytes. */
  buffer: SnapshotLine[];
  bufferedBytes: number;
  /** What is to be written, in order. */
  writes: SnapshotWrite[];
  flushedMicros: number;
  /** Nothing is recorded any more. */
  leaving: boolean;
  clockArmed: boolean;
}

const FLUSH_MICROS = 500_000;
const CLOCK_MICROS = 500_000;
/** `consul:agent/consul/config.go` leaves it at serf's 128 KiB. */
const SIZE_MIN = 128 * 1024;
const NODE_BYTES = 128;
/** `alive: name address` without the name, and `event-clock: n`. */
const ALIVE_BYTES = 26;
const CLOCK_BYTES = 12;
const LEAVE_BYTES = 6;

export function createWriter(disk: SerfDurable): SnapshotWriter {
  return {
    image: imageOf(disk),
    ownsImage: true,
    buffer: [],
    bufferedBytes: 0,
    writes: [],
    flushedMicros: -Infinity,
    leaving: false,
    clockArmed: false,
  };
}

/** Both share the image from then on, which is copied before it changes. */
export function copyWriter(writer: SnapshotWriter, { list }: Copies): SnapshotWriter {
  writer.ownsImage = false;
  return { ...writer, buffer: list(writer.buffer), writes: list(writer.writes) };
}

function bytesOf(member: Member, line: SnapshotLine): number {
  if (line.kind === 'leave') return LEAVE_BYTES;
  return 'node' in line ? ALIVE_BYTES + member.pool.nameBytes[line.node] : CLOCK_BYTES;
}

/** A member is alive, or no longer. */
export function recordMember(member: Member, node: number, alive: boolean, out: Outbox): void {
  append(member, { kind: alive ? 'alive' : 'not-alive', node }, out);
  recordClock(member, out);
}

/** The member clock, less one: nobody has used its time yet. */
function recordClock(member: Member, out: Outbox): void {
  const { clock, snapshot } = serfOf(member);
  if (clock - 1 > snapshot.image.clock) append(member, { kind: 'clock', time: clock - 1 }, out);
}

export function recordEvent(member: Member, time: number, out: Outbox): void {
  const { image } = serfOf(member).snapshot;
  if (time > image.eventClock) append(member, { kind: 'event-clock', time }, out);
}

export function recordQuery(member: Member, time: number, out: Outbox): void {
  const { image } = serfOf(member).snapshot;
  if (time > image.queryClock) append(member, { kind: 'query-clock', time }, out);
}

function append(member: Member, line: SnapshotLine, out: Outbox): void {
  const { snapshot: writer, config } = serfOf(member);
  if (!config.hasSnapshot || writer.leaving) return;
  const bytes = bytesOf(member, line);
  writer.buffer.push(line);
  writer.bufferedBytes += bytes;
  if (!writer.ownsImage && 'node' in line) {
    writer.image = imageOf(writer.image);
    writer.ownsImage = true;
  }
  writer.image = after(writer.image, line, bytes);
  const now = out.now();
  if (now - writer.flushedMicros > FLUSH_MICROS) {
    writer.flushedMicros = now;
    flush(writer, { access: 'buffered' });
    out.post(SNAPSHOT_LINES, 0, 0, null);
  }
  maybeCompact(member, out);
}

/** The map of nodes changes in place: each member has a line for each that fails. */
function after(image: SnapshotImage, line: SnapshotLine, added: number): SnapshotImage {
  const bytes = image.bytes + added;
  switch (line.kind) {
    case 'alive':
    case 'not-alive': {
      (image.special as Map<number, boolean>).set(line.node, line.kind === 'alive');
      return { ...image, bytes };
    }
    case 'clock':
      return { ...image, clock: line.time, bytes };
    case 'event-clock':
      return { ...image, eventClock: line.time, bytes };
    case 'query-clock':
      return { ...image, queryClock: line.time, bytes };
    case 'leave':
      return { ...image, bytes };
  }
}

function flush(writer: SnapshotWriter, how: { readonly access?: 'buffered' }): void {
  const { buffer: lines, bufferedBytes: bytes } = writer;
  writer.writes.push({ ...how, bytes, lines, image: null });
  writer.buffer = [];
  writer.bufferedBytes = 0;
}

function maybeCompact(member: Member, out: Outbox): void {
  const { pool } = member;
  const { snapshot: writer } = serfOf(member);
  const { image } = writer;
  if (image.bytes <= SIZE_MIN) return;
  const alive = aliveNodes(image, pool);
  if (image.bytes <= 2 * NODE_BYTES * alive.length) return;
  const bytes = alive.reduce((sum, node) => sum + ALIVE_BYTES + pool.nameBytes[node], 0);
  out.note(SerfNote.compacted, image.bytes, 0, 0);
  writer.image = { ...image, bytes: bytes + 3 * CLOCK_BYTES };
  writer.buffer = [];
  writer.bufferedBytes = 0;
  writer.flushedMicros = out.now();
  writer.writes.push({ bytes: writer.image.bytes, lines: [], image: writer.image });
  writer.ownsImage = false;
  out.post(SNAPSHOT_LINES, 0, 0, null);
}

/** The last line of all, and the only one that is synced. */
export function recordLeave(member: Member, out: Outbox): void {
  const { snapshot: writer, config } = serfOf(member);
  if (!config.hasSnapshot || writer.leaving) return;
  writer.leaving = true;
  writer.buffer.push({ kind: 'leave' });
  writer.bufferedBytes += LEAVE_BYTES;
  flush(writer, {});
  out.post(SNAPSHOT_LINES, 0, 0, null);
}

/** One lane writes, one write after the other. */
export function writeSnapshot(member: Member, out: Outbox): void {
  const { writes } = serfOf(member).snapshot;
  if (writes.length === 0) return;
  out.write(writes.splice(0), SNAPSHOT_WRITTEN, 0);
}

/** The clock has moved without a member event: a tick that finds nothing to write is not simulated. */
export function armClock(member: Member, out: Outbox): void {
  const { snapshot: writer, config, clock, reapPhaseMicros } = serfOf(member);
  if (!config.hasSnapshot || writer.leaving || writer.clockArmed) return;
  if (clock - 1 <= writer.image.clock) return;
  writer.clockArmed = true;
  const since = out.now() - reapPhaseMicros;
  out.timer(CLOCK_TICK, 0, CLOCK_MICROS - (since % CLOCK_MICROS));
}

export function onClockTick(member: Member, out: Outbox): void {
  serfOf(member).snapshot.clockArmed = false;
  recordClock(member, out);
}
