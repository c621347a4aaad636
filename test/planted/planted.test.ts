/** Bugs are caught by bundled scenarios; without the bug the same scenarios pass. */
import { describe, expect, test } from 'vitest';
import { INVARIANTS } from '../../scenarios/vocabulary.ts';
import { AGENTS_PLANTED } from './agents.ts';
import { PLANTED, PLANTED_SERVER, sweep } from './campaign.ts';
import { GOSSIP_PLANTED } from './gossip.ts';
import { MESH_PLANTED } from './mesh.ts';
import { WAN_PLANTED } from './wan.ts';

/** Seeds within which each must show. */
const SEEDS = 200;
const CLEAN_SEEDS = 4;

const ALL = [
  ...PLANTED,
  ...PLANTED_SERVER,
  ...GOSSIP_PLANTED,
  ...AGENTS_PLANTED,
  ...MESH_PLANTED,
  ...WAN_PLANTED,
];

describe.each(ALL)('$bug', ({ scenario, planted, clean, breaks }) => {
  test(`is caught by ${scenario}`, () => {
    const { caught } = sweep(scenario, planted, SEEDS, { first: true });
    expect(caught).toHaveLength(1);
    const [{ exitCode, broken }] = caught as [(typeof caught)[number]];
    // A threshold that is missed names its metric.
    expect(exitCode).toBe(breaks.some((name) => name in INVARIANTS) ? 1 : 4);
    expect(broken.some((name) => breaks.includes(name))).toBe(true);
  });

  test('is the only reason: without it the scenario passes', () => {
    expect(sweep(scenario, clean, CLEAN_SEEDS)).toEqual({ runs: CLEAN_SEEDS, caught: [] });
  });
});
