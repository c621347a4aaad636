import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from '../../sim/core/queue.ts';
import type { QueueState } from '../../sim/core/queue.ts';
import { Streams } from '../../sim/core/draws.ts';
import type { Draws } from '../../sim/core/draws.ts';
import { contents, ReferenceQueue } from './queue-reference.ts';

/** How far ahead the times of one run lie, and how often each operation comes. */
interface Profile {
  readonly ahead: readonly number[];
  readonly pending: number;
  readonly urgent: number;
  readonly operations: number;
}

const HOUR = 3_600e6;
// Instants, neighbours of every window of the wheels, hours, years.
const EDGES = [
  0,
  1,
  31,
  32,
  1023,
  1024,
  8191,
  8192,
  8193,
  2 ** 24 - 1,
  2 ** 24,
  2 ** 32,
  2 ** 32 + 1,
];
const profiles: Profile[] = [
  { ahead: [0, 1, 2, 3], pending: 40, urgent: 0.3, operations: 4000 },
  { ahead: [1000, 8192, 50_000], pending: 600, urgent: 0.02, operations: 6000 },
  { ahead: [0, 1000, 200_000, 60e6], pending: 300, urgent: 0.05, operations: 6000 },
  { ahead: EDGES, pending: 60, urgent: 0.1, operations: 4000 },
  { ahead: [10e6, HOUR, 3 * HOUR], pending: 100, urgent: 0.05, operations: 4000 },
  { ahead: [1, 1e6, 24 * HOUR, 10 * 365 * 24 * HOUR], pending: 12, urgent: 0.2, operations: 2000 },
];

interface Saved {
  readonly state: QueueState;
  readonly reference: ReferenceQueue;
  readonly slots: Map<number, number>;
  readonly now: number;
}

/** A queue and its reference, which must never disagree. */
class Pair {
  queue = new EventQueue();
  reference = new ReferenceQueue();
  slots = new Map<number, number>();
  now = 0;
  lastId = 0;
  saved: Saved | null = null;

  push(time: number, urgent: boolean): void {
    const id = ++this.lastId;
    const columns = [id & 0xffff, id, -id, id * 7, 3, id * 2] as const;
    const body = id % 3 === 0 ? null : { id };
    const slot = urgent
      ? this.queue.pushFirst(time, ...columns, body)
      : this.queue.push(time, ...columns, body);
    this.reference.push(id, time, urgent ? 0 : 1);
    this.slots.set(id, slot);
  }

  pop(limit: number): void {
    const expected = this.reference.pop(limit);
    const slot = this.queue.pop(limit);
    if (expected === undefined) {
      expect(slot).toBe(-1);
      if (limit !== Infinity) this.now = limit;
      return;
    }
    const { queue } = this;
    const { id, time } = expected;
    expect(slot).toBe(this.slots.get(id));
    expect([queue.poppedTime, queue.timeOf(slot)]).toEqual([time, time]);
    expect(contents(queue, slot)).toEqual([id & 0xffff, id, -id, id * 7, 3, id * 2]);
    expect(queue.takeBody(slot)).toEqual(id % 3 === 0 ? null : { id });
    expect(queue.takeBody(slot)).toBe(null);
    this.slots.delete(id);
    this.now = time;
  }

  cancel(id: number): void {
    this.queue.cancel(this.slots.get(id)!);
    this.reference.remove(id);
    this.slots.delete(id);
  }

  move(id: number, time: number): void {
    this.queue.move(this.slots.get(id)!, time);
    this.reference.push(id, time, this.reference.remove(id).rank);
    expect(this.queue.timeOf(this.slots.get(id)!)).toBe(time);
  }

  save(): void {
    const reference = this.reference.copy();
    this.saved = {
      state: this.queue.save(),
      reference,
      slots: new Map(this.slots),
      now: this.now,
    };
  }

  restore(fresh: boolean): void {
    if (this.saved === null) return;
    if (fresh) this.queue = new EventQueue();
    this.queue.restore(this.saved.state);
    this.reference = this.saved.reference.copy();
    this.slots = new Map(this.saved.slots);
    this.now = this.saved.now;
  }
}

function anyId(pair: Pair, draws: Draws): number | undefined {
  const { entries } = pair.reference;
  return entries.length === 0 ? undefined : draws.pick(entries).id;
}

function step(pair: Pair, profile: Profile, draws: Draws): void {
  const drawTime = (): number => {
    const span = draws.pick(profile.ahead);
    return pair.now + (draws.chance(0.5) ? span : draws.below(span + 1));
  };
  const full = pair.queue.size >= profile.pending;
  const choice = draws.unit();
  const id = anyId(pair, draws);
  if (choice < (full ? 0.2 : 0.55)) pair.push(drawTime(), draws.chance(profile.urgent));
  else if (choice < 0.7) pair.pop(Infinity);
  else if (choice < 0.85) pair.pop(drawTime());
  else if (choice < 0.91 && id !== undefined) pair.cancel(id);
  else if (choice < 0.97 && id !== undefined) pair.move(id, drawTime());
  else if (choice < 0.99) pair.save();
  else pair.restore(draws.chance(0.5));
  expect(pair.queue.size).toBe(pair.reference.entries.length);
  expect(pair.queue.peek()).toBe(pair.reference.peek());
}

test('the queue does what one sorted array does, over hundreds of thousands of operations', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(...profiles), (seed, profile) => {
      const draws = new Streams(seed).stream('operations');
      const pair = new Pair();
      for (let i = 0; i < profile.operations; i++) step(pair, profile, draws);
      while (pair.queue.size > 0) pair.pop(Infinity);
      expect(pair.reference.entries).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
