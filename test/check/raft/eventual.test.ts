import { describe, expect, test } from 'vitest';
import { ChangeCommand, makeConfiguration } from '../../../sim/protocol/raft/configuration.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import { checkedCluster } from '../../support/checked.ts';
import * as kit from './kit.ts';

const { SECOND } = kit;

describe('raft.one-leader', () => {
  const NAME = 'raft.one-leader';
  const pending = (cluster: ReturnType<typeof kit.formedCluster>): string | undefined =>
    cluster.checks.pending()[0]?.[1];

  test('has come true in a healthy cluster, and after a failover', () => {
    const cluster = kit.formedCluster(NAME);
    expect(pending(cluster)).toBeUndefined();
    cluster.crash(0);
    cluster.run(15 * SECOND);
    expect(pending(cluster)).toBeUndefined();
    cluster.checks.judgeEventual();
    kit.expectHealthy(cluster, NAME);
  });

  test('says what each server is when nobody leads', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.crash(0);
    cluster.crash(2);
    cluster.run(10 * SECOND);
    const { term } = cluster.raft(1)!;
    const states = `s1 is down, s2 is a candidate in term ${term}, s3 is down`;
    expect(pending(cluster)).toBe(`No server leads: ${states}`);
    cluster.checks.judgeEventual();
    expect(cluster.violations()).toMatchObject([
      { invariant: NAME, message: `No server leads: ${states}`, status: 'violation' },
    ]);
  });

  test('names two leaders', () => {
    const cluster = kit.formedCluster(NAME, { servers: 5 });
    const { world } = cluster;
    cluster.at(world.now, () => world.power.pause(world.processes[0]!, 'stop'));
    cluster.run(1000);
    const next = kit.waitForLeader(cluster);
    // It runs again, and has not heard of the others yet.
    world.processes[0]!.status = 'running';
    const { term } = cluster.raft(next)!;
    expect(pending(cluster)).toBe(`s1 leads term 2, s${next + 1} leads term ${term}`);
  });

  test('names a server that does not follow', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.raft(2)!.leader = -1;
    expect(pending(cluster)).toBe('s1 leads term 2, but s3 knows no leader in term 2');
    Object.assign(cluster.raft(2)!, { leader: 0, term: 3 });
    expect(pending(cluster)).toBe('s1 leads term 2, but s3 knows s1 as leader in term 3');
  });
});

describe('raft.one-leader with changing members', () => {
  const pending = (cluster: ReturnType<typeof kit.formedCluster>): string | undefined =>
    cluster.checks.pending()[0]?.[1];

  test('asks nothing of a server outside the configuration, and all of one without a vote', () => {
    const cluster = kit.formedCluster('raft.one-leader', { servers: 5, members: 4 });
    expect(cluster.raft(4)!.leader).toBe(-1);
    expect(pending(cluster)).toBeUndefined();
    cluster.change(0, ChangeCommand.removeServer, 3);
    cluster.change(0, ChangeCommand.addNonvoter, 4);
    cluster.run(10 * SECOND);
    expect(cluster.raft(3)!.leader).toBe(-1);
    expect(pending(cluster)).toBeUndefined();
    cluster.raft(4)!.leader = -1;
    expect(pending(cluster)).toBe('s1 leads term 2, but s5 knows no leader in term 2');
  });

  test('names a leader that has no vote', () => {
    const cluster = kit.formedCluster('raft.one-leader');
    const state = cluster.raft(0)!;
    state.latest = makeConfiguration([1, 2].map((id) => ({ id, voter: true })));
    expect(pending(cluster)).toBe('s1 leads term 2 without a vote');
  });
});

