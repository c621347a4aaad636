/** Pools of serf: leaves, rejoins, reconnection, exchanges, snapshots. */
import { describe, expect, test } from 'vitest';
import { Transport } from '../../../sim/core/rules.ts';
import type { Snapshot } from '../../../sim/protocol/gossip/push-pull.ts';
import { LEAVE, PUSH_PULL } from '../../../sim/protocol/gossip/vocabulary.ts';
import type { SerfState } from '../../../sim/protocol/serf/exchange.ts';
import type { SerfDurable } from '../../../sim/protocol/serf/durable.ts';
import { STATUS_NAMES, statusOf } from '../../../sim/protocol/serf/members.ts';
import { serfOf } from '../../../sim/protocol/serf/state.ts';
import * as Kind from '../../../sim/protocol/serf/vocabulary.ts';
import { gossipPool } from '../../support/gossip-pool.ts';
import type { Pool, PoolOptions } from '../../support/gossip-pool.ts';
import { ref } from '../../support/reference.ts';
import { AloneSerf, SECOND } from './kit.ts';

const { SerfNote } = Kind;

function serfPool(options: Partial<PoolOptions> = {}): Pool {
  return gossipPool({ members: 5, serf: {}, ...options });
}

/** How each of those that run sees a node. */
function seen(pool: Pool, node: number): string[] {
  return pool.world.processes
    .filter(({ status }) => status === 'running')
    .map(({ index }) => STATUS_NAMES[statusOf(serfOf(pool.member(index)), node)]);
}

function durable(pool: Pool, member: number): SerfDurable {
  return pool.world.processes[member]!.slots[0]!.durable as SerfDurable;
}

describe('a graceful leave', () => {
  test(
    ref('serf 2.5 #1', 'is told as an intent, then by memberlist, then waits: about 4 s for three'),
    () => {
      const pool = serfPool({ members: 3 });
      pool.run(SECOND);
      const notes = pool.notes(SerfNote.leaving, SerfNote.left, SerfNote.status);
      pool.tell(2, Kind.LEAVE_POOL);
      pool.run(6 * SECOND);
      const at = (kind: number): number => notes.find((note) => note.kind === kind)!.time;
      const took = (at(SerfNote.left) - at(SerfNote.leaving)) / SECOND;
      expect(took).toBeGreaterThan(3.4);
      expect(took).toBeLessThan(4.3);
      for (const member of [0, 1]) {
        const statuses = notes
          .filter((note) => note.member === member)
          .map(({ b }) => STATUS_NAMES[b as 0]);
        expect(statuses).toEqual(['leaving', 'left']);
      }
    },
  );

  test(ref('serf 2.5 #2', 'of nobody to tell takes only the wait'), () => {
    const pool = serfPool({ members: 1 });
    const notes = pool.notes(SerfNote.left);
    pool.tell(0, Kind.LEAVE_POOL);
    pool.run(4 * SECOND);
    expect(notes.map(({ time }) => time)).toEqual([3 * SECOND]);
  });

  test(ref('serf 2.5 #1', 'waits for the intent until it is told, and 5 s at most'), () => {
    const told = new AloneSerf();
    told.recording.deliver(Kind.LEAVE_POOL, 0, null);
    expect(told.recording.due(Kind.LEAVE_TIMEOUT)).toBe(told.recording.now + 5 * SECOND);
    told.recording.advance(2 * SECOND);
    expect(told.recording.due(Kind.LEAVE_TIMEOUT)).toBeUndefined();
    const alone = new AloneSerf();
    alone.recording.deliver(Kind.LEAVE_POOL, 0, null);
    alone.recording.fire(Kind.LEAVE_TIMEOUT);
    expect(alone.recording.due(Kind.LEAVE_TIMEOUT)).toBeUndefined();
    expect(alone.serf.state).toBe('leaving');
  });

  test(
    ref('serf 2.5 #3', 'whose intent nobody hears is a failure, until the intent is heard'),
    () => {
      const pool = serfPool();
      pool.run(SECOND);
      // memberlist alone says that it has left.
      pool.tell(4, LEAVE, 5 * SECOND);
      pool.run(3 * SECOND);
      expect(seen(pool, 4).slice(0, 4)).toEqual(['failed', 'failed', 'failed', 'failed']);
      pool.tell(1, Kind.FORCE_LEAVE, 4);
      pool.run(3 * SECOND);
      expect(seen(pool, 4).slice(0, 4)).toEqual(['left', 'left', 'left', 'left']);
    },
  );

  test(ref('serf 2.5 #4', 'in the name of one that lives is refuted by it'), () => {
    const pool = serfPool();
    pool.run(SECOND);
    const refuted = pool.notes(SerfNote.refutedLeave);
    pool.tell(1, Kind.FORCE_LEAVE, 4);
    pool.run(5 * SECOND);
    expect(refuted.map(({ member }) => member)).toEqual([4]);
    expect(new Set(seen(pool, 4))).toEqual(new Set(['alive']));
  });
});

