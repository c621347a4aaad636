import { describe, expect, test } from 'vitest';
import { HostClock } from '../../sim/core/clock.ts';

const YEAR = 365 * 86_400e6;

function clockAt(ppm: number, since = 0): HostClock {
  const clock = new HostClock();
  clock.setRate(since, ppm);
  return clock;
}

describe('the monotonic clock', () => {
  test.each([
    [0, 1_000_000, 1_000_000],
    [2000, 1_000_000, 1_002_000],
    [-2000, 999, 997],
    [-2000, 1_000_000, 998_000],
    [1, 999_999, 999_999],
    [1, 1_000_000, 1_000_001],
    // 20 years: rate times time would need 69 bits.
    [-37, 20 * YEAR, 20 * YEAR - 23_336_640_000],
  ])('at %d ppm after %d us shows %d', (ppm, now, local) => {
    expect(clockAt(ppm).monotonic(now)).toBe(local);
  });

  test('does not notice a change of rate at that instant', () => {
    const clock = clockAt(333);
    for (const now of [7, 1001, 1002, 123_456_789]) {
      const before = clock.monotonic(now);
      clock.setRate(now, -now % 1000);
      expect(clock.monotonic(now)).toBe(before);
    }
  });

  test('loses nothing in ten thousand changes of rate', () => {
    const clock = new HostClock();
    for (let i = 0; i < 10_000; i++) clock.setRate(i * 7, i % 2 === 0 ? 100_000 : 0);
    // Half of 70 000 us at 11/10 of the rate.
    expect(clock.monotonic(70_000)).toBe(73_500);
  });

  test('takes whole rates only', () => {
    expect(() => clockAt(0.5)).toThrow('cannot run');
    expect(() => clockAt(-1_000_000)).toThrow('cannot run');
  });
});

describe('a timer', () => {
  test('of a fast clock comes early, of a slow one late', () => {
    expect(clockAt(2000).realDelay(1_002_000)).toBe(1_000_000);
    expect(clockAt(-2000).realDelay(998_000)).toBe(1_000_000);
    expect(clockAt(0).realDelay(5)).toBe(5);
  });

  test('fires at the first instant that its clock allows, whatever the phase', () => {
    const clock = clockAt(-400_000, 13);
    for (let now = 13; now < 60; now++) {
      for (const local of [0, 1, 2, 7, 1000]) {
        const delay = clock.realDelay(local, now);
        const shown = (at: number): number => clock.monotonic(at) - clock.monotonic(now);
        expect(shown(now + delay)).toBeGreaterThanOrEqual(local);
        if (delay > 0) expect(shown(now + delay - 1)).toBeLessThan(local);
        expect(clock.realDelay(local)).toBeGreaterThanOrEqual(delay);
      }
    }
  });
});

describe('the wall clock', () => {
  test('follows the monotonic one at its offset and jumps alone', () => {
    const clock = clockAt(1000);
    clock.jump(-5_000_000);
    expect([clock.wall(1_000_000), clock.monotonic(1_000_000)]).toEqual([-3_999_000, 1_001_000]);
    expect(clock.wallOffsetMicros).toBe(-5_000_000);
  });

  test('jumps over a suspension, during which the monotonic clock stands still', () => {
    const clock = clockAt(1000);
    clock.suspend(1_000_000);
    expect([clock.monotonic(3_000_000), clock.wall(3_000_000)]).toEqual([1_001_000, 3_001_000]);
    expect(clock.resume(4_000_000)).toBe(3_000_000);
    expect([clock.monotonic(4_000_000), clock.wall(4_000_000)]).toEqual([1_001_000, 4_001_000]);
    expect([clock.monotonic(5_000_000), clock.wall(5_000_000)]).toEqual([2_002_000, 5_002_000]);
  });

  test('may change its rate while suspended', () => {
    const clock = new HostClock();
    clock.suspend(1000);
    clock.setRate(2000, 500_000);
    expect(clock.monotonic(3000)).toBe(1000);
    clock.resume(3000);
    expect(clock.monotonic(5000)).toBe(4000);
  });
});

test('a clock is not suspended twice, nor resumed when it runs', () => {
  const clock = new HostClock();
  expect(() => clock.resume(1)).toThrow('only a suspended');
  clock.suspend(1);
  expect(() => clock.suspend(2)).toThrow('not suspended again');
});

test('a saved clock goes on as it was', () => {
  const clock = clockAt(777, 31);
  clock.setRate(1234, -12);
  clock.jump(99);
  clock.suspend(5000);
  const state = clock.save();
  const wanted = [clock.resume(6000), clock.monotonic(7_654_321), clock.wall(7_654_321)];
  clock.setRate(8_000_000, 5);
  for (const target of [clock, new HostClock()]) {
    target.restore(state);
    expect(target.save()).toEqual(state);
    const values = [target.resume(6000), target.monotonic(7_654_321), target.wall(7_654_321)];
    expect(values).toEqual(wanted);
  }
});
