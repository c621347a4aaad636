/** Heartbeats on both ends: the goroutine that sends them, and the fast path that takes them. */
import { describe, expect, test } from 'vitest';
import { CONNECTION_LANE, ErrorCause } from '../../../sim/core/machine.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import * as Kind from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import {
  HEARTBEAT_MICROS,
  MILLISECOND,
  SECOND,
  answerTo,
  append,
  campaign,
  heartbeat,
  heartbeatTo,
  keyOf,
  leaderOf,
  propose,
  raftServer,
  responseOf,
  tailOf,
} from './server.ts';

const TENTH = HEARTBEAT_MICROS / 10;

describe('a heartbeat received', () => {
  test(
    ref('raft 1.7 heartbeat-a', 'has no previous entry, no commit index: it commits nothing'),
    () => {
      const server = raftServer({ log: [1, 1, 1] });
      const sender = leaderOf({ log: [1, 1] });
      sender.fire(Kind.HEARTBEAT_TIMER, keyOf(sender, 1));
      const { body } = heartbeatTo(sender, 1)!;
      expect(body).toEqual({
        leader: 0,
        term: 2,
        prevIndex: 0,
        prevTerm: 0,
        entries: [],
        leaderCommit: 0,
      });
      server.ask(Kind.HEARTBEAT, 1, { ...(body as object), leader: 1 });
      server.writeAll();
      expect(server.state).toMatchObject({ commitIndex: 0, leader: 1, term: 2 });
    },
  );

  test(
    ref('raft 1.7 heartbeat-b', 'is taken on its own goroutine while the main one is stuck'),
    () => {
      const server = raftServer();
      append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries: tailOf([1, 1], 1) });
      expect(server.waits('write')).toHaveLength(1);
      server.now = 3 * SECOND;
      const exchange = heartbeat(server, 1, 1);
      expect(answerTo(server, exchange)).toMatchObject({ success: true, term: 1 });
      expect(server.of('reply').at(-1)!.lane).toBe(CONNECTION_LANE);
      expect(server.state.lastContact).toBe(3 * SECOND);
    },
  );

  test(ref('raft 1.3 #3', 'does not wait for the main goroutine, an ordinary append does'), () => {
    const server = raftServer();
    append(server, { term: 1, prevIndex: 1, prevTerm: 1, entries: tailOf([1, 1], 1) });
    const ordinary = append(server, { term: 1, prevIndex: 1, prevTerm: 1 });
    const beat = heartbeat(server, 1, 1);
    expect(answerTo(server, beat)).toBeDefined();
    expect(answerTo(server, ordinary)).toBeUndefined();
    server.writeAll();
    expect(answerTo(server, ordinary)).toMatchObject({ success: true });
  });

  test(ref('raft 1.7 heartbeat-c', 'of a newer term changes it under the main goroutine'), () => {
    const server = leaderOf();
    heartbeat(server, 1, 5);
    expect(server.state).toMatchObject({ role: Role.follower, loop: Role.leader, term: 2 });
    server.writeAll();
    // The main goroutine is still in the leader loop, in a term in which it does not lead.
    expect(server.state).toMatchObject({ role: Role.follower, loop: Role.leader, term: 5 });
    propose(server, 9);
    server.writeAll();
    expect(server.durable.log.entries.at(-1)).toMatchObject({ index: 3, term: 5 });
    expect(server.state.loop).toBe(Role.follower);
    expect([...server.marks]).toEqual(['B1']);
  });

  test(ref('raft 1.7 heartbeat-c', 'goes to the main goroutine once raft#695 is fixed'), () => {
    const server = leaderOf({ bugs: { B1: false } });
    heartbeat(server, 1, 5);
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, loop: Role.follower, term: 5 });
    expect([...server.marks]).toEqual([]);
  });

  test(ref('raft 1.7 heartbeat-c', 'makes a candidate a follower before its loop sees it'), () => {
    const server = raftServer();
    campaign(server);
    heartbeat(server, 1, 1);
    server.writeAll();
    expect(server.state).toMatchObject({ role: Role.follower, loop: Role.candidate });
    const asked = server.of('request').length;
    server.fire(Kind.ELECTION_TIMER);
    expect(server.state).toMatchObject({ role: Role.follower, loop: Role.follower, leader: 1 });
    expect(server.of('request')).toHaveLength(asked);
  });
});

