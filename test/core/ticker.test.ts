import { expect, test } from 'vitest';
import {
  advanceTicker,
  copyTicker,
  createTicker,
  receiveTick,
  resetTicker,
} from '../../sim/core/ticker.ts';

test('ticks come after each period, one at a time', () => {
  const ticker = createTicker(100, 10);
  const seen: number[] = [];
  for (let now = 100; now <= 135; now++) {
    advanceTicker(ticker, now);
    if (receiveTick(ticker)) seen.push(now);
  }
  expect(seen).toEqual([110, 120, 130]);
  expect(receiveTick(ticker)).toBe(false);
});

test('a slow receiver finds one tick, and the phase is kept', () => {
  const ticker = createTicker(0, 10);
  expect(advanceTicker(ticker, 9)).toBe(false);
  expect(advanceTicker(ticker, 10)).toBe(true);
  expect(advanceTicker(ticker, 20)).toBe(false);
  expect([receiveTick(ticker), receiveTick(ticker)]).toEqual([true, false]);
  expect(ticker.nextMicros).toBe(30);
});

test('a late ticker skips whole periods', () => {
  const ticker = createTicker(0, 10);
  expect(advanceTicker(ticker, 47)).toBe(true);
  expect(ticker).toEqual({ periodMicros: 10, nextMicros: 50, buffered: true });
  receiveTick(ticker);
  expect(advanceTicker(ticker, 50)).toBe(true);
  expect(ticker.nextMicros).toBe(60);
});

test('a reset begins a new phase; whether a waiting tick survives depends on the release', () => {
  for (const drain of [false, true]) {
    const ticker = createTicker(0, 10);
    advanceTicker(ticker, 12);
    resetTicker(ticker, 13, 100, drain);
    expect(ticker).toEqual({ periodMicros: 100, nextMicros: 113, buffered: !drain });
  }
});

test('a copy is its own', () => {
  const ticker = createTicker(0, 10);
  const copy = copyTicker(ticker);
  advanceTicker(ticker, 10);
  expect(copy).toEqual({ periodMicros: 10, nextMicros: 10, buffered: false });
});

test('there is no ticker without a period', () => {
  expect(() => createTicker(0, 0)).toThrow('period');
  expect(() => resetTicker(createTicker(0, 1), 5, -1, true)).toThrow('period');
});
