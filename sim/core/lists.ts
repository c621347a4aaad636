// 8 192 + 2 048 + 256 buckets of the wheels, the far list, the list of urgent events; then the
// slots. A constant that is exported is read through a cell and never folded into the code, which
// costs a tenth of the speed here: hence every file that uses these two has a copy.
const BUCKETS = 10498;
const SLOTS = 2 * BUCKETS;

/**
 * Doubly linked lists of event slots, one for each bucket, and a bitmap of the buckets in use.
 *
 * Buckets and slots are nodes: bucket `b` is the node `2 * b`, slot `s` the node
 * `SLOTS + 2 * s`, and there the array of links holds the next and the previous node. The
 * lists are circular and a bucket is the sentinel of its own, so unlinking needs no branch and no
 * knowledge of the bucket: a node whose two neighbours are the same was alone, and then that
 * neighbour is the bucket.
 */
export class BucketLists {
  /**
   * The next of a slot that is in no list is negative; what it says then is up to the owner of the
   * free slots. Replaced by `growLists`.
   */
  protected links: Int32Array;
  /** Bit `b` is set while bucket `b` holds something: 328 words, and one for the last lists. */
  protected readonly occupied = new Int32Array(329);
  /** Bit `w` is set while word `w` of `occupied` is not zero: 0..7 bottom, 8 and 9 middle, 10. */
  protected readonly summary = new Int32Array(11);

  constructor(capacity: number) {
    this.links = new Int32Array(SLOTS + 2 * capacity).fill(-1);
    this.emptyBuckets();
  }

  /** Takes `node` out of its list. */
  protected unlink(node: number): void {
    const links = this.links;
    const next = links[node];
    const previous = links[node | 1];
    links[previous] = next;
    links[next | 1] = previous;
    if (next === previous) this.vacate(next >> 1);
  }

  /** Makes `node` the last of `bucket`. */
  protected append(node: number, bucket: number): void {
    const links = this.links;
    const head = bucket << 1;
    const tail = links[head | 1];
    links[node] = head;
    links[node | 1] = tail;
    links[tail] = node;
    links[head | 1] = node;
    if (tail === head) this.occupy(bucket);
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

  /** Notes that `bucket` is not empty. Asking first whether it is known costs more than writing. */
  protected occupy(bucket: number): void {
    const word = bucket >>> 5;
    this.occupied[word] |= 1 << bucket;
    this.summary[word >>> 5] |= 1 << word;
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
    const head = bucket << 1;
    const first = this.links[head];
    this.links[head] = head;
    this.links[head | 1] = head;
    this.vacate(bucket);
    return first;
  }

  /** Room for `capacity` slots; the lists stay. */
  protected growLists(capacity: number): void {
    const links = new Int32Array(SLOTS + 2 * capacity).fill(-1, this.links.length);
    links.set(this.links);
    this.links = links;
  }

  /** Links of the slots 0..`used`-1: all that is needed to rebuild every list. */
  protected saveLists(used: number): Int32Array {
    return this.links.slice(SLOTS, SLOTS + 2 * used);
  }

  /** Rebuilds the lists that `saveLists` saw: the two ends of each name their bucket. */
  protected restoreLists(saved: Int32Array): void {
    const { links } = this;
    links.fill(-1);
    links.set(saved, SLOTS);
    this.occupied.fill(0);
    this.summary.fill(0);
    this.emptyBuckets();
    for (let node = SLOTS; node < SLOTS + saved.length; node += 2) {
      const next = links[node];
      if (next < 0) continue;
      if (next < SLOTS) links[next | 1] = node;
      const previous = links[node | 1];
      if (previous >= SLOTS) continue;
      links[previous] = node;
      this.occupy(previous >> 1);
    }
  }

  private emptyBuckets(): void {
    for (let head = 0; head < SLOTS; head += 2) {
      this.links[head] = head;
      this.links[head | 1] = head;
    }
  }
}
