/** Metrics of the pool, against times that the notes tell. */
import { describe, expect, test } from 'vitest';
import type { MetricSummary } from '../../sim/core/metrics.ts';
import { GossipMeasure } from '../../sim/measure/gossip.ts';
import { GossipNote } from '../../sim/protocol/gossip/vocabulary.ts';
import { gossipPool } from '../support/gossip-pool.ts';
import type { Pool, PoolNote } from '../support/gossip-pool.ts';

const SECOND = 1_000_000;

interface Measured extends Pool {
  readonly measure: GossipMeasure;
  readonly deaths: PoolNote[];
  metric(name: string): MetricSummary;
}

function measured(until = 1000): Measured {
  const pool = gossipPool({ members: 10 });
  const { world } = pool;
  const part = { fromMicros: SECOND, untilMicros: until * SECOND };
  const measure = new GossipMeasure(world, [Array.from(pool.pool.processOf)], part);
  world.observe(measure);
  const deaths = pool.notes(GossipNote.died);
  return { ...pool, measure, deaths, metric: (name) => world.metrics.summary(name)! };
}

describe('detection', () => {
  test('is the time to the first, and to the last of those who ran', () => {
    const pool = measured();
    pool.run(5 * SECOND);
    pool.crash(4);
    pool.run(2 * SECOND);
    pool.crash(7);
    pool.run(30 * SECOND);
    const times = (node: number): number[] =>
      pool.deaths.filter(({ a, member }) => a === node && member !== 7).map(({ time }) => time);
    const { count, min, max } = pool.metric('gossip.detection-all');
    expect(count).toBe(2);
    const last = [Math.max(...times(4)) - 5 * SECOND, Math.max(...times(7)) - 7 * SECOND];
    expect([min! * SECOND, max! * SECOND].toSorted()).toEqual(last.toSorted());
    expect(pool.metric('gossip.detection-first').max! * SECOND).toBeCloseTo(
      Math.max(times(4)[0]! - 5 * SECOND, times(7)[0]! - 7 * SECOND),
      -2,
    );
  });

  test('does not count who is back before, nor what lies outside the measured part', () => {
    const pool = measured();
    pool.run(5 * SECOND);
    pool.crash(4);
    pool.run(2 * SECOND);
    pool.restart(4);
    pool.run(20 * SECOND);
    expect(pool.metric('gossip.detection-first').count).toBe(0);
    const late = measured(6);
    late.run(5 * SECOND);
    late.crash(4);
    late.run(20 * SECOND);
    expect(late.metric('gossip.detection-first').count).toBe(0);
  });
});

describe('false positives', () => {
  test('are deaths of members that run; those of members that were paused count apart', () => {
    const pool = measured();
    pool.run(5 * SECOND);
    const [one, other] = [2, 8].map((index) => pool.world.processes[index]!);
    pool.world.power.pause(one!, 'io');
    pool.world.power.pause(other!, 'io');
    pool.run(60 * SECOND);
    pool.world.power.resume(one!, 'io');
    pool.world.power.resume(other!, 'io');
    pool.run(60 * SECOND);
    const wrong = pool.deaths.filter(({ time, a }) => (a !== 2 && a !== 8) || time > 65 * SECOND);
    expect(pool.metric('gossip.false-positives').value).toBe(wrong.length);
    expect(wrong.length).toBeGreaterThan(0);
    const healthy = wrong.filter(({ member }) => member !== 2 && member !== 8);
    expect(pool.metric('gossip.false-positives-healthy').value).toBe(healthy.length);
  });
});

test('messages, bytes and the worst health score', () => {
  const pool = measured();
  pool.run(20 * SECOND);
  pool.measure.finish();
  expect(pool.metric('gossip.health-score').value).toBe(0);
  const { messageCounts, messageBytes } = pool.world;
  expect(pool.metric('gossip.messages').value).toBe(messageCounts.reduce((a, b) => a + b, 0));
  expect(pool.metric('gossip.bytes').value).toBe(messageBytes.reduce((a, b) => a + b, 0));
  // A ping and an ack of each, each second.
  expect(pool.metric('gossip.messages').value).toBeGreaterThan(2 * 10 * 19);
  pool.crash(3);
  pool.run(5 * SECOND);
  pool.measure.finish();
  expect(pool.metric('gossip.health-score').value).toBe(3);
});

test('a return is measured from the end of the pause that made a member seem dead', () => {
  const pool = measured();
  const { world } = pool;
  const joined = pool.notes(GossipNote.joined);
  pool.at(5 * SECOND, () => world.power.pause(world.processes[4]!, 'stop'));
  pool.at(16 * SECOND, () => world.power.resume(world.processes[4]!, 'stop'));
  pool.run(60 * SECOND);
  const returns = joined.filter(({ a }) => a === 4).map(({ time }) => time - 16 * SECOND);
  const { count, max } = pool.metric('gossip.return');
  expect(count).toBe(9);
  expect(max! * SECOND).toBeCloseTo(Math.max(...returns), -2);
});
