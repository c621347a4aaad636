import { describe, expect, test } from 'vitest';
import { EventQueue } from '../../sim/core/queue.ts';
import { contents } from '../property/queue-reference.ts';

const SECOND = 1_000_000;
const HOUR = 3_600 * SECOND;

function push(queue: EventQueue, time: number, name: number, body: unknown = null): number {
  return queue.push(time, 1, name, 0, 0, 0, 0, body);
}

function pushFirst(queue: EventQueue, time: number, name: number): number {
  return queue.pushFirst(time, 1, name, 0, 0, 0, 0, null);
}

/** Pops everything up to `limit`: names with their times. */
function drain(queue: EventQueue, limit = Infinity): [time: number, name: number][] {
  const seen: [number, number][] = [];
  for (let slot = queue.pop(limit); slot !== -1; slot = queue.pop(limit)) {
    seen.push([queue.poppedTime, queue.targetOf(slot)]);
  }
  return seen;
}

const names = (seen: [number, number][]): number[] => seen.map(([, name]) => name);

describe('order', () => {
  test('is by time, then by insertion, from a microsecond to years', () => {
    const queue = new EventQueue();
    const times = [5, 0, 24 * 365 * HOUR, 5, 8192, 3 * HOUR, 8191, 5, 20 * SECOND, 2 ** 32, 0];
    times.forEach((time, name) => push(queue, time, name));
    expect(drain(queue)).toEqual([
      [0, 1],
      [0, 10],
      [5, 0],
      [5, 3],
      [5, 7],
      [8191, 6],
      [8192, 4],
      [20 * SECOND, 8],
      [2 ** 32, 9],
      [3 * HOUR, 5],
      [24 * 365 * HOUR, 2],
    ]);
  });

  test('of one instant is kept however many wheels its events pass', () => {
    const queue = new EventQueue();
    for (let name = 0; name < 50; name++) push(queue, 2 * HOUR, name);
    // Brings the wheels close, so that the next ones enter a lower wheel directly.
    push(queue, 2 * HOUR - 9000, 100);
    push(queue, 2 * HOUR - 10, 101);
    expect(names(drain(queue, 2 * HOUR - 9000))).toEqual([100]);
    for (let name = 50; name < 60; name++) push(queue, 2 * HOUR, name);
    expect(names(drain(queue, 2 * HOUR - 10))).toEqual([101]);
    for (let name = 60; name < 70; name++) push(queue, 2 * HOUR, name);
    expect(names(drain(queue))).toEqual(Array.from({ length: 70 }, (_, name) => name));
  });

  test('puts what is pushed first before the rest of its microsecond, also while that passes', () => {
    const queue = new EventQueue();
    push(queue, 10, 1);
    push(queue, 10, 2);
    pushFirst(queue, 10, 3);
    pushFirst(queue, 10, 4);
    pushFirst(queue, 9, 5);
    expect(names(drain(queue, 9))).toEqual([5]);
    expect(queue.targetOf(queue.pop(10))).toBe(3);
    pushFirst(queue, 10, 6);
    push(queue, 10, 7);
    expect([queue.pop(10), queue.pop(10)].map((slot) => queue.targetOf(slot))).toEqual([4, 6]);
    expect(queue.targetOf(queue.pop(10))).toBe(1);
    pushFirst(queue, 10, 8);
    expect(names(drain(queue))).toEqual([8, 2, 7]);
  });

  test('makes a moved event the newest of its instant and rank', () => {
    const queue = new EventQueue();
    const ordinary = push(queue, 7, 1);
    const urgent = pushFirst(queue, 30, 2);
    push(queue, 9, 3);
    pushFirst(queue, 9, 4);
    queue.move(ordinary, 9);
    queue.move(urgent, 9);
    expect([queue.timeOf(ordinary), queue.timeOf(urgent)]).toEqual([9, 9]);
    expect(names(drain(queue))).toEqual([4, 2, 3, 1]);
  });
});