describe('reconnection', () => {
  const cutAndHeal = (seconds: number, options: Partial<PoolOptions> = {}): number => {
    const pool = serfPool({ members: 6, ...options });
    pool.run(SECOND);
    const heal = pool.cut([0, 1, 2]);
    pool.run(seconds * SECOND);
    expect(seen(pool, 4).slice(0, 3)).toEqual(['failed', 'failed', 'failed']);
    heal();
    const healed = pool.world.now;
    const all = (): boolean =>
      [0, 3].every((node) => seen(pool, node).every((one) => one === 'alive'));
    while (!all() && pool.world.now < healed + 120 * SECOND) pool.run(SECOND);
    return (pool.world.now - healed) / SECOND;
  };

  test(
    ref('serf 2.4 #2', 'brings two halves together that had purged each other, within two ticks'),
    () => {
      for (const seed of [1, 2, 3]) expect(cutAndHeal(120, { seed })).toBeLessThan(64);
    },
  );

  test('is what does it: without, the halves stay apart', () => {
    expect(cutAndHeal(120, { serf: { reconnectIntervalMicros: 3600 * SECOND } })).toBe(120);
  });

  test(
    ref(
      'serf 2.4 #4',
      'is tried about once in each interval for each failed member, by all together',
    ),
    () => {
      const pool = serfPool({ members: 10 });
      pool.run(SECOND);
      pool.crash(3);
      pool.crash(7);
      pool.run(30 * SECOND);
      const tries = pool.notes(SerfNote.reconnecting);
      pool.run(1200 * SECOND);
      // Two members, forty intervals; each try takes its dial timeout besides.
      expect(tries.length).toBeGreaterThan(45);
      expect(tries.length).toBeLessThan(90);
    },
  );

  test('is tried at every tick by whoever is left with more failed members than live ones', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const pool = serfPool({ members: 3, seed });
      pool.run(SECOND);
      pool.crash(1);
      pool.crash(2);
      const tries = pool.notes(SerfNote.reconnecting);
      pool.run(45 * SECOND);
      expect({ seed, tried: tries.length > 0 }).toEqual({ seed, tried: true });
    }
  });
});

describe('the snapshot', () => {
  test(
    ref('serf 2.6 #1', 'names whom to try after a crash: the first that answers is enough'),
    () => {
      const pool = serfPool({ join: [] });
      pool.run(SECOND);
      pool.crash(2, 'kill');
      pool.run(SECOND);
      const notes = pool.notes(SerfNote.rejoined);
      pool.restart(2);
      pool.run(5 * SECOND);
      expect(notes).toMatchObject([{ member: 2, b: 1 }]);
      expect(seen(pool, 1)).toEqual(['alive', 'alive', 'alive', 'alive', 'alive']);
      expect(statusOf(serfOf(pool.member(2)), 4)).toBe(1);
    },
  );

  test(
    ref('serf 2.6 #2', 'of one that left names nobody, unless it is to rejoin after a leave'),
    () => {
      for (const rejoinsAfterLeave of [false, true]) {
        const pool = serfPool({ join: [], serf: { rejoinsAfterLeave } });
        pool.run(SECOND);
        pool.tell(2, Kind.LEAVE_POOL);
        pool.run(5 * SECOND);
        expect(durable(pool, 2).complete).toBe(rejoinsAfterLeave);
        pool.crash(2, 'power');
        const notes = pool.notes(SerfNote.rejoined);
        pool.restart(2);
        pool.run(5 * SECOND);
        expect(notes).toHaveLength(rejoinsAfterLeave ? 1 : 0);
        expect(serfOf(pool.member(2)).clock > 1).toBe(rejoinsAfterLeave);
      }
    },
  );

  test(ref('serf 2.6 #3', 'keeps who failed out, and the clocks, which then go on'), () => {
    const pool = serfPool({ join: [] });
    pool.run(SECOND);
    pool.tell(0, Kind.FIRE_EVENT, 0, { name: 'deploy', payload: '' });
    pool.crash(4);
    pool.run(20 * SECOND);
    const disk = durable(pool, 2);
    expect([disk.special.get(4), disk.eventClock]).toEqual([false, 1]);
    pool.crash(2, 'kill');
    pool.restart(2);
    pool.run(0);
    const serf = serfOf(pool.member(2));
    expect([serf.eventClock, serf.eventTimeMin]).toEqual([2, 2]);
  });

  test(ref('serf 2.6 #4', 'is written anew when it has grown too large, and then synced'), () => {
    const pool = serfPool({ members: 2 });
    pool.run(SECOND);
    const compacted = pool.notes(SerfNote.compacted);
    const { snapshot } = serfOf(pool.member(0));
    snapshot.image = { ...snapshot.image, bytes: 128 * 1024 };
    pool.tell(0, Kind.FIRE_EVENT, 0, { name: 'deploy', payload: '' });
    pool.run(SECOND);
    expect(compacted).toHaveLength(1);
    const disk = durable(pool, 0);
    expect(disk.bytes).toBeLessThan(200);
    expect(disk.synced).toMatchObject({ complete: true, eventClock: 1 });
  });

  test('lines of the last half second are lost with the program, unsynced ones with the power', () => {
    const pool = serfPool();
    pool.run(SECOND);
    const fire = (): void => pool.tell(0, Kind.FIRE_EVENT, 0, { name: 'deploy', payload: '' });
    fire();
    pool.run(SECOND / 10);
    fire();
    pool.run(SECOND / 10);
    expect(durable(pool, 0).eventClock).toBe(1);
    pool.crash(0, 'kill');
    pool.run(0);
    expect(durable(pool, 0).eventClock).toBe(1);
    pool.restart(0);
    pool.run(0);
    pool.crash(0, 'power');
    pool.run(0);
    expect(durable(pool, 0).eventClock).toBe(0);
  });
});

