import { fail } from './assert.ts';
import { BucketLists } from './lists.ts';

/*
 * Where pending events wait: wheels of 8 192 x 1 us, 2 048 x 8 192 us and 256 x 16.8 s, then a
 * list for what is more than about an hour away. The windows are aligned, not rolling: a wheel
 * holds exactly the times that share the upper bits of the clock, so an event can only enter a
 * bucket after everything that was already waiting for that time has been poured into it. Hence a
 * bucket of the bottom wheel is one microsecond and its list is in order of insertion: nothing is
 * ever compared, and no sequence number is stored.
 */
const BOTTOM_BITS = 13;
const MIDDLE_BITS = 24;
const TOP_SPAN = 2 ** 32;
const MIDDLE = 8192;
const TOP = 10240;
const FAR = 10496;
const URGENT = 10497;
const TIME_MAX = Number.MAX_SAFE_INTEGER;
// A bucket of an upper wheel with no more events than this is searched rather than poured out:
// while little happens, most windows hold one or two.
const FEW = 6;
// The node of slot 0, see `lists.ts`.
const SLOTS = 20996;
const LOW = 6;
const HIGH = 7;

/** The clocks of the wheels; everything else follows from links and records. */
export interface WheelState {
  readonly poppedTime: number;
  readonly base: number;
}

/** Timing wheels over slots: knows when, not what. `EventQueue` is its one subclass. */
export class Wheel extends BucketLists {
  /** Time of the event taken last, in microseconds. */
  poppedTime = 0;
  /**
   * Eight words a slot, so that what is used together lies together: six are the subclass's, the
   * last two are the time, lower half first. Replaced by `growWheel`.
   */
  protected records: Int32Array;

  // Start of the windows of bottom and top wheel, and the former's lower 32 bits, signed: the
  // clock. A time in the top window is told from others by its lower 32 bits alone.
  private base = 0;
  private topBase = 0;
  private clock = 0;
  // How many top windows have passed.
  private epoch = 0;
  // A lower bound of the times in the far list, and the time of the first urgent event.
  private farBound = Infinity;
  private urgentTime = Infinity;
  // No group of 1 024 buckets of the bottom wheel below this one is occupied.
  private group = 0;

  constructor(capacity: number) {
    super(capacity);
    this.records = new Int32Array(8 * capacity);
  }

  /** Appends `node` to the events of the microsecond `time`. */
  protected place(node: number, time: number): void {
    if (time < this.poppedTime || time < this.base) this.refuse(time);
    const ahead = time - this.topBase;
    const low = ahead >>> 0;
    // Comparing with the integer part finds fractions and times beyond the window in one test.
    if (low !== ahead) {
      this.placeFar(node, time);
      return;
    }
    const at = wordOf(node);
    this.records[at | LOW] = low;
    this.records[at | HIGH] = this.epoch;
    this.append(node, this.bucketOf(low));
  }

  /** Places `node` before all ordinary events of `time`, after earlier urgent ones. */
  protected placeUrgent(node: number, time: number): void {
    const start = Math.max(this.poppedTime, this.base);
    if (!(time >= start && time <= TIME_MAX) || Math.floor(time) !== time) this.refuse(time);
    const links = this.links;
    this.setTime(node, time);
    // Urgent events are few and mostly come in order of time: one sorted list, from its end.
    let before = links[2 * URGENT + 1];
    while (before !== 2 * URGENT && this.timeAt(before) > time) before = links[before | 1];
    const after = links[before];
    links[node] = after;
    links[node | 1] = before;
    links[before] = node;
    links[after | 1] = node;
    this.urgentTime = Math.min(this.urgentTime, time);
  }

  /** Takes `node` from among the urgent events. */
  protected removeUrgent(node: number): void {
    this.unlink(node);
    this.urgentTime = this.firstUrgentTime();
  }

  /** Time of a node that has been placed. */
  protected timeAt(node: number): number {
    const at = wordOf(node);
    return this.records[at | HIGH] * TOP_SPAN + (this.records[at | LOW] >>> 0);
  }