describe('a limit of time', () => {
  test('is not passed, and what is pushed at it afterwards comes in order', () => {
    const queue = new EventQueue();
    push(queue, HOUR, 1);
    push(queue, 4 * HOUR, 2);
    pushFirst(queue, 5 * HOUR, 3);
    for (const limit of [10, 20_000, HOUR - 1]) {
      expect(queue.pop(limit)).toBe(-1);
      expect(queue.peek()).toBe(HOUR);
      push(queue, limit, 9);
      push(queue, limit + 1, 9);
      expect(drain(queue, limit + 1).length).toBe(limit === HOUR - 1 ? 3 : 2);
    }
    expect(drain(queue, 3 * HOUR)).toEqual([]);
    push(queue, 3 * HOUR, 5);
    expect(names(drain(queue))).toEqual([5, 2, 3]);
  });

  test('does not matter to an empty queue', () => {
    const queue = new EventQueue();
    expect([queue.pop(Infinity), queue.pop(5), queue.peek(), queue.size]).toEqual([
      -1,
      -1,
      Infinity,
      0,
    ]);
  });
});

describe('the slots', () => {
  test('hold what was pushed, through growth', () => {
    const queue = new EventQueue();
    for (let i = 0; i < 5000; i++)
      queue.push(i, i, 7 - i, i * 2, i * 3, i * 4, 2 ** 32 - 1 - i, { i });
    expect(queue.size).toBe(5000);
    for (let i = 0; i < 5000; i++) {
      const slot = queue.pop(Infinity);
      expect(contents(queue, slot)).toEqual([i, 7 - i, i * 2, i * 3, i * 4, 2 ** 32 - 1 - i]);
      expect(queue.takeBody(slot)).toEqual({ i });
    }
  });

  test('let go of the bodies of what has been popped or cancelled', () => {
    const queue = new EventQueue();
    queue.cancel(push(queue, 1, 1, { big: 1 }));
    expect(queue.save().body).toEqual([null]);
    push(queue, 2, 2, { big: 2 });
    queue.takeBody(queue.pop(2));
    expect(queue.save().body.every((body) => body === null)).toBe(true);
    // A body that nobody took does not reach the next event of its slot.
    push(queue, 3, 3, { big: 3 });
    const left = queue.pop(3);
    expect(push(queue, 4, 4)).toBe(left);
    expect(queue.takeBody(queue.pop(4))).toBe(null);
  });
});

describe('refused are', () => {
  const popped = new EventQueue();
  push(popped, 100 * SECOND, 1);
  popped.pop(Infinity);

  test.each([0.5, NaN, Infinity, -1, 1e300, 100 * SECOND - 1, 100 * SECOND + 0.25, 1e9 + 0.5])(
    'the time %d',
    (time) => {
      expect(() => push(popped, time, 1)).toThrow('whole microsecond');
      expect(() => pushFirst(popped, time, 1)).toThrow('whole microsecond');
    },
  );

  test('slots in which nothing waits', () => {
    const queue = new EventQueue();
    const slot = push(queue, 1, 1);
    const other = push(queue, 2, 1);
    queue.cancel(slot);
    queue.pop(2);
    for (const wrong of [slot, other, 17, -1, 1e6]) {
      expect(() => queue.cancel(wrong)).toThrow('no pending event');
      expect(() => queue.move(wrong, 5)).toThrow('no pending event');
    }
  });

  test('more events than the limit', () => {
    const queue = new EventQueue(1500);
    for (let i = 0; i < 1500; i++) push(queue, 77, i);
    queue.pop(77);
    push(queue, 80, 1);
    const limit = { name: 'LimitReached', limit: 'queue', at: 77 };
    expect(() => push(queue, 90, 1)).toThrow(expect.objectContaining(limit));
    expect(queue.size).toBe(1500);
    expect(drain(queue).length).toBe(1500);
  });
});

test('a saved queue is restored with its slots, in the same or a fresh queue, any number of times', () => {
  const queue = new EventQueue();
  const slots = [3, HOUR, 3, 50_000].map((time, name) => push(queue, time, name, { name }));
  pushFirst(queue, 3, 9);
  queue.cancel(slots[3]);
  queue.pop(2);
  const state = queue.save();
  const go = (target: EventQueue): unknown[] => {
    target.restore(state);
    target.move(slots[1], 4);
    const added = [push(target, 3, 7), push(target, 2 * HOUR, 8)];
    return [
      added,
      target.size,
      drain(target),
      target.save().body.filter((body) => body !== null).length,
    ];
  };
  const first = go(queue);
  for (let i = 0; i < 3000; i++) push(queue, 3 * HOUR, i, {});
  expect(go(queue)).toEqual(first);
  expect(go(new EventQueue())).toEqual(first);
  expect(names(first[2] as [number, number][])).toEqual([9, 0, 2, 7, 1, 8]);
});
