/**
 * Go's time.Ticker as data: ticks keep their phase, one is buffered, and what a slow receiver misses
 * is dropped.
 */
export interface Ticker {
  readonly periodMicros: number;
  /** When the next tick is due. */
  nextMicros: number;
  /** A tick waits to be received. */
  buffered: boolean;
}

export function createTicker(now: number, periodMicros: number): Ticker {
  return { periodMicros, nextMicros: now + periodMicros, buffered: false };
}

/** Time has come to `now`: every tick due is either buffered or dropped. */
export function advanceTicker(ticker: Ticker, now: number): void {
  if (now < ticker.nextMicros) return;
  const missed = Math.floor((now - ticker.nextMicros) / ticker.periodMicros);
  ticker.nextMicros += (missed + 1) * ticker.periodMicros;
  ticker.buffered = true;
}

/** Takes the buffered tick, if there is one. */
export function receiveTick(ticker: Ticker): boolean {
  const { buffered } = ticker;
  ticker.buffered = false;
  return buffered;
}

export function copyTicker(ticker: Ticker): Ticker {
  return { ...ticker };
}
