/** InstallSnapshot at its receiver and at the leader that sends it (reference: raft §1.15). */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import type { ReadPartEffect } from '../../../sim/core/effects.ts';
import type { Snapshot } from '../../../sim/protocol/raft/snapshot-types.ts';
import { installTimeoutMicros } from '../../../sim/protocol/raft/send-snapshot.ts';
import { NEVER, Role } from '../../../sim/protocol/raft/types.ts';
import {
  ELECTION_TIMER,
  FOLLOWER_TIMER,
  INSTALL,
  RaftNote,
  SNAPSHOT_TIMER,
} from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { raftCluster } from '../../support/cluster.ts';
import type { RaftCluster } from '../../support/cluster.ts';
import { SECOND, append, configurationOf, heartbeat, logOf, raftServer } from './server.ts';
import type { RaftServer } from './server.ts';

const PARTS = 3;
const PART_BYTES = 300;

function snapshotAt(index: number, term = 1): Snapshot {
  return {
    index,
    term,
    prefix: 4711,
    configuration: configurationOf(5),
    configurationIndex: 3,
    bytes: PARTS * PART_BYTES,
    image: [7, 8, 9],
    digest: 5,
    intact: true,
    synced: true,
  };
}

function ask(server: RaftServer, snapshot: Snapshot, term = 1): number {
  return server.ask(INSTALL, 1, { leader: 1, term, snapshot });
}

const reading = (server: RaftServer): ReadPartEffect => server.waits('read-part')[0]!;

function receive(server: RaftServer, parts = PARTS): void {
  for (let i = 0; i < parts; i++) server.answer(reading(server), { bytes: PART_BYTES });
}

/** All of it comes, reaches the disk and is restored. */
function install(server: RaftServer, snapshot: Snapshot, term = 1): number {
  const exchange = ask(server, snapshot, term);
  server.writeAll();
  receive(server);
  server.writeAll();
  return exchange;
}

