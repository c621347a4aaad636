/**
 * XXH64 of a text of ASCII letters, which rings, tables and subsets are made with. For what is made
 * once, not at every pick: 64-bit arithmetic is slow here.
 */

const MASK = (1n << 64n) - 1n;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

function rotate(x: bigint, bits: bigint): bigint {
  return ((x << bits) | (x >> (64n - bits))) & MASK;
}

function round(accumulator: bigint, lane: bigint): bigint {
  return (rotate((accumulator + lane * P2) & MASK, 31n) * P1) & MASK;
}

function merge(hash: bigint, accumulator: bigint): bigint {
  return ((hash ^ round(0n, accumulator)) * P1 + P4) & MASK;
}

/** Little-endian integer of `size` bytes. */
function read(text: string, at: number, size: number): bigint {
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(text.charCodeAt(at + i));
  return value;
}

export function xxh64(text: string, seed = 0n): bigint {
  let at = 0;
  let hash: bigint;
  if (text.length >= 32) {
    const lanes = [seed + P1 + P2, seed + P2, seed, seed - P1].map((lane) => lane & MASK);
    while (at + 32 <= text.length) {
      for (let lane = 0; lane < 4; lane++, at += 8) {
        lanes[lane] = round(lanes[lane], read(text, at, 8));
      }
    }
    const rotations = [1n, 7n, 12n, 18n];
    hash = 0n;
    for (let lane = 0; lane < 4; lane++) hash += rotate(lanes[lane], rotations[lane]);
    hash &= MASK;
    for (const lane of lanes) hash = merge(hash, lane);
  } else {
    hash = (seed + P5) & MASK;
  }
  hash = (hash + BigInt(text.length)) & MASK;
  for (; at + 8 <= text.length; at += 8) {
    hash = (rotate(hash ^ round(0n, read(text, at, 8)), 27n) * P1 + P4) & MASK;
  }
  if (at + 4 <= text.length) {
    hash = (rotate(hash ^ ((read(text, at, 4) * P1) & MASK), 23n) * P2 + P3) & MASK;
    at += 4;
  }
  for (; at < text.length; at++) {
    hash = (rotate(hash ^ ((BigInt(text.charCodeAt(at)) * P5) & MASK), 11n) * P1) & MASK;
  }
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return hash ^ (hash >> 32n);
}

/** The first 52 bits, as a number that compares like the whole hash. */
export function high52(hash: bigint): number {
  return Number(hash >> 12n);
}
