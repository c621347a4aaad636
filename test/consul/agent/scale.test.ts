/** How anti-entropy spreads with the size of the pool. */
import { describe, expect, test } from 'vitest';
import { Streams } from '../../../sim/core/draws.ts';
import { drawStagger, scaleFactor } from '../../../sim/consul/agent/scale.ts';
import { ref } from '../../support/reference.ts';

describe('the factor', () => {
  test.each([
    [0, 1],
    [1, 1],
    [128, 1],
    [129, 2],
    [256, 2],
    [257, 3],
    [512, 3],
    [1_000, 4],
    [4_096, 6],
    [8_192, 7],
    [10_000, 8],
  ])('of %i members is %i', (nodes, factor) => {
    expect(scaleFactor(nodes)).toBe(factor);
  });

  test(ref('agents 1.2 #1', 'grows by one with each doubling beyond 128 members'), () => {
    for (let nodes = 129; nodes <= 4_096; nodes *= 2) {
      expect(scaleFactor(2 * nodes)).toBe(scaleFactor(nodes) + 1);
    }
  });
});

test(ref('agents 1.2 #2', 'a stagger is uniform from 0 and below its bound'), () => {
  const draws = new Streams(7).stream('a1/anti-entropy');
  const drawn = Array.from({ length: 10_000 }, () => drawStagger(draws, 1_000));
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...drawn)).toBeLessThan(1_000);
  const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
  expect(mean).toBeGreaterThan(485);
  expect(mean).toBeLessThan(515);
  expect(drawStagger(draws, 0)).toBe(0);
});
