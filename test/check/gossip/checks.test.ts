/** Each invariant of the pool: corrupted behind the protocol's back it is caught, starved it is not exercised. */
import { describe, expect, test } from 'vitest';
import { Checks } from '../../../sim/check/checks.ts';
import { INVARIANTS } from '../../../sim/check/registry.ts';
import { SHIPPED_BUGS } from '../../../sim/protocol/gossip/bugs.ts';
import * as Messages from '../../../sim/protocol/gossip/messages.ts';
import { State, key } from '../../../sim/protocol/gossip/messages.ts';
import { Status } from '../../../sim/protocol/serf/members.ts';
import { serfOf } from '../../../sim/protocol/serf/state.ts';
import { FORCE_LEAVE, LEAVE_POOL } from '../../../sim/protocol/serf/vocabulary.ts';
import { gossipPool } from '../../support/gossip-pool.ts';
import type { Pool, PoolOptions } from '../../support/gossip-pool.ts';
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';
import { ref } from '../../support/reference.ts';

const SECOND = 1_000_000;

type Checked = Pool & { readonly checks: Checks };

function checked(name: InvariantName, options: Partial<PoolOptions> = {}): Checked {
  const pool = gossipPool({ members: 6, ...options });
  const checks = new Checks({
    world: pool.world,
    invariants: [INVARIANTS[name]],
    servers: [],
    settle: { fromMicros: 0, loadUntilMicros: 0 },
  });
  return { ...pool, checks };
}

const messages = ({ checks }: { checks: Checks }): string[] =>
  checks
    .violations()
    .map(({ message, status }) => (status === 'allowed' ? `(${message})` : message));

const exercised = ({ checks }: { checks: Checks }): number => checks.summaries()[0]!.exercised;

/** Lets one member hold this of another, whatever it has heard. */
function corrupt(
  pool: Pool,
  member: number,
  node: number,
  state: State,
  incarnation: number,
): void {
  pool.pool.views.set(member, node, key(state, incarnation), pool.world.now);
}

describe('gossip.completeness', () => {
  test(ref('gossip 5.6 #4', 'who stays down is found out by everybody'), () => {
    const pool = checked('gossip.completeness');
    pool.run(SECOND);
    pool.crash(4);
    pool.run(300 * SECOND);
    expect(messages(pool)).toEqual([]);
    expect(exercised(pool)).toBeGreaterThan(0);
  });

  test('a view that never changes is caught', () => {
    const pool = checked('gossip.completeness');
    pool.run(SECOND);
    pool.crash(4);
    pool.run(200 * SECOND);
    for (let i = 0; i < 100; i++) {
      corrupt(pool, 1, 4, State.alive, 1);
      pool.run(SECOND);
    }
    expect(messages(pool)).toContain('a2 still holds a5 to be alive');
  });

  test('nobody down, nothing exercised', () => {
    const pool = checked('gossip.completeness');
    pool.run(60 * SECOND);
    expect(exercised(pool)).toBe(0);
  });
});

describe('gossip.accuracy', () => {
  test(ref('gossip 5.6 #1', 'a suspicion without a reason is caught'), () => {
    const pool = checked('gossip.accuracy');
    pool.run(10 * SECOND);
    expect(exercised(pool)).toBeGreaterThan(5);
    const word = (1 << 18) | (3 << 2) | 1;
    const body = { sequence: 0, bytes: 50, target: -1, address: -1, messages: [word, 2] };
    pool.tell(1, Kind.GOSSIP, 2, body);
    pool.run(1);
    expect(messages(pool)).toEqual(['a2 suspects a4, which has always run']);
  });

  test('says nothing once the network has been touched, or may lose', () => {
    const pool = checked('gossip.accuracy');
    const heal = pool.cut([2]);
    pool.run(20 * SECOND);
    heal();
    pool.run(20 * SECOND);
    expect([messages(pool), exercised(pool)]).toEqual([[], 0]);
    const lossy = checked('gossip.accuracy', { loss: 0.2 });
    lossy.run(60 * SECOND);
    expect([messages(lossy), exercised(lossy)]).toEqual([[], 0]);
    const slow = checked('gossip.accuracy', { latency: { kind: 'constant', micros: 300_000 } });
    slow.run(60 * SECOND);
    expect([messages(slow), exercised(slow)]).toEqual([[], 0]);
  });
});

