/** Short form of `npm run proof -- raft-elections`: fewer seeds, so a wider tolerance. */
import { expect, test } from 'vitest';
import { ELECTION_CASES, figuresOf, measureElections, worstDifference } from './elections.ts';

const SEEDS = 200;
/** Nothing is drawn in a transfer but who leads. */
const TRANSFER_SEEDS = 40;

for (const one of ELECTION_CASES) {
  const { situation, servers, multiplier, expected } = one;
  test(`${situation}, ${servers} servers, raft_multiplier ${multiplier}`, () => {
    const times = measureElections(one, situation === 'transfer' ? TRANSFER_SEEDS : SEEDS);
    expect(times[0]).toBeGreaterThan(0);
    expect(worstDifference(expected, figuresOf(times))).toBeLessThan(0.12);
  });
}
