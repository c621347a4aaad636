/**
 * Bytes of memberlist's messages as msgpack encodes them (`hashicorp/memberlist:net.go`), computed
 * from the layouts: IPv4, names below 32 bytes, sequence numbers below 65 536, no compression.
 */
import { Type } from './messages.ts';

export const COMPOUND_HEADER_BYTES = 2;
/** Of each part of a compound message: its length. */
export const COMPOUND_PART_BYTES = 2;
/** On what is sent with the receiver's record at hand: gossip ticks and buddy messages. */
export const CRC_BYTES = 5;
/** AES-GCM, version 1: version, nonce and tag. */
export const ENCRYPTION_BYTES = 29;
export const COMPOUND_PARTS_MAX = 255;
/** No queued message is shorter. */
export const BROADCAST_BYTES_MIN = 29;

export function pingBytes(targetName: number, sourceName: number): number {
  return 59 + targetName + sourceName;
}

export function pingRequestBytes(targetName: number, sourceName: number): number {
  return 85 + targetName + sourceName;
}

export function ackBytes(payload: number): number {
  return 20 + payload;
}

/** A coordinate of eight dimensions in an ack, with the byte of its version. */
export const COORDINATE_BYTES = 132;

export const NACK_BYTES = 11;

export function accusationBytes(node: number, accuser: number): number {
  return 27 + node + accuser;
}

export function aliveBytes(node: number, meta: number): number {
  return 58 + node + meta;
}

/** One node in a push/pull. */
export function recordBytes(node: number, meta: number): number {
  return 64 + node + meta;
}

export const PUSH_PULL_HEADER_BYTES = 31;

/** Bytes of one broadcast; `names` by node, `metas` by node. */
export function broadcastBytes(
  type: Type,
  node: number,
  from: number,
  names: Uint8Array,
  metas: Uint16Array,
): number {
  return type === Type.suspect || type === Type.dead
    ? accusationBytes(names[node], names[from])
    : aliveBytes(names[node], metas[node]);
}
