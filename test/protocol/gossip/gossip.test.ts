/** Ticks of gossip: to whom, how much, when. */
import { describe, expect, test } from 'vitest';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';
import { gossipPool } from '../../support/gossip-pool.ts';
import { ref } from '../../support/reference.ts';
import { Alone, MS, SECOND } from './kit.ts';

function tick(alone: Alone): number[] {
  alone.recording.effects.length = 0;
  alone.recording.fire(Kind.GOSSIP_TICK);
  alone.recording.fire(Kind.GOSSIP_TURN);
  return alone.sent(Kind.GOSSIP).map(({ to }) => to);
}

const SPREAD = Array.from({ length: 60 }, (_, i) => (i % 30) / 30);

describe('a tick', () => {
  test(ref('gossip 1.10 #1', 'goes to three different peers'), () => {
    const alone = new Alone();
    alone.hear('suspect 1', 3);
    alone.recording.script('gossip', ...SPREAD);
    const peers = tick(alone);
    expect(new Set(peers).size).toBe(3);
    expect(peers).not.toContain(0);
  });

  test(ref('gossip 1.10 #2', 'reaches the suspect and the lately dead, never who left'), () => {
    const reached = (state: string, seconds: number): boolean => {
      const alone = new Alone({ members: 2 });
      alone.bring(1, state);
      alone.recording.now += seconds * SECOND;
      alone.hear('suspect 1', 0);
      alone.recording.script('gossip', ...SPREAD);
      return tick(alone).includes(1);
    };
    expect(reached('suspect 1', 1)).toBe(true);
    expect(reached('dead 1', 30)).toBe(true);
    expect(reached('dead 1', 31)).toBe(false);
    expect(reached('left 1', 1)).toBe(false);
  });

  test(ref('gossip 1.10 #3', 'ends when nothing is left to send'), () => {
    const alone = new Alone({ config: { retransmitMult: 1 } });
    alone.member.listed = 9;
    alone.hear('suspect 1', 3);
    alone.recording.script('gossip', ...SPREAD);
    expect(tick(alone)).toHaveLength(1);
    expect(alone.recording.due(Kind.GOSSIP_TICK)).toBeUndefined();
  });

  test(ref('gossip 1.9 #5', 'counts each of its packets as one transmission'), () => {
    const alone = new Alone();
    alone.hear('suspect 1', 3);
    alone.recording.script('gossip', ...SPREAD, ...SPREAD, ...SPREAD);
    expect(tick(alone)).toHaveLength(3);
    expect(tick(alone)).toHaveLength(3);
    expect(tick(alone)).toHaveLength(2);
    expect(alone.queue()).toEqual([]);
  });

  test(ref('gossip 1.3 #9', 'is off where its interval or fan-out is 0'), () => {
    for (const config of [{ gossipIntervalMicros: 0 }, { gossipNodes: 0 }]) {
      const alone = new Alone({ config });
      alone.hear('suspect 1', 3);
      expect(alone.recording.due(Kind.GOSSIP_TICK)).toBeUndefined();
    }
    const still = new Alone({ config: { pushPullIntervalMicros: 0, probeIntervalMicros: 0 } });
    expect(still.recording.due(Kind.PUSH_PULL_TIMER)).toBeUndefined();
    expect(still.recording.due(Kind.PROBE_TICK)).toBeUndefined();
  });

  test(ref('gossip 6 #21', 'planted: the dead are not gossiped to, and purged at once'), () => {
    const { bugs } = new Alone().member.config;
    const alone = new Alone({ members: 2, config: { bugs: { ...bugs, G21: true } } });
    alone.bring(1, 'dead 1');
    alone.hear('suspect 1', 0);
    alone.recording.script('gossip', ...SPREAD);
    expect(tick(alone)).toEqual([]);
    alone.member.cursor = 9;
    alone.recording.fire(Kind.PROBE_TICK);
    expect(alone.view(1)).toBe('unknown');
  });

  test(ref('gossip 1.10 #4', 'sends its next packet only when the one before could leave'), () => {
    const alone = new Alone({ config: { retransmitMult: 1 } });
    alone.hear('suspect 1', 3);
    alone.hear('suspect 1', 4);
    alone.recording.script('gossip', ...SPREAD);
    alone.recording.ioPaused = true;
    expect(tick(alone)).toHaveLength(2);
    expect(
      alone.recording.of('post').filter(({ input }) => input === Kind.GOSSIP_REST),
    ).toHaveLength(2);
  });
});

describe('time', () => {
  test(ref('gossip 1.3 #7', 'ticks fall on the phase, also when some are skipped'), () => {
    const alone = new Alone();
    const phase = alone.member.gossipPhaseMicros;
    alone.recording.now = phase + 1234 * MS;
    alone.hear('suspect 1', 3);
    expect(alone.recording.due(Kind.GOSSIP_TICK)).toBe(phase + 1400 * MS);
    tick(alone);
    expect(alone.recording.due(Kind.GOSSIP_TICK)).toBe(phase + 1600 * MS);
  });

  test(ref('gossip 1.3 #7', 'what comes in the moment of a tick is still sent by it, once'), () => {
    const alone = new Alone();
    const phase = alone.member.gossipPhaseMicros;
    alone.recording.now = phase + 1400 * MS;
    alone.hear('suspect 1', 3);
    expect(alone.recording.due(Kind.GOSSIP_TICK)).toBe(phase + 1400 * MS);
    tick(alone);
    alone.hear('suspect 1', 4);
    expect(alone.recording.due(Kind.GOSSIP_TICK)).toBe(phase + 1600 * MS);
  });

  /** Two hundred members, five of whom die, one of whom is late; all notes of it. */
  const course = (skipIdleTicks: boolean): { notes: unknown[]; events: number } => {
    const pool = gossipPool({
      members: 200,
      seed: 3,
      loss: 0.02,
      config: { skipIdleTicks },
      latency: { kind: 'lognormal', medianMicros: 500, p99Micros: 2000 },
    });
    const notes = pool.notes();
    pool.run(2 * SECOND);
    for (const member of [3, 50, 51, 120, 199]) pool.crash(member);
    pool.run(20 * SECOND);
    pool.restart(50);
    const heal = pool.cut([7, 8, 9]);
    pool.run(15 * SECOND);
    heal();
    pool.run(20 * SECOND);
    return { notes, events: pool.world.event };
  };

  test(ref('gossip 1.10 #5', 'skipping ticks with nothing to send changes nothing else'), () => {
    const skipping = course(true);
    const ticking = course(false);
    expect(skipping.notes.length).toBeGreaterThan(2000);
    expect(skipping.notes).toEqual(ticking.notes);
    expect(ticking.events).toBeGreaterThan(1.5 * skipping.events);
  });
});
