import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HostClock } from '../../sim/core/clock.ts';

const MILLION = 1_000_000n;
const HOUR = 3_600e6;

/** The integral of the rate in millionths of a microsecond, over integers without limit. */
class ExactClock {
  private elapsed = 0n;
  private since = 0;
  private ppm = 0;

  millionths(now: number): bigint {
    return this.elapsed + BigInt(now - this.since) * (MILLION + BigInt(this.ppm));
  }

  micros(now: number): number {
    return Number(this.millionths(now) / MILLION);
  }

  setRate(now: number, ppm: number): void {
    this.elapsed = this.millionths(now);
    this.since = now;
    this.ppm = ppm;
  }
}

const rate = fc.oneof(
  fc.integer({ min: -3000, max: 3000 }),
  fc.integer({ min: -900_000, max: 1_000_000 }),
  fc.constant(0),
);
const span = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 10 * HOUR }),
  fc.integer({ min: 0, max: 5 * 365 * 24 * HOUR }),
);
const changes = fc.array(fc.record({ ppm: rate, span }), { minLength: 1, maxLength: 12 });

test('a clock is exact through changes of rate over decades, and never goes back', () => {
  fc.assert(
    fc.property(changes, fc.array(fc.nat(1000), { maxLength: 5 }), (segments, offsets) => {
      const clock = new HostClock();
      const exact = new ExactClock();
      let now = 0;
      let last = 0;
      for (const segment of segments) {
        clock.setRate(now, segment.ppm);
        exact.setRate(now, segment.ppm);
        for (const offset of [...offsets, 0].toSorted((x, y) => x - y)) {
          const local = clock.monotonic(now + offset);
          expect(local).toBe(exact.micros(now + offset));
          if (offset === 0) expect(local).toBeGreaterThanOrEqual(last);
        }
        now += segment.span;
        last = clock.monotonic(now);
        expect(last).toBe(exact.micros(now));
      }
    }),
    { numRuns: 500 },
  );
});

test('a timer fires at the first microsecond at which its clock shows the deadline', () => {
  fc.assert(
    fc.property(changes, span, span, (segments, wait, local) => {
      const clock = new HostClock();
      let now = 0;
      for (const segment of segments) {
        clock.setRate(now, segment.ppm);
        now += segment.span;
      }
      now += wait;
      const deadline = clock.monotonic(now) + local;
      const at = now + clock.realDelay(local, now);
      expect(clock.monotonic(at)).toBeGreaterThanOrEqual(deadline);
      if (at > now) expect(clock.monotonic(at - 1)).toBeLessThan(deadline);
      const late = now + clock.realDelay(local);
      expect(late).toBeGreaterThanOrEqual(at);
      // Late by less than one local microsecond: the deadline has not passed by two.
      if (late > now) expect(clock.monotonic(late - 1)).toBeLessThanOrEqual(deadline);
    }),
    { numRuns: 1000 },
  );
});
