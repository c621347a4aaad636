/** Autopilot: health by the last stats, votes for the stable, dead servers out of the way. */
import { describe, expect, test } from 'vitest';
import { autopilotMachine } from '../../../sim/consul/autopilot/machine.ts';
import type { AutopilotSettings } from '../../../sim/consul/autopilot/state.ts';
import {
  ANSWERED,
  AutopilotNote,
  FETCH_DEADLINE,
  PRUNE,
  RAFT_STATS,
  RECONCILE_TICK,
  UPDATE_TICK,
} from '../../../sim/consul/autopilot/vocabulary.ts';
import { LEADER_MACHINE } from '../../../sim/consul/leader/vocabulary.ts';
import { MemberStatus } from '../../../sim/consul/membership/members.ts';
import { ChangeCommand } from '../../../sim/protocol/raft/configuration.ts';
import { ApplyError, NEVER, Role } from '../../../sim/protocol/raft/types.ts';
import { CHANGE } from '../../../sim/protocol/raft/vocabulary.ts';
import { FORCE_LEAVE } from '../../../sim/protocol/serf/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { SECOND, alone, poolOf, raftOf } from './kit.ts';

const { none, alive, failed } = MemberStatus;
const GOOD = { lastContactMicros: 50_000, lastTerm: 3, lastIndex: 100 };

interface Options {
  readonly statuses?: readonly MemberStatus[];
  readonly nonvoters?: readonly number[];
  readonly settings?: Partial<AutopilotSettings>;
  readonly reconciles?: boolean;
  readonly formed?: boolean;
}

function autopilotOf({
  statuses = [alive, alive, alive],
  nonvoters = [],
  settings = {},
  reconciles = true,
  formed = true,
}: Options) {
  const voters = statuses.map((_, process) => process).filter((one) => !nonvoters.includes(one));
  const raft = raftOf(voters, nonvoters);
  const pool = poolOf(statuses);
  const defaults: AutopilotSettings = {
    cleanupDeadServers: true,
    lastContactThresholdMicros: 200_000,
    maxTrailingLogs: 250,
    minQuorum: 0,
    serverStabilizationMicros: 10 * SECOND,
  };
  const config = { settings: { ...defaults, ...settings }, formed };
  const autopilot = alone(autopilotMachine, config, raft, pool);
  autopilot.siblings.set(LEADER_MACHINE, { reconciles });
  autopilot.start();
  /** One state, with these stats by server. */
  const update = (stats: Readonly<Record<number, typeof GOOD>> = {}): void => {
    const before = autopilot.of('request').length;
    autopilot.fire(UPDATE_TICK);
    for (const request of autopilot.of('request').slice(before)) {
      const one = stats[request.to] ?? GOOD;
      autopilot.answer(request, one);
    }
  };
  const reconcile = (): void => autopilot.fire(RECONCILE_TICK);
  const health = (): boolean[] => autopilot.state.servers.map(({ healthy }) => healthy);
  const changes = (): string[] =>
    autopilot
      .of('post')
      .filter(({ input }) => input === CHANGE)
      .map(({ body }) => {
        const { command, server } = body as { command: ChangeCommand; server: number };
        return `${command === ChangeCommand.addVoter ? 'promote' : 'remove'} ${server}`;
      });
  const left = (): number[] =>
    autopilot
      .of('post')
      .filter(({ input }) => input === FORCE_LEAVE)
      .map(({ from }) => from);
  const answer = (error: ApplyError = ApplyError.none): void => {
    autopilot.deliver(ANSWERED, autopilot.state.calls, { error, index: 7, value: null });
  };
  return { autopilot, raft, pool, update, reconcile, health, changes, left, answer };
}

describe('health', () => {
  test(
    ref('consul 2.10 #1', 'every server asks every other one each two seconds, for one second'),
    () => {
      const run = autopilotOf({ reconciles: false });
      run.autopilot.fire(UPDATE_TICK);
      const asked = run.autopilot.of('request');
      expect(asked.map(({ to, input }) => [to, input])).toEqual([
        [1, RAFT_STATS],
        [2, RAFT_STATS],
      ]);
      expect(run.autopilot.state.servers).toEqual([]);
      run.autopilot.answer(asked[0]!, GOOD);
      run.autopilot.fire(FETCH_DEADLINE);
      expect(run.autopilot.now % (2 * SECOND)).toBe(SECOND);
      expect(run.health()).toEqual([true, true, false]);
      // Who has not answered is not asked twice at a time.
      run.autopilot.fire(UPDATE_TICK);
      expect(run.autopilot.of('request').map(({ to }) => to)).toEqual([1, 2, 1]);
    },
  );

  test.each([
    ['contact at the threshold', { ...GOOD, lastContactMicros: 200_000 }, true],
    ['contact too long ago', { ...GOOD, lastContactMicros: 200_001 }, false],
    ['another last term', { ...GOOD, lastTerm: 2 }, false],
    ['a log just near enough', { ...GOOD, lastIndex: 750 }, true],
    ['a log too far behind', { ...GOOD, lastIndex: 749 }, false],
  ])(
    ref('consul 2.10 #2', 'a server is healthy by contact, last term and last index') + ': %s',
    (_, stats, healthy) => {
      const run = autopilotOf({});
      run.raft.lastIndex = 1000;
      run.raft.lastLogIndex = 1000;
      run.update({
        1: { ...GOOD, lastIndex: 1000 },
        2: { ...stats, lastIndex: stats.lastIndex === 100 ? 1000 : stats.lastIndex },
      });
      expect(run.health()).toEqual([true, true, healthy]);
    },
  );

  test(ref('consul 2.10 #3', 'a failed fetch leaves the stats as they were'), () => {
    const run = autopilotOf({});
    run.update();
    run.autopilot.fire(UPDATE_TICK);
    run.autopilot.fire(FETCH_DEADLINE);
    expect(run.health()).toEqual([true, true, true]);
  });

  test(ref('consul 2.10 #4', 'a server that never had contact counts as if it had it now'), () => {
    const run = autopilotOf({ reconciles: false });
    run.raft.role = Role.follower;
    run.raft.lastContact = NEVER;
    const exchange = run.autopilot.ask(RAFT_STATS, 1, null);
    expect(run.autopilot.answerOf(exchange)).toMatchObject({ lastContactMicros: 0 });
    run.raft.lastContact = run.autopilot.now - 5;
    const other = run.autopilot.ask(RAFT_STATS, 1, null);
    expect(run.autopilot.answerOf(other)).toMatchObject({ lastContactMicros: 5 });
  });

  test('nobody is healthy where no leader is known', () => {
    const run = autopilotOf({});
    run.raft.role = Role.follower;
    run.raft.leader = -1;
    run.update();
    expect(run.health()).toEqual([false, false, false]);
  });
});

