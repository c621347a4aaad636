/** AppendEntries at the receiver: consistency check, conflicts, what is stored, commit, answer. */
import { describe, expect, test } from 'vitest';
import { NEVER, Role } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  MILLISECOND,
  answerTo,
  append,
  campaign,
  configurationOf,
  leaderOf,
  logOf,
  notes,
  raftServer,
  tailOf,
} from './server.ts';
import type { RaftServer } from './server.ts';

function terms(server: RaftServer): number[] {
  return server.durable.log.entries.map(({ term }) => term);
}

describe('the term of an append', () => {
  test(
    ref('raft 1.7 #1', 'when older than ours, makes it fail and teaches the sender ours'),
    () => {
      const server = raftServer({ log: [1, 1], durable: { currentTerm: 4 } });
      const answer = answerTo(server, append(server, { term: 3, leader: 2 }));
      expect(answer).toEqual({ term: 4, lastLog: 2, success: false, noRetryBackoff: false });
      expect(server.state).toMatchObject({ leader: -1, lastContact: NEVER });
    },
  );

  test(ref('raft 1.7 #2', 'when newer, is stored before anything else happens'), () => {
    const server = raftServer();
    const exchange = append(server, { term: 3 });
    expect(server.state).toMatchObject({ term: 1, leader: -1 });
    expect(answerTo(server, exchange)).toBeUndefined();
    server.write();
    expect(server.durable.currentTerm).toBe(3);
    expect(server.state).toMatchObject({ term: 3, leader: 1 });
    expect(answerTo(server, exchange)).toMatchObject({ term: 3, success: true });
  });

  test(ref('raft 1.7 #2', 'when newer, deposes a leader'), () => {
    const server = leaderOf();
    append(server, { term: 3 });
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, term: 3, leader: 1 });
  });

  test(
    ref('raft 1.7 #2', 'when equal, makes a candidate a follower and is written once more'),
    () => {
      const server = raftServer();
      campaign(server);
      append(server, { term: 1 });
      expect(server.unwritten()).toEqual([{ kind: 'term', term: 1 }]);
      server.writeAll();
      expect(server.state.role).toBe(Role.follower);
    },
  );

  test(ref('raft 1.7 #2', 'when equal, costs a follower nothing'), () => {
    const server = raftServer();
    append(server, { term: 1 });
    expect(server.of('write')).toEqual([]);
  });
});

test(ref('raft 1.7 #3', 'the sender becomes the known leader, whoever it is'), () => {
  const server = raftServer();
  // Not even a member of the configuration, and an append that fails.
  append(server, { term: 1, leader: 9, prevIndex: 5, prevTerm: 1 });
  expect(server.state.leader).toBe(9);
});

describe('the entry before', () => {
  const fails = { success: false, noRetryBackoff: true };

  test(ref('raft 1.7 #4', 'is missing: fails, and asks not to be waited for'), () => {
    const server = raftServer({ log: [1, 1] });
    const answer = answerTo(server, append(server, { term: 1, prevIndex: 4, prevTerm: 1 }));
    expect(answer).toMatchObject({ ...fails, lastLog: 2 });
  });

  test(ref('raft 1.7 #4', 'has another term: fails the same way, at the tail and below it'), () => {
    const server = raftServer({ log: [1, 1, 2] });
    for (const [prevIndex, prevTerm] of [
      [3, 3],
      [2, 2],
    ]) {
      const exchange = append(server, { term: 3, prevIndex, prevTerm });
      server.writeAll();
      expect(answerTo(server, exchange)).toMatchObject({ ...fails, lastLog: 3 });
    }
    expect(server.state.lastContact).toBe(NEVER);
  });

  test(ref('raft 1.7 #4', 'is not looked for at index 0'), () => {
    const server = raftServer({ log: [1, 1, 2] });
    const exchange = append(server, { term: 2, prevIndex: 0, prevTerm: 0 });
    expect(answerTo(server, exchange).success).toBe(true);
  });

  test(ref('raft 1.7 #4', 'at the tail is taken from memory, elsewhere from the log store'), () => {
    const server = raftServer({ log: [1, 1, 2] });
    server.state.lastTerm = 7;
    const atTail = append(server, { term: 7, prevIndex: 3, prevTerm: 7 });
    server.writeAll();
    expect(answerTo(server, atTail).success).toBe(true);
    const below = append(server, { term: 7, prevIndex: 2, prevTerm: 1 });
    expect(answerTo(server, below).success).toBe(true);
  });
});

