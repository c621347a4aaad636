/** The snapshot thread (reference: raft §1.15). */
import { describe, expect, test } from 'vitest';
import { raftMachine } from '../../../sim/protocol/raft/machine.ts';
import { EntryType, Role } from '../../../sim/protocol/raft/types.ts';
import { entryIn } from '../../../sim/protocol/raft/log.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { RaftNote, SNAPSHOT_TIMER } from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { SECOND, append, configurationOf, logOf, raftServer } from './server.ts';
import type { RaftServer, ServerOptions } from './server.ts';

const CONFIG = { snapshotThreshold: 5, trailingLogs: 2, logStore: 'wal' } as const;

/** A follower that has applied entries up to `commit` of a log with these terms. */
function follower(commit: number, options: ServerOptions = {}): RaftServer {
  const server = raftServer({
    log: [1, 1, 1, 1, 1, 1, 1, 1, 1],
    ...options,
    config: { ...CONFIG, ...options.config },
  });
  const { lastIndex: prevIndex, lastTerm: prevTerm, term } = server.state;
  append(server, { term, prevIndex, prevTerm, leaderCommit: commit });
  server.writeAll();
  return server;
}

const notes = (server: RaftServer, note: number) =>
  server.of('note').filter((one) => one.note === note);

const kinds = (server: RaftServer): unknown[] =>
  server.unwritten().map((write) => (write as { kind?: string }).kind);

describe('the snapshot check', () => {
  test(ref('raft 1.2 #6', 'is drawn from the snapshot interval, anew each time'), () => {
    const server = raftServer({ config: { snapshotIntervalMicros: 30 * SECOND } });
    expect(server.due(SNAPSHOT_TIMER)).toBe(30 * SECOND);
    server.script('snapshot-timer', 0.5);
    server.fire(SNAPSHOT_TIMER);
    expect(server.due(SNAPSHOT_TIMER)! - server.now).toBe(45 * SECOND);
  });

  test(ref('raft 1.15 #1', 'takes one when the threshold of entries is reached'), () => {
    const few = follower(9, { config: { ...CONFIG, snapshotThreshold: 10 } });
    few.fire(SNAPSHOT_TIMER);
    expect(notes(few, RaftNote.captured)).toEqual([]);
    const enough = follower(9, { config: { ...CONFIG, snapshotThreshold: 9 } });
    enough.fire(SNAPSHOT_TIMER);
    expect(notes(enough, RaftNote.captured)).toMatchObject([{ a: 9, b: 1 }]);
  });

  test(
    ref('raft 1.15 #1', 'the difference is unsigned: an empty log store snapshots at every look'),
    () => {
      const snapshot = snapshotAt(9);
      const server = follower(9, { log: [], durable: { snapshots: [snapshot], currentTerm: 1 } });
      expect(server.state.lastIndex).toBe(9);
      // Nothing has been applied since the start.
      server.fire(SNAPSHOT_TIMER);
      expect(notes(server, RaftNote.captured)).toEqual([]);
      expect(server.due(SNAPSHOT_TIMER)).toBeDefined();
      server.state.captureIndex = 9;
      server.fire(SNAPSHOT_TIMER);
      expect(notes(server, RaftNote.captured)).toHaveLength(1);
    },
  );
});

function snapshotAt(index: number, term = 1) {
  return {
    index,
    term,
    prefix: 77,
    configuration: configurationOf(3),
    configurationIndex: 1,
    bytes: 900,
    image: [1, 2, 3],
    digest: 5,
    intact: true,
    synced: true,
  };
}

