/** A running hash over everything that happens: equal fingerprints make equal runs. */

/**
 * One round of mixing a 32-bit value into a 32-bit hash: the body of MurmurHash3 (A. Appleby, public
 * domain). One-to-one in either argument, so a single difference is never lost later.
 */
export function mix(hash: number, value: number): number {
  let k = Math.imul(value | 0, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** Spreads every bit over all others: the finish of MurmurHash3. */
function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Signed 32-bit hash of a text by its UTF-16 units. */
export function hashString(text: string): number {
  let hash = text.length | 0;
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i));
  return finish(hash);
}

/** The two halves of the hash. */
export interface FingerprintState {
  readonly low: number;
  readonly high: number;
}

const TWO_32 = 4_294_967_296;
const LOW_INITIAL = 0x9e3779b9 | 0;
const HIGH_INITIAL = 0x243f6a88;

/** 64 bits in two halves: the low one sees time and digest, the high one the rest and the low. */
export class Fingerprint {
  private low = LOW_INITIAL;
  private high = HIGH_INITIAL;

  /** One event; `time` is an integer of microseconds up to 2^53, the rest are 32-bit integers. */
  add(time: number, kind: number, process: number, digest: number): void {
    // Seldom: the first hour of a run has no upper half.
    const timeHigh = time < TWO_32 ? 0 : Math.floor(time / TWO_32);
    this.low = mix(mix(this.low, time - timeHigh * TWO_32), digest);
    this.high = mix(mix(this.high, (kind << 16) ^ process ^ (timeHigh << 8)), this.low);
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    const high = finish(this.high ^ finish(this.low));
    return hexadecimal(high) + hexadecimal(finish(this.low ^ high));
  }

  save(): FingerprintState {
    return { low: this.low, high: this.high };
  }

  restore(state: FingerprintState): void {
    this.low = state.low;
    this.high = state.high;
  }
}

function hexadecimal(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
