/** Changes of the membership: when they are accepted, what they change, and who is left out. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import {
  ChangeCommand,
  makeConfiguration,
  nextConfiguration,
} from '../../../sim/protocol/raft/configuration.ts';
import { createLog } from '../../../sim/protocol/raft/log.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';
import { ApplyError, EntryType, Role } from '../../../sim/protocol/raft/types.ts';
import type {
  AppendRequest,
  Configuration,
  Entry,
  Server,
} from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { RaftNote } from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  SECOND,
  acknowledge,
  answerTo,
  append,
  campaign,
  keyOf,
  leaderOf,
  logOf,
  notes,
  pipelined,
  propose,
  raftServer,
  requestVote,
  requests,
  responseOf,
  results,
  sendingTo,
  win,
} from './server.ts';
import type { RaftServer } from './server.ts';

const { addVoter, addNonvoter, demoteVoter, removeServer, promote } = ChangeCommand;

function change(
  server: RaftServer,
  command: ChangeCommand,
  target: number,
  tag = 1,
  previousIndex = 0,
): void {
  server.deliver(Kind.CHANGE, 0, { command, server: target, previousIndex, tag });
}

/** `1 2 3n`: the servers, non-voters marked. */
function show({ servers }: Configuration): string {
  return servers.map(({ id, voter }) => `${id}${voter ? '' : 'n'}`).join(' ');
}

/** A leader whose Noop is committed and known as such to everybody. */
function stable(servers = 3): RaftServer {
  const server = leaderOf({ servers });
  for (let peer = 1; peer < servers; peer++) acknowledge(server, peer);
  expect(server.state.commitIndex).toBe(2);
  return server;
}

/** An entry with a configuration to append behind index 1. */
function entryOf(servers: readonly Server[], index = 2, term = 1): Entry {
  const prefix = logOf([1])[0]!.prefix;
  return makeEntry(prefix, index, term, EntryType.configuration, makeConfiguration(servers));
}

const voters = (...ids: readonly number[]): Server[] => ids.map((id) => ({ id, voter: true }));

describe('a command', () => {
  const current = makeConfiguration([...voters(0, 1), { id: 2, voter: false }]);
  const next = (command: ChangeCommand, server: number): string =>
    show(nextConfiguration(current, 7, { command, server, previousIndex: 0, tag: 0 })!);

  test(ref('raft 1.13 #1', 'adds, converts, demotes, removes; the list keeps its order'), () => {
    expect(next(addVoter, 3)).toBe('0 1 2n 3');
    expect(next(addVoter, 2)).toBe('0 1 2');
    expect(next(addVoter, 1)).toBe('0 1 2n');
    expect(next(addNonvoter, 3)).toBe('0 1 2n 3n');
    expect(next(addNonvoter, 1)).toBe('0 1 2n');
    expect(next(demoteVoter, 1)).toBe('0 1n 2n');
    expect(next(demoteVoter, 9)).toBe('0 1 2n');
    expect(next(removeServer, 0)).toBe('1 2n');
    expect(next(promote, 2)).toBe('0 1 2n');
  });

  test(ref('raft 1.13 #6', 'must leave a voter'), () => {
    const alone = makeConfiguration([
      { id: 0, voter: true },
      { id: 1, voter: false },
    ]);
    for (const command of [removeServer, demoteVoter]) {
      const asked = { command, server: 0, previousIndex: 0, tag: 0 };
      expect(nextConfiguration(alone, 7, asked)).toBeNull();
    }
  });

  test(ref('raft 1.13 #4', 'on stale knowledge is refused'), () => {
    const asked = { command: addVoter, server: 3, tag: 0 };
    expect(nextConfiguration(current, 7, { ...asked, previousIndex: 6 })).toBeNull();
    expect(nextConfiguration(current, 7, { ...asked, previousIndex: 7 })).not.toBeNull();
    const server = stable();
    change(server, addVoter, 3, 5, 9);
    expect(results(server)).toMatchObject([{ tag: 5, error: ApplyError.configuration }]);
    change(server, addVoter, 3, 6, 1);
    expect(server.unwritten()).toHaveLength(1);
  });
});

