import { describe, expect, test } from 'vitest';
import { Role } from '../../../sim/protocol/raft/types.ts';
import { checkedCluster } from '../../support/checked.ts';
import * as kit from './kit.ts';

const { SECOND } = kit;

describe('raft.election-safety', () => {
  const NAME = 'raft.election-safety';

  test('holds over two failovers', () => {
    const cluster = kit.formedCluster(NAME, { servers: 5 });
    for (let round = 0; round < 2; round++) {
      cluster.run(SECOND);
      cluster.crash(cluster.leader());
      cluster.run(15 * SECOND);
    }
    kit.expectHealthy(cluster, NAME);
    expect(cluster.summary(NAME).exercised).toBe(3);
  });

  test('two servers forget a term and elect in it again: seen at the election', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.run(SECOND);
    cluster.isolate([0]);
    for (const server of [1, 2]) {
      kit.restartWith(cluster, server, () => {
        const durable = cluster.durable(server);
        Object.assign(durable, { currentTerm: 1, lastVoteTerm: 0, lastVoteCandidate: -1 });
        durable.log.entries.length = 1;
      });
    }
    cluster.run(10 * SECOND);
    const second = cluster.leader();
    expect(second).toBeGreaterThan(0);
    expect(kit.foundByNote(cluster.violations())).toMatchObject([
      {
        message: `s${second + 1} leads term 2, which s1 was elected to lead`,
        hosts: ['s1', `s${second + 1}`],
        status: 'violation',
        reference: '',
      },
    ]);
  });

  test('a server takes the role: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.runToHalf(cluster);
    const full = cluster.world.now + SECOND / 2;
    // The protocol puts it right within milliseconds, at the next request of the leader.
    cluster.at(full - 1, () => void (cluster.raft(2)!.role = Role.leader));
    kit.runOverSecond(cluster);
    expect(kit.foundByScan(cluster.violations())).toMatchObject([
      { message: 's3 leads term 2, which s1 was elected to lead' },
    ]);
  });
});

describe('raft.term-monotonic', () => {
  const NAME = 'raft.term-monotonic';

  test('holds over a failover and a restart', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.run(SECOND);
    cluster.crash(0);
    cluster.run(10 * SECOND);
    cluster.restart(0);
    cluster.run(15 * SECOND);
    kit.expectHealthy(cluster, NAME);
  });

  test('the stored term is lost in a crash: seen at the start', () => {
    const cluster = kit.formedCluster(NAME);
    kit.runToHalf(cluster);
    kit.restartWith(cluster, 2, () => void (cluster.durable(2).currentTerm = 1));
    expect(kit.foundByNote(cluster.violations())).toMatchObject([
      { message: 's3 went from term 2 back to term 1', hosts: ['s3'] },
    ]);
  });

  test('the term in memory goes back: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.runToHalf(cluster);
    cluster.at(cluster.world.now + SECOND / 2 - 1, () => void (cluster.raft(2)!.term = 1));
    kit.runOverSecond(cluster);
    expect(kit.foundByScan(cluster.violations())).toMatchObject([
      { message: 's3 went from term 2 back to term 1' },
    ]);
  });

  test('the term on disk goes back: seen by the scan', () => {
    const cluster = kit.formedCluster(NAME);
    kit.runToHalf(cluster);
    cluster.durable(2).currentTerm = 1;
    kit.runOverSecond(cluster);
    expect(kit.foundByScan(cluster.violations())).toMatchObject([
      { message: 's3 is in term 2 and has stored term 1' },
    ]);
  });
});

describe('raft.vote-once', () => {
  const NAME = 'raft.vote-once';

  /** Server that voted for another one in the highest term, and for whom. */
  function electedCluster() {
    const cluster = checkedCluster({ servers: 3, seed: 1, invariants: [NAME] });
    const candidate = kit.waitForLeader(cluster);
    kit.runToHalf(cluster);
    const { term } = cluster.raft(candidate)!;
    const voter = [0, 1, 2].find(
      (server) => server !== candidate && cluster.durable(server).lastVoteTerm === term,
    )!;
    return { cluster, voter, candidate, term };
  }

  test('holds over an election and a restart', () => {
    const { cluster, voter } = electedCluster();
    kit.restartWith(cluster, voter, () => {});
    cluster.run(15 * SECOND);
    kit.expectHealthy(cluster, NAME);
    expect(cluster.summary(NAME).exercised).toBeGreaterThanOrEqual(2);
  });

  test('a vote is lost in a crash: seen at the start', () => {
    const { cluster, voter, candidate, term } = electedCluster();
    kit.restartWith(cluster, voter, () => void (cluster.durable(voter).lastVoteTerm = 0));
    const message = `s${voter + 1} has lost its vote for s${candidate + 1} in term ${term}`;
    expect(kit.foundByNote(cluster.violations())).toMatchObject([{ message }]);
  });

  test('a vote vanishes from the disk: seen by the scan', () => {
    const { cluster, voter, candidate } = electedCluster();
    cluster.durable(voter).lastVoteCandidate = 3 - voter - candidate;
    kit.runOverSecond(cluster);
    expect(kit.foundByScan(cluster.violations())).toHaveLength(1);
  });

  test('a server that forgot votes for another candidate: seen as it does', () => {
    const { cluster, voter, candidate, term } = electedCluster();
    const other = 3 - voter - candidate;
    cluster.isolate([candidate]);
    for (const server of [voter, other]) {
      kit.restartWith(cluster, server, () => {
        const durable = cluster.durable(server);
        Object.assign(durable, { currentTerm: term - 1, lastVoteTerm: 0 });
        // Only the other one can win: it alone still has the Noop of the leader.
        if (server === voter) durable.log.entries.length = 1;
      });
    }
    cluster.run(15 * SECOND);
    const whom = `s${candidate + 1} and s${other + 1}`;
    const message = `s${voter + 1} votes for ${whom} in term ${term}`;
    expect(kit.foundByNote(cluster.violations()).map((found) => found.message)).toContain(message);
  });
});