describe('a snapshot', () => {
  test(
    ref('raft 1.15 #2', 'ends with the last applied entry that is no Noop and no configuration'),
    () => {
      const server = follower(7);
      const { log } = server.durable;
      const { prefix } = entryIn(log, 9)!;
      const noop = makeEntry(prefix, 10, 1, EntryType.noop, null);
      append(server, { term: 1, prevIndex: 9, prevTerm: 1, entries: [noop], leaderCommit: 10 });
      server.writeAll();
      expect(server.state.fsmIndex).toBe(10);
      server.fire(SNAPSHOT_TIMER);
      const [captured] = notes(server, RaftNote.captured);
      expect(captured).toMatchObject({ a: 9, b: 1 });
      server.writeAll();
      expect(server.durable.snapshots[0]).toMatchObject({ index: 9, term: 1, prefix });
      expect(server.durable.snapshots[0]!.image).toEqual(server.state.fsm);
    },
  );

  test(ref('raft 1.15 #3', 'waits for the committed configuration to be applied'), () => {
    const server = follower(9);
    const { log } = server.durable;
    const change = makeEntry(
      entryIn(log, 9)!.prefix,
      10,
      1,
      EntryType.configuration,
      configurationOf(3),
    );
    append(server, { term: 1, prevIndex: 9, prevTerm: 1, entries: [change], leaderCommit: 10 });
    server.writeAll();
    expect(server.state.committedIndex).toBe(10);
    server.fire(SNAPSHOT_TIMER);
    expect(notes(server, RaftNote.captured)).toHaveLength(1);
    expect(server.unwritten()).toEqual([]);
    // It tries again at the next check, when a command behind the configuration has been applied.
    const command = makeEntry(entryIn(log, 10)!.prefix, 11, 1, EntryType.command, { digest: 4 });
    append(server, { term: 1, prevIndex: 10, prevTerm: 1, entries: [command], leaderCommit: 11 });
    server.writeAll();
    server.fire(SNAPSHOT_TIMER);
    server.writeAll();
    expect(server.durable.snapshots[0]).toMatchObject({ index: 11, configurationIndex: 10 });
  });

  test(ref('raft 1.15 #3', 'has nothing to hold before something was applied'), () => {
    const server = raftServer({ log: [1, 1, 1, 1, 1, 1, 1], config: CONFIG });
    server.fire(SNAPSHOT_TIMER);
    expect(server.unwritten()).toEqual([]);
    expect(server.due(SNAPSHOT_TIMER)).toBeDefined();
  });

  test(
    ref(
      'raft 1.15 #4',
      'goes to disk in an order that a crash may cut: state, meta data, name, reap',
    ),
    () => {
      const server = follower(9);
      server.fire(SNAPSHOT_TIMER);
      expect(kinds(server)).toEqual(['state-file', 'meta-file', 'snapshot', 'reap']);
      server.write(2);
      expect(server.durable.snapshots).toEqual([]);
      server.crash();
      server.start();
      expect(server.state.snapshotIndex).toBe(0);
      expect(server.durable.log.firstIndex).toBe(1);
    },
  );

  test(ref('raft 1.15 #4', 'is one of two that are kept, the newest by term and index'), () => {
    const server = follower(9, { durable: { snapshots: [snapshotAt(3), snapshotAt(2)] } });
    server.fire(SNAPSHOT_TIMER);
    server.writeAll();
    expect(server.durable.snapshots.map(({ index }) => index)).toEqual([9, 3]);
  });

  test(ref('raft 1.15 #5', 'trims the log behind it, but for the trailing entries'), () => {
    const server = follower(6);
    server.fire(SNAPSHOT_TIMER);
    server.write(4);
    expect(server.state.snapshotIndex).toBe(6);
    expect(server.unwritten()).toEqual([{ kind: 'delete-prefix', to: 6, log: true }]);
    server.writeAll();
    expect(server.durable.log.firstIndex).toBe(7);
    const trailing = follower(9);
    trailing.fire(SNAPSHOT_TIMER);
    trailing.writeAll();
    // Nine entries, two of which stay.
    expect(trailing.durable.log.firstIndex).toBe(8);
    expect(notes(trailing, RaftNote.trimmed)).toMatchObject([{ a: 7 }]);
    const short = follower(9, { config: { ...CONFIG, trailingLogs: 9 } });
    short.fire(SNAPSHOT_TIMER);
    short.writeAll();
    expect(short.durable.log.firstIndex).toBe(1);
    expect(short.state.snapshotIndex).toBe(9);
  });

  test('fails with the disk, and is tried again', () => {
    const server = follower(9);
    server.fire(SNAPSHOT_TIMER);
    server.write(1);
    server.failWrite();
    expect(server.durable.snapshots).toEqual([]);
    expect(server.state.snapshotIndex).toBe(0);
    server.fire(SNAPSHOT_TIMER);
    server.writeAll();
    expect(server.durable.snapshots).toHaveLength(1);
  });

  test('waits for the main thread to name the configuration', () => {
    const server = follower(9);
    const vote = { candidate: 1, term: 5, lastIndex: 20, lastTerm: 1, leadershipTransfer: true };
    server.ask(0x103, 1, vote);
    expect(server.state.role).toBe(Role.follower);
    server.fire(SNAPSHOT_TIMER);
    expect(notes(server, RaftNote.captured)).toHaveLength(1);
    expect(kinds(server)).toEqual(['term']);
    server.writeAll();
    expect(server.durable.snapshots).toHaveLength(1);
  });
});