describe('a change', () => {
  test(ref('raft 1.13 #1', 'is one entry, answered when it is applied'), () => {
    const server = stable();
    change(server, addVoter, 3, 5);
    server.writeAll();
    const entry = server.durable.log.entries.at(-1)!;
    expect(entry).toMatchObject({ index: 3, type: EntryType.configuration });
    expect(show(entry.data as Configuration)).toBe('0 1 2 3');
    expect(results(server)).toEqual([]);
    acknowledge(server, 1);
    acknowledge(server, 2);
    expect(results(server)).toMatchObject([{ tag: 5, error: ApplyError.none, index: 3 }]);
    expect(server.state).toMatchObject({ committedIndex: 3, latestIndex: 3 });
    expect(notes(server, RaftNote.reconfigured)).toEqual([[3, 4, 4]]);
  });

  /** A new leader that has known the configuration as committed before it leads. */
  function newLeader(B3: boolean): RaftServer {
    const server = raftServer({ bugs: { B3 } });
    append(server, { term: 1, prevIndex: 1, prevTerm: 1, leaderCommit: 1 });
    win(server);
    server.writeAll();
    expect(server.state).toMatchObject({ latestIndex: 1, committedIndex: 1, commitIndex: 1 });
    return server;
  }

  test(ref('raft 1.8 config', 'waits for the Noop of the leader'), () => {
    const server = newLeader(false);
    change(server, addVoter, 3);
    expect(server.unwritten()).toEqual([]);
    expect(results(server)).toEqual([]);
    acknowledge(server, 1);
    server.writeAll();
    expect(show(server.state.latest)).toBe('0 1 2 3');
  });

  test(ref('raft B3', 'with the plant does not'), () => {
    const server = newLeader(true);
    change(server, addVoter, 3);
    server.writeAll();
    expect(show(server.state.latest)).toBe('0 1 2 3');
  });

  test(ref('raft 1.13 #2', 'waits for the one before, first come first served'), () => {
    const server = stable();
    change(server, addVoter, 3, 5);
    change(server, addVoter, 4, 6);
    change(server, removeServer, 2, 7);
    server.writeAll();
    expect(show(server.state.latest)).toBe('0 1 2 3');
    for (const peer of [1, 2]) acknowledge(server, peer);
    server.writeAll();
    expect(show(server.state.latest)).toBe('0 1 2 3 4');
    for (const peer of [1, 2]) acknowledge(server, peer);
    server.writeAll();
    expect(show(server.state.latest)).toBe('0 1 3 4');
    expect(results(server).map(({ tag }) => tag)).toEqual([5, 6]);
  });

  test(ref('raft 1.13 #3', 'that waits is refused when leadership ends'), () => {
    const server = leaderOf();
    change(server, addVoter, 3, 5);
    server.deliver(Kind.STEP_DOWN, 0, null);
    expect(results(server)).toMatchObject([{ tag: 5, error: ApplyError.notLeader }]);
    change(server, addVoter, 3, 6);
    expect(results(server)).toMatchObject([{ tag: 5 }, { tag: 6, error: ApplyError.notLeader }]);
  });

  test(ref('raft 1.13 #5', 'counts in quorums as soon as it is appended'), () => {
    const server = stable();
    change(server, addVoter, 3);
    server.writeAll();
    expect(server.state.leaderState).toMatchObject({ voters: [0, 1, 2, 3], match: [3, 2, 2, 0] });
    acknowledge(server, 1);
    expect(server.state.commitIndex).toBe(2);
    // The new server has nothing yet: it rejects, and gets the log from its beginning.
    const reject = responseOf(server, { success: false, lastLog: 0, noRetryBackoff: true });
    server.answer(sendingTo(server, 3)!, reject);
    expect(sendingTo(server, 3)!.body).toMatchObject({ prevIndex: 0 });
    acknowledge(server, 3);
    expect(server.state.commitIndex).toBe(3);
  });

  test(ref('raft 1.13 #5', 'sends entries to a server without a vote, and counts it not'), () => {
    const server = stable();
    change(server, addNonvoter, 3);
    server.writeAll();
    expect(keyOf(server, 3)).toBeGreaterThan(0);
    acknowledge(server, 3);
    expect(server.state.commitIndex).toBe(2);
    acknowledge(server, 2);
    expect(server.state.commitIndex).toBe(3);
  });

  test(ref('raft 1.13 #5', 'decides on a follower whose vote requests are heard'), () => {
    const server = raftServer();
    append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries: [entryOf(voters(0, 1, 2, 3))] });
    server.writeAll();
    expect(server.state).toMatchObject({ latestIndex: 2, committedIndex: 1, commitIndex: 0 });
    const asked = { term: 2, candidate: 3, lastIndex: 2, lastTerm: 1 };
    server.now += 9 * SECOND;
    campaign(server);
    expect(requests(server, Kind.PRE_VOTE).map(({ to }) => to)).toEqual([1, 2, 3]);
    expect(server.state.candidate.votesNeeded).toBe(3);
    const exchange = requestVote(server, asked, Kind.PRE_VOTE);
    expect(answerTo(server, exchange)).toMatchObject({ granted: true });
  });

  test(ref('raft 1.13 #13', 'is in force even if the log store fails at its entry'), () => {
    const server = stable();
    change(server, addVoter, 3, 5);
    server.failWrite(ErrorCause.diskError);
    expect(results(server)).toMatchObject([{ tag: 5, error: ApplyError.store }]);
    expect(server.state).toMatchObject({ role: Role.follower, latestIndex: 3, lastIndex: 2 });
    expect(show(server.state.latest)).toBe('0 1 2 3');
  });
});

