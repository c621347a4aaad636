/** Short form of the published part of `npm run proof -- raft-elections`. */
import { describe, expect, test } from 'vitest';
import {
  SPLIT_CASES,
  WAN_CASES,
  measureFirstLeaders,
  measureReturns,
  measureSplits,
  splitProbability,
} from './textbook.ts';
import { quantile } from './elections.ts';

const SEEDS = 1000;

describe('split votes', () => {
  test('the formula gives the published figures', () => {
    for (const one of SPLIT_CASES.filter(({ latency }) => typeof latency === 'number')) {
      expect(Math.abs(splitProbability(one) - one.stated)).toBeLessThan(0.01 * one.stated);
    }
  });

  test.each(SPLIT_CASES)('$live of $servers servers, latency $latency', (one) => {
    const { share, firstTimeout, terms } = measureSplits(one, SEEDS);
    const { stated, live } = one;
    const error = Math.sqrt((stated * (1 - stated)) / SEEDS);
    console.log(`split ${share.toFixed(4)}, expected ${stated}, ${SEEDS} seeds`);
    expect(Math.abs(share - stated)).toBeLessThan(3 * error + (one.tolerance ?? 0));
    // The first of s uniform timeouts comes at 1 / (s + 1), with a standard deviation below that.
    const mean = 1 / (live + 1);
    expect(Math.abs(firstTimeout - mean)).toBeLessThan((3 * mean) / Math.sqrt(SEEDS));
    expect(terms).toBeGreaterThanOrEqual(1 + share);
  });
});

test.each(WAN_CASES)('the first leader that lasts over a wide area, $down down', (one) => {
  const times = measureFirstLeaders(one.down, SEEDS);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const { expected } = one;
  console.log(`mean ${mean.toFixed(0)}, p50 ${quantile(times, 0.5)}, ${SEEDS} seeds`);
  expect(Math.abs(mean - expected.mean)).toBeLessThan(0.05 * expected.mean);
  expect(Math.abs(quantile(times, 0.5) - expected.p50)).toBeLessThan(0.03 * expected.p50);
  expect(Math.abs(quantile(times, 0.9) - expected.p90)).toBeLessThan(0.08 * expected.p90);
});

test('a follower that returns deposes the leader once without pre-vote, never with it', () => {
  for (const { stepDowns, termJump } of measureReturns(false, 40)) {
    expect(stepDowns).toBe(1);
    expect(termJump).toBeGreaterThan(5);
  }
  for (const one of measureReturns(true, 40)) expect(one).toEqual({ stepDowns: 0, termJump: 0 });
});