test(ref('raft 1.14 #2', 'a leader that hands over takes no snapshot'), () => {
  const server = follower(9);
  server.state.transfer = {} as never;
  server.state.role = Role.leader;
  server.state.loop = Role.leader;
  server.fire(SNAPSHOT_TIMER);
  expect(notes(server, RaftNote.captured)).toHaveLength(1);
  expect(server.unwritten()).toEqual([]);
  expect(server.due(SNAPSHOT_TIMER)).toBeDefined();
});

describe('a start', () => {
  const after = (snapshots: ReturnType<typeof snapshotAt>[], entries = logOf([1, 1, 1, 1, 1, 1])) =>
    raftServer({ log: entries.map(({ term }) => term), durable: { snapshots } });

  test(
    ref('raft 1.16 #1', 'restores the newest snapshot, and applies nothing behind it yet'),
    () => {
      const server = after([snapshotAt(4)]);
      expect(server.state).toMatchObject({
        snapshotIndex: 4,
        lastApplied: 4,
        fsmIndex: 4,
        commitIndex: 0,
        lastIndex: 6,
        fsm: [1, 2, 3],
      });
      append(server, { term: 1, prevIndex: 6, prevTerm: 1, leaderCommit: 6 });
      expect(server.state.fsmIndex).toBe(6);
    },
  );

  test(ref('raft 1.16 #1', 'takes an older snapshot where the newest cannot be read'), () => {
    const broken = { ...snapshotAt(5), intact: false };
    expect(after([broken, snapshotAt(3)]).state.snapshotIndex).toBe(3);
  });

  test(ref('raft 1.16 #1', 'is refused where no snapshot can be read'), () => {
    const server = after([{ ...snapshotAt(5), intact: false }]);
    expect(server.of('panic')).toMatchObject([{ text: 'failed to load any existing snapshots' }]);
    expect(server.running).toBe(false);
  });

  test(ref('raft 1.16 #2', 'panics where an entry behind the snapshot is missing'), () => {
    const log = { firstIndex: 4, entries: logOf([1, 1, 1, 1, 1, 1]).slice(3) };
    const missing = raftServer({ durable: { log, snapshots: [snapshotAt(2)], currentTerm: 1 } });
    expect(missing.of('panic')).toMatchObject([{ text: 'failed to get log at index 3' }]);
    const whole = raftServer({ durable: { log, snapshots: [snapshotAt(3)], currentTerm: 1 } });
    expect(whole.of('panic')).toEqual([]);
  });

  test(
    ref('raft 1.3 #4', 'knows the configuration of the snapshot, and those of entries behind it'),
    () => {
      const entries = logOf([1, 1, 1, 1, 1, 1]);
      const five = configurationOf(5);
      entries[4] = makeEntry(entries[3]!.prefix, 5, 1, EntryType.configuration, five);
      const log = { firstIndex: 3, entries: entries.slice(2) };
      const snapshot = { ...snapshotAt(3), configurationIndex: 2 };
      const server = raftServer({ durable: { log, snapshots: [snapshot], currentTerm: 1 } });
      expect(server.state).toMatchObject({ latestIndex: 5, committedIndex: 2, latest: five });
    },
  );
});

describe('a loss of power', () => {
  const snapshotted = (B25: boolean): RaftServer => {
    const server = follower(9, { bugs: { B25 } });
    server.fire(SNAPSHOT_TIMER);
    server.writeAll();
    raftMachine.losePower!(server.durable);
    server.crash();
    server.start();
    return server;
  };

  test('leaves a snapshot that was synced', () => {
    expect(snapshotted(false).state).toMatchObject({ snapshotIndex: 9, lastIndex: 9 });
  });

  test(ref('raft B25', 'takes one that was not, and the log behind it is gone already'), () => {
    const server = snapshotted(true);
    expect(server.durable.snapshots).toEqual([]);
    expect(server.of('panic')).toMatchObject([{ text: 'failed to get log at index 1' }]);
  });
});
