/** The leader loop: barrier, what is established and in which order, reconcile, revoke. */
import { describe, expect, test } from 'vitest';
import { leaderMachine } from '../../../sim/consul/leader/machine.ts';
import type { LeaderConfig } from '../../../sim/consul/leader/state.ts';
import {
  ANSWERED,
  CALL_TIMER,
  CHECKPOINT,
  INTERVAL,
  LEADERSHIP,
  LEADER_MACHINE,
  LeaderNote,
  MEMBER_CHANGED,
  REASSERT,
} from '../../../sim/consul/leader/vocabulary.ts';
import { MemberStatus } from '../../../sim/consul/membership/members.ts';
import { PRUNE } from '../../../sim/consul/autopilot/vocabulary.ts';
import { ApplyError, EntryType, Role } from '../../../sim/protocol/raft/types.ts';
import { ChangeCommand } from '../../../sim/protocol/raft/configuration.ts';
import { APPLY, CHANGE, TRANSFER } from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { SECOND, alone, catalogOf, poolOf, raftOf } from './kit.ts';

const { alive, failed, left } = MemberStatus;
const TOLD = 0x901;

interface Options {
  readonly wanted?: readonly string[];
  readonly statuses?: readonly MemberStatus[];
  readonly voters?: readonly number[];
  readonly B28?: boolean;
}

function leaderOf({ wanted = [], statuses = [alive, alive, alive], voters, B28 = false }: Options) {
  const raft = raftOf(voters ?? statuses.map((_, process) => process));
  const config: LeaderConfig = {
    catalog: catalogOf(new Set(wanted)),
    told: [TOLD],
    verifies: true,
    bugs: { B29: false, B28 },
  };
  const leader = alone(leaderMachine, config, raft, poolOf(statuses));
  leader.start();
  leader.deliver(LEADERSHIP, 1, null);
  /** Ends the call at hand. */
  const answer = (error: ApplyError = ApplyError.none): void => {
    leader.deliver(ANSWERED, leader.state.calls, { error, index: 7, value: null });
  };
  /** What Raft was asked for, in words. */
  const asked = (): string[] =>
    leader.of('post').flatMap(({ input, body }) => {
      if (input === CHANGE) {
        const { command, server } = body as { command: ChangeCommand; server: number };
        return [`${command === ChangeCommand.addNonvoter ? 'add' : 'remove'} ${server}`];
      }
      if (input === TRANSFER) return ['transfer'];
      if (input !== APPLY) return [];
      const { type, data } = body as { type: EntryType; data: { name: string } | null };
      return [type === EntryType.barrier ? 'barrier' : data!.name];
    });
  const notes = (): number[] => leader.of('note').map(({ note }) => note);
  return { leader, raft, answer, asked, notes };
}

const view = ({ leader }: ReturnType<typeof leaderOf>) => leaderMachine.view(leader.state);

describe('the loop', () => {
  test(ref('consul 2.6 #1', 'leadership starts a loop that says where it stands'), () => {
    const run = leaderOf({});
    expect(run.notes()).toEqual([LeaderNote.began]);
    expect(view(run)).toMatchObject({ ready: false });
    expect(view(run)['loop']).toMatch(/^leader loop: step 2 of \d+, waiting for barrier$/);
  });

  test(
    ref(
      'consul 2.6 #2',
      'nothing is established before the barrier, which comes again each minute',
    ),
    () => {
      const run = leaderOf({});
      expect(run.asked()).toEqual(['barrier']);
      expect(run.leader.state.ready).toBe(false);
      run.answer();
      expect(run.leader.state.ready).toBe(true);
      run.leader.fire(INTERVAL);
      expect(run.leader.now).toBe(60 * SECOND);
      expect(run.asked()).toEqual(['barrier', 'barrier']);
      run.answer();
      expect(run.notes().filter((note) => note === LeaderNote.established)).toHaveLength(1);
      expect(run.notes().filter((note) => note === LeaderNote.reconciled)).toHaveLength(2);
    },
  );

  test(ref('consul 2.6 #3', 'a failed barrier leaves a leader without duties for a minute'), () => {
    const run = leaderOf({});
    run.answer(ApplyError.enqueueTimeout);
    expect(run.leader.state.ready).toBe(false);
    expect(run.notes()).not.toContain(LeaderNote.ended);
    run.leader.fire(INTERVAL);
    run.answer();
    expect(run.leader.state.ready).toBe(true);
  });

  test('with B28 a failed barrier ends the duties for good', () => {
    const run = leaderOf({ B28: true });
    run.answer(ApplyError.enqueueTimeout);
    expect(run.notes()).toContain(LeaderNote.ended);
    expect(run.leader.due(INTERVAL)).toBeUndefined();
    expect(view(run)['loop']).toBe('no leader loop');
  });

  test(ref('consul 2.1 #3', 'a barrier that Raft does not take within two minutes fails'), () => {
    const run = leaderOf({});
    run.leader.fire(INTERVAL);
    expect(run.leader.due(CALL_TIMER)).toBe(120 * SECOND);
    run.leader.fire(CALL_TIMER);
    expect(run.notes()).toContain(LeaderNote.barrierFailed);
    // The interval that came meanwhile: the next barrier follows at once.
    expect(run.asked()).toEqual(['barrier', 'barrier']);
  });

  test('a barrier that Raft has taken is waited for, whatever it takes', () => {
    const run = leaderOf({});
    run.raft.proposalsTakenOf[LEADER_MACHINE] = 1;
    run.leader.fire(CALL_TIMER);
    expect(run.notes()).not.toContain(LeaderNote.barrierFailed);
  });
});