describe('raft.write-recovers', () => {
  const NAME = 'raft.write-recovers';
  /** Writes are expected to succeed again from 14 s on. */
  const settle = { fromMicros: 10 * SECOND, loadUntilMicros: 18 * SECOND };

  function loadedCluster() {
    const cluster = checkedCluster({
      servers: 3,
      seed: 1,
      formed: 0,
      invariants: [NAME],
      settle,
    });
    for (let second = 1; second < 18; second++) {
      cluster.at(second * SECOND, () => cluster.write(Math.max(cluster.leader(), 0), second));
    }
    return cluster;
  }

  test('has come true when the writes of the last part succeed', () => {
    const cluster = loadedCluster();
    cluster.run(25 * SECOND);
    cluster.checks.judgeEventual();
    kit.expectHealthy(cluster, NAME);
    expect(cluster.summary(NAME).exercised).toBe(4);
  });

  test('says since when no write has succeeded', () => {
    const cluster = loadedCluster();
    cluster.run(5.5 * SECOND);
    cluster.crash(0);
    cluster.crash(1);
    cluster.run(25 * SECOND);
    cluster.checks.judgeEventual();
    const { message, time } = cluster.violations()[0]!;
    expect(message).toMatch(
      /^No write has succeeded since 5\.00\d s; 4 were tried after 14\.000 s$/,
    );
    expect(time).toBe(30.5);
  });

  test('a server outside the configuration refuses for ever, which says nothing of the cluster', () => {
    const cluster = kit.formedCluster(NAME, { members: 2, settle });
    cluster.run(15 * SECOND);
    cluster.write(2, 1);
    cluster.run(5 * SECOND);
    cluster.checks.judgeEventual();
    expect(cluster.summary(NAME).exercised).toBe(0);
    expect(cluster.violations()).toEqual([]);
  });

  test('a write that is committed after its client has given up shows it too', () => {
    const cluster = kit.formedCluster(NAME, { settle });
    cluster.run(14 * SECOND);
    const { acknowledged } = cluster.checks;
    // Its acknowledgement never arrives.
    acknowledged.attempt(0, 77);
    expect(cluster.checks.pending()).toHaveLength(1);
    cluster.propose(0, 77);
    acknowledged.acknowledge = () => {};
    cluster.run(SECOND);
    expect(cluster.checks.pending()).toEqual([]);
  });

  /** The majority is gone until the load has ended. */
  function electLate(cluster: ReturnType<typeof loadedCluster>): void {
    cluster.run(5.5 * SECOND);
    cluster.crash(0);
    cluster.crash(1);
    cluster.run(13 * SECOND);
    cluster.restart(1);
    cluster.run(20 * SECOND);
    expect(cluster.leader()).toBeGreaterThan(0);
    cluster.checks.judgeEventual();
  }

  test('a leader elected after the last attempt shows it by its own commit', () => {
    const cluster = loadedCluster();
    electLate(cluster);
    kit.expectHealthy(cluster, NAME);
  });

  test('but not by being elected', () => {
    const cluster = loadedCluster();
    const { world } = cluster;
    world.observe({
      wants: [RaftNote.becameLeader],
      onNote: (_kind, process) => {
        if (process !== 0) world.hosts[process]!.disk.stall(world);
      },
    });
    electLate(cluster);
    expect(cluster.violations()).toHaveLength(1);
  });

  test('a leader whose disk stands still commits nothing', () => {
    const cluster = loadedCluster();
    cluster.run(5.5 * SECOND);
    const { world } = cluster;
    cluster.at(world.now, () => world.hosts[0]!.disk.stall(world));
    cluster.run(25 * SECOND);
    expect(cluster.leader()).toBe(0);
    cluster.checks.judgeEventual();
    expect(cluster.violations()).toHaveLength(1);
  });
});

describe('raft.follower-catches-up', () => {
  test('asks a new member for what was committed once it has been one for a moment', () => {
    const cluster = kit.formedCluster('raft.follower-catches-up', { servers: 4, members: 3 });
    kit.writeValues(cluster, 20);
    cluster.run(3 * SECOND);
    const { world } = cluster;
    cluster.at(world.now, () => world.hosts[3]!.disk.stall(world));
    cluster.change(0, ChangeCommand.addVoter, 3);
    cluster.run(1.5 * SECOND);
    expect(cluster.raft(0)!.latest.servers).toHaveLength(4);
    expect(cluster.checks.pending()).toEqual([]);
    cluster.run(3 * SECOND);
    expect(cluster.checks.pending()[0]?.[1]).toMatch(/^s4 does not catch up/);
  });
});
