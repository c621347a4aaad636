/** Planted bugs are caught by bundled scenarios; without the plant the same scenarios pass. */
import { describe, expect, test } from 'vitest';
import { bundled, run } from '../run/kit.ts';
import { PLANTED, sweep } from './campaign.ts';

describe.each(PLANTED)('$bug', ({ bug, scenario, breaks }) => {
  test(`is caught by ${scenario} within 200 seeds, with exit code 1`, () => {
    const { caught } = sweep(scenario, bug, 200, { first: true });
    expect(caught).toHaveLength(1);
    const [{ exitCode, invariants }] = caught as [(typeof caught)[number]];
    expect(exitCode).toBe(1);
    for (const invariant of invariants) expect(breaks).toContain(invariant);
  });

  test('is the only reason: without it 30 seeds pass', () => {
    expect(sweep(scenario, null, 30)).toEqual({ runs: 30, caught: [] });
  });
});

describe('B15', () => {
  /** Exit codes of some seeds. */
  function outcomes(plant: string): Set<number> {
    const scenario = bundled('swarm/lonely-follower', [`plant=[${plant}]`]);
    const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
    return new Set(seeds.map((seed) => run(scenario, { seed }).result.exitCode));
  }

  test('breaks no rule of Raft, but costs a healthy leader: a threshold is missed', () => {
    expect(outcomes('B15')).toEqual(new Set([4]));
  });

  test('is the only reason', () => {
    expect(outcomes('')).toEqual(new Set([0]));
  });
});

describe('B25', () => {
  const SCENARIO = 'swarm/lost-snapshots';

  test('loses all history with the power: nobody starts again', () => {
    const { caught } = sweep(SCENARIO, 'B25', 5, { first: true });
    expect(caught[0]).toMatchObject({ exitCode: 1 });
    expect(caught[0]!.invariants).toContain('raft.snapshot-monotonic');
    expect(caught[0]!.invariants).toContain('raft.write-recovers');
  });

  test('is the only reason', () => {
    expect(sweep(SCENARIO, null, 20)).toEqual({ runs: 20, caught: [] });
  });
});