  /**
   * Unlinks the earliest event with a time of at most `limit` and returns its node, or -1.
   *
   * The wheels turn no further than `limit`: after -1 events may still be placed there.
   */
  protected take(limit: number): number {
    const group = this.group;
    const lists = this.summary[group];
    if (lists === 0) return this.takeByTurning(limit);
    const listsLowest = lists & -lists;
    const word = (group << 5) | (31 - Math.clz32(listsLowest));
    const bits = this.occupied[word];
    const lowest = bits & -bits;
    const bucket = (word << 5) | (31 - Math.clz32(lowest));
    const time = this.base + bucket;
    if (time > limit || time >= this.urgentTime) return this.takeByTurning(limit);
    this.poppedTime = time;
    const links = this.links;
    const head = bucket << 1;
    const node = links[head];
    const next = links[node];
    links[head] = next;
    links[next | 1] = head;
    if (next !== head) {
      // What is there already, only so that the record is in the cache when its turn comes.
      this.records[wordOf(next) | HIGH] = this.epoch;
    } else {
      const rest = bits ^ lowest;
      this.occupied[word] = rest;
      // Nobody can foresee whether it was the last one, least of all a processor: no branch.
      this.summary[group] = lists ^ (listsLowest & maskOfZero(rest));
    }
    return node;
  }

  /**
   * Nodes of the next ordinary events within the window of the bottom wheel, one of a microsecond, as
   * many as `nodes` has room for: how many there are.
   */
  protected nextNodes(nodes: Int32Array): number {
    let count = 0;
    for (let group = this.group; group < 8; group++) {
      for (let lists = this.summary[group]; lists !== 0; lists &= lists - 1) {
        const word = (group << 5) | (31 - Math.clz32(lists & -lists));
        for (let bits = this.occupied[word]; bits !== 0; bits &= bits - 1) {
          if (count === nodes.length) return count;
          const bucket = (word << 5) | (31 - Math.clz32(bits & -bits));
          nodes[count++] = this.links[bucket << 1];
        }
      }
    }
    return count;
  }

  /** Time of the earliest event, or Infinity. Turns nothing. */
  protected earliest(): number {
    const bucket = this.lowestBucket(0);
    if (bucket === -1 || bucket === URGENT) return this.urgentTime;
    const time = bucket < MIDDLE ? this.base + bucket : this.earliestIn(bucket);
    return Math.min(this.urgentTime, time);
  }

  /** Room for `capacity` slots; what waits stays. */
  protected growWheel(capacity: number): void {
    this.growLists(capacity);
    const records = new Int32Array(8 * capacity);
    records.set(this.records);
    this.records = records;
  }

  /** The clocks; the caller saves links and records. */
  protected saveWheel(): WheelState {
    return { poppedTime: this.poppedTime, base: this.base };
  }

  /** The clocks, after the caller has restored links and records. */
  protected restoreWheel(state: WheelState): void {
    this.poppedTime = state.poppedTime;
    this.setBase(state.base);
    this.urgentTime = this.firstUrgentTime();
    this.farBound = this.earliestIn(FAR);
  }

  private takeByTurning(limit: number): number {
    const urgent = this.urgentTime;
    const due = urgent <= limit && urgent !== Infinity;
    const bound = due ? urgent - 1 : limit;
    for (;;) {
      const bucket = this.lowestBucket(this.group);
      if (bucket === -1 || bucket >= FAR) {
        if (bucket !== FAR || !this.turnTop(bound)) break;
      } else if (bucket < MIDDLE) {
        const time = this.base + bucket;
        if (time > bound) break;
        this.group = bucket >>> 10;
        return this.takeNode(this.links[2 * bucket], time);
      } else {
        const start = this.startOf(bucket);
        if (start > bound) break;
        const node = this.earliestOfFew(bucket);
        if (node === -1) {
          this.turn(bucket, start);
          continue;
        }
        const time = this.timeAt(node);
        if (time > bound) break;
        return this.takeNode(node, time);
      }
    }
    // What was found is too late; the caller may now place something before it.
    this.group = 0;
    if (!due) return -1;
    const first = this.links[2 * URGENT];
    this.poppedTime = urgent;
    this.removeUrgent(first);
    return first;
  }

