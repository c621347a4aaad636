/** Invariants of candidacies, votes, transfers and verified leaders: what they see, and what they leave alone. */
import { describe, expect, test } from 'vitest';
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import { bundled, run } from '../../run/kit.ts';
import * as kit from './kit.ts';

const { SECOND } = kit;

const BUGS: readonly (readonly [InvariantName, string, readonly string[]])[] = [
  ['raft.vote-recorded', 'incidents/half-stored-vote', ['fix=[B1, B9]']],
  ['raft.leader-undisturbed', 'planted/lonely-follower', ['plant=[B15]']],
  ['raft.leader-undisturbed', 'planted/late-timeout-now', ['known_issues=fail']],
  ['raft.verified-leader', 'incidents/verified-by-read-replicas', ['fix=[B1, B5, B9, B10, B23]']],
  ['raft.vote-for-voter', 'planted/candidate-without-a-vote', ['plant=[B21]']],
  ['raft.change-in-own-term', 'planted/two-majorities', ['plant=[B3]']],
  ['raft.transfer-quiet', 'planted/transfer-under-load', ['plant=[B22]']],
  ['raft.backoff-ends', 'incidents/silent-after-return', ['fix=[B6]']],
  ['raft.leader-can-store', 'incidents/re-elected-with-a-failing-disk', ['known_issues=fail']],
];
const ALL = ['invariants=all', 'expect=pass'];

describe.each(BUGS)('%s in %s', (name, scenario, bug) => {
  const found = (settings: readonly string[]) => {
    const loaded = bundled(scenario, [...ALL, ...settings]);
    for (let seed = 1; seed <= 3; seed++) {
      const { violations } = run(loaded, { seed }).result;
      const [first] = violations.filter(({ invariant }) => invariant === name);
      if (first !== undefined) return first;
    }
    return undefined;
  };

  test('is violated with the bug, and holds without', () => {
    const { status } = found(bug)!;
    expect(status).toBe(bug[0]!.startsWith('plant') ? 'violation' : 'known');
    expect(found(['known_issues=fix', 'fix=all'])).toBeUndefined();
  });
});

describe('raft.vote-recorded', () => {
  const NAME = 'raft.vote-recorded';

  test('knows the votes of elections, and those of the beginning', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.crash(1);
    cluster.restart(1);
    cluster.crash(0);
    cluster.run(10 * SECOND);
    cluster.crash(2);
    cluster.restart(2);
    cluster.restart(0);
    cluster.run(2 * SECOND);
    kit.expectHealthy(cluster, NAME);
    // At the start, and at the restarts.
    expect(cluster.summary(NAME).exercised).toBe(3 + 3);
  });

  test('catches a vote for whoever did not stand', () => {
    const cluster = kit.formedCluster(NAME);
    kit.restartWith(cluster, 1, () => {
      Object.assign(cluster.durable(1), { lastVoteTerm: 5, currentTerm: 5, lastVoteCandidate: 2 });
    });
    kit.runOverSecond(cluster);
    expect(cluster.violations()).toMatchObject([
      { message: 's2 has stored a vote for s3 in term 5, for which it did not stand' },
    ]);
  });
});

describe('raft.leader-undisturbed', () => {
  const NAME = 'raft.leader-undisturbed';

  test('leaves those alone that had no leader for a while', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.crash(0);
    cluster.run(10 * SECOND);
    cluster.restart(0);
    cluster.run(2 * SECOND);
    kit.expectHealthy(cluster, NAME);
    expect(cluster.summary(NAME).exercised).toBeGreaterThan(0);
  });

  test('catches a candidate that nobody can have answered, over a saved world too', () => {
    const cluster = kit.formedCluster(NAME);
    const saved = cluster.world.save();
    for (const at of [1, 2]) {
      cluster.run(at * SECOND);
      cluster.at(cluster.world.now, () => {
        const process = cluster.world.processes[2]!;
        for (const kind of [RaftNote.becameCandidate, RaftNote.election]) {
          cluster.world.noteAbout(process, kind, 3);
        }
      });
      cluster.run(1000);
      expect(cluster.violations()[0]!.message).toBe(
        's3 raises the term to 3 against s1, which a quorum has followed all the time',
      );
      cluster.world.restore(saved);
    }
  });
});

describe('raft.vote-for-voter', () => {
  const NAME = 'raft.vote-for-voter';

  test('catches a vote for whoever has none', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.crash(0);
    cluster.run(10 * SECOND);
    kit.expectHealthy(cluster, NAME);
    cluster.at(cluster.world.now, () => {
      const state = cluster.raft(1)!;
      state.latest = {
        ...state.latest,
        servers: state.latest.servers.map((one) => ({ ...one, voter: one.id !== 0 })),
      };
      cluster.world.noteAbout(cluster.world.processes[1]!, RaftNote.voted, 9);
    });
    cluster.run(1000);
    expect(cluster.violations()).toMatchObject([
      { message: 's2 votes in term 9 for s1, which has no vote in its configuration' },
    ]);
  });
});
