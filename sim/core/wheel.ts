import { fail } from './assert.ts';

/*
 * Where pending events wait. Three wheels of 8 192 x 1 us, 512 x 8 192 us and 256 x 4.2 s, then a
 * list for what is more than 18 minutes away. The windows are aligned, not rolling: a wheel holds
 * exactly the times that share the upper bits of the clock, so an event can only enter a bucket
 * after everything that was already waiting for that instant has been poured into it. Hence a
 * bucket of the bottom wheel is one instant and its list is in order of insertion, and nothing is
 * ever compared.
 *
 * Buckets and events are nodes of circular lists in one array (next, previous): a bucket is the
 * sentinel of its own list, so unlinking needs no branch and no knowledge of the bucket, except
 * that a node whose two neighbours are the same was alone, and that neighbour is the bucket.
 */
const BOTTOM_SLOTS = 8192;
const MIDDLE_SPAN = 2 ** 22;
const TOP_SPAN = 2 ** 30;
const MIDDLE = 8192;
const TOP = 8704;
const FAR = 8960;
const URGENT = 8961;

/** Nodes below this number are buckets; the event in slot `s` is node `BUCKETS + s`. */
export const BUCKETS = 8962;

/** Previous link of a node that is in no list. */
export const UNLINKED = -1;

/** The scalars of a wheel; everything else follows from the links of its events. */
export interface WheelState {
  readonly floor: number;
  readonly bases: readonly [number, number, number];
}

/** The timing wheels. Knows nodes and times; what an event is belongs to `EventQueue`. */
export class Wheel {
  /** Two words a node: next, previous. Replaced when it grows. */
  links: Int32Array;
  /**
   * Time of each slot in microseconds; urgent events hold -1 - time, which says so without a
   * column of its own. Replaced when it grows.
   */
  time: Float64Array;
  /** No event may be placed before this. */
  floor = 0;

  // One bit a bucket, then one bit a word of those: 0..7 bottom, 8 middle (16), top (8), far.
  readonly #occupied = new Int32Array(281);
  readonly #summary = new Int32Array(9);
  // Start of the window that each wheel covers now.
  #bottomBase = 0;
  #middleBase = 0;
  #topBase = 0;
  // A lower bound of the times in the far list, and the time of the first urgent event.
  #farBound = Infinity;
  #urgentTime = Infinity;
  // Word of the bottom wheel below which all are empty.
  #word = 0;