describe('gossip.refutation', () => {
  test(ref('gossip 5.6 #6', 'accusations of the living are outbid'), () => {
    const pool = checked('gossip.refutation', { loss: 0.3 });
    pool.run(200 * SECOND);
    expect(messages(pool)).toEqual([]);
    expect(exercised(pool)).toBeGreaterThan(0);
  });

  test('who believes to be dead is caught, and who answers too low', () => {
    const pool = checked('gossip.refutation');
    corrupt(pool, 2, 2, State.dead, 1);
    pool.run(2 * SECOND);
    expect(messages(pool)).toEqual(['a3 holds itself to be dead']);
    const low = checked('gossip.refutation');
    low.world.note(3, Kind.GossipNote.refuted, 4, 4, 1);
    expect(messages(low)).toEqual(['a4 refutes incarnation 4 with 4']);
    const lost = checked('gossip.refutation');
    lost.member(2).incarnation = 5;
    lost.run(2 * SECOND);
    expect(messages(lost)).toEqual(['a3 has announced incarnation 5, but holds 1']);
  });
});

describe('gossip.incarnation-monotonic', () => {
  test(ref('gossip 5.6 #2', 'holds over crashes and false accusations'), () => {
    const pool = checked('gossip.incarnation-monotonic', { loss: 0.3 });
    pool.run(60 * SECOND);
    pool.crash(3);
    pool.run(40 * SECOND);
    pool.restart(3);
    pool.run(60 * SECOND);
    expect(messages(pool)).toEqual([]);
    expect(exercised(pool)).toBeGreaterThan(10);
  });

  test('one raised by somebody else is caught, and one that goes back', () => {
    const pool = checked('gossip.incarnation-monotonic');
    const word = (7 << 18) | (3 << 2) | 1;
    const body = { sequence: 0, bytes: 50, target: -1, address: -1, messages: [word, 2] };
    pool.tell(1, Kind.GOSSIP, 2, body);
    pool.run(1);
    expect(messages(pool)).toEqual(['a2 holds incarnation 7 of a4, which never went beyond 1']);
    const back = checked('gossip.incarnation-monotonic');
    back.world.note(3, Kind.GossipNote.refuted, 6, 1, 1);
    back.world.note(3, Kind.GossipNote.refuted, 5, 1, 1);
    expect(messages(back)).toEqual(['a4 went from incarnation 6 to 5']);
  });
});

describe('gossip.converges', () => {
  const hold = (pool: Checked, viewer: number, node: number, status: Status): void =>
    void serfOf(pool.member(viewer)).members.set(node, { status, time: 1, goneMicros: 0 });

  test('whom nobody tries to join again must be alive, unless it was let go', () => {
    const pool = checked('gossip.converges', { serf: {} });
    pool.run(2 * SECOND);
    pool.checks.judgeEventual();
    expect(messages(pool)).toEqual([]);
    expect(exercised(pool)).toBe(36);
    corrupt(pool, 1, 3, State.dead, 1);
    hold(pool, 1, 3, Status.left);
    corrupt(pool, 2, 4, State.suspect, 1);
    pool.checks.judgeEventual();
    expect(messages(pool)).toEqual(['(a2 holds a4 to be dead)', 'a3 holds a5 to be suspect']);
  });

  test('whom serf calls failed it has two ticks to find again', () => {
    for (const seconds of [70, 90]) {
      const pool = checked('gossip.converges', {
        serf: { reconnectIntervalMicros: 3600 * SECOND },
      });
      pool.run(seconds * SECOND);
      corrupt(pool, 1, 3, State.dead, 1);
      hold(pool, 1, 3, Status.failed);
      pool.checks.judgeEventual();
      expect(messages(pool)).toEqual(
        seconds === 70 ? [] : ['a2 holds a4 to be dead, and tries in vain'],
      );
    }
  });

  test('who is dead for no reason is missed', () => {
    const pool = checked('gossip.converges', { serf: {} });
    pool.run(SECOND);
    corrupt(pool, 1, 3, State.dead, 1);
    pool.checks.judgeEventual();
    expect(messages(pool)).toEqual(['a2 holds a4 to be dead']);
  });

  test('who is down, or leaves, is nobody to agree on', () => {
    const pool = checked('gossip.converges', { serf: {} });
    pool.run(SECOND);
    pool.crash(4);
    pool.tell(2, Kind.LEAVE, SECOND);
    pool.run(SECOND);
    pool.checks.judgeEventual();
    expect(messages(pool)).toEqual([]);
  });
});

test('checks that were saved go on where they were', () => {
  for (const name of ['completeness', 'accuracy', 'refutation', 'incarnation-monotonic'] as const) {
    const pool = checked(`gossip.${name}`, { loss: name === 'accuracy' ? 0 : 0.3 });
    pool.run(20 * SECOND);
    const saved = pool.world.save();
    const ends = [0, 1].map(() => {
      pool.world.restore(saved);
      pool.world.runUntil(60 * SECOND);
      return pool.checks.summaries();
    });
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[0]![0]!.exercised).toBeGreaterThan(name === 'completeness' ? -1 : 0);
  }
});