describe('the receiver', () => {
  test(ref('raft 1.15 #6', 'refuses an older term'), () => {
    const server = raftServer({ log: [1, 3] });
    const exchange = ask(server, snapshotAt(9), 2);
    expect(server.answerOf(exchange)).toEqual({ term: 3, success: false });
    expect(server.waits('read-part')).toEqual([]);
  });

  test(ref('raft 1.15 #6', 'adopts a newer one and follows'), () => {
    const server = raftServer();
    server.fire(FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.candidate);
    const exchange = ask(server, snapshotAt(9), 4);
    expect(server.unwritten()).toEqual([{ kind: 'term', term: 4 }]);
    server.write();
    expect(server.state).toMatchObject({ role: Role.follower, term: 4, leader: 1 });
    receive(server);
    server.writeAll();
    expect(server.answerOf(exchange)).toEqual({ term: 4, success: true });
  });

  test(ref('raft 1.15 #6', 'stays a candidate of the same term'), () => {
    const server = raftServer();
    server.fire(FOLLOWER_TIMER);
    install(server, snapshotAt(9));
    expect(server.state).toMatchObject({ role: Role.candidate, leader: 1, snapshotIndex: 9 });
    expect(server.due(ELECTION_TIMER)).toBeDefined();
  });

  test(
    ref('raft 1.15 #7', 'is deaf on its main thread until it is over, but answers heartbeats'),
    () => {
      const server = raftServer({ log: [1, 1] });
      const exchange = ask(server, snapshotAt(9));
      const beat = heartbeat(server, 1, 1);
      expect(server.answerOf(beat)).toMatchObject({ success: true });
      const entry = append(server, { term: 1, prevIndex: 2, prevTerm: 1 });
      receive(server);
      server.write(4);
      // On disk; the FSM thread reads it back.
      expect(server.unwritten()).toMatchObject([{ access: 'read', bytes: PARTS * PART_BYTES }]);
      expect(server.answerOf(entry)).toBeUndefined();
      server.writeAll();
      expect(server.answerOf(exchange)).toMatchObject({ success: true });
      expect(server.answerOf(entry)).toBeDefined();
    },
  );

  test(
    ref('raft 1.4 #3 install', 'has heard of the leader when it is over, and not before'),
    () => {
      const server = raftServer({ log: [1, 1] });
      server.advance(3 * SECOND);
      ask(server, snapshotAt(9));
      receive(server, 2);
      server.answer(reading(server), undefined, ErrorCause.eof);
      expect(server.state.lastContact).toBe(NEVER);
      install(server, snapshotAt(9));
      expect(server.state.lastContact).toBe(server.now);
    },
  );

  test(ref('raft 1.15 #8', 'fails when the stream ends early'), () => {
    const server = raftServer({ log: [1, 1] });
    const exchange = ask(server, snapshotAt(9));
    receive(server, 2);
    server.answer(reading(server), undefined, ErrorCause.eof);
    expect(server.of('reply').find((one) => one.exchange === exchange)!.failed).toBe(true);
    expect(server.durable.snapshots).toEqual([]);
    expect(server.state).toMatchObject({ snapshotIndex: 0, lastApplied: 0 });
  });

  test(
    ref('raft 1.15 #8', 'fails when the disk does, or when the state cannot be read back'),
    () => {
      const server = raftServer({ log: [1, 1] });
      const exchange = ask(server, snapshotAt(9));
      receive(server);
      server.write(1);
      server.failWrite();
      expect(server.of('reply').find((one) => one.exchange === exchange)!.failed).toBe(true);
      const again = ask(server, snapshotAt(9));
      receive(server);
      server.write(4);
      server.failWrite();
      expect(server.of('reply').find((one) => one.exchange === again)!.failed).toBe(true);
      expect(server.state).toMatchObject({ snapshotIndex: 0, lastApplied: 0, fsm: [] });
    },
  );

  test(ref('raft 1.15 #9', 'takes everything from the snapshot but the commit index'), () => {
    const server = raftServer({ log: [1, 1, 1] });
    append(server, { term: 1, prevIndex: 3, prevTerm: 1, leaderCommit: 3 });
    server.now = 5 * SECOND;
    install(server, snapshotAt(9));
    expect(server.state).toMatchObject({
      commitIndex: 3,
      lastApplied: 9,
      fsmIndex: 9,
      fsm: [7, 8, 9],
      snapshotIndex: 9,
      lastIndex: 9,
      latestIndex: 3,
      committedIndex: 3,
      lastContact: 5 * SECOND,
    });
    expect(server.state.latest).toEqual(configurationOf(5));
    expect(server.durable.snapshots).toHaveLength(1);
  });

  test(
    ref('raft 1.15 #10', 'keeps trailing entries with BoltDB, and leaves a hole behind them'),
    () => {
      const config = { logStore: 'boltdb', trailingLogs: 2 } as const;
      const server = raftServer({ log: [1, 1, 1, 1], config });
      install(server, snapshotAt(9));
      expect(server.durable.log).toMatchObject({ firstIndex: 3 });
      expect(server.durable.log.entries).toHaveLength(2);
      const [entry] = logOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).slice(9);
      append(server, { term: 1, prevIndex: 9, prevTerm: 1, entries: [entry!], leaderCommit: 10 });
      server.writeAll();
      expect(server.state).toMatchObject({ lastIndex: 10, fsmIndex: 10 });
    },
  );

  test(ref('raft 1.15 #10', 'empties a WAL, whose cached end stays'), () => {
    const server = raftServer({ log: [1, 1, 1, 1], config: { logStore: 'wal' } });
    install(server, snapshotAt(3));
    expect(server.durable.log.entries).toEqual([]);
    expect(server.state).toMatchObject({ lastLogIndex: 4, lastIndex: 4, snapshotIndex: 3 });
  });

  test(ref('raft 1.15 #11', 'goes back to an older snapshot without asking'), () => {
    const server = raftServer({ log: [1, 1, 1, 1], durable: { snapshots: [snapshotAt(9)] } });
    expect(server.state.snapshotIndex).toBe(9);
    install(server, snapshotAt(6));
    expect(server.state).toMatchObject({ snapshotIndex: 6, lastApplied: 6, fsmIndex: 6 });
    expect(server.durable.snapshots.map(({ index }) => index)).toEqual([9, 6]);
  });
});