describe('establishing leadership', () => {
  test(
    ref('consul 2.6 #4', 'timers, autopilot, what a first leader writes, and only then the flag'),
    () => {
      const run = leaderOf({ wanted: ['autopilot', 'connect-ca', 'intention-format'] });
      run.answer();
      expect(run.leader.of('post').filter(({ input }) => input === TOLD)).toMatchObject([
        { from: 1, body: 100 },
      ]);
      expect(run.asked()).toEqual(['barrier', 'autopilot']);
      expect(run.leader.state).toMatchObject({ reconciles: false, ready: false });
      run.answer();
      expect(run.leader.state).toMatchObject({ reconciles: true, ready: false });
      expect(run.asked().at(-1)).toBe('connect-ca');
      run.answer();
      expect(run.asked().at(-1)).toBe('intention-format');
      expect(run.leader.state.ready).toBe(false);
      run.answer();
      expect(run.leader.state.ready).toBe(true);
    },
  );

  test(
    ref(
      'consul 2.6 #5',
      'where it fails, leadership is offered three times and tried again after 5 s',
    ),
    () => {
      const run = leaderOf({ wanted: ['intention-format'] });
      run.answer();
      run.answer(ApplyError.transferInProgress);
      expect(run.notes()).toContain(LeaderNote.revoked);
      for (let attempt = 0; attempt < 3; attempt++) run.answer(ApplyError.transferFailed);
      expect(run.asked()).toEqual([
        'barrier',
        'intention-format',
        'transfer',
        'transfer',
        'transfer',
      ]);
      expect(run.leader.due(INTERVAL)).toBe(5 * SECOND);
      run.leader.fire(INTERVAL);
      expect(run.asked().at(-1)).toBe('barrier');
    },
  );

  test('a transfer that succeeds ends the loop', () => {
    const run = leaderOf({ wanted: ['intention-format'] });
    run.answer();
    run.answer(ApplyError.leadershipLost);
    run.answer();
    expect(run.notes().at(-1)).toBe(LeaderNote.ended);
    run.leader.deliver(LEADERSHIP, 0, null);
    run.leader.deliver(LEADERSHIP, 1, null);
    expect(run.notes().at(-1)).toBe(LeaderNote.began);
  });

  test(ref('consul 2.6 #6', 'the end of leadership takes everything back, autopilot last'), () => {
    const run = leaderOf({});
    run.answer();
    expect(run.leader.due(CHECKPOINT)).toBe(60 * SECOND);
    run.leader.deliver(LEADERSHIP, 0, null);
    expect(run.leader.state).toMatchObject({ ready: false, reconciles: false, loop: null });
    expect(run.leader.due(CHECKPOINT)).toBeUndefined();
    expect(
      run.leader
        .of('post')
        .filter(({ input }) => input === TOLD)
        .at(-1),
    ).toMatchObject({ from: 0 });
    expect(run.notes().slice(-2)).toEqual([LeaderNote.revoked, LeaderNote.ended]);
  });

  test(ref('consul 2.6 #7', 'the next loop begins when the one before has ended'), () => {
    const run = leaderOf({});
    // The loop waits for its barrier, and so does not hear that it is to stop.
    run.leader.deliver(LEADERSHIP, 0, null);
    run.leader.deliver(LEADERSHIP, 1, null);
    expect(run.notes()).toEqual([LeaderNote.began]);
    run.answer(ApplyError.leadershipLost);
    const { began, barrierFailed, ended } = LeaderNote;
    expect(run.notes()).toEqual([began, barrierFailed, ended, began]);
  });

  test('reassert revokes and establishes again without another barrier', () => {
    const run = leaderOf({});
    run.answer();
    run.leader.deliver(REASSERT, 0, null);
    expect(run.notes().filter((note) => note === LeaderNote.established)).toHaveLength(2);
    expect(run.asked()).toEqual(['barrier']);
  });

  test(ref('consul 2.1 #4', 'a log store that is verified costs an entry a minute'), () => {
    const run = leaderOf({});
    run.answer();
    run.leader.fire(CHECKPOINT);
    expect(run.leader.now).toBe(60 * SECOND);
    expect(run.asked()).toEqual(['barrier', 'barrier']);
  });
});

