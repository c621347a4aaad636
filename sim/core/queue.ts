import { LimitReached } from './limits.ts';
import { BUCKET_COUNT } from './lists.ts';
import { Wheel } from './wheel.ts';
import type { WheelState } from './wheel.ts';

const CAPACITY_INITIAL = 1024;
const LIMIT_DEFAULT = 4_000_000;
const NO_SLOT = -1;
// A local copy is folded into the code, see `lists.ts`.
const BUCKETS = BUCKET_COUNT;

/** Everything an `EventQueue` holds, copied: never changed afterwards, so it may be shared. */
export interface QueueState {
  readonly size: number;
  readonly free: number;
  readonly wheel: WheelState;
  readonly links: Int32Array;
  readonly time: Float64Array;
  readonly kind: Uint16Array;
  readonly target: Int32Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly generation: Int32Array;
  readonly cause: Uint32Array;
  readonly body: readonly unknown[];
}

/**
 * The pending events of a world, earliest first; events of one microsecond in the order in which
 * they were pushed, those of `pushFirst` before all others.
 *
 * An event is a slot number into columns. The columns may be replaced whenever something is
 * pushed, so nobody keeps one across a push. A slot is free from the moment it is popped or
 * cancelled; its columns stay readable until the next push.
 *
 * Errors: `LimitReached('queue')` when more than `limit` events wait; an assertion for times that
 * are fractional or in the past, and for slots in which nothing waits.
 */
export class EventQueue extends Wheel {
  /** The most events that may wait. */
  readonly limit: number;

  kind: Uint16Array;
  target: Int32Array;
  a: Int32Array;
  b: Int32Array;
  generation: Int32Array;
  cause: Uint32Array;
  body: unknown[];

  private pending = 0;
  private capacity: number;
  // Slots from here on were never used; freed ones form a stack through their next links, as
  // -2 - slot, since the next of a slot that is in no list is negative.
  private used = 0;
  private free = NO_SLOT;

  constructor(limit = LIMIT_DEFAULT) {
    const capacity = Math.min(limit, CAPACITY_INITIAL);
    super(capacity);
    this.limit = limit;
    this.capacity = capacity;
    this.kind = new Uint16Array(capacity);
    this.target = new Int32Array(capacity);
    this.a = new Int32Array(capacity);
    this.b = new Int32Array(capacity);
    this.generation = new Int32Array(capacity);
    this.cause = new Uint32Array(capacity);
    this.body = new Array(capacity).fill(null);
  }

  /** Number of pending events. */
  get size(): number {
    return this.pending;
  }

  /**
   * Adds an event at the end of the microsecond `time`, which may be the present one.
   *
   * Shapes: `kind` 16 bits, `target`, `a`, `b`, `generation` 32 bits signed, `cause` 32 bits
   * unsigned, `body` an immutable object or null. Returns the slot.
   */
  push(
    time: number,
    kind: number,
    target: number,
    a: number,
    b: number,
    generation: number,
    cause: number,
    body: unknown,
  ): number {
    const slot = this.allocate();
    this.place(slot, time);
    this.fill(slot, kind, target, a, b, generation, cause, body);
    return slot;
  }

  /** Adds an event before all ordinary events of its microsecond, after earlier ones like it. */
  pushFirst(
    time: number,
    kind: number,
    target: number,
    a: number,
    b: number,
    generation: number,
    cause: number,
    body: unknown,
  ): number {
    const slot = this.allocate();
    this.placeUrgent(slot, time);
    this.fill(slot, kind, target, a, b, generation, cause, body);
    return slot;
  }

  /** Takes a pending event back, at once. */
  cancel(slot: number): void {
    this.remove(slot);
    this.release(slot);
    if (this.body[slot] !== null) this.body[slot] = null;
  }

  /** Gives a pending event another time; it becomes the newest of its rank at that instant. */
  move(slot: number, time: number): void {
    const urgent = this.time[slot] < 0;
    this.remove(slot);
    if (urgent) this.placeUrgent(slot, time);
    else this.place(slot, time);
  }