describe('gossip.no-resurrection', () => {
  const news = (pool: Pool, type: number, incarnation: number, from = 5): void => {
    const messages = [(incarnation << 18) | (3 << 2) | type, type === 0 ? 0 : from];
    const packet = { stamp: 0, bytes: 100, target: -1, address: -1, messages };
    pool.tell(1, Kind.GOSSIP, 5, packet);
    pool.run(1000);
  };

  const revived = (G5: boolean): string[] => {
    const config = { bugs: { ...SHIPPED_BUGS, G5 } };
    const pool = checked('gossip.no-resurrection', { config });
    pool.crash(3);
    for (const incarnation of [1, 4]) news(pool, Messages.Type.dead, incarnation);
    news(pool, Messages.Type.alive, 3);
    news(pool, Messages.Type.alive, 5);
    expect(exercised(pool)).toBeGreaterThan(0);
    return messages(pool);
  };

  test(ref('gossip 6 #5', 'forgotten evidence that lets older news revive is caught'), () => {
    const text = 'a2 takes a4 back at incarnation 3, which it has heard accused at 4';
    expect(revived(true)).toEqual([text]);
  });

  test(ref('gossip 6 #5', 'evidence that is kept leaves only newer news'), () => {
    expect(revived(false)).toEqual([]);
  });

  test('nobody back, nothing exercised', () => {
    const pool = checked('gossip.no-resurrection');
    pool.crash(3);
    pool.run(60 * SECOND);
    expect([exercised(pool), messages(pool)]).toEqual([0, []]);
  });
});

describe('gossip.coordinates', () => {
  test('are looked at once somebody has measured', () => {
    const pool = checked('gossip.coordinates', { coordinates: true });
    pool.run(30 * SECOND);
    expect(exercised(pool)).toBeGreaterThan(100);
    expect(messages(pool)).toEqual([]);
  });

  test.each([300, Number.NaN])('one that holds %d is caught', (value) => {
    const pool = checked('gossip.coordinates', { coordinates: true });
    pool.run(30 * SECOND - 1);
    pool.pool.coordinates!.write(2, [0, value]);
    pool.run(2);
    expect(messages(pool)).toEqual([`the coordinate of a3 holds ${value} s`]);
  });

  test('without any nothing is exercised', () => {
    const pool = checked('gossip.coordinates');
    pool.run(10 * SECOND);
    expect(exercised(pool)).toBe(0);
  });
});

describe('gossip.retention', () => {
  const forgetting = (bugs: Partial<typeof SHIPPED_BUGS>): ReturnType<typeof checked> => {
    const pool = checked('gossip.retention', { config: { bugs: { ...SHIPPED_BUGS, ...bugs } } });
    pool.tell(3, Kind.LEAVE, SECOND);
    pool.run(2 * SECOND);
    pool.crash(3);
    pool.crash(4);
    pool.run(200 * SECOND);
    return pool;
  };

  test(ref('gossip 6 #3', 'who left and is never forgotten is caught'), () => {
    expect(messages(forgetting({ G3: true }))).toContain(
      'a1 held a4 for gone and has still not forgotten it',
    );
  });

  test(ref('gossip 6 #21', 'the dead who are forgotten at once are caught'), () => {
    expect(messages(forgetting({ G21: true }))).toContainEqual(
      expect.stringMatching(/^a\d held a5 for gone and has forgotten it after \d/),
    );
  });

  test('who is forgotten in time is not', () => {
    const pool = forgetting({});
    expect(exercised(pool)).toBe(8);
    expect(messages(pool)).toEqual([]);
  });
});

describe('gossip.queues-drain', () => {
  const told = (bugs: boolean): Checked => {
    const pool = checked('gossip.queues-drain', { serf: { bugs: { G2: bugs } } });
    pool.run(2 * SECOND);
    pool.tell(3, LEAVE_POOL, 0);
    pool.run(4 * SECOND);
    pool.tell(1, FORCE_LEAVE, 3);
    pool.run(60 * SECOND);
    return pool;
  };

  test('a message that is told on each time it comes is caught', () => {
    expect(messages(told(true))).toContainEqual(
      expect.stringMatching(/^a\d still has \d+ intents, 0 queries and 0 user events to tell/),
    );
  });

  test('what is told as often as it should be is not', () => {
    const pool = told(false);
    expect(exercised(pool)).toBeGreaterThan(0);
    expect(messages(pool)).toEqual([]);
  });
});