describe('reconcile', () => {
  test(
    ref('consul 2.6 #8', 'a server that is alive joins without a vote and is registered'),
    () => {
      const run = leaderOf({ wanted: ['alive s3'], voters: [0, 1] });
      run.answer();
      expect(run.asked()).toEqual(['barrier', 'add 2']);
      run.answer();
      expect(run.asked().at(-1)).toBe('alive s3');
      expect(run.leader.of('post').some(({ input }) => input === PRUNE)).toBe(true);
    },
  );

  test(
    ref('consul 2.6 #9', 'a failed server stays in the configuration; its check becomes critical'),
    () => {
      const run = leaderOf({ wanted: ['failed s3'], statuses: [alive, alive, failed] });
      run.answer();
      expect(run.asked()).toEqual(['barrier', 'failed s3']);
    },
  );

  test(ref('consul 2.6 #10', 'a server that left is removed, and its node deregistered'), () => {
    const run = leaderOf({ wanted: ['gone s3'], statuses: [alive, alive, left] });
    run.answer();
    expect(run.asked()).toEqual(['barrier', 'remove 2']);
    run.answer();
    expect(run.asked().at(-1)).toBe('gone s3');
  });

  test(ref('consul 2.6 #11', 'a leader that leaves does not deregister itself'), () => {
    const run = leaderOf({ wanted: ['gone s1'], statuses: [left, alive, alive] });
    run.answer();
    expect(run.asked()).toEqual(['barrier']);
  });

  test(ref('consul 2.6 #12', 'nodes that nobody in the pool knows are deregistered'), () => {
    const run = leaderOf({ wanted: ['unknown x', 'unknown y'] });
    run.answer();
    run.answer();
    run.answer();
    expect(run.asked()).toEqual(['barrier', 'unknown x', 'unknown y']);
  });

  test(
    ref('consul 2.6 #13', 'events are taken one by one, and only after the first reconcile'),
    () => {
      const run = leaderOf({ wanted: ['failed s2', 'failed s3'] });
      for (const process of [1, 2]) run.leader.deliver(MEMBER_CHANGED, process, failed);
      expect(run.asked()).toEqual(['barrier']);
      run.answer();
      expect(run.asked()).toEqual(['barrier', 'failed s2']);
      run.answer();
      expect(run.asked()).toEqual(['barrier', 'failed s2', 'failed s3']);
    },
  );

  test(ref('consul 2.1 #5', 'of events that wait, 256 fit, and the next are dropped'), () => {
    const run = leaderOf({});
    for (let i = 0; i < 300; i++) run.leader.deliver(MEMBER_CHANGED, 1, failed);
    expect(run.leader.state.changes).toHaveLength(256);
    expect(run.notes().filter((note) => note === LeaderNote.dropped)).toHaveLength(44);
  });
});

test('a saved loop goes on from where it stood', () => {
  const run = leaderOf({ wanted: ['failed s3'], statuses: [alive, alive, failed] });
  const saved = leaderMachine.save(run.leader.state, null);
  run.answer();
  expect(saved.loop).not.toBe(run.leader.state.loop);
  expect(saved.loop!.waitingFor).toBe('barrier');
  expect(run.raft.role).toBe(Role.leader);
});
