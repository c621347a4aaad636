import { fail } from './assert.ts';
import { LimitReached } from './limits.ts';
import { Wheel } from './wheel.ts';
import type { WheelState } from './wheel.ts';

const CAPACITY_INITIAL = 1024;
const LIMIT_DEFAULT = 4_000_000;
const NO_NODE = -1;
// Words of a record, as in `wheel.ts`; that of the kind has two flags above it.
const SHIFT = 3;
const KIND = 0;
const TARGET = 1;
const A = 2;
const B = 3;
const GENERATION = 4;
const CAUSE = 5;
const KIND_MASK = 0xffff;
const HAS_BODY = 0x10000;
const IS_URGENT = 0x20000;
// The node of slot 0, see `lists.ts`.
const SLOTS = 20996;

/** Everything an `EventQueue` holds, copied: never changed afterwards, so it may be shared. */
export interface QueueState {
  readonly size: number;
  readonly free: number;
  readonly wheel: WheelState;
  readonly links: Int32Array;
  readonly records: Int32Array;
  readonly body: readonly unknown[];
}

/**
 * The pending events of a world, earliest first; events of one microsecond in the order in which
 * they were pushed, those of `pushFirst` before all others.
 *
 * An event is a slot number. A slot is free from the moment it is popped or cancelled; what it held
 * stays readable until the next push.
 *
 * Errors: `LimitReached('queue')` when more than `limit` events wait; an assertion for times that
 * are fractional or in the past, and for slots in which nothing waits.
 */
export class EventQueue extends Wheel {
  /** The most events that may wait. */
  readonly limit: number;
  /** Bodies of the slots whose record says that they have one. */
  private readonly body: unknown[];

  private pending = 0;
  private capacity: number;
  // Slots from here on were never used; freed ones form a stack through their next links, as
  // -2 - node, since the next of a slot that is in no list is negative.
  private used = 0;
  private free = NO_NODE;

  constructor(limit = LIMIT_DEFAULT) {
    const capacity = Math.min(limit, CAPACITY_INITIAL);
    super(capacity);
    this.limit = limit;
    this.capacity = capacity;
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
    const node = this.allocate();
    this.place(node, time);
    return this.fill(node, kind, target, a, b, generation, cause, body);
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
    const node = this.allocate();
    this.placeUrgent(node, time);
    return this.fill(node, kind | IS_URGENT, target, a, b, generation, cause, body);
  }

  /** Takes a pending event back, at once. */
  cancel(slot: number): void {
    const node = this.remove(slot);
    this.takeBody(slot);
    this.release(node);
  }

  /** Gives a pending event another time; it becomes the newest of its rank at that instant. */
  move(slot: number, time: number): void {
    const node = this.remove(slot);
    if ((this.records[(slot << SHIFT) | KIND] & IS_URGENT) !== 0) this.placeUrgent(node, time);
    else this.place(node, time);
  }

  /** Time of a pending event, or of the one just popped from `slot`. */
  timeOf(slot: number): number {
    return this.timeAt(nodeOf(slot));
  }

  /** What was pushed as `kind`; likewise the following. */
  kindOf(slot: number): number {
    return this.records[(slot << SHIFT) | KIND] & KIND_MASK;
  }

  targetOf(slot: number): number {
    return this.records[(slot << SHIFT) | TARGET];
  }

  aOf(slot: number): number {
    return this.records[(slot << SHIFT) | A];
  }

  bOf(slot: number): number {
    return this.records[(slot << SHIFT) | B];
  }

  generationOf(slot: number): number {
    return this.records[(slot << SHIFT) | GENERATION];
  }

  causeOf(slot: number): number {
    return this.records[(slot << SHIFT) | CAUSE] >>> 0;
  }

  /** Gives a pending event another cause. */
  setCause(slot: number, cause: number): void {
    this.records[(slot << SHIFT) | CAUSE] = cause;
  }

