/** Bugs of clients are caught by bundled scenarios; without the bug the same scenarios pass. */
import { describe, expect, test } from 'vitest';
import { sweep } from '../planted/campaign.ts';

const CLEAN_SEEDS = 5;

describe.each([
  ['P15', 'planted/lock-step-retries', 'call.retry-spread'],
  ['P22', 'planted/backoff-overflow', 'call.backoff'],
  ['P23', 'planted/retries-without-budget', 'call.recovers'],
  ['P24', 'planted/fast-errors', 'balance.no-sinkhole'],
])('%s', (bug, scenario, invariant) => {
  test(`is caught by ${scenario}`, () => {
    const { caught } = sweep(scenario, [`plant=[${bug}]`], 20, { first: true });
    expect(caught).toHaveLength(1);
    expect(caught[0]!.broken).toEqual([invariant]);
  });

  test('is the only reason: without it the scenario passes', () => {
    expect(sweep(scenario, [], CLEAN_SEEDS)).toEqual({ runs: CLEAN_SEEDS, caught: [] });
  });
});
