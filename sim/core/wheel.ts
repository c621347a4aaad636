import { fail } from './assert.ts';
import { BUCKET_COUNT, BucketLists } from './lists.ts';

/*
 * Where pending events wait: wheels of 8 192 x 1 us, 2 048 x 8 192 us and 256 x 16.8 s, then a
 * list for what is more than about an hour away. The windows are aligned, not rolling: a wheel
 * holds exactly the times that share the upper bits of its clock, so an event can only enter a
 * bucket after everything that was already waiting for that time has been poured into it. Hence a
 * bucket of the bottom wheel is one microsecond and its list is in order of insertion: nothing is
 * ever compared, and no sequence number is stored.
 */
const BOTTOM_SPAN = 2 ** 13;
const MIDDLE_SPAN = 2 ** 24;
const TOP_SPAN = 2 ** 32;
const MIDDLE = 8192;
const TOP = 10240;
const FAR = 10496;
const URGENT = 10497;
const BUCKETS = BUCKET_COUNT;
// A bucket of an upper wheel with no more events than this is searched rather than poured out:
// while little happens, most windows hold one or two.
const FEW = 6;
const TIME_MAX = Number.MAX_SAFE_INTEGER;

/** The clocks of the wheels; everything else follows from the links and times of the events. */
export interface WheelState {
  readonly poppedTime: number;
  readonly bottomBase: number;
  readonly middleBase: number;
  readonly topBase: number;
}

/** Timing wheels over slots: knows when, not what. `EventQueue` is its one subclass. */
export class Wheel extends BucketLists {
  /** Time of the event taken last, in microseconds. */
  poppedTime = 0;
  /**
   * Time of each slot in microseconds; urgent events hold -1 - time, which tells them apart
   * without a column of its own. Replaced by `growWheel`.
   */
  protected time: Float64Array;

  // Start of the window that each wheel covers.
  private bottomBase = 0;
  private middleBase = 0;
  private topBase = 0;
  // A lower bound of the times in the far list, and the time of the first urgent event.
  private farBound = Infinity;
  private urgentTime = Infinity;
  // No word of the bottom wheel below this one is occupied.
  private word = 0;

  constructor(capacity: number) {
    super(capacity);
    this.time = new Float64Array(capacity);
  }

  /** Appends `slot` to the events of the microsecond `time`. */
  protected place(slot: number, time: number): void {
    if (time < this.poppedTime) this.refuse(time);
    // Comparing with the integer part refuses fractions and times before the window in one test.
    const offset = time - this.bottomBase;
    let bucket = offset >>> 0;
    if (offset < BOTTOM_SPAN) {
      if (bucket !== offset) this.refuse(time);
    } else {
      const ahead = time - this.middleBase;
      const whole = ahead >>> 0;
      if (whole !== ahead || ahead >= MIDDLE_SPAN) bucket = this.distantBucket(time);
      else bucket = MIDDLE + (whole >>> 13);
    }
    this.time[slot] = time;
    this.append(BUCKETS + slot, bucket);
  }

  /** Places `slot` before all ordinary events of `time`, after earlier urgent ones. */
  protected placeUrgent(slot: number, time: number): void {
    const start = Math.max(this.poppedTime, this.bottomBase, this.middleBase);
    if (!(time >= start && time <= TIME_MAX) || Math.floor(time) !== time) this.refuse(time);
    const stamp = -1 - time;
    this.time[slot] = stamp;
    // Urgent events are few and mostly come in order of time: one sorted list, from its end.
    const links = this.links;
    let before = links[2 * URGENT + 1];
    while (before !== URGENT && this.time[before - BUCKETS] < stamp) before = links[2 * before + 1];
    const after = links[2 * before];
    const node = BUCKETS + slot;
    links[2 * node] = after;
    links[2 * node + 1] = before;
    links[2 * before] = node;
    links[2 * after + 1] = node;
    this.urgentTime = Math.min(this.urgentTime, time);
  }

  /** Takes `slot` back. */
  protected remove(slot: number): void {
    this.unlink(slot);
    if (this.time[slot] < 0) this.urgentTime = this.firstUrgentTime();
  }

  /**
   * Unlinks the earliest event with a time of at most `limit` and returns its slot, or -1.
   *
   * The wheels turn no further than `limit`: after -1 events may still be placed there.
   */
  protected take(limit: number): number {
    let word = this.word;
    let bits = this.occupied[word];
    if (bits === 0) {
      const words = this.summary[word >>> 5];
      if (words === 0) return this.takeByTurning(limit);
      word = (word & ~31) | (31 - Math.clz32(words & -words));
      bits = this.occupied[word];
      this.word = word;
    }
    const bucket = (word << 5) | (31 - Math.clz32(bits & -bits));
    const time = this.bottomBase + bucket;
    if (time > limit || time >= this.urgentTime) return this.takeByTurning(limit);
    this.poppedTime = time;
    const links = this.links;
    const node = links[bucket << 1];
    const next = links[node << 1];
    links[bucket << 1] = next;
    links[(next << 1) | 1] = bucket;
    if (next === bucket) {
      const rest = bits & (bits - 1);
      this.occupied[word] = rest;
      if (rest === 0) this.summary[word >>> 5] &= ~(1 << word);
    }
    return node - BUCKETS;
  }