describe('entries', () => {
  test(ref('raft 1.7 #5', 'beyond our last index are all new'), () => {
    const server = raftServer({ log: [1, 1] });
    append(server, { term: 1, prevIndex: 2, prevTerm: 1, entries: tailOf([1, 1, 1, 1], 2) });
    server.writeAll();
    expect(terms(server)).toEqual([1, 1, 1, 1]);
  });

  test(ref('raft 1.7 #5 conflict', 'with another term replace ours from there to the end'), () => {
    const server = raftServer({ log: [1, 1, 2, 2, 2] });
    append(server, { term: 3, prevIndex: 2, prevTerm: 1, entries: tailOf([1, 1, 3], 2) });
    server.write();
    expect(server.unwritten()).toEqual([
      { kind: 'delete-suffix', from: 3, log: true },
      { kind: 'append', entries: tailOf([1, 1, 3], 2), log: true },
    ]);
    server.writeAll();
    expect(terms(server)).toEqual([1, 1, 3]);
    expect(notes(server, Kind.RaftNote.truncated)).toEqual([[3, 5, 0]]);
  });

  test(
    ref('raft 1.7 #5 duplicate', 'that we have are skipped, and nothing behind them is cut'),
    () => {
      const server = raftServer({ log: [1, 1, 1, 1] });
      const exchange = append(server, {
        term: 1,
        prevIndex: 1,
        prevTerm: 1,
        entries: tailOf([1, 1], 1),
      });
      expect(server.of('write')).toEqual([]);
      expect(answerTo(server, exchange).success).toBe(true);
      expect(terms(server)).toEqual([1, 1, 1, 1]);
    },
  );

  test(ref('raft 1.7 #5 duplicate', 'partly known are stored from the first new one on'), () => {
    const server = raftServer({ log: [1, 1, 1] });
    const entries = tailOf([1, 1, 1, 1, 1], 1);
    append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries });
    expect(server.unwritten()).toEqual([{ kind: 'append', entries: entries.slice(2), log: true }]);
  });

  test(
    ref('raft 1.7 #5 rollback', 'that replace an uncommitted configuration restore the old'),
    () => {
      const server = raftServer();
      const smaller = configurationOf(2);
      const change = { ...logOf([1, 1])[1], type: 5, data: smaller } as const;
      append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries: [change] });
      server.writeAll();
      expect(server.state.latest).toBe(smaller);
      append(server, { term: 2, prevIndex: 1, prevTerm: 1, entries: tailOf([1, 2], 1) });
      server.writeAll();
      expect(server.state.latest.servers).toHaveLength(3);
      expect(server.state).toMatchObject({ latestIndex: 1, committedIndex: 1 });
    },
  );

  test(
    ref('raft 1.7 #5 error', 'that cannot be compared or cut make the append plainly fail'),
    () => {
      const server = raftServer({ log: [1, 1, 2] });
      const exchange = append(server, {
        term: 3,
        prevIndex: 2,
        prevTerm: 1,
        entries: tailOf([1, 1, 3], 2),
      });
      server.write();
      server.failWrite();
      expect(answerTo(server, exchange)).toMatchObject({ success: false, noRetryBackoff: false });
      expect(terms(server)).toEqual([1, 1, 2]);
      expect(server.state).toMatchObject({ lastIndex: 3, lastTerm: 2 });
    },
  );

  test(ref('raft 1.7 #6', 'are stored in one call, then the tail in memory moves'), () => {
    const server = raftServer();
    append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries: tailOf([1, 1, 1, 1], 1) });
    expect(server.unwritten()).toHaveLength(1);
    expect(server.state.lastIndex).toBe(1);
    server.write();
    expect(server.state).toMatchObject({ lastIndex: 4, lastTerm: 1 });
  });

  test(
    ref('raft 1.7 #6 configuration', 'with a configuration: latest; the one before commits'),
    () => {
      const server = raftServer();
      const smaller = configurationOf(2);
      const change = { ...logOf([1, 1])[1], type: 5, data: smaller } as const;
      append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries: [change] });
      server.write();
      expect(server.state).toMatchObject({ latest: smaller, latestIndex: 2, committedIndex: 1 });
    },
  );

  test(ref('raft 1.7 #6 error', 'that cannot be stored fail, with a wait before the retry'), () => {
    const server = raftServer();
    const exchange = append(server, {
      term: 1,
      prevIndex: 1,
      prevTerm: 1,
      entries: tailOf([1, 1], 1),
    });
    server.failWrite();
    expect(answerTo(server, exchange)).toMatchObject({ success: false, noRetryBackoff: false });
    expect(server.state.lastIndex).toBe(1);
  });

  test(
    ref('raft 1.7 #6 stale-tail', 'lost after a truncation leave the tail in memory too high'),
    () => {
      const server = raftServer({ log: [1, 1, 2, 2] });
      append(server, { term: 3, prevIndex: 2, prevTerm: 1, entries: tailOf([1, 1, 3], 2) });
      server.write(2);
      server.failWrite();
      expect(terms(server)).toEqual([1, 1]);
      expect(server.state).toMatchObject({ lastIndex: 4, lastTerm: 2 });
      // The next append finds nothing at index 3 and fails plainly, for ever.
      const again = append(server, {
        term: 3,
        prevIndex: 2,
        prevTerm: 1,
        entries: tailOf([1, 1, 3], 2),
      });
      expect(answerTo(server, again)).toMatchObject({ success: false, noRetryBackoff: false });
    },
  );
});

