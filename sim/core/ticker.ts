/**
 * Go's time.Ticker as data: ticks keep their phase, one is buffered, and what a slow receiver misses
 * is dropped, as the documentation of Go's package time has it; a late timer of the runtime goes on by
 * whole periods to the first one in the future (golang/go:src/runtime/time.go).
 */
import { assert } from './assert.ts';

/** Plain data: copy it to save it. Times are those of the clock that its owner passes. */
export interface Ticker {
  periodMicros: number;
  /** When the next tick is due. */
  nextMicros: number;
  /** A tick waits to be received. */
  buffered: boolean;
}

/** A ticker that ticks first after one period. Asserts a period above 0, where Go panics. */
export function createTicker(now: number, periodMicros: number): Ticker {
  assert(periodMicros > 0, 'a ticker has a period');
  return { periodMicros, nextMicros: now + periodMicros, buffered: false };
}

/**
 * Time has come to `now`: of all ticks due by then one is buffered, unless one is already.
 * Returns whether a tick has become ready by it.
 */
export function advanceTicker(ticker: Ticker, now: number): boolean {
  if (now < ticker.nextMicros) return false;
  const missed = Math.floor((now - ticker.nextMicros) / ticker.periodMicros);
  ticker.nextMicros += (missed + 1) * ticker.periodMicros;
  const ready = !ticker.buffered;
  ticker.buffered = true;
  return ready;
}

/** Takes the buffered tick, if there is one. */
export function receiveTick(ticker: Ticker): boolean {
  const { buffered } = ticker;
  ticker.buffered = false;
  return buffered;
}

/**
 * Starts a new phase at `now`. A buffered tick survives, as it did before Go 1.23; since then it is
 * gone: `drain`.
 */
export function resetTicker(
  ticker: Ticker,
  now: number,
  periodMicros: number,
  drain: boolean,
): void {
  assert(periodMicros > 0, 'a ticker has a period');
  ticker.periodMicros = periodMicros;
  ticker.nextMicros = now + periodMicros;
  if (drain) ticker.buffered = false;
}

export function copyTicker(ticker: Ticker): Ticker {
  return { ...ticker };
}
