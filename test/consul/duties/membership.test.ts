/** The pool of servers: signs of life, failure, leave, return, and bootstrap_expect. */
import { describe, expect, test } from 'vitest';
import { compileSampler } from '../../../sim/core/distribution.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { MEMBER_CHANGED } from '../../../sim/consul/leader/vocabulary.ts';
import { membershipMachine } from '../../../sim/consul/membership/machine.ts';
import type { MembershipConfig } from '../../../sim/consul/membership/machine.ts';
import { MemberStatus } from '../../../sim/consul/membership/members.ts';
import type { News } from '../../../sim/consul/membership/members.ts';
import {
  BEAT,
  BEAT_TICK,
  FORCE_LEAVE,
  LEAVE,
  PEERS,
  SUSPICION,
} from '../../../sim/consul/membership/vocabulary.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import type { Configuration } from '../../../sim/protocol/raft/types.ts';
import { BOOTSTRAP } from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { SECOND, alone, poolOf, raftOf } from './kit.ts';

const { none, alive, left, failed, reaped } = MemberStatus;
const QUIET: News = { life: -1, beat: 0, said: none };

function memberOf({ expect: expected = 0, formed = true, role = Role.leader as Role } = {}) {
  const raft = raftOf(expected === 0 ? [0, 1, 2] : []);
  raft.role = role;
  if (expected > 0) raft.lastLogIndex = 0;
  const config: MembershipConfig = {
    members: poolOf([alive, alive, alive]).config.members.map((member) => ({
      ...member,
      expect: expected,
    })),
    detection: compileSampler({ kind: 'constant', micros: 6 * SECOND }),
    formed: formed ? [0, 1, 2] : null,
    reapMicros: 100 * SECOND,
  };
  const member = alone(membershipMachine, config, raft, poolOf([]));
  member.start();
  const hear = (place: number, news: News): void => {
    const beat = [QUIET, QUIET, QUIET];
    beat[place] = news;
    member.deliver(BEAT, 1, beat);
  };
  const status = (place: number): MemberStatus => member.state.members[place]!.status;
  /** What the leader loop was told: process and status. */
  const told = (): (readonly [number, MemberStatus])[] =>
    member
      .of('post')
      .filter(({ input }) => input === MEMBER_CHANGED)
      .map(({ from, body }) => [from, body as MemberStatus]);
  return { member, raft, hear, status, told };
}

describe('the pool', () => {
  test('signs of life are datagrams to every other server, once a second', () => {
    const { member } = memberOf();
    member.fire(BEAT_TICK);
    expect(member.of('datagram').map(({ to }) => to)).toEqual([1, 2]);
    member.fire(BEAT_TICK);
    expect(member.of('datagram')).toHaveLength(4);
    expect((member.of('datagram').at(-1)!.body as News[])[0]).toMatchObject({ beat: 2 });
  });

  test(
    ref('consul 2.6 #14', 'a member of whom nobody has heard for the detection time has failed'),
    () => {
      const { member, hear, status, told } = memberOf();
      member.advance(3 * SECOND);
      hear(1, { life: 0, beat: 1, said: alive });
      member.advance(5 * SECOND);
      expect([status(1), status(2)]).toEqual([alive, failed]);
      member.advance(2 * SECOND);
      expect(status(1)).toBe(failed);
      expect(told().slice(1)).toEqual([
        [2, failed],
        [1, failed],
      ]);
    },
  );

  test('news that travels over a third server keeps a member alive; old news does not', () => {
    const { member, hear, status } = memberOf();
    for (let second = 0; second < 8; second++) {
      member.advance(SECOND);
      hear(1, { life: 0, beat: 1, said: alive });
      hear(2, { life: 0, beat: second + 1, said: alive });
    }
    expect([status(1), status(2)]).toEqual([failed, alive]);
  });

  test('a server that stood still itself does not count that against others', () => {
    const { member, status } = memberOf();
    member.now = 60 * SECOND;
    member.fire(BEAT_TICK);
    expect(member.due(SUSPICION, 1)! - member.now).toBeGreaterThan(3 * SECOND);
    expect(status(1)).toBe(alive);
  });

  test(
    ref('consul 2.6 #15', 'a force-leave makes a failed member one that left, and no other'),
    () => {
      const { member, hear, status, told } = memberOf();
      member.deliver(FORCE_LEAVE, 1, null);
      expect(status(1)).toBe(alive);
      member.advance(10 * SECOND);
      member.deliver(FORCE_LEAVE, 1, null);
      expect(status(1)).toBe(left);
      expect(told().at(-1)).toEqual([1, left]);
      hear(1, { life: 20, beat: 0, said: alive });
      expect(status(1)).toBe(alive);
    },
  );

  test('a member that leaves says so and falls silent', () => {
    const { member, status } = memberOf();
    member.deliver(LEAVE, 0, null);
    expect(status(0)).toBe(left);
    expect((member.of('datagram').at(-1)!.body as News[])[0]).toMatchObject({ said: left });
    const before = member.of('datagram').length;
    member.advance(5 * SECOND);
    expect(member.of('datagram')).toHaveLength(before);
  });

  test(ref('consul 2.1 #6', 'a failed member is forgotten after reconnect_timeout'), () => {
    const { member, status, told } = memberOf();
    member.advance(100 * SECOND);
    expect(status(1)).toBe(failed);
    member.advance(10 * SECOND);
    expect(status(1)).toBe(reaped);
    expect(told()).toContainEqual([1, reaped]);
  });

  test(ref('consul 2.6 #16', 'events that come while it does not lead are dropped'), () => {
    const { member, told } = memberOf({ role: Role.follower });
    member.advance(10 * SECOND);
    expect(told()).toEqual([]);
  });

  test('who has failed is not forwarded to until it is back', () => {
    const { member, hear } = memberOf();
    expect([...member.state.lookup].sort()).toEqual([0, 1, 2]);
    member.advance(10 * SECOND);
    expect(member.state.lookup).toEqual([0]);
    hear(2, { life: 0, beat: 9, said: alive });
    expect(member.state.lookup).toEqual([0, 2]);
  });
});

describe('bootstrap_expect', () => {
  const join = (life: number): News => ({ life, beat: 0, said: alive });
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
      run.hear(2, join(5));
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
      run.hear(2, join(5));
      run.member.answer(run.member.waits('call')[0]!, 3);
      expect(run.member.state.expect).toBe(0);
      const other = memberOf({ expect: 2, formed: false, role: Role.follower });
      other.raft.lastLogIndex = 1;
      other.hear(2, join(5));
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
      run.hear(2, join(5));
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
    run.hear(2, join(5));
    run.hear(1, join(6));
    run.member.answer(run.member.waits('call')[0]!, 0);
    expect(bootstraps(run)).toEqual([[0, 2]]);
    expect([...run.member.state.lookup].sort()).toEqual([0, 1, 2]);
  });
});