describe('promotion', () => {
  test(
    ref('consul 2.10 #5', 'a server without a vote gets one when it was healthy for 10 s'),
    () => {
      const run = autopilotOf({ nonvoters: [2] });
      run.update();
      run.reconcile();
      expect(run.changes()).toEqual([]);
      run.autopilot.now += 10 * SECOND;
      run.update();
      run.reconcile();
      expect(run.changes()).toEqual(['promote 2']);
    },
  );

  test(ref('consul 2.10 #6', 'an autopilot younger than that promotes whoever is healthy'), () => {
    const run = autopilotOf({ nonvoters: [2], formed: false });
    run.update();
    run.reconcile();
    expect(run.changes()).toEqual(['promote 2']);
  });

  test('all that are stable at once, one after the other', () => {
    const run = autopilotOf({ nonvoters: [1, 2], formed: false });
    run.update();
    run.reconcile();
    expect(run.changes()).toEqual(['promote 1']);
    run.answer();
    expect(run.changes()).toEqual(['promote 1', 'promote 2']);
  });

  test(ref('consul 2.10 #7', 'only an established leader acts'), () => {
    const run = autopilotOf({ nonvoters: [2], formed: false, reconciles: false });
    run.update();
    run.reconcile();
    expect(run.changes()).toEqual([]);
  });
});

describe('dead servers', () => {
  test(ref('consul 2.10 #8', 'one failed voter of three has to leave'), () => {
    const run = autopilotOf({ statuses: [alive, alive, failed] });
    run.reconcile();
    expect(run.left()).toEqual([2]);
  });

  test(
    ref('consul 2.10 #9', 'of two voters none is removed, of five failed ones of seven three'),
    () => {
      const two = autopilotOf({ statuses: [alive, failed] });
      two.reconcile();
      expect(two.left()).toEqual([]);
      const seven = autopilotOf({
        statuses: [alive, alive, failed, failed, failed, failed, failed],
      });
      seven.reconcile();
      expect(seven.left()).toEqual([2, 3, 4]);
      expect(
        seven.autopilot.of('note').filter(({ note }) => note === AutopilotNote.spare),
      ).toHaveLength(2);
    },
  );

  test(ref('consul 2.10 #10', 'min_quorum keeps that many voters'), () => {
    const run = autopilotOf({
      statuses: [alive, alive, alive, failed, failed],
      settings: { minQuorum: 4 },
    });
    run.reconcile();
    expect(run.left()).toEqual([3]);
  });

  test('cleanup_dead_servers: false removes nobody', () => {
    const settings = { cleanupDeadServers: false };
    const run = autopilotOf({ statuses: [alive, alive, failed], settings });
    run.reconcile();
    expect(run.left()).toEqual([]);
  });

  test(
    ref('consul 2.10 #11', 'failed without a vote, unknown without, unknown voters, failed voters'),
    () => {
      const run = autopilotOf({
        statuses: [alive, alive, alive, none, failed, none, failed],
        nonvoters: [5, 6],
      });
      run.reconcile();
      expect(run.left()).toEqual([6]);
      expect(run.changes()).toEqual(['remove 5']);
      run.answer();
      expect(run.changes()).toEqual(['remove 5', 'remove 3']);
      expect(run.left()).toEqual([6]);
      run.answer();
      expect(run.left()).toEqual([6, 4]);
    },
  );

  test('a removal that fails ends the pass', () => {
    const run = autopilotOf({ statuses: [alive, alive, alive, none, failed] });
    run.reconcile();
    run.answer(ApplyError.notLeader);
    expect(run.left()).toEqual([]);
  });

  test(ref('consul 2.10 #12', 'a server that has joined brings the next look forward'), () => {
    const run = autopilotOf({ statuses: [alive, alive, failed] });
    run.autopilot.deliver(PRUNE, 0, null);
    expect(run.left()).toEqual([2]);
  });
});