describe('what conflicts with the snapshot (B6)', () => {
  const divergent = [1, 1, 2, 2, 2, 2];
  const reply = (server: RaftServer): unknown => {
    const exchange = append(server, { term: 3, prevIndex: 4, prevTerm: 3 });
    server.writeAll();
    return server.answerOf(exchange);
  };

  test.each(['boltdb', 'wal'] as const)('%s', (logStore) => {
    const server = raftServer({ log: divergent, config: { logStore } });
    install(server, snapshotAt(4, 3), 3);
    expect(server.marks).toContain('B6');
    expect(reply(server)).toMatchObject({ success: false, lastLog: 6 });
    const fixed = raftServer({ log: divergent, config: { logStore }, bugs: { B6: false } });
    install(fixed, snapshotAt(4, 3), 3);
    expect(fixed.durable.log.entries).toEqual([]);
    expect(fixed.state.lastIndex).toBe(4);
    expect(reply(fixed)).toMatchObject({ success: true });
  });

  test(ref('raft B6', 'makes every later append fail, until the log is deleted'), () => {
    const server = raftServer({ log: divergent, config: { logStore: 'boltdb' } });
    install(server, snapshotAt(4, 3), 3);
    for (let i = 0; i < 3; i++) expect(reply(server)).toMatchObject({ success: false });
    install(server, snapshotAt(4, 3), 3);
    expect(reply(server)).toMatchObject({ success: false });
  });

  test.each([true, false])('or lies before it: what is covered agrees once fixed (%s)', (B6) => {
    const config = { logStore: 'boltdb', trailingLogs: 1 } as const;
    const server = raftServer({ log: [1, 1, 1, 1, 1, 1], config, bugs: { B6 } });
    install(server, snapshotAt(4));
    expect(server.durable.log.firstIndex).toBe(5);
    const entries = logOf([1, 1, 1, 1, 1, 1, 1]).slice(3);
    // The leader's own snapshot is an older one.
    const exchange = append(server, { term: 1, prevIndex: 3, prevTerm: 1, entries });
    server.writeAll();
    expect(server.answerOf(exchange)).toMatchObject({ success: !B6 });
    expect(server.state.lastIndex).toBe(B6 ? 6 : 7);
    expect(server.durable.log.entries).toHaveLength(B6 ? 2 : 3);
  });

  test('is no matter where the log agrees', () => {
    const server = raftServer({ log: [1, 1, 3, 3, 3], config: { logStore: 'boltdb' } });
    install(server, { ...snapshotAt(4, 3) }, 3);
    expect(server.marks).not.toContain('B6');
    const exchange = append(server, { term: 3, prevIndex: 5, prevTerm: 3 });
    expect(server.answerOf(exchange)).toMatchObject({ success: true });
  });
});

describe('a snapshot that was begun before an install (B26)', () => {
  function interrupted(B26: boolean): RaftServer {
    const server = raftServer({
      log: [1, 1, 1, 1, 1, 1],
      config: { snapshotThreshold: 5, trailingLogs: 0 },
      bugs: { B26 },
    });
    append(server, { term: 1, prevIndex: 6, prevTerm: 1, leaderCommit: 6 });
    ask(server, snapshotAt(20));
    // The FSM thread captures, the main thread is busy.
    server.fire(SNAPSHOT_TIMER);
    receive(server);
    server.writeAll();
    return server;
  }

  test(ref('raft B26', 'sets the last one back'), () => {
    expect(interrupted(true).state.snapshotIndex).toBe(6);
    expect(interrupted(true).marks).toContain('B26');
  });

  test('does not, once fixed', () => {
    expect(interrupted(false).state.snapshotIndex).toBe(20);
  });

  test.each([
    [true, 4],
    [false, 6],
  ])('or the install is the older one (%s)', (B26, index) => {
    const server = raftServer({
      log: [1, 1, 1, 1, 1, 1],
      config: { snapshotThreshold: 5, trailingLogs: 10 },
      bugs: { B26 },
    });
    append(server, { term: 1, prevIndex: 6, prevTerm: 1, leaderCommit: 6 });
    server.fire(SNAPSHOT_TIMER);
    server.writeAll();
    expect(server.state.snapshotIndex).toBe(6);
    ask(server, snapshotAt(4));
    receive(server);
    server.writeAll();
    expect(server.state.snapshotIndex).toBe(index);
    expect([...server.marks].includes('B26')).toBe(B26);
  });
});

