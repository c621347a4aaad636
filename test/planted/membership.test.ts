/** Bugs of membership changes and transfers: planted or left open they show, otherwise nothing does. */
import { describe, expect, test } from 'vitest';
import { bundled, run } from '../run/kit.ts';
import { sweep } from './campaign.ts';

describe.each([
  { bug: 'B3', scenario: 'swarm/two-majorities', breaks: 'raft.config-lineage' },
  { bug: 'B3', scenario: 'swarm/two-additions', breaks: 'raft.config-lineage' },
  { bug: 'B3', scenario: 'swarm/two-removals', breaks: 'raft.config-lineage' },
  { bug: 'B21', scenario: 'swarm/candidate-without-a-vote', breaks: 'raft.one-leader' },
])('$bug in $scenario', ({ bug, scenario, breaks }) => {
  test(`breaks ${breaks}, with exit code 1`, () => {
    const { caught } = sweep(scenario, bug, 10);
    const [first] = caught.filter(({ invariants }) => invariants.includes(breaks));
    expect(first).toMatchObject({ exitCode: 1 });
  });

  test('is the only reason: without it 20 seeds pass', () => {
    expect(sweep(scenario, null, 20)).toEqual({ runs: 20, caught: [] });
  });
});

/** These break no rule of Raft, but cost a healthy leader: a threshold is missed. */
describe.each([
  { bug: 'B22', scenario: 'swarm/transfer-under-load', override: 'plant=[B22]' },
  { bug: 'B23', scenario: 'swarm/late-timeout-now', override: 'known_issues=allow' },
])('$bug in $scenario', ({ scenario, override }) => {
  function outcomes(overrides: string[]): Set<number> {
    const loaded = bundled(scenario, overrides);
    const seeds = Array.from({ length: 8 }, (_, index) => index + 1);
    return new Set(seeds.map((seed) => run(loaded, { seed, trace: 'off' }).result.exitCode));
  }

  test('misses the threshold', () => {
    expect([...outcomes([override])]).toContain(4);
  });

  test('and without it meets it', () => {
    expect([...outcomes([])]).toEqual([0]);
  });
});

test('a lease that outlives the patience of the others is a limit, not a bug (consul#54)', () => {
  const { exitCode, violations } = run(bundled('incidents/lease-outlives-patience')).result;
  expect(exitCode).toBe(0);
  const kinds = violations.map(({ invariant, status, reference }) => [
    invariant,
    status,
    reference,
  ]);
  expect(kinds).toContainEqual(['kv.linearizable', 'allowed', 'consul#54']);
  expect(violations.every(({ status }) => status === 'allowed')).toBe(true);
});