  constructor(capacity: number) {
    this.links = new Int32Array(2 * (BUCKETS + capacity)).fill(UNLINKED);
    this.time = new Float64Array(capacity);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.links[2 * bucket] = bucket;
      this.links[2 * bucket + 1] = bucket;
    }
  }

  /** Appends the event in `slot` to the events of the microsecond `time`. */
  place(slot: number, time: number): void {
    if (!(time >= this.floor)) fail(`an event at ${time} lies before ${this.floor}`);
    let bucket: number;
    let offset = time - this.#bottomBase;
    if (offset < BOTTOM_SLOTS) {
      bucket = offset | 0;
      if (bucket !== offset) fail(`the time ${time} is not a whole microsecond`);
    } else {
      if (Math.floor(time) !== time) fail(`the time ${time} is not a whole microsecond`);
      offset = time - this.#middleBase;
      if (offset < MIDDLE_SPAN) bucket = MIDDLE + (offset >>> 13);
      else bucket = this.#distantBucket(time);
    }
    this.time[slot] = time;
    this.#append(BUCKETS + slot, bucket);
  }

  /** Places the event in `slot` before all ordinary events of `time`, after earlier urgent ones. */
  placeUrgent(slot: number, time: number): void {
    if (!(time >= this.floor && time <= Number.MAX_SAFE_INTEGER) || Math.floor(time) !== time) {
      fail(`an urgent event at ${time} is not a whole microsecond from ${this.floor} on`);
    }
    const { links } = this;
    const stamp = -1 - time;
    this.time[slot] = stamp;
    // Urgent events are few and mostly arrive in order of time: one sorted list, from its tail.
    let before = links[2 * URGENT + 1];
    while (before !== URGENT && this.time[before - BUCKETS] < stamp) before = links[2 * before + 1];
    const node = BUCKETS + slot;
    const after = links[2 * before];
    links[2 * node] = after;
    links[2 * node + 1] = before;
    links[2 * before] = node;
    links[2 * after + 1] = node;
    if (time < this.#urgentTime) this.#urgentTime = time;
  }

  /** Takes the event in `slot` out of its list; its links are then the caller's. */
  unlink(slot: number): void {
    const { links } = this;
    const node = BUCKETS + slot;
    const next = links[2 * node];
    const previous = links[2 * node + 1];
    if (previous === UNLINKED) fail(`slot ${slot} holds no pending event`);
    links[2 * previous] = next;
    links[2 * next + 1] = previous;
    if (next === previous) this.#vacate(next);
    if (this.time[slot] < 0) this.#urgentTime = this.#firstUrgentTime();
  }

  /**
   * Unlinks the earliest event whose time is at most `limit` and returns its slot, or -1.
   *
   * The wheels turn no further than `limit`: after -1 the caller may still place events at it.
   */
  take(limit: number): number {
    const urgent = this.#urgentTime;
    const bound = urgent <= limit ? urgent - 1 : limit;
    let word = this.#word;
    if (this.#occupied[word] === 0) {
      if (!this.#seek(bound)) return urgent <= limit ? this.#takeUrgent() : -1;
      word = this.#word;
    }
    const bits = this.#occupied[word];
    const bucket = (word << 5) + 31 - Math.clz32(bits & -bits);
    const time = this.#bottomBase + bucket;
    if (time > bound) {
      // The caller may now place something earlier than what was found.
      this.#word = 0;
      return urgent <= limit ? this.#takeUrgent() : -1;
    }
    this.floor = time;
    const { links } = this;
    const node = links[2 * bucket];
    const next = links[2 * node];
    links[2 * bucket] = next;
    links[2 * next + 1] = bucket;
    if (next === bucket) this.#vacate(bucket);
    return node - BUCKETS;
  }

  /** Time of the earliest event, or Infinity. Turns nothing. */
  earliest(): number {
    const urgent = this.#urgentTime;
    const bucket = this.#lowestBucket();
    if (bucket < MIDDLE) return Math.min(urgent, this.#bottomBase + bucket);
    return bucket === URGENT ? urgent : Math.min(urgent, this.#earliestIn(bucket));
  }

  /** Room for `capacity` slots; what is there stays. */
  grow(capacity: number): void {
    const links = new Int32Array(2 * (BUCKETS + capacity)).fill(UNLINKED);
    links.set(this.links);
    this.links = links;
    const time = new Float64Array(capacity);
    time.set(this.time);
    this.time = time;
  }

  /** The scalars; the caller saves `links` and `time` of its slots. */
  save(): WheelState {
    return { floor: this.floor, bases: [this.#bottomBase, this.#middleBase, this.#topBase] };
  }

  /** Rebuilds all lists, after the caller has restored `links` and `time` of slots 0..`used`-1. */
  restore(state: WheelState, used: number): void {
    const { links } = this;
    this.floor = state.floor;
    [this.#bottomBase, this.#middleBase, this.#topBase] = state.bases;
    this.#occupied.fill(0);
    this.#summary.fill(0);
    this.#word = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      links[2 * bucket] = bucket;
      links[2 * bucket + 1] = bucket;
    }
    // The ends of every list name their bucket.
    for (let node = BUCKETS; node < BUCKETS + used; node++) {
      const previous = links[2 * node + 1];
      if (previous === UNLINKED) continue;
      if (previous < BUCKETS) {
        links[2 * previous] = node;
        this.#occupy(previous);
      }
      const next = links[2 * node];
      if (next < BUCKETS) links[2 * next + 1] = node;
    }
    this.#urgentTime = this.#firstUrgentTime();
    this.#farBound = this.#earliestIn(FAR);
  }

  #append(node: number, bucket: number): void {
    const { links } = this;
    const tail = links[2 * bucket + 1];
    links[2 * node] = bucket;
    links[2 * node + 1] = tail;
    links[2 * tail] = node;
    links[2 * bucket + 1] = node;
    if (tail === bucket) this.#occupy(bucket);
  }

  #occupy(bucket: number): void {
    this.#occupied[bucket >>> 5] |= 1 << bucket;
    this.#summary[bucket >>> 10] |= 1 << (bucket >>> 5);
  }

  #vacate(bucket: number): void {
    const word = bucket >>> 5;
    const bits = this.#occupied[word] & ~(1 << bucket);
    this.#occupied[word] = bits;
    if (bits === 0) this.#summary[bucket >>> 10] &= ~(1 << word);
  }

  #distantBucket(time: number): number {
    const offset = time - this.#topBase;
    if (offset < TOP_SPAN) return TOP + (offset >>> 22);
    if (time > Number.MAX_SAFE_INTEGER) fail(`the time ${time} is beyond all counting`);
    if (time < this.#farBound) this.#farBound = time;
    return FAR;
  }

  /** First occupied bucket in the order bottom, middle, top, far; URGENT if none. */
  #lowestBucket(): number {
    for (let group = this.#word >>> 5; group < 9; group++) {
      const words = this.#summary[group];
      if (words === 0) continue;
      const word = (group << 5) + 31 - Math.clz32(words & -words);
      const bits = this.#occupied[word];
      return (word << 5) + 31 - Math.clz32(bits & -bits);
    }
    return URGENT;
  }

  /** Moves `#word` to the first event at or before `bound`'s bottom window, turning the wheels. */
  #seek(bound: number): boolean {
    for (;;) {
      const bucket = this.#lowestBucket();
      if (bucket < MIDDLE) {
        this.#word = bucket >>> 5;
        return true;
      }
      if (bucket < TOP) {
        const start = this.#middleBase + (bucket - MIDDLE) * BOTTOM_SLOTS;
        if (start > bound) return false;
        this.#bottomBase = start;
        this.#word = 0;
        this.#pour(bucket, start);
      } else if (bucket < FAR) {
        const start = this.#topBase + (bucket - TOP) * MIDDLE_SPAN;
        if (start > bound) return false;
        this.#middleBase = start;
        this.#pour(bucket, start);
      } else if (bucket === URGENT || !this.#reach(bound)) {
        return false;
      }
    }
  }

  /** Spreads a bucket over the wheel below, in order. */
  #pour(bucket: number, start: number): void {
    if (start > this.floor) this.floor = start;
    const { links } = this;
    let node = links[2 * bucket];
    links[2 * bucket] = bucket;
    links[2 * bucket + 1] = bucket;
    this.#vacate(bucket);
    while (node !== bucket) {
      const next = links[2 * node];
      const slot = node - BUCKETS;
      this.place(slot, this.time[slot]);
      node = next;
    }
  }

  /** Turns the top wheel to the earliest far event, if that is not after `bound`. */
  #reach(bound: number): boolean {
    if (this.#farBound > bound) return false;
    const earliest = this.#earliestIn(FAR);
    this.#farBound = earliest;
    if (earliest > bound) return false;
    const start = Math.floor(earliest / TOP_SPAN) * TOP_SPAN;
    this.#topBase = start;
    this.#farBound = Infinity;
    this.#pour(FAR, start);
    return true;
  }

  #earliestIn(bucket: number): number {
    let earliest = Infinity;
    for (let node = this.links[2 * bucket]; node !== bucket; node = this.links[2 * node]) {
      earliest = Math.min(earliest, this.time[node - BUCKETS]);
    }
    return earliest;
  }

  #takeUrgent(): number {
    const slot = this.links[2 * URGENT] - BUCKETS;
    this.floor = this.#urgentTime;
    this.unlink(slot);
    return slot;
  }

  #firstUrgentTime(): number {
    const node = this.links[2 * URGENT];
    return node === URGENT ? Infinity : -1 - this.time[node - BUCKETS];
  }
}
