/**
 * A host's clocks. The monotonic one runs at a rate of (1 + ppm / 10^6) against real time and stands
 * still while the host is suspended; the wall clock is the monotonic one plus an offset and jumps.
 * Seconds and remainder are multiplied apart: the naive product leaves 2^53 after 2.5 hours.
 */
import { assert } from './assert.ts';

const MILLION = 1_000_000;

export interface ClockState {
  readonly ppm: number;
  readonly anchorReal: number;
  readonly anchorLocal: number;
  readonly wallOffset: number;
  readonly suspendedAt: number;
}

/** floor(micros * (10^6 + ppm) / 10^6), exact for years. */
function scaleUp(micros: number, ppm: number): number {
  const seconds = Math.floor(micros / MILLION);
  const rest = micros - seconds * MILLION;
  return micros + seconds * ppm + Math.floor((rest * ppm) / MILLION);
}

export class HostClock {
  /** Deviation of the rate in parts per million; positive: fast. */
  ratePpm = 0;
  private anchorReal = 0;
  private anchorLocal = 0;
  private wallOffset = 0;
  /** Real time of the suspension, or -1. */
  private suspendedAt = -1;

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
    return this.anchorLocal + scaleUp(real - this.anchorReal, this.ratePpm);
  }

  /** The wall clock goes on during a suspension: it is read from hardware afterwards. */
  wall(now: number): number {
    if (this.suspendedAt < 0) return this.monotonic(now) + this.wallOffset;
    return this.monotonic(this.suspendedAt) + this.wallOffset + (now - this.suspendedAt);
  }

  /**
   * Real microseconds until the local clock, read at `now`, has advanced by `local` (rounded up, so
   * that a timer never fires early by its own clock).
   */
  realDelay(local: number): number {
    if (this.ratePpm === 0) return local;
    let real = Math.floor((local / (MILLION + this.ratePpm)) * MILLION);
    while (scaleUp(real, this.ratePpm) < local) real++;
    while (real > 0 && scaleUp(real - 1, this.ratePpm) >= local) real--;
    return real;
  }

  setRate(now: number, ppm: number): void {
    assert(Number.isInteger(ppm) && ppm > -MILLION, `a clock cannot run at ${ppm} ppm`);
    this.anchorLocal = this.monotonic(now);
    this.anchorReal = this.shownReal(now);
    this.ratePpm = ppm;
  }

  /** Moves the wall clock only. */
  jump(micros: number): void {
    this.wallOffset += micros;
  }

  suspend(now: number): void {
    this.suspendedAt = now;
  }

  /** Returns how long the monotonic clock stood still; the wall clock has jumped by as much. */
  resume(now: number): number {
    const slept = now - this.suspendedAt;
    this.anchorLocal = this.monotonic(now);
    this.anchorReal = now;
    this.suspendedAt = -1;
    this.wallOffset += slept;
    return slept;
  }

  save(): ClockState {
    const { ratePpm: ppm, anchorReal, anchorLocal, wallOffset, suspendedAt } = this;
    return { ppm, anchorReal, anchorLocal, wallOffset, suspendedAt };
  }

  restore(state: ClockState): void {
    this.ratePpm = state.ppm;
    this.anchorReal = state.anchorReal;
    this.anchorLocal = state.anchorLocal;
    this.wallOffset = state.wallOffset;
    this.suspendedAt = state.suspendedAt;
  }
}