describe('the goroutine that sends heartbeats', () => {
  test(ref('raft 1.10 #1', 'waits, sends one, and waits for its answer up to 10 s'), () => {
    const server = leaderOf();
    const key = keyOf(server, 1);
    server.script('heartbeat-interval', 0.5);
    server.fire(Kind.HEARTBEAT_TIMER, key);
    expect(heartbeatTo(server, 1)).toMatchObject({ timeoutMicros: 10 * SECOND });
    expect(server.due(Kind.HEARTBEAT_TIMER, key)).toBeUndefined();
    server.now += 4 * SECOND;
    server.answer(heartbeatTo(server, 1)!, responseOf(server));
    expect(server.due(Kind.HEARTBEAT_TIMER, key)).toBe(server.now + 1.5 * TENTH);
  });

  test(ref('raft 1.10 #2', 'sends the first one only after the first wait'), () => {
    const server = leaderOf();
    expect(heartbeatTo(server, 1)).toBeUndefined();
    expect(server.due(Kind.HEARTBEAT_TIMER, keyOf(server, 1))).toBe(server.now + TENTH);
  });

  test(ref('raft 1.10 #3', 'waits after an error, then the ordinary time before the next'), () => {
    const server = leaderOf();
    const key = keyOf(server, 1);
    const gaps: number[] = [];
    for (let failures = 1; failures <= 12; failures++) {
      server.fire(Kind.HEARTBEAT_TIMER, key);
      server.answer(heartbeatTo(server, 1)!, undefined, ErrorCause.timeout);
      const failed = server.now;
      server.fire(Kind.HEARTBEAT_TIMER, key);
      expect(heartbeatTo(server, 1)).toBeUndefined();
      gaps.push((server.due(Kind.HEARTBEAT_TIMER, key)! - failed - TENTH) / MILLISECOND);
    }
    // Half the heartbeat timeout is the most (raft_multiplier 1).
    expect(gaps).toEqual([10, 10, 10, 20, 40, 80, 160, 320, 500, 500, 500, 500]);
    server.fire(Kind.HEARTBEAT_TIMER, key);
    server.answer(heartbeatTo(server, 1)!, responseOf(server));
    expect(server.due(Kind.HEARTBEAT_TIMER, key)).toBe(server.now + TENTH);
    // One good answer, and the count begins anew.
    server.fire(Kind.HEARTBEAT_TIMER, key);
    server.answer(heartbeatTo(server, 1)!, undefined, ErrorCause.timeout);
    expect(server.due(Kind.HEARTBEAT_TIMER, key)).toBe(server.now + 10 * MILLISECOND);
  });

  test(ref('raft 1.10 #4', 'takes any answer for contact, and does not look at its term'), () => {
    const server = leaderOf();
    const key = keyOf(server, 1);
    server.fire(Kind.HEARTBEAT_TIMER, key);
    server.now += 100;
    server.answer(heartbeatTo(server, 1)!, responseOf(server, { term: 9, success: false }));
    expect(server.state.replications[key]!.lastContact).toBe(server.now);
    expect(server.state).toMatchObject({ role: Role.leader, term: 2 });
    expect([...server.marks]).toEqual(['B9']);
  });

  test(ref('raft 1.10 #4', 'steps down at a newer term once B9 is fixed'), () => {
    const server = leaderOf({ bugs: { B9: false } });
    server.fire(Kind.HEARTBEAT_TIMER, keyOf(server, 1));
    server.answer(heartbeatTo(server, 1)!, responseOf(server, { term: 9, success: false }));
    expect(server.state).toMatchObject({ role: Role.follower, term: 2 });
  });

  test(ref('raft 1.10 #5', 'goes on as long as the replicator of its peer does'), () => {
    const server = leaderOf();
    const key = keyOf(server, 1);
    append(server, { term: 3, leader: 2 });
    server.writeAll();
    expect(server.state.role).toBe(Role.follower);
    // The replicator is still stuck in its request: heartbeats of the old term go on.
    server.fire(Kind.HEARTBEAT_TIMER, key);
    expect(heartbeatTo(server, 1)!.body).toMatchObject({ term: 2 });
    server.answer(heartbeatTo(server, 1)!, responseOf(server));
    const append1 = server.waits('call').find(({ to }) => to === 1)!;
    server.answer(append1, responseOf(server, { term: 2 }));
    expect(server.due(Kind.HEARTBEAT_TIMER, key)).toBeUndefined();
    expect(server.state.replications[key]).toBeUndefined();
  });
});
