/** A server that leaves: whom it asks for what, in which order, and how long it waits. */
import { expect, test } from 'vitest';
import { leaderMachine } from '../../../sim/consul/leader/machine.ts';
import { LEAVE_TAGS } from '../../../sim/consul/leader/leave.ts';
import type { LeaderConfig } from '../../../sim/consul/leader/state.ts';
import { ANSWERED, LEAVE, LeaderNote, POOL_LEFT } from '../../../sim/consul/leader/vocabulary.ts';
import { MemberStatus } from '../../../sim/consul/membership/members.ts';
import { ApplyError, Role } from '../../../sim/protocol/raft/types.ts';
import { ChangeCommand } from '../../../sim/protocol/raft/configuration.ts';
import { CHANGE, TRANSFER } from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { SECOND, alone, catalogOf, poolOf, raftOf } from './kit.ts';

const MILLISECOND = 1000;

function leaving(role: Role) {
  const raft = raftOf([0, 1, 2]);
  raft.role = role;
  const statuses = [0, 1, 2].map(() => MemberStatus.alive);
  const config: LeaderConfig = {
    catalog: catalogOf(new Set()),
    told: [],
    verifies: true,
    bugs: { B29: false, B28: false },
  };
  const server = alone(leaderMachine, config, raft, poolOf(statuses));
  server.start();
  server.deliver(LEAVE, 0, null);
  const answer = (error: ApplyError): void => {
    server.deliver(ANSWERED, LEAVE_TAGS, { error, index: 7, value: null });
  };
  const asked = (): unknown[] =>
    server.of('post').flatMap(({ input, body }) => {
      if (input === TRANSFER) return ['transfer'];
      return input === CHANGE ? [body] : [];
    });
  const left = (): boolean => server.of('note').some(({ note }) => note === LeaderNote.left);
  return { server, raft, answer, asked, left };
}

test(
  ref('consul 2.11 #4', 'a leader that nobody takes over from tries three times, then goes'),
  () => {
    const { server, answer, asked } = leaving(Role.leader);
    expect(asked()).toEqual(['transfer']);
    for (let attempt = 0; attempt < 3; attempt++) answer(ApplyError.transferInProgress);
    const removal = { command: ChangeCommand.removeServer, server: 0, previousIndex: 0 };
    expect(asked()).toMatchObject(['transfer', 'transfer', 'transfer', removal]);
    // The wide-area pool comes next, whatever Raft says to that.
    expect(server.waits('sleep')).toEqual([]);
    answer(ApplyError.notLeader);
    expect(server.waits('sleep')).toMatchObject([{ until: 3 * SECOND }]);
  },
);

test(ref('consul 2.11 #4', 'a leader that is relieved asks for nothing more'), () => {
  const { raft, answer, asked, server } = leaving(Role.leader);
  raft.role = Role.follower;
  answer(ApplyError.none);
  expect(asked()).toEqual(['transfer']);
  expect(server.waits('sleep')).toHaveLength(1);
});

test(ref('consul 2.11 #4', 'a follower looks for its removal each 50 ms after the drain'), () => {
  const { server, raft, left, asked } = leaving(Role.follower);
  server.advance(3 * SECOND);
  server.deliver(POOL_LEFT, 0, null);
  server.advance(5 * SECOND + 20 * MILLISECOND);
  raft.latest = { ...raft.latest, servers: raft.latest.servers.slice(1) };
  server.advance(29 * MILLISECOND);
  expect(left()).toBe(false);
  server.advance(MILLISECOND);
  expect(left()).toBe(true);
  expect(asked()).toEqual([]);
});

test(ref('consul 2.11 #4', 'and waits 5 s at most'), () => {
  const { server, left } = leaving(Role.follower);
  server.advance(3 * SECOND);
  server.deliver(POOL_LEFT, 0, null);
  server.advance(5 * SECOND + 5 * SECOND - MILLISECOND);
  expect(left()).toBe(false);
  server.advance(MILLISECOND);
  expect(left()).toBe(true);
});
