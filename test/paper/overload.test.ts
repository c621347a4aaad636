/** Backlogs that retries feed, with few seeds; the proof of queues has more. */
import { expect, test } from 'vitest';
import { BACKLOGS, BACKLOG_TOLERANCE, measureBacklog, measureDisruption } from './overload.ts';

test.each(BACKLOGS.slice(0, 3))('$rate requests a second recover after $seconds s', (one) => {
  const found = [1, 2, 3].map((seed) => measureBacklog(one.rate, seed, 100));
  const mean = found.reduce((sum, time) => sum + time, 0) / 3;
  expect(Math.abs(mean / one.seconds - 1)).toBeLessThan(BACKLOG_TOLERANCE);
});

test('160 requests a second never do', () => {
  expect(measureBacklog(160, 1, 60)).toBe(Infinity);
});

test('of 1000 backends the loss of ten moves few places of others', () => {
  const moved = measureDisruption(10, 1);
  expect(moved).toBeGreaterThan(0.015);
  expect(moved).toBeLessThan(0.032);
});