  /** Time of the earliest event, or Infinity. Turns nothing. */
  protected earliest(): number {
    const bucket = this.lowestBucket(0);
    if (bucket === -1 || bucket === URGENT) return this.urgentTime;
    const time = bucket < MIDDLE ? this.bottomBase + bucket : this.earliestIn(bucket);
    return Math.min(this.urgentTime, time);
  }

  /** Room for `capacity` slots; what waits stays. */
  protected growWheel(capacity: number): void {
    this.growLists(capacity);
    const time = new Float64Array(capacity);
    time.set(this.time);
    this.time = time;
  }

  /** The clocks; the caller saves lists and times. */
  protected saveWheel(): WheelState {
    const { poppedTime, bottomBase, middleBase, topBase } = this;
    return { poppedTime, bottomBase, middleBase, topBase };
  }

  /** The clocks, after the caller has restored lists and times. */
  protected restoreWheel(state: WheelState): void {
    this.poppedTime = state.poppedTime;
    this.bottomBase = state.bottomBase;
    this.middleBase = state.middleBase;
    this.topBase = state.topBase;
    this.word = 0;
    this.urgentTime = this.firstUrgentTime();
    this.farBound = this.earliestIn(FAR);
  }

  private takeByTurning(limit: number): number {
    const urgent = this.urgentTime;
    const due = urgent <= limit && urgent !== Infinity;
    const bound = due ? urgent - 1 : limit;
    for (;;) {
      const bucket = this.lowestBucket(this.word >>> 5);
      if (bucket === -1 || bucket >= FAR) {
        if (bucket !== FAR || !this.turnTop(bound)) break;
      } else if (bucket < MIDDLE) {
        const time = this.bottomBase + bucket;
        if (time > bound) break;
        this.word = bucket >>> 5;
        return this.takeNode(this.links[2 * bucket], time);
      } else {
        const start = this.startOf(bucket);
        if (start > bound) break;
        const node = this.earliestOfFew(bucket);
        if (node === -1) {
          this.turn(bucket, start);
          continue;
        }
        const time = this.time[node - BUCKETS];
        if (time > bound) break;
        return this.takeNode(node, time);
      }
    }
    // What was found is too late; the caller may now place something before it.
    this.word = 0;
    return due ? this.takeNode(this.links[2 * URGENT], urgent) : -1;
  }

  private takeNode(node: number, time: number): number {
    this.poppedTime = time;
    this.remove(node - BUCKETS);
    return node - BUCKETS;
  }

  private startOf(bucket: number): number {
    return bucket < TOP
      ? this.middleBase + (bucket - MIDDLE) * BOTTOM_SPAN
      : this.topBase + (bucket - TOP) * MIDDLE_SPAN;
  }

  /** First node of the earliest time in `bucket`, or -1 if more than a few events are in it. */
  private earliestOfFew(bucket: number): number {
    const links = this.links;
    const times = this.time;
    let best = links[bucket << 1];
    let earliest = times[best - BUCKETS];
    let node = links[best << 1];
    for (let count = 1; node !== bucket; count++) {
      if (count === FEW) return -1;
      const time = times[node - BUCKETS];
      if (time < earliest) {
        earliest = time;
        best = node;
      }
      node = links[node << 1];
    }
    return best;
  }

  /** Turns a wheel to the window that begins at `start` and pours `bucket` out over it. */
  private turn(bucket: number, start: number): void {
    const middle = bucket >= TOP;
    if (middle) {
      this.middleBase = start;
    } else {
      this.bottomBase = start;
      this.word = 0;
    }
    const first = middle ? MIDDLE : 0;
    const shift = middle ? 13 : 0;
    const links = this.links;
    const times = this.time;
    let node = this.detach(bucket);
    while (node !== bucket) {
      const next = links[node << 1];
      this.append(node, first + ((times[node - BUCKETS] - start) >>> shift));
      node = next;
    }
  }

  /** Turns the top wheel to the earliest far event; false if that is after `bound`. */
  private turnTop(bound: number): boolean {
    if (this.farBound > bound) return false;
    this.farBound = this.earliestIn(FAR);
    if (this.farBound > bound) return false;
    this.topBase = Math.floor(this.farBound / TOP_SPAN) * TOP_SPAN;
    this.farBound = Infinity;
    let node = this.detach(FAR);
    while (node !== FAR) {
      const next = this.links[2 * node];
      this.append(node, this.distantBucket(this.time[node - BUCKETS]));
      node = next;
    }
    return true;
  }

  /** Bucket of a time that is beyond the middle window. */
  private distantBucket(time: number): number {
    if (!(time <= TIME_MAX) || Math.floor(time) !== time) this.refuse(time);
    if (time < this.middleBase) this.refuse(time);
    const offset = time - this.topBase;
    if (offset < TOP_SPAN) return TOP + (offset >>> 24);
    this.farBound = Math.min(this.farBound, time);
    return FAR;
  }

  private earliestIn(bucket: number): number {
    let earliest = Infinity;
    for (let node = this.links[2 * bucket]; node !== bucket; node = this.links[2 * node]) {
      earliest = Math.min(earliest, this.time[node - BUCKETS]);
    }
    return earliest;
  }

  private firstUrgentTime(): number {
    const node = this.links[2 * URGENT];
    return node === URGENT ? Infinity : -1 - this.time[node - BUCKETS];
  }

  private refuse(time: number): never {
    fail(`the time ${time} is not a whole microsecond from ${this.poppedTime} on`);
  }
}