describe('an exchange', () => {
  test(
    ref('serf 2.2 #3', 'carries clocks, times, who left and events, and nothing of it goes on'),
    () => {
      const alone = new AloneSerf({ unknown: [4] });
      const user: SerfState = {
        clock: 20,
        eventClock: 8,
        queryClock: 3,
        complete: false,
        times: [
          [1, 1],
          [2, 9],
          [3, 6],
          [4, 7],
        ],
        left: [3],
        events: [{ time: 7, what: [['deploy', '']] }],
        bytes: 100,
      };
      const { defaults } = alone.pool.views;
      const theirs = { member: 1, join: false, bytes: 1, defaults, entries: [], version: 0, user };
      const exchange = alone.recording.ask(PUSH_PULL, 1, theirs);
      const { clock, eventClock, queryClock } = alone.serf;
      expect([clock, eventClock, queryClock]).toEqual([20, 8, 3]);
      expect([1, 2, 3].map((node) => alone.holds(node))).toEqual([
        'alive 1',
        'alive 9',
        'leaving 7',
      ]);
      expect(alone.serf.intents.get(4)).toMatchObject({ kind: 'join', time: 7 });
      expect(alone.events).toEqual(['deploy']);
      expect(alone.queue()).toEqual([]);
      const ours = alone.recording.answerOf(exchange) as Snapshot;
      expect(ours.user).toMatchObject({ clock: 2, left: [], complete: true });
    },
  );

  test(ref('serf 2.2 #4', 'of a join that asks for it passes over user events of before'), () => {
    for (const joinIgnoresOld of [true, false]) {
      const pool = serfPool({ serf: { joinIgnoresOld, hasSnapshot: false } });
      pool.run(SECOND);
      pool.tell(0, Kind.FIRE_EVENT, 0, { name: 'deploy', payload: '' });
      pool.crash(3);
      pool.run(SECOND);
      const notes = pool.notes(SerfNote.event);
      pool.restart(3);
      pool.run(2 * SECOND);
      expect(notes.filter(({ member }) => member === 3)).toHaveLength(joinIgnoresOld ? 0 : 1);
    }
  });

  test(
    ref('serf 2.2 #5', 'of a join is followed by a join intent with the time that was learnt'),
    () => {
      const pool = serfPool();
      pool.run(SECOND);
      pool.tell(0, Kind.FORCE_LEAVE, 3);
      pool.run(3 * SECOND);
      const { clock } = serfOf(pool.member(0));
      pool.crash(3);
      pool.restart(3);
      pool.run(3 * SECOND);
      const time = serfOf(pool.member(0)).members.get(3)!.time;
      expect(time).toBeGreaterThanOrEqual(clock);
    },
  );
});

describe('a pool that is saved half-way', () => {
  test('goes on as it would have', () => {
    const prepare = (): Pool => {
      const pool = serfPool({ members: 8 });
      pool.at(SECOND, () => pool.world.power.crash(pool.world.processes[3]!, 'kill'));
      pool.at(30 * SECOND, () => pool.world.power.start(pool.world.processes[3]!));
      pool.tell(5, Kind.LEAVE_POOL);
      return pool;
    };
    const one = prepare();
    one.run(2 * SECOND);
    const saved = one.world.save();
    one.run(60 * SECOND);
    const first = one.world.fingerprint.hex();
    one.world.restore(saved);
    one.run(60 * SECOND);
    expect(one.world.fingerprint.hex()).toBe(first);
    const whole = prepare();
    whole.run(62 * SECOND);
    expect(whole.world.fingerprint.hex()).toBe(first);
  });
});

test('a cut of UDP alone makes nobody fail', () => {
  const pool = serfPool();
  pool.run(SECOND);
  pool.cut([4], undefined, { transport: Transport.udp });
  pool.run(60 * SECOND);
  expect(new Set(seen(pool, 4))).toEqual(new Set(['alive']));
});
