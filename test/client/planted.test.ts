/** Bugs of clients are caught by bundled scenarios; without the bug the same scenarios pass. */
import { describe, expect, test } from 'vitest';
import { sweep } from '../planted/campaign.ts';
import { CLIENTS_PLANTED } from '../planted/mesh.ts';

const CLEAN_SEEDS = 5;

describe.each(CLIENTS_PLANTED)('$bug', ({ scenario, planted, clean, breaks }) => {
  test(`is caught by ${scenario}`, () => {
    const { caught } = sweep(scenario, planted, 20, { first: true });
    expect(caught).toHaveLength(1);
    expect(caught[0]!.broken).toEqual(breaks);
  });

  test('is the only reason: without it the scenario passes', () => {
    expect(sweep(scenario, clean, CLEAN_SEEDS)).toEqual({ runs: CLEAN_SEEDS, caught: [] });
  });
});
