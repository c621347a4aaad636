/** A run ends where a limit says, and an idle world comes to an end by itself. */
import { describe, expect, test } from 'vitest';
import { LimitReached } from '../../sim/core/limits.ts';
import type { Observer } from '../../sim/core/observer.ts';
import { Bench, Input, MS, SECOND } from './kit.ts';
import type { BenchOptions, Program } from './kit.ts';

const ticking: Program = {
  start: (out) => out.timer(Input.tick, 0, MS),
  input: (out) => out.timer(Input.tick, 0, MS),
};

/** How it ended: the limit, the time in ms, and the number of events by then. */
function end(program: Program, limits: NonNullable<BenchOptions['limits']>): unknown[] {
  const bench = new Bench([program], { limits });
  try {
    bench.run(10 * SECOND);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return [error.limit, error.at / MS, bench.world.event];
  }
  return ['none'];
}

describe('limits', () => {
  test('on events', () => {
    // The start and 99 ticks; the hundredth would be one too many.
    expect(end(ticking, { events: 100 })).toEqual(['events', 100, 100]);
    expect(end(ticking, { events: 10_001 })).toEqual(['none']);
  });

  test('on the length of the queue', () => {
    const hoarding: Program = {
      ...ticking,
      input: (out, _, key) => {
        out.timer(Input.tick, 0, MS);
        out.timer(Input.sideTick, key + 1, SECOND);
        for (let i = 0; i < 10; i++) out.datagram(0, Input.packet, null);
      },
    };
    expect(end(hoarding, { queue: 8 })).toEqual(['queue', 1, 2]);
  });

  test('on handlers within one event, which is an error of the program', () => {
    const endless: Program = {
      start: (out) => void out.post(Input.side, 0, 0, null),
      input: (out) => void out.post(Input.side, 0, 0, null),
    };
    expect(() => end(endless, {})).toThrow('endless loop within one event');
  });
});

test('a world in which nothing is left to do says so, and time goes on', () => {
  let seconds = 0;
  const observer: Observer = { wants: [], onNote: () => {}, onSecond: () => void seconds++ };
  const bench = new Bench([{}]);
  bench.world.observe(observer);
  expect(bench.world.step(Infinity)).toBe(true);
  expect(bench.world.step(Infinity)).toBe(false);
  expect([bench.world.now, seconds]).toEqual([0, 0]);
  bench.run(2.5 * SECOND);
  expect([bench.world.now / SECOND, seconds]).toEqual([2.5, 2]);
});
