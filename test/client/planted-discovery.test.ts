/** Bugs of discovery and of watching are caught by bundled scenarios; without them those pass. */
import { describe, expect, test } from 'vitest';
import { sweep } from '../planted/campaign.ts';

const CLEAN_SEEDS = 2;

describe.each([
  ['P9', 'planted/lagging-server', 'watch.begins-anew'],
  ['P10', 'planted/index-zero', 'watch.paced'],
  ['P11', 'planted/gap-of-streams', 'discovery.converges'],
  ['P12', 'planted/restored-under-streams', 'discovery.converges'],
  ['P13', 'planted/cache-gives-up', 'discovery.converges'],
  ['P14', 'planted/impatient-agents', 'watch.patience'],
  ['W5', 'planted/forgotten-index', 'watch.paced'],
  ['W6', 'planted/index-without-value', 'watch.no-gap'],
  ['W7', 'planted/unguarded-increments', 'kv.increments'],
  ['W8', 'planted/older-configuration', 'watch.applies-newer'],
  ['W9', 'planted/configuration-dropped', 'watch.keeps-last'],
  ['W10', 'planted/back-together', 'watch.spread'],
])('%s', (bug, scenario, invariant) => {
  test(`is caught by ${scenario}`, () => {
    const { caught } = sweep(scenario, [`plant=[${bug}]`], 20, { first: true });
    expect(caught).toHaveLength(1);
    expect(caught[0]!.broken).toContain(invariant);
  });

  test('is the only reason: without it the scenario passes', () => {
    expect(sweep(scenario, [], CLEAN_SEEDS)).toEqual({ runs: CLEAN_SEEDS, caught: [] });
  });
});

test('whose agent waits out errors longer than the run lasts is left alone, unless it gives up', () => {
  const short = ['duration=72s', 'settle=15s'];
  expect(sweep('planted/cache-gives-up', short, 5).caught).toEqual([]);
  const { caught } = sweep('planted/cache-gives-up', [...short, 'plant=[P13]'], 2);
  expect(caught.map(({ broken }) => broken)).toEqual([
    ['discovery.converges'],
    ['discovery.converges'],
  ]);
});
