/** What a server makes of its pool: events, addresses of servers, the leader's news, bootstrap_expect. */
import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { MEMBER_CHANGED } from '../../../sim/consul/leader/vocabulary.ts';
import { membershipMachine } from '../../../sim/consul/membership/machine.ts';
import type { MembershipConfig } from '../../../sim/consul/membership/machine.ts';
import { MemberStatus } from '../../../sim/consul/membership/members.ts';
import { consulPool } from '../../../sim/consul/membership/pool.ts';
import { EVENT, PEERS } from '../../../sim/consul/membership/vocabulary.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import type { Configuration } from '../../../sim/protocol/raft/types.ts';
import { BOOTSTRAP } from '../../../sim/protocol/raft/vocabulary.ts';
import type { SerfEvent } from '../../../sim/protocol/serf/config.ts';
import { ref } from '../../support/reference.ts';
import { SECOND, alone, poolOf, raftOf } from './kit.ts';

const { none, alive, left, failed, reaped } = MemberStatus;
const STATUS: Readonly<Record<SerfEvent, MemberStatus>> = {
  join: alive,
  update: alive,
  failed,
  leave: left,
  reap: reaped,
};

/** Three servers and, fourth, a client agent. */
function memberOf({
  expect: expected = 0,
  formed = true,
  role = Role.leader as Role,
  startMicros = 0,
} = {}) {
  const raft = raftOf(expected === 0 ? [0, 1, 2] : []);
  raft.role = role;
  if (expected > 0) raft.lastLogIndex = 0;
  const servers = poolOf([alive, alive, alive]).config.members;
  const client = { process: 9, name: 'a1', address: '10.2.0.9', server: false, expect: 0 };
  const config: MembershipConfig = {
    members: [...servers.map((member) => ({ ...member, expect: expected })), client],
    formed: formed ? [0, 1, 2, 3] : null,
  };
  const member = alone(membershipMachine, config, raft, poolOf([]));
  member.now = startMicros;
  member.start();
  /** As Serf's application does: the status at once, the event behind others. */
  const hear = (place: number, event: SerfEvent): void => {
    member.state.members[place] = { status: event === 'reap' ? none : STATUS[event] };
    member.deliver(EVENT, place, STATUS[event]);
  };
  if (!formed) hear(0, 'join');
  /** What the leader loop was told: process and status. */
  const told = (): (readonly [number, MemberStatus])[] =>
    member
      .of('post')
      .filter(({ input }) => input === MEMBER_CHANGED)
      .map(({ from, body }) => [from, body as MemberStatus]);
  return { member, raft, hear, told };
}

describe('the pool', () => {
  test(ref('consul 2.6 #14', 'each event of Serf goes to the leader loop of who leads'), () => {
    const { hear, told } = memberOf();
    hear(1, 'failed');
    hear(3, 'failed');
    hear(1, 'leave');
    hear(3, 'reap');
    expect(told()).toEqual([
      [1, failed],
      [9, failed],
      [1, left],
      [9, reaped],
    ]);
  });

  test(ref('consul 2.6 #16', 'events that come while it does not lead are dropped'), () => {
    const { hear, told } = memberOf({ role: Role.follower });
    hear(1, 'failed');
    expect(told()).toEqual([]);
  });

  test(
    ref('consul 2.1 #6', 'a server that failed, left or was forgotten is not forwarded to'),
    () => {
      for (const event of ['failed', 'leave', 'reap'] as const) {
        const { member, hear } = memberOf();
        expect(member.state.lookup).toEqual([0, 1, 2]);
        hear(1, event);
        hear(3, event);
        expect(member.state.lookup).toEqual([0, 2]);
        hear(1, 'join');
        expect(member.state.lookup).toEqual([0, 2, 1]);
      }
    },
  );

  test('a server that starts later than in the first second has yet to hear of the others', () => {
    expect(memberOf({ startMicros: SECOND - 1 }).member.state.lookup).toEqual([0, 1, 2]);
    expect(memberOf({ startMicros: SECOND }).member.state.lookup).toEqual([]);
  });

  test('Serf tells statuses at once, and each event to those whom it concerns', () => {
    const { member } = memberOf();
    const { config } = member.state;
    const pool = consulPool(config.members);
    const posts: unknown[] = [];
    const out = {
      sibling: (machine: number) =>
        machine === membershipMachine.number ? member.state : undefined,
      post: (...post: unknown[]) => posts.push(post),
    };
    pool.onStatus!(2, failed, out as never);
    expect(member.state.members[2]).toEqual({ status: failed });
    pool.onEvent!(2, 'failed', out as never);
    expect(posts).toEqual([[EVENT, 0, 2, failed]]);
  });
});

describe('bootstrap_expect', () => {
  const bootstraps = ({ member }: ReturnType<typeof memberOf>): number[][] =>
    member
      .of('post')
      .filter(({ input }) => input === BOOTSTRAP)
      .map(({ body }) => (body as Configuration).servers.map(({ id }) => id));

  test(
    ref('consul 2.11 #1', 'enough servers without peers bootstrap with all that are known'),
    () => {
      const run = memberOf({ expect: 2, formed: false, role: Role.follower });
      expect(run.member.waits('call')).toEqual([]);
      run.hear(2, 'join');
      const [call] = run.member.waits('call');
      expect(call).toMatchObject({ to: 2, input: PEERS });
      run.member.answer(call!, 0);
      expect(bootstraps(run)).toEqual([[0, 2]]);
      expect(run.member.state.expect).toBe(0);
    },
  );

  test(
    ref('consul 2.11 #2', 'peers of any server, or a log of its own, end the expectation'),
    () => {
      const run = memberOf({ expect: 2, formed: false, role: Role.follower });
      run.hear(2, 'join');
      run.member.answer(run.member.waits('call')[0]!, 3);
      expect(run.member.state.expect).toBe(0);
      const other = memberOf({ expect: 2, formed: false, role: Role.follower });
      other.raft.lastLogIndex = 1;
      other.hear(2, 'join');
      expect(other.member.state.expect).toBe(0);
      expect([...bootstraps(run), ...bootstraps(other)]).toEqual([]);
    },
  );

  test(
    ref(
      'consul 2.11 #3',
      'a server that never answers is asked six times, then counts as having none',
    ),
    () => {
      const run = memberOf({ expect: 2, formed: false, role: Role.follower });
      run.hear(2, 'join');
      const begun = run.member.now;
      for (let tries = 0; tries < 6; tries++) {
        expect(bootstraps(run)).toEqual([]);
        run.member.answer(run.member.waits('call')[0]!, undefined, ErrorCause.refused);
        run.member.advance(SECOND << tries);
      }
      expect(run.member.now - begun).toBe(63 * SECOND);
      expect(bootstraps(run)).toEqual([[0, 2]]);
    },
  );

  test('the event handler waits meanwhile: others join too late for this configuration', () => {
    const run = memberOf({ expect: 2, formed: false, role: Role.follower });
    run.hear(2, 'join');
    run.hear(1, 'join');
    run.member.answer(run.member.waits('call')[0]!, 0);
    expect(bootstraps(run)).toEqual([[0, 2]]);
    expect([...run.member.state.lookup].sort()).toEqual([0, 1, 2]);
  });
});
