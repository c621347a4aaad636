/** What times sessions and tombstones, alone beside a Raft that the test makes up. */
import { describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import { Recording } from '../../../sim/core/recording.ts';
import { sessionMachine } from '../../../sim/consul/session/machine.ts';
import {
  ANSWERED,
  CALL_TIMER,
  CLEAR_SESSION,
  ESTABLISHED,
  RESET_SESSION,
  RETRY_TIMER,
  SESSION_TIMER,
  SessionNote,
  TOMBSTONES_MADE,
  TOMBSTONE_TIMER,
} from '../../../sim/consul/session/vocabulary.ts';
import type { Session } from '../../../sim/consul/state/rows.ts';
import { createStore } from '../../../sim/consul/state/store.ts';
import { setRow } from '../../../sim/consul/state/table.ts';
import { ApplyError, Role, proposerNumber } from '../../../sim/protocol/raft/types.ts';
import type { Proposal } from '../../../sim/protocol/raft/types.ts';
import { APPLY, RAFT_MACHINE } from '../../../sim/protocol/raft/vocabulary.ts';
import { sessionOf } from '../state/driver.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

function row(id: string, ttlSeconds: number): Session {
  const definition = sessionOf(id, 'n1', { ttlMicros: ttlSeconds * SECOND });
  return { ...definition, createIndex: 1, modifyIndex: 1 };
}

function serverOf(bugs = { B18: true, B34: true }) {
  const raft = { fsm: createStore(), role: Role.leader as Role, proposalsTakenOf: [] as number[] };
  const config = { bugs, tombstoneMicros: 15 * MINUTE, tombstoneStepMicros: 30 * SECOND };
  const server = new Recording(sessionMachine, config);
  server.siblings.set(RAFT_MACHINE, raft);
  server.start();
  const proposals = () =>
    server
      .of('post')
      .filter(({ input }) => input === APPLY)
      .map(({ body }) => body as Proposal);
  const answer = (at: number, error: ApplyError) =>
    server.deliver(ANSWERED, proposerNumber(proposals()[at].tag), { error, index: 9, value: null });
  const lead = (leads: boolean, lastIndex = 0) =>
    server.deliver(ESTABLISHED, leads ? 1 : 0, lastIndex);
  return { server, raft, proposals, answer, lead };
}

describe('the timer of a session', () => {
  test(
    ref('consul 2.7 #1', 'runs for twice the TTL from its making and from every renewal'),
    () => {
      const { server, proposals } = serverOf();
      server.deliver(RESET_SESSION, 0, row('s', 10));
      expect(server.due(SESSION_TIMER)).toBe(20 * SECOND);
      server.now = 5 * SECOND;
      server.deliver(RESET_SESSION, 0, row('s', 10));
      expect(server.due(SESSION_TIMER)).toBe(25 * SECOND);
      server.fire(SESSION_TIMER);
      expect(proposals()).toMatchObject([{ data: { op: 'session-destroy', id: 's' } }]);
      server.deliver(RESET_SESSION, 0, row('never', 0));
      expect(server.due(SESSION_TIMER)).toBeUndefined();
    },
  );

  test(ref('consul 2.7 #2', 'goes when the session is destroyed by request'), () => {
    const { server } = serverOf();
    server.deliver(RESET_SESSION, 0, row('s', 10));
    server.deliver(CLEAR_SESSION, 0, 's');
    expect(server.due(SESSION_TIMER)).toBeUndefined();
    server.deliver(CLEAR_SESSION, 0, 's');
  });

  test(
    ref('consul 2.7 #3', 'starts with its whole time on a new leader, and ends with leadership'),
    () => {
      const { server, raft, lead } = serverOf();
      setRow(raft.fsm.sessions, 's', row('s', 10), true);
      setRow(raft.fsm.sessions, 't', row('t', 30), true);
      setRow(raft.fsm.sessions, 'u', row('u', 0), true);
      server.now = 100 * SECOND;
      lead(true);
      expect([0, 1, 2].map((key) => server.due(SESSION_TIMER, key))).toEqual([
        120 * SECOND,
        160 * SECOND,
        undefined,
      ]);
      lead(false);
      expect([0, 1].map((key) => server.due(SESSION_TIMER, key))).toEqual([undefined, undefined]);
    },
  );
});

describe('destroying an expired session', () => {
  const delays = [10, 20, 40, 80, 160, 320];

  test(
    ref('consul 2.7 #4', 'is tried six times, with sleeps of 10 s doubling to 320 s after each'),
    () => {
      const { server, proposals, answer } = serverOf();
      server.deliver(RESET_SESSION, 0, row('s', 10));
      server.fire(SESSION_TIMER);
      for (const [at, seconds] of delays.entries()) {
        expect(proposals()).toHaveLength(at + 1);
        const before = server.now;
        answer(at, ApplyError.notLeader);
        expect(server.due(RETRY_TIMER, 1)! - before).toBe(seconds * SECOND);
        server.fire(RETRY_TIMER, 1);
      }
      expect(proposals()).toHaveLength(6);
      expect(server.of('note').at(-1)).toMatchObject({ note: SessionNote.givenUp });
      expect(server.state.invalidations).toEqual([]);
    },
  );

  test(ref('consul 2.7 #5', 'goes on through the loss of leadership and renewals (B34)'), () => {
    const { server, raft, proposals, answer, lead } = serverOf();
    setRow(raft.fsm.sessions, 's', row('s', 10), true);
    lead(true);
    server.fire(SESSION_TIMER);
    answer(0, ApplyError.leadershipLost);
    lead(false);
    lead(true);
    server.deliver(RESET_SESSION, 0, row('s', 10));
    expect(server.marks.has('B34')).toBe(false);
    server.fire(RETRY_TIMER, 1);
    expect(proposals()).toHaveLength(2);
    expect(server.marks.has('B34')).toBe(true);
    answer(1, ApplyError.none);
    expect(server.state.invalidations).toEqual([]);
  });

  test('ends with leadership, and with a renewal, where B34 is fixed', () => {
    for (const renewed of [true, false]) {
      const { server, answer, lead } = serverOf({ B18: true, B34: false });
      server.deliver(RESET_SESSION, 0, row('s', 10));
      server.fire(SESSION_TIMER);
      answer(0, ApplyError.leadershipLost);
      if (renewed) server.deliver(RESET_SESSION, 0, row('s', 10));
      else lead(false);
      expect(server.due(RETRY_TIMER, 1)).toBeUndefined();
      expect(server.state.invalidations).toEqual([]);
    }
  });

  test('counts an attempt as failed that Raft has not taken within 30 s', () => {
    const { server, raft, answer } = serverOf();
    server.deliver(RESET_SESSION, 0, row('s', 10));
    server.fire(SESSION_TIMER);
    expect(server.due(CALL_TIMER)).toBe(50 * SECOND);
    server.fire(CALL_TIMER);
    expect(server.due(RETRY_TIMER, 1)).toBe(60 * SECOND);
    // The answer comes after all, to nobody.
    answer(0, ApplyError.none);
    expect(server.due(RETRY_TIMER, 1)).toBe(60 * SECOND);
    server.fire(RETRY_TIMER, 1);
    raft.proposalsTakenOf[9] = 2;
    server.fire(CALL_TIMER);
    expect(server.due(RETRY_TIMER, 1)).toBeUndefined();
    answer(1, ApplyError.notLeader);
    expect(server.due(RETRY_TIMER, 1)).toBeDefined();
  });
});

describe('tombstones', () => {
  test(
    ref(
      'consul 2.9 #1',
      'are reaped 15 minutes later, rounded up to the next 30 s of the wall clock',
    ),
    () => {
      const { server, proposals, lead } = serverOf();
      lead(true);
      server.fire(TOMBSTONE_TIMER);
      server.now = 1000 * SECOND;
      server.wallOffset = 7 * SECOND;
      server.deliver(TOMBSTONES_MADE, 40, null);
      server.now += 3 * SECOND;
      server.deliver(TOMBSTONES_MADE, 41, null);
      server.now += 20 * SECOND;
      server.deliver(TOMBSTONES_MADE, 50, null);
      // Wall clock 1007 s: 1920 s is the next multiple of 30 s after 15 more minutes.
      expect(server.due(TOMBSTONE_TIMER)).toBe(1913 * SECOND);
      server.fire(TOMBSTONE_TIMER);
      expect(proposals().at(-1)).toMatchObject({ data: { op: 'reap-tombstones', index: 41 } });
      expect(server.due(TOMBSTONE_TIMER)).toBe(1943 * SECOND);
    },
  );

  test(
    ref('consul 2.9 #2', 'of before wait another 15 minutes with a new leader; others reap none'),
    () => {
      const { server, proposals, lead } = serverOf();
      server.deliver(TOMBSTONES_MADE, 40, null);
      expect(server.due(TOMBSTONE_TIMER)).toBeUndefined();
      lead(true, 77);
      expect(server.due(TOMBSTONE_TIMER)).toBe(15.5 * MINUTE);
      lead(false);
      expect(server.due(TOMBSTONE_TIMER)).toBeUndefined();
      lead(true, 78);
      server.fire(TOMBSTONE_TIMER);
      expect(proposals()).toMatchObject([{ data: { op: 'reap-tombstones', index: 78 } }]);
    },
  );
});