  /**
   * Takes the earliest event with a time of at most `limit` off the queue: its slot, or -1.
   * `poppedTime` is then its time.
   *
   * After -1 the next push must be at `limit` or later, as when the clock has gone on to it.
   */
  pop(limit: number): number {
    const node = this.take(limit);
    if (node === -1) return -1;
    this.release(node);
    return slotOf(node);
  }

  /** Body of the event just popped; the queue forgets it. */
  takeBody(slot: number): unknown {
    if ((this.records[(slot << SHIFT) | KIND] & HAS_BODY) === 0) return null;
    const body = this.body[slot];
    this.body[slot] = null;
    return body;
  }

  /** Slots of the next ordinary events, as many as fit and are near: how many there are. */
  next(slots: Int32Array): number {
    const count = this.nextNodes(slots);
    for (let i = 0; i < count; i++) slots[i] = slotOf(slots[i]);
    return count;
  }

  /** Time of the earliest event, or Infinity. Looking changes nothing. */
  peek(): number {
    return this.earliest();
  }

  /** Visits the slots of all pending events, in no useful order. */
  forEachPending(visit: (slot: number) => void): void {
    for (let slot = 0; slot < this.used; slot++) {
      if (this.links[nodeOf(slot)] >= 0) visit(slot);
    }
  }

  /** A copy of everything. Bodies are shared: they are immutable. */
  save(): QueueState {
    const { used } = this;
    return {
      size: this.pending,
      free: this.free,
      wheel: this.saveWheel(),
      links: this.saveLists(used),
      records: this.records.slice(0, used << SHIFT),
      body: this.body.slice(0, used),
    };
  }

  /** Becomes what `save` saw, slot numbers and future slot numbers included. */
  restore(state: QueueState): void {
    const used = state.body.length;
    while (this.capacity < used) this.grow();
    this.used = used;
    this.pending = state.size;
    this.free = state.free;
    this.restoreLists(state.links);
    this.records.set(state.records);
    this.restoreWheel(state.wheel);
    for (let slot = 0; slot < used; slot++) this.body[slot] = state.body[slot];
    this.body.fill(null, used);
  }

  private allocate(): number {
    const node = this.free;
    if (node !== NO_NODE) {
      this.free = -2 - this.links[node];
      this.pending++;
      return node;
    }
    if (this.used === this.capacity) this.grow();
    this.pending++;
    return nodeOf(this.used++);
  }

  private release(node: number): void {
    this.links[node] = -2 - this.free;
    this.free = node;
    this.pending--;
  }

  private remove(slot: number): number {
    const node = nodeOf(slot);
    if (slot < 0 || !(this.links[node] >= 0)) fail(`slot ${slot} holds no pending event`);
    if ((this.records[(slot << SHIFT) | KIND] & IS_URGENT) === 0) this.unlink(node);
    else this.removeUrgent(node);
    return node;
  }

  private fill(
    node: number,
    kind: number,
    target: number,
    a: number,
    b: number,
    generation: number,
    cause: number,
    body: unknown,
  ): number {
    const slot = slotOf(node);
    const { records } = this;
    const at = slot << SHIFT;
    // Said to be integers, they are stored without a look at what else a number may be.
    records[at | TARGET] = target | 0;
    records[at | A] = a | 0;
    records[at | B] = b | 0;
    records[at | GENERATION] = generation | 0;
    records[at | CAUSE] = cause | 0;
    if (body === null) {
      records[at | KIND] = kind;
    } else {
      records[at | KIND] = kind | HAS_BODY;
      this.body[slot] = body;
    }
    return slot;
  }

  private grow(): void {
    if (this.capacity >= this.limit) throw new LimitReached('queue', this.poppedTime);
    const capacity = Math.min(this.limit, 2 * this.capacity);
    this.growWheel(capacity);
    while (this.body.length < capacity) this.body.push(null);
    this.capacity = capacity;
  }
}

function nodeOf(slot: number): number {
  return SLOTS + (slot << 1);
}

function slotOf(node: number): number {
  return (node - SLOTS) >> 1;
}
