/**
 * A host's clocks. The monotonic one runs at a rate of (1 + ppm / 10^6) against real time and stands
 * still while the host is suspended; the wall clock is the monotonic one plus an offset and jumps.
 * Seconds and remainder are multiplied apart: the naive product leaves 2^53 after 2.5 hours.
 */
import { assert } from './assert.ts';

const MILLION = 1_000_000;

export interface ClockState {
  readonly ratePpm: number;
  readonly wallOffsetMicros: number;
  readonly anchorReal: number;
  readonly anchorLocal: number;
  readonly anchorRest: number;
  readonly suspendedAt: number;
}

/** floor((micros * (10^6 + ppm) + rest) / 10^6) for a rest in 0..10^6-1, exact for centuries. */
function scaled(micros: number, ppm: number, rest: number): number {
  const seconds = Math.floor(micros / MILLION);
  const below = micros - seconds * MILLION;
  return micros + seconds * ppm + Math.floor((below * ppm + rest) / MILLION);
}

/** What `scaled` leaves over, in millionths of a microsecond. */
function leftOver(micros: number, ppm: number, rest: number): number {
  const below = micros - Math.floor(micros / MILLION) * MILLION;
  const sum = below * ppm + rest;
  return sum - Math.floor(sum / MILLION) * MILLION;
}

/**
 * Local time is the exact integral of the rate, rounded down to a microsecond, through any number of
 * changes of rate and suspensions.
 */
export class HostClock {
  /** Deviation of the rate in parts per million; positive: fast. Set by `setRate`. */
  ratePpm = 0;
  /** Wall clock minus monotonic clock. */
  wallOffsetMicros = 0;
  // Local time at `anchorReal`: whole microseconds, and millionths of one.
  private anchorReal = 0;
  private anchorLocal = 0;
  private anchorRest = 0;
  // Real time of the suspension, or -1.
  private suspendedAt = -1;

  /** Local microseconds since the world began, without suspensions. */
  monotonic(now: number): number {
    return this.running(this.shownReal(now));
  }

  /** Real time at which the monotonic clock showed, or shows, what it shows at `now`. */
  shownReal(now: number): number {
    return this.suspendedAt >= 0 ? this.suspendedAt : now;
  }

  /** What the monotonic clock would show at `real` if nothing had stopped it since it was set. */
  running(real: number): number {
    if (this.ratePpm === 0) return this.anchorLocal + (real - this.anchorReal);
    return this.anchorLocal + scaled(real - this.anchorReal, this.ratePpm, this.anchorRest);
  }

  /** The wall clock goes on during a suspension: it is read from hardware afterwards. */
  wall(now: number): number {
    if (this.suspendedAt < 0) return this.monotonic(now) + this.wallOffsetMicros;
    return this.monotonic(this.suspendedAt) + this.wallOffsetMicros + (now - this.suspendedAt);
  }

  /**
   * Real microseconds after which the local clock has advanced by `local`, so that a timer never
   * fires early by its own clock. With `now` they are the fewest; without, the timer may be late by
   * less than one local microsecond.
   */
  realDelay(local: number, now?: number): number {
    if (this.ratePpm === 0) return local;
    if (now === undefined) return this.realElapsed(local, 0);
    return Math.max(0, this.realTimeOf(this.running(now) + local) - now);
  }

  /** First real microsecond from the last change on at which the running clock shows `local`. */
  realTimeOf(local: number): number {
    return this.anchorReal + this.realElapsed(local - this.anchorLocal, this.anchorRest);
  }

  /** Changes the rate from `now` on. Asserts a whole number of ppm above -10^6. */
  setRate(now: number, ppm: number): void {
    assert(Number.isInteger(ppm) && ppm > -MILLION, `a clock cannot run at ${ppm} ppm`);
    this.setAnchor(this.shownReal(now));
    this.ratePpm = ppm;
  }

  /** Moves the wall clock only. */
  jump(micros: number): void {
    this.wallOffsetMicros += micros;
  }

  /** Stops the monotonic clock. */
  suspend(now: number): void {
    assert(this.suspendedAt < 0, 'a suspended clock is not suspended again');
    this.suspendedAt = now;
  }

  /** Returns how long the monotonic clock stood still; the wall clock has jumped by as much. */
  resume(now: number): number {
    assert(this.suspendedAt >= 0, 'only a suspended clock can be resumed');
    const slept = now - this.suspendedAt;
    this.setAnchor(this.suspendedAt);
    this.anchorReal = now;
    this.suspendedAt = -1;
    this.wallOffsetMicros += slept;
    return slept;
  }

  save(): ClockState {
    const { ratePpm, wallOffsetMicros, anchorReal, anchorLocal, anchorRest, suspendedAt } = this;
    return { ratePpm, wallOffsetMicros, anchorReal, anchorLocal, anchorRest, suspendedAt };
  }

  restore(state: ClockState): void {
    this.ratePpm = state.ratePpm;
    this.wallOffsetMicros = state.wallOffsetMicros;
    this.anchorReal = state.anchorReal;
    this.anchorLocal = state.anchorLocal;
    this.anchorRest = state.anchorRest;
    this.suspendedAt = state.suspendedAt;
  }

  private setAnchor(real: number): void {
    const elapsed = real - this.anchorReal;
    const local = this.running(real);
    this.anchorRest = leftOver(elapsed, this.ratePpm, this.anchorRest);
    this.anchorLocal = local;
    this.anchorReal = real;
  }

  /** Fewest real microseconds in which `local` pass, when `rest` millionths have already. */
  private realElapsed(local: number, rest: number): number {
    const { ratePpm } = this;
    // The quotient is off by no more than its rounding, which the steps mend.
    let real = Math.max(0, Math.floor((local / (MILLION + ratePpm)) * MILLION));
    while (scaled(real, ratePpm, rest) < local) real++;
    while (real > 0 && scaled(real - 1, ratePpm, rest) >= local) real--;
    return real;
  }
}