test(ref('raft 1.15 #12', 'the deadline grows with the size'), () => {
  const limit = 10 * SECOND;
  const KIB = 1024;
  const sizes = [0, 200, 300, 511, 512, 1024 * 10];
  expect(sizes.map((size) => installTimeoutMicros(limit, size * KIB) / SECOND)).toEqual([
    10, 10, 10, 10, 20, 400,
  ]);
});

/** s3 is cut off while so much is written and snapshotted that it needs a snapshot. */
function lagging(logStore: 'boltdb' | 'wal', bytesPerSecond?: number): RaftCluster {
  const cluster = raftCluster({
    servers: 3,
    seed: 1,
    formed: 0,
    config: { snapshotIntervalMicros: SECOND, snapshotThreshold: 20, trailingLogs: 5, logStore },
    network: bytesPerSecond === undefined ? {} : { bytesPerSecond },
    // Over so slow a link answers come as often as the lease asks, but late.
    bugs: { B10: bytesPerSecond !== undefined },
  });
  cluster.run(SECOND / 2);
  cluster.isolate([2]);
  for (let i = 0; i < 60; i++) {
    cluster.propose(0, i);
    cluster.run(SECOND / 10);
  }
  cluster.heal();
  return cluster;
}

function runUntil(cluster: RaftCluster, done: () => boolean): void {
  for (let i = 0; i < 3000 && !done(); i++) cluster.run(SECOND / 100);
  expect(done()).toBe(true);
}

describe.each(['boltdb', 'wal'] as const)('a follower that lags, %s', (logStore) => {
  test(ref('raft 1.15 #14', 'gets the newest snapshot, then what follows it'), () => {
    const cluster = lagging(logStore);
    runUntil(cluster, () => cluster.raft(2)!.fsmIndex === cluster.raft(0)!.fsmIndex);
    const { snapshotIndex, fsm, lastIndex } = cluster.raft(2)!;
    expect(snapshotIndex).toBeGreaterThan(20);
    expect(fsm).toEqual(cluster.raft(0)!.fsm);
    expect(lastIndex).toBe(cluster.raft(0)!.lastIndex);
    const leader = cluster.raft(0)!.leaderState!;
    expect(Math.min(...leader.match)).toBe(lastIndex);
  });

  test(
    ref('raft 1.9 snapshot', 'is asked for the entry before only once the log is behind it'),
    () => {
      const cluster = lagging(logStore);
      const [snapshot] = cluster.durable(0).snapshots;
      runUntil(cluster, () => cluster.raft(2)!.snapshotIndex === snapshot!.index);
      expect(cluster.durable(0).log.firstIndex).toBeGreaterThan(
        cluster.durable(2).snapshots.length,
      );
    },
  );
});

describe('a transfer', () => {
  test(ref('raft 1.15 #13', 'that is cut short begins anew, after a backoff'), () => {
    // Half a second for the state alone.
    const cluster = lagging('wal', 1000);
    const sending = (): number =>
      cluster.raft(0)!.replications.findIndex((one) => one?.sendingSnapshot);
    runUntil(cluster, () => sending() >= 0);
    const id = sending();
    cluster.run(SECOND / 4);
    cluster.crash(2);
    runUntil(cluster, () => cluster.raft(0)!.replications[id]!.sendingSnapshot === null);
    expect(cluster.raft(0)!.replications[id]!.failures).toBe(1);
    cluster.restart(2);
    runUntil(cluster, () => cluster.raft(2)?.fsmIndex === cluster.raft(0)!.fsmIndex);
  });

  test('is a snapshot of its own in a saved world', () => {
    const cluster = lagging('wal', 1000);
    runUntil(cluster, () => cluster.raft(2)!.installation !== null);
    cluster.run(SECOND);
    const saved = cluster.world.save();
    const end = (): unknown => {
      cluster.run(20 * SECOND);
      return [cluster.world.fingerprint.hex(), cluster.raft(2)!.fsmIndex];
    };
    const first = end();
    cluster.world.restore(saved);
    expect(end()).toEqual(first);
    expect(cluster.raft(2)!.fsm).toEqual(cluster.raft(0)!.fsm);
  });
});

test('notes tell the story', () => {
  const server = raftServer({ log: [1, 1] });
  install(server, snapshotAt(9));
  const told = server.of('note').map(({ note }) => note);
  expect(told).toContain(RaftNote.restored);
  expect(told.at(-1)).toBe(RaftNote.installed);
});