  private takeNode(node: number, time: number): number {
    this.poppedTime = time;
    this.unlink(node);
    return node;
  }

  /** Bucket of the time in the top window that has these lower 32 bits. */
  private bucketOf(low: number): number {
    const distance = low ^ this.clock;
    if (distance >>> BOTTOM_BITS === 0) return distance;
    if (distance >>> MIDDLE_BITS === 0) return MIDDLE + ((low >>> BOTTOM_BITS) & 2047);
    return TOP + (low >>> MIDDLE_BITS);
  }

  private startOf(bucket: number): number {
    const low =
      bucket < TOP
        ? (this.clock & -(1 << MIDDLE_BITS)) | ((bucket - MIDDLE) << BOTTOM_BITS)
        : (bucket - TOP) << MIDDLE_BITS;
    return this.topBase + (low >>> 0);
  }

  /** First node of the earliest time in `bucket`, or -1 if more than a few events are in it. */
  private earliestOfFew(bucket: number): number {
    const { links, records } = this;
    const head = bucket << 1;
    let best = links[head];
    let earliest = records[wordOf(best) | LOW];
    let node = links[best];
    for (let count = 1; node !== head; count++) {
      if (count === FEW) return -1;
      const low = records[wordOf(node) | LOW];
      if (low < earliest) {
        earliest = low;
        best = node;
      }
      node = links[node];
    }
    return best;
  }

  /** Turns the wheels to the windows that begin at `start` and pours `bucket` out over them. */
  private turn(bucket: number, start: number): void {
    this.setBase(start);
    const { links, records } = this;
    const head = bucket << 1;
    let node = this.detach(bucket);
    while (node !== head) {
      const next = links[node];
      this.append(node, this.bucketOf(records[wordOf(node) | LOW]));
      node = next;
    }
  }

  private setBase(base: number): void {
    this.base = base;
    this.epoch = Math.floor(base / TOP_SPAN);
    this.topBase = this.epoch * TOP_SPAN;
    this.clock = (base - this.topBase) | 0;
    this.group = 0;
  }

  /** Turns the top wheel to the earliest far event; false if that is after `bound`. */
  private turnTop(bound: number): boolean {
    if (this.farBound > bound) return false;
    this.farBound = this.earliestIn(FAR);
    if (this.farBound > bound) return false;
    this.setBase(Math.floor(this.farBound / TOP_SPAN) * TOP_SPAN);
    this.farBound = Infinity;
    let node = this.detach(FAR);
    while (node !== 2 * FAR) {
      const next = this.links[node];
      const time = this.timeAt(node);
      const ahead = time - this.topBase;
      if (ahead < TOP_SPAN) this.append(node, this.bucketOf(ahead));
      else this.appendFar(node, time);
      node = next;
    }
    return true;
  }

  private placeFar(node: number, time: number): void {
    if (!(time <= TIME_MAX) || Math.floor(time) !== time) this.refuse(time);
    this.setTime(node, time);
    this.appendFar(node, time);
  }

  private appendFar(node: number, time: number): void {
    this.farBound = Math.min(this.farBound, time);
    this.append(node, FAR);
  }

  private setTime(node: number, time: number): void {
    const high = Math.floor(time / TOP_SPAN);
    const at = wordOf(node);
    this.records[at | HIGH] = high;
    this.records[at | LOW] = time - high * TOP_SPAN;
  }

  private earliestIn(bucket: number): number {
    let earliest = Infinity;
    for (let node = this.links[2 * bucket]; node !== 2 * bucket; node = this.links[node]) {
      earliest = Math.min(earliest, this.timeAt(node));
    }
    return earliest;
  }

  private firstUrgentTime(): number {
    const node = this.links[2 * URGENT];
    return node === 2 * URGENT ? Infinity : this.timeAt(node);
  }

  private refuse(time: number): never {
    fail(`the time ${time} is not a whole microsecond from ${this.poppedTime} on`);
  }
}

/** All bits if `value` is 0, else none. */
function maskOfZero(value: number): number {
  return ~((value | -value) >> 31);
}

/** Where the record of a slot's node begins. */
function wordOf(node: number): number {
  return (node - SLOTS) << 2;
}
