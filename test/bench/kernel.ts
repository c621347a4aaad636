/**
 * The event queue alone, in the hold model: take the earliest event, put one back. Beside it a heap
 * of objects does the same, in the same order, which is checked.
 */
import { compileSampler } from '../../sim/core/distribution.ts';
import { Streams } from '../../sim/core/draws.ts';
import type { Draws } from '../../sim/core/draws.ts';
import { EventQueue } from '../../sim/core/queue.ts';
import type { Bench, BenchCase, Runner } from './harness.ts';
import { ObjectHeap } from './heap.ts';
import type { HeapEvent } from './heap.ts';

const BATCH = 20_000;
const MASK = 0xffff;
const NONE = -1;
// A timer that will be cancelled is so this many events later, as when an answer has come.
const CANCEL_MASK = 7;

/** Delays in microseconds, and which of them belong to timers that are cancelled; drawn before. */
interface Workload {
  readonly delays: Int32Array;
  readonly cancelled: Uint8Array;
}

function workload(name: string, draw: (draws: Draws) => number, timersFrom: number): Workload {
  const draws = new Streams('bench').stream(name);
  const delays = Int32Array.from({ length: MASK + 1 }, () => draw(draws));
  const cancelled = Uint8Array.from(delays, (delay) =>
    delay >= timersFrom && draws.chance(1 / 3) ? 1 : 0,
  );
  return { delays, cancelled };
}

function exponential(): Workload {
  const sampler = compileSampler({ kind: 'exponential', meanMicros: 1000 });
  return workload('exponential', (draws) => draws.sample(sampler), Infinity);
}

/** 70 % deliveries in 0.2-1 ms; timers: 20 % in 50-200 ms, 10 % in 1-60 s, a third cancelled. */
function mixed(): Workload {
  const draw = (draws: Draws): number => {
    const share = draws.unit();
    if (share < 0.7) return draws.between(200, 1000);
    return share < 0.9 ? draws.between(50_000, 200_000) : draws.between(1_000_000, 60_000_000);
  };
  return workload('mixed', draw, 50_000);
}

/** A queue that holds a number of events, and a checksum of the order in which they came. */
abstract class Hold {
  checksum = 0;
  now = 0;
  /** Delays and steps used so far. */
  protected at = 0;
  protected step = 0;
  protected readonly delays: Int32Array;
  protected readonly cancelled: Uint8Array;

  constructor({ delays, cancelled }: Workload) {
    this.delays = delays;
    this.cancelled = cancelled;
  }

  /** Takes so many events and puts as many back. */
  abstract batch(events: number): void;
}

class WheelHold extends Hold {
  private readonly queue = new EventQueue();
  private readonly doomed = new Int32Array(CANCEL_MASK + 1).fill(NONE);

  constructor(load: Workload, pending: number) {
    super(load);
    for (let i = 0; i < pending; i++) {
      this.queue.push(this.delays[this.at++ & MASK], 1, i, 0, 0, 0, 0, null);
    }
  }

  override batch(events: number): void {
    const { queue, delays, cancelled, doomed } = this;
    let { at, step, checksum } = this;
    for (const end = step + events; step < end; step++) {
      const slot = queue.pop(Infinity);
      const now = queue.poppedTime;
      const target = queue.targetOf(slot);
      const held = queue.bOf(slot);
      if (held > 0) doomed[held - 1] = NONE;
      const body = queue.takeBody(slot);
      checksum = (Math.imul(checksum, 31) + target + now) | 0;
      const place = step & CANCEL_MASK;
      if (doomed[place] !== NONE) {
        queue.cancel(doomed[place]);
        doomed[place] = NONE;
        queue.push(now + delays[at++ & MASK], 1, target, 0, 0, 0, step, null);
      }
      const next = at++ & MASK;
      const time = now + delays[next];
      if (cancelled[next] === 0) queue.push(time, 1, target, step, 0, 0, step, body);
      else doomed[place] = queue.push(time, 1, target, step, place + 1, 0, step, body);
    }
    this.at = at;
    this.step = step;
    this.checksum = checksum;
    this.now = queue.poppedTime;
  }
}

class HeapHold extends Hold {
  private readonly heap = new ObjectHeap();
  private readonly doomed = new Array<HeapEvent | null>(CANCEL_MASK + 1).fill(null);

  constructor(load: Workload, pending: number) {
    super(load);
    for (let i = 0; i < pending; i++) {
      this.heap.push(this.delays[this.at++ & MASK], 1, i, 0, 0, 0, 0, null);
    }
  }

  override batch(events: number): void {
    const { heap, delays, cancelled, doomed } = this;
    let { at, step, checksum, now } = this;
    for (const end = step + events; step < end; step++) {
      const event = heap.pop();
      const { target, body } = event;
      now = event.time;
      if (event.b > 0) doomed[event.b - 1] = null;
      checksum = (Math.imul(checksum, 31) + target + now) | 0;
      const place = step & CANCEL_MASK;
      const old = doomed[place];
      if (old !== null) {
        old.cancelled = true;
        doomed[place] = null;
        heap.push(now + delays[at++ & MASK], 1, target, 0, 0, 0, step, null);
      }
      const next = at++ & MASK;
      const time = now + delays[next];
      if (cancelled[next] === 0) heap.push(time, 1, target, step, 0, 0, step, body);
      else doomed[place] = heap.push(time, 1, target, step, place + 1, 0, step, body);
    }
    this.at = at;
    this.step = step;
    this.checksum = checksum;
    this.now = now;
  }
}

function runner(hold: Hold): Runner {
  return () => {
    const start = hold.now;
    hold.batch(BATCH);
    return { events: BATCH, simulatedSeconds: (hold.now - start) / 1e6, useful: BATCH };
  };
}

function holdCase(name: string, makeLoad: () => Workload, pending: number): BenchCase {
  // More than a minute of the mixed load: by then the long timers have their final share of what
  // waits, and the cancelled ones have theirs of the heap.
  const settle = 200_000 + 25 * pending;
  const checksums: number[] = [];
  const settled = (hold: Hold): Runner => {
    // In the same portions as later: a loop that is compiled while it runs for the first time is
    // left through a deoptimisation, then and in every later call.
    for (let done = 0; done < settle; done += BATCH) hold.batch(BATCH);
    checksums.push(hold.checksum);
    if (new Set(checksums).size > 1) throw new Error('The two queues disagree about the order.');
    return runner(hold);
  };
  return {
    name,
    params: { pending },
    usefulUnit: 'events/s',
    subject: () => settled(new WheelHold(makeLoad(), pending)),
    baseline: () => settled(new HeapHold(makeLoad(), pending)),
  };
}

export const bench: Bench = {
  name: 'kernel',
  title: 'the event queue beside a heap of objects, hold model',
  cases: [1000, 100_000].flatMap((pending) => [
    holdCase('hold-exponential', exponential, pending),
    holdCase('hold-mixed', mixed, pending),
  ]),
};