describe('a server that is removed', () => {
  test(ref('raft 1.13 #7', 'gets what the log held, and then nothing'), () => {
    const server = stable();
    change(server, removeServer, 2);
    server.writeAll();
    const sent = pipelined(server, 2);
    expect(sent.at(-2)!.body).toMatchObject({ entries: [{ index: 3 }] });
    // Two requests are in flight, so that the last one waits for room before the end.
    for (const one of sent.slice(-2)) server.answer(one, responseOf(server));
    expect(keyOf(server, 2)).toBe(-1);
    const end = server.effects.length;
    propose(server, 9);
    server.writeAll();
    acknowledge(server, 1);
    server.advance(5 * SECOND);
    const after = server.effects.slice(end);
    expect(after.filter((effect) => 'to' in effect && effect.to === 2)).toEqual([]);
  });

  test(ref('raft 1.13 #7', 'gets one attempt only, also where it answers badly'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    // The second peer has failed before, so that its replicator waits.
    server.answer(sendingTo(server, 2)!, undefined, ErrorCause.refused);
    change(server, removeServer, 2);
    server.writeAll();
    // What was under way before, what the entry set off, and the last round.
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(keyOf(server, 2)).toBe(1);
      server.advance(21_000);
      const sent = sendingTo(server, 2)!;
      if (attempt > 0) expect((sent.body as AppendRequest).entries).toHaveLength(2);
      server.answer(sent, undefined, ErrorCause.refused);
    }
    expect(keyOf(server, 2)).toBe(-1);
    expect(server.state.role).toBe(Role.leader);
  });

  test(ref('raft 1.13 #7', 'still deposes with a newer term in its last answer'), () => {
    const server = leaderOf();
    acknowledge(server, 1);
    server.answer(sendingTo(server, 2)!, undefined, ErrorCause.refused);
    change(server, removeServer, 2);
    server.writeAll();
    server.advance(20_000);
    server.answer(sendingTo(server, 2)!, responseOf(server, { success: false, term: 9 }));
    expect(server.state).toMatchObject({ role: Role.follower, term: 2 });
  });

  test(ref('raft 1.13 #8', 'stays passive once it knows'), () => {
    for (const leaderCommit of [0, 2]) {
      const server = raftServer();
      const entries = [entryOf(voters(1, 2))];
      append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries, leaderCommit });
      server.writeAll();
      server.now += 9 * SECOND;
      server.fire(Kind.FOLLOWER_TIMER);
      server.fire(Kind.FOLLOWER_TIMER);
      expect(server.state).toMatchObject({ role: Role.follower, leader: -1 });
    }
  });

  test(ref('raft 1.13 #9', 'and does not know is refused whatever it asks'), () => {
    const server = raftServer({ servers: voters(0, 1) });
    for (const kind of [Kind.PRE_VOTE, Kind.VOTE]) {
      const exchange = requestVote(server, { term: 9, candidate: 2, lastIndex: 5 }, kind);
      expect(answerTo(server, exchange)).toMatchObject({ granted: false, term: 1 });
    }
    expect(server.state.term).toBe(1);
    expect(notes(server, RaftNote.refused)).toEqual([
      [2, 9, 2],
      [2, 9, 2],
    ]);
  });

  test(ref('raft B21', 'with the plant gets votes, and so does one without a vote'), () => {
    const members = [...voters(0, 1), { id: 2, voter: false }];
    for (const candidate of [2, 3]) {
      const server = raftServer({ servers: members, bugs: { B21: true } });
      const before = requestVote(server, { term: 9, candidate, lastIndex: 5 }, Kind.PRE_VOTE);
      expect(answerTo(server, before)).toMatchObject({ granted: true });
      const exchange = requestVote(server, { term: 9, candidate, lastIndex: 5 });
      server.writeAll();
      expect(answerTo(server, exchange)).toMatchObject({ granted: true, term: 9 });
    }
  });
});

