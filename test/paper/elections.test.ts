/** Short form of `npm run proof -- raft-elections`: fewer seeds, so a wider tolerance. */
import { expect, test } from 'vitest';
import { ELECTION_CASES, figuresOf, measureElections, worstDifference } from './elections.ts';

const SEEDS = 200;

for (const one of ELECTION_CASES) {
  const { situation, servers, multiplier, expected } = one;
  test(`${situation}, ${servers} servers, raft_multiplier ${multiplier}`, () => {
    const times = measureElections(one, SEEDS);
    expect(times[0]).toBeGreaterThan(0);
    expect(worstDifference(expected, figuresOf(times))).toBeLessThan(0.12);
  });
}