  /** Time of a pending event, or of the one just popped from `slot`. */
  timeOf(slot: number): number {
    const time = this.time[slot];
    return time < 0 ? -1 - time : time;
  }

  /**
   * Takes the earliest event with a time of at most `limit` off the queue: its slot, or -1.
   * `poppedTime` is then its time.
   *
   * After -1 the next push must be at `limit` or later, as when the clock has gone on to it.
   */
  pop(limit: number): number {
    const slot = this.take(limit);
    if (slot === -1) return -1;
    this.release(slot);
    return slot;
  }

  /** Body of the event just popped; the queue forgets it. */
  takeBody(slot: number): unknown {
    const body = this.body[slot];
    if (body !== null) this.body[slot] = null;
    return body;
  }

  /** Time of the earliest event, or Infinity. Looking changes nothing. */
  peek(): number {
    return this.earliest();
  }

  /** A copy of everything. Bodies are shared: they are immutable. */
  save(): QueueState {
    const { used } = this;
    return {
      size: this.pending,
      free: this.free,
      wheel: this.saveWheel(),
      links: this.saveLists(used),
      time: this.time.slice(0, used),
      kind: this.kind.slice(0, used),
      target: this.target.slice(0, used),
      a: this.a.slice(0, used),
      b: this.b.slice(0, used),
      generation: this.generation.slice(0, used),
      cause: this.cause.slice(0, used),
      body: this.body.slice(0, used),
    };
  }

  /** Becomes what `save` saw, slot numbers and future slot numbers included. */
  restore(state: QueueState): void {
    const used = state.time.length;
    while (this.capacity < used) this.grow();
    this.used = used;
    this.pending = state.size;
    this.free = state.free;
    this.restoreLists(state.links);
    this.time.set(state.time);
    this.restoreWheel(state.wheel);
    this.kind.set(state.kind);
    this.target.set(state.target);
    this.a.set(state.a);
    this.b.set(state.b);
    this.generation.set(state.generation);
    this.cause.set(state.cause);
    for (let slot = 0; slot < used; slot++) this.body[slot] = state.body[slot];
    this.body.fill(null, used);
  }

  private allocate(): number {
    const slot = this.free;
    if (slot !== NO_SLOT) {
      this.free = -2 - this.links[(BUCKETS + slot) << 1];
      this.pending++;
      return slot;
    }
    if (this.used === this.capacity) this.grow();
    this.pending++;
    return this.used++;
  }

  private release(slot: number): void {
    this.links[(BUCKETS + slot) << 1] = -2 - this.free;
    this.free = slot;
    this.pending--;
  }

  private fill(
    slot: number,
    kind: number,
    target: number,
    a: number,
    b: number,
    generation: number,
    cause: number,
    body: unknown,
  ): void {
    this.kind[slot] = kind;
    this.target[slot] = target;
    this.a[slot] = a;
    this.b[slot] = b;
    this.generation[slot] = generation;
    this.cause[slot] = cause;
    // Looking first is cheaper than storing a reference, and most events have no body.
    if (body !== null || this.body[slot] !== null) this.body[slot] = body;
  }

  private grow(): void {
    if (this.capacity >= this.limit) throw new LimitReached('queue', this.poppedTime);
    const capacity = Math.min(this.limit, 2 * this.capacity);
    this.growWheel(capacity);
    this.kind = widen(this.kind, new Uint16Array(capacity));
    this.target = widen(this.target, new Int32Array(capacity));
    this.a = widen(this.a, new Int32Array(capacity));
    this.b = widen(this.b, new Int32Array(capacity));
    this.generation = widen(this.generation, new Int32Array(capacity));
    this.cause = widen(this.cause, new Uint32Array(capacity));
    while (this.body.length < capacity) this.body.push(null);
    this.capacity = capacity;
  }
}

function widen<Column extends { set(from: ArrayLike<number>): void }>(
  from: ArrayLike<number>,
  to: Column,
): Column {
  to.set(from);
  return to;
}