describe('the commit index of the leader', () => {
  test(
    ref('raft 1.7 #7', 'is followed up to our own last index; what it covers is applied'),
    () => {
      const server = raftServer({ log: [1, 1, 1] });
      append(server, { term: 1, prevIndex: 1, prevTerm: 1, leaderCommit: 9 });
      expect(server.state).toMatchObject({ commitIndex: 3, lastApplied: 3, fsmIndex: 3 });
      expect(server.state.fsm).toEqual([201, 301]);
    },
  );

  test(ref('raft 1.7 #7', 'never goes back'), () => {
    const server = raftServer({ log: [1, 1, 1] });
    append(server, { term: 1, prevIndex: 3, prevTerm: 1, leaderCommit: 3 });
    append(server, { term: 1, prevIndex: 3, prevTerm: 1, leaderCommit: 2 });
    expect(server.state).toMatchObject({ commitIndex: 3, fsmIndex: 3 });
    expect(server.state.fsm).toEqual([201, 301]);
  });

  test(ref('raft 1.7 #7 configuration', 'makes the configuration that it covers committed'), () => {
    const server = raftServer({ log: [1, 1] });
    expect(server.state.committedIndex).toBe(0);
    append(server, { term: 1, prevIndex: 2, prevTerm: 1, leaderCommit: 1 });
    expect(server.state.committedIndex).toBe(1);
  });
});

test(ref('raft 1.7 #8', 'success is answered and counts as contact'), () => {
  const server = raftServer({ log: [1, 1] });
  server.now = 40 * MILLISECOND;
  const exchange = append(server, {
    term: 1,
    prevIndex: 2,
    prevTerm: 1,
    entries: tailOf([1, 1, 1], 2),
  });
  expect(server.state.lastContact).toBe(NEVER);
  server.writeAll();
  expect(server.state.lastContact).toBe(40 * MILLISECOND);
  // The last index is the one from before the append: it was read first.
  expect(answerTo(server, exchange)).toEqual({
    term: 1,
    lastLog: 2,
    success: true,
    noRetryBackoff: false,
  });
});
