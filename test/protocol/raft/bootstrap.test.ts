/** Bootstrap and recovery (reference: raft §1.16). */
import { describe, expect, test } from 'vitest';
import { maybeRecover } from '../../../sim/protocol/raft/bootstrap.ts';
import { createRaftDurable } from '../../../sim/protocol/raft/durable.ts';
import { createLog } from '../../../sim/protocol/raft/log.ts';
import { EntryType, Role } from '../../../sim/protocol/raft/types.ts';
import { BOOTSTRAP, FOLLOWER_TIMER, RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import { raftCluster } from '../../support/cluster.ts';
import { listFsm } from '../../support/proposer.ts';
import { ref } from '../../support/reference.ts';
import { SECOND, append, configurationOf, logOf, raftServer } from './server.ts';
import type { RaftServer, ServerOptions } from './server.ts';

const three = configurationOf(3);

function fresh(options: ServerOptions = {}): RaftServer {
  return raftServer({ servers: [], config: { bootstrap: three }, ...options });
}

const told = (server: RaftServer): number[] =>
  server.of('note').flatMap(({ note, a }) => (note === RaftNote.bootstrap ? [a] : []));

describe('bootstrap', () => {
  test(ref('raft 1.16 #3', 'stores term 1 and the configuration at index 1'), () => {
    const server = fresh();
    server.fire(BOOTSTRAP);
    expect(server.unwritten().map((write) => (write as { kind: string }).kind)).toEqual([
      'term',
      'append',
      'term',
    ]);
    server.writeAll();
    expect(server.durable).toMatchObject({ currentTerm: 1 });
    expect(server.durable.log.entries).toMatchObject([
      { index: 1, term: 1, type: EntryType.configuration, data: three },
    ]);
    expect(told(server)).toEqual([1]);
  });

  test(ref('raft 1.16 #3', 'is for a disk without term, log and snapshot'), () => {
    const term = fresh({ durable: { currentTerm: 4 } });
    expect(term.due(BOOTSTRAP)).toBeUndefined();
    const log = raftServer({ config: { bootstrap: three } });
    expect(log.due(BOOTSTRAP)).toBeUndefined();
  });

  test(ref('raft 1.16 #3', 'is refused to whoever has taken over a term meanwhile'), () => {
    const server = fresh();
    append(server, { term: 1 });
    server.writeAll();
    server.fire(BOOTSTRAP);
    expect(server.unwritten()).toEqual([]);
    expect(told(server)).toEqual([0]);
    expect(server.state.latestIndex).toBe(0);
  });

  test('does not happen again after a crash between its writes', () => {
    const server = fresh();
    server.fire(BOOTSTRAP);
    server.write();
    server.crash();
    server.start();
    expect(server.state).toMatchObject({ term: 1, latestIndex: 0 });
    expect(server.due(BOOTSTRAP)).toBeUndefined();
  });

  test(ref('raft 1.16 #4', 'is live on a follower, which then campaigns at its next check'), () => {
    const server = fresh();
    server.fire(FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.follower);
    server.fire(BOOTSTRAP);
    server.writeAll();
    expect(server.state).toMatchObject({ term: 1, lastIndex: 1, latestIndex: 1 });
    server.fire(FOLLOWER_TIMER);
    expect(server.state.role).toBe(Role.candidate);
  });

  test(ref('raft 1.16 #4', 'is refused to a server without a vote'), () => {
    const others = configurationOf([
      { id: 0, voter: false },
      { id: 1, voter: true },
    ]);
    const server = fresh({ config: { bootstrap: others } });
    server.fire(BOOTSTRAP);
    expect(told(server)).toEqual([0]);
    expect(server.unwritten()).toEqual([]);
  });

  test('makes a cluster of empty servers', () => {
    const bootstrap = configurationOf(3);
    const config = { initial: null, bootstrap };
    const cluster = raftCluster({ servers: 3, seed: 1, config });
    cluster.run(10 * SECOND);
    expect(cluster.leader()).toBeGreaterThanOrEqual(0);
    cluster.propose(cluster.leader(), 7);
    cluster.run(SECOND);
    for (const server of [0, 1, 2]) expect(cluster.raft(server)!.fsm).toEqual([7]);
  });
});

describe('recovery', () => {
  const bugs = raftServer().state.config.bugs;
  const alone = configurationOf([{ id: 0, voter: true }]);

  test(ref('raft 1.16 #5', 'applies the whole log, and puts a snapshot in its place'), () => {
    const server = raftServer({ log: [1, 1, 2, 2] });
    expect(server.state.fsmIndex).toBe(0);
    server.crash();
    const { prefix } = server.durable.log.entries.at(-1)!;
    expect(maybeRecover(server.durable, { fsm: listFsm, bugs }, alone)).toBe(true);
    expect(server.durable.log.entries).toEqual([]);
    expect(server.durable.snapshots).toMatchObject([
      { index: 4, term: 2, prefix, configuration: alone, configurationIndex: 1 },
    ]);
    server.start();
    expect(server.state).toMatchObject({ lastIndex: 4, lastTerm: 2, fsmIndex: 4, latest: alone });
    expect(server.state.fsm).toHaveLength(3);
    // It is the only member: its own vote is enough.
    server.fire(FOLLOWER_TIMER);
    server.writeAll();
    expect(server.state.role).toBe(Role.leader);
  });

  test(ref('raft 1.16 #5', 'goes on from a snapshot'), () => {
    const server = raftServer({ log: [1, 1, 1, 1] });
    server.crash();
    const { durable } = server;
    const config = { fsm: listFsm, bugs };
    expect(maybeRecover(durable, config, configurationOf(3))).toBe(true);
    durable.log.entries.push(...logOf([1, 1, 1, 1, 1, 1]).slice(4));
    durable.log.firstIndex = 5;
    expect(maybeRecover(durable, config, alone)).toBe(true);
    expect(durable.snapshots[0]).toMatchObject({ index: 6 });
    expect(durable.snapshots[0]!.image).toHaveLength(5);
  });

  test(ref('raft 1.16 #5', 'is refused without any state, or without a readable snapshot'), () => {
    const config = raftServer().state.config;
    const empty = createRaftDurable({ ...config, initial: null });
    expect(maybeRecover(empty, config, alone)).toBe(false);
    const server = raftServer({ log: [1, 1] });
    expect(maybeRecover(server.durable, config, alone)).toBe(true);
    const [snapshot] = server.durable.snapshots;
    server.durable.snapshots = [{ ...snapshot!, intact: false }];
    expect(maybeRecover(server.durable, config, alone)).toBe(false);
    const gap = {
      ...server.durable,
      log: createLog(logOf([1, 1, 1, 1]).slice(3), 4),
      snapshots: [],
    };
    expect(maybeRecover(gap, config, alone)).toBe(false);
  });
});
