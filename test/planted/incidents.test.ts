/** Open bugs of the real programs show in the incidents, put down to their issues; fixed, they do not. */
import { describe, expect, test } from 'vitest';
import { bundled, run } from '../run/kit.ts';

/** Seeds among which one shows the incident, and all pass once the bugs are fixed. */
const INCIDENTS = [
  { scenario: 'incidents/heartbeat-beside-candidate', known: 'raft#695', seeds: 10 },
  { scenario: 'incidents/half-stored-vote', known: 'raft#661', seeds: 60 },
  {
    scenario: 'incidents/deposed-and-not-told',
    known: 'raft:replication.go (heartbeat)',
    seeds: 10,
  },
  {
    scenario: 'incidents/verified-by-read-replicas',
    known: 'raft:raft.go (verifyLeader)',
    seeds: 10,
  },
  {
    scenario: 'incidents/answers-from-before-the-pause',
    known: 'raft:future.go (vote)',
    seeds: 40,
  },
  { scenario: 'incidents/conflicting-tail', known: 'raft#697', seeds: 10 },
  { scenario: 'incidents/snapshot-set-back', known: 'raft#248', seeds: 3 },
  {
    scenario: 'incidents/unverified-commit',
    known: 'raft:raft.go (appendEntries)',
    seeds: 3,
  },
  { scenario: 'incidents/silent-after-return', known: 'consul#1674', seeds: 3 },
  {
    scenario: 'incidents/lock-delay-forgotten',
    known: 'consul:agent/consul/state/delay_ce.go',
    seeds: 3,
  },
  {
    scenario: 'incidents/renewed-and-destroyed',
    known: 'consul:agent/consul/session_ttl.go (invalidateSession)',
    seeds: 10,
  },
] as const;

describe.each(INCIDENTS)('$scenario', ({ scenario, known, seeds }) => {
  test(`shows ${known}`, () => {
    const loaded = bundled(scenario);
    for (let seed = 1; seed <= seeds; seed++) {
      const { exitCode, verdict, violations } = run(loaded, { seed }).result;
      if (exitCode !== 0 || !violations.some(({ status }) => status === 'known')) continue;
      expect(verdict).toBe('pass');
      for (const { status, reference } of violations.filter((one) => one.status !== 'allowed')) {
        expect({ status, reference }).toEqual({ status: 'known', reference: known });
      }
      return;
    }
    expect.fail(`no seed up to ${seeds} shows it`);
  });

  test('is clean with every bug fixed', () => {
    const fixed = bundled(scenario, ['fix=all', 'expect=pass', 'invariants=all']);
    for (let seed = 1; seed <= 10; seed++) {
      const { exitCode, violations } = run(fixed, { seed }).result;
      expect(exitCode).toBe(0);
      // New leaders give the stale answers that they may.
      for (const { status } of violations) expect(status).toBe('allowed');
    }
  });
});

describe('incidents/snapshot-overrun (B30)', () => {
  test('is allowed, with its reference', () => {
    const { exitCode, violations } = run(bundled('incidents/snapshot-overrun'), { seed: 1 }).result;
    expect(exitCode).toBe(0);
    const late = violations.filter(({ invariant }) => invariant === 'raft.follower-catches-up');
    expect(late).toMatchObject([{ status: 'allowed', reference: 'consul#9609' }]);
  });

  test('does not happen where the log keeps enough behind a snapshot', () => {
    const settings = ['cluster.agent.raft_trailing_logs=1000', 'expect=pass'];
    const { exitCode, violations } = run(bundled('incidents/snapshot-overrun', settings), {
      seed: 1,
    }).result;
    expect(exitCode).toBe(0);
    expect(violations.filter(({ status }) => status !== 'allowed')).toEqual([]);
  });
});