describe('a leader that leaves', () => {
  test(ref('raft 1.13 #10', 'leads on without counting itself until that is committed'), () => {
    for (const command of [removeServer, demoteVoter]) {
      const server = stable();
      change(server, command, 0, 5);
      server.writeAll();
      expect(server.state.leaderState!.voters).toEqual([1, 2]);
      acknowledge(server, 1);
      expect(server.state.role).toBe(Role.leader);
      acknowledge(server, 2);
      expect(server.state.role).toBe(Role.follower);
      expect(results(server)).toMatchObject([{ tag: 5, error: ApplyError.none, index: 3 }]);
    }
  });
});

describe('configurations in the log', () => {
  test(ref('raft 1.13 #11', 'one that is cut off gives way to the committed one'), () => {
    const server = raftServer({ log: [1] });
    append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries: [entryOf(voters(0, 1))] });
    server.writeAll();
    expect(show(server.state.latest)).toBe('0 1');
    const other = makeEntry(logOf([1])[0]!.prefix, 2, 2, EntryType.noop, null);
    append(server, { term: 2, leader: 2, prevIndex: 1, prevTerm: 1, entries: [other] });
    server.writeAll();
    expect(show(server.state.latest)).toBe('0 1 2');
    expect(server.state).toMatchObject({ latestIndex: 1, committedIndex: 1 });
  });

  test(ref('raft 1.13 #12', 'after a restart the last is latest, the one before committed'), () => {
    const first = logOf([1]);
    const second = entryOf(voters(0, 1, 2, 3));
    const third = makeEntry(
      second.prefix,
      3,
      1,
      EntryType.configuration,
      makeConfiguration(voters(0, 1, 3)),
    );
    const server = raftServer({ durable: { log: createLog([...first, second, third]) } });
    expect(server.state).toMatchObject({ latestIndex: 3, committedIndex: 2, commitIndex: 0 });
    expect(show(server.state.latest)).toBe('0 1 3');
    expect(show(server.state.committed)).toBe('0 1 2 3');
  });
});
