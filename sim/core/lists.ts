import { fail } from './assert.ts';

// 8 192 + 2 048 + 256 buckets of the wheels, the far list, the list of urgent events. A constant
// that is exported is read through a cell and never folded into the code, which costs a tenth of
// the speed here: hence the second name, and a local copy in every file that uses it.
const BUCKETS = 10498;

/** Nodes below this number are buckets; the event in slot `s` is the node `BUCKET_COUNT + s`. */
export const BUCKET_COUNT = BUCKETS;

/**
 * Doubly linked lists of event slots, one for each bucket, and a bitmap of the buckets in use.
 *
 * The lists are circular and a bucket is the sentinel of its own, so unlinking needs no branch and
 * no knowledge of the bucket: a node whose two neighbours are the same was alone, and then that
 * neighbour is the bucket.
 */
export class BucketLists {
  /**
   * Two words a node: next, previous. The next of a slot that is in no list is negative; what it
   * says then is up to the owner of the free slots. Replaced by `growLists`.
   */
  protected links: Int32Array;
  /** Bit `b` is set while bucket `b` holds something: 328 words, and one for the last lists. */
  protected readonly occupied = new Int32Array(329);
  /** Bit `w` is set while word `w` of `occupied` is not zero: 0..7 bottom, 8 and 9 middle, 10. */
  protected readonly summary = new Int32Array(11);

  constructor(capacity: number) {
    this.links = new Int32Array(2 * (BUCKETS + capacity)).fill(-1);
    this.emptyBuckets();
  }

  /** Takes the event in `slot` out of its list. Asserts that it is in one. */
  protected unlink(slot: number): void {
    const links = this.links;
    const node = BUCKETS + slot;
    const next = links[node << 1];
    if (slot < 0 || !(next >= 0)) fail(`slot ${slot} holds no pending event`);
    const previous = links[(node << 1) | 1];
    links[previous << 1] = next;
    links[(next << 1) | 1] = previous;
    if (next === previous) this.vacate(next);
  }

  /** Makes `node` the last of `bucket`. */
  protected append(node: number, bucket: number): void {
    const links = this.links;
    const tail = links[(bucket << 1) | 1];
    links[node << 1] = bucket;
    links[(node << 1) | 1] = tail;
    links[tail << 1] = node;
    links[(bucket << 1) | 1] = node;
    if (tail === bucket) this.occupy(bucket);
  }

  /** First occupied bucket from the words' group `group` on, or -1. */
  protected lowestBucket(group: number): number {
    for (let at = group; at < 11; at++) {
      const words = this.summary[at];
      if (words === 0) continue;
      const word = (at << 5) | (31 - Math.clz32(words & -words));
      const bits = this.occupied[word];
      return (word << 5) | (31 - Math.clz32(bits & -bits));
    }
    return -1;
  }

  /** Notes that `bucket` is no longer empty. */
  protected occupy(bucket: number): void {
    const word = bucket >>> 5;
    const bits = this.occupied[word];
    this.occupied[word] = bits | (1 << bucket);
    if (bits === 0) this.summary[word >>> 5] |= 1 << word;
  }

  /** Notes that `bucket` is empty. */
  protected vacate(bucket: number): void {
    const word = bucket >>> 5;
    const bits = this.occupied[word] & ~(1 << bucket);
    this.occupied[word] = bits;
    if (bits === 0) this.summary[word >>> 5] &= ~(1 << word);
  }

  /** Detaches the whole list of `bucket`: its first node. The last one's next is still `bucket`. */
  protected detach(bucket: number): number {
    const first = this.links[bucket << 1];
    this.links[bucket << 1] = bucket;
    this.links[(bucket << 1) | 1] = bucket;
    this.vacate(bucket);
    return first;
  }

  /** Room for `capacity` slots; the lists stay. */
  protected growLists(capacity: number): void {
    const links = new Int32Array(2 * (BUCKETS + capacity)).fill(-1);
    links.set(this.links);
    this.links = links;
  }

  /** Links of the slots 0..`used`-1: all that is needed to rebuild every list. */
  protected saveLists(used: number): Int32Array {
    return this.links.slice(2 * BUCKETS, 2 * (BUCKETS + used));
  }

  /** Rebuilds the lists that `saveLists` saw: the two ends of each name their bucket. */
  protected restoreLists(saved: Int32Array): void {
    const { links } = this;
    links.fill(-1);
    links.set(saved, 2 * BUCKETS);
    this.occupied.fill(0);
    this.summary.fill(0);
    this.emptyBuckets();
    for (let node = BUCKETS; node < BUCKETS + saved.length / 2; node++) {
      const next = links[2 * node];
      if (next < 0) continue;
      if (next < BUCKETS) links[2 * next + 1] = node;
      const previous = links[2 * node + 1];
      if (previous >= BUCKETS) continue;
      links[2 * previous] = node;
      this.occupy(previous);
    }
  }

  private emptyBuckets(): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.links[2 * bucket] = bucket;
      this.links[2 * bucket + 1] = bucket;
    }
  }
}
