import { describe, expect, test } from 'vitest';
import type { MetricSummary } from '../../sim/core/metrics.ts';
import { measureNetwork } from '../../sim/measure/network.ts';
import { RaftMeasure } from '../../sim/measure/raft.ts';
import { RaftNote } from '../../sim/protocol/raft/vocabulary.ts';
import { raftCluster } from '../support/cluster.ts';
import type { ClusterOptions, RaftCluster } from '../support/cluster.ts';

const SECOND = 1_000_000;

interface Measured extends RaftCluster {
  readonly measure: RaftMeasure;
  metric(name: string): MetricSummary;
}

function measuredCluster(
  options: ClusterOptions,
  part = { fromMicros: 0, untilMicros: 1000 * SECOND },
): Measured {
  const cluster = raftCluster(options);
  const { world } = cluster;
  const servers = world.processes.map(({ index }) => ({ process: index }));
  const measure = new RaftMeasure(world, servers, part);
  world.observe(measure);
  return { ...cluster, measure, metric: (name) => world.metrics.summary(name)! };
}

/** 1 ms one way and 2 ms per write, without variation. */
const EXACT = {
  network: { latency: { kind: 'constant', micros: 1000 } },
  fsync: { kind: 'constant', micros: 2000 },
} as const satisfies Partial<ClusterOptions>;

describe('metrics of a steady cluster', () => {
  test('commit latency is one write on the leader, a round trip and one on a follower', () => {
    const cluster = measuredCluster({ servers: 3, seed: 1, formed: 0, ...EXACT });
    cluster.run(SECOND);
    cluster.measure.finish();
    const before = cluster.metric('raft.commit-latency').count!;
    for (let i = 1; i <= 10; i++) {
      cluster.propose(0, i);
      cluster.run(SECOND);
    }
    const { count, p50 } = cluster.metric('raft.commit-latency');
    expect(count! - before).toBe(10);
    expect(p50).toBeCloseTo(0.006, 5);
    expect(cluster.metric('raft.elections').value).toBe(0);
    expect(cluster.metric('raft.leader-changes').value).toBe(0);
    expect(cluster.metric('raft.failover').count).toBe(0);
  });

  test('replication lag is the way to a follower and its write, once per follower', () => {
    const cluster = measuredCluster({ servers: 3, seed: 1, formed: 0, ...EXACT });
    cluster.run(5 * SECOND);
    const before = cluster.metric('raft.replication-lag').count!;
    cluster.propose(0, 1);
    cluster.run(SECOND);
    const { count, p50 } = cluster.metric('raft.replication-lag');
    expect(count! - before).toBe(2);
    expect(p50).toBeCloseTo(0.003, 5);
  });

  test('nothing outside the measured part counts', () => {
    const part = { fromMicros: 10 * SECOND, untilMicros: 11 * SECOND };
    const cluster = measuredCluster({ servers: 3, seed: 1, formed: 0, ...EXACT }, part);
    for (let i = 0; i < 20; i++) {
      cluster.propose(0, i);
      cluster.run(SECOND);
    }
    expect(cluster.metric('raft.commit-latency').count).toBe(1);
    expect(cluster.metric('raft.replication-lag').count).toBe(2);
  });

  test('traffic is counted by class', () => {
    const cluster = measuredCluster({ servers: 3, seed: 1, formed: 0 });
    cluster.run(5 * SECOND);
    measureNetwork(cluster.world);
    expect(cluster.metric('network.messages{raft.heartbeat}').value).toBeGreaterThan(50);
    expect(cluster.metric('network.bytes{raft.append}')).toMatchObject({ unit: 'By' });
    expect(cluster.world.metrics.summary('network.messages{raft.vote}')).toBeNull();
  });
});

describe('metrics of a failover', () => {
  test('a crash starts it, the next leader ends it, its first commit ends the outage', () => {
    const cluster = measuredCluster({ servers: 3, seed: 2, formed: 0, ...EXACT });
    cluster.run(5 * SECOND);
    cluster.propose(0, 1);
    cluster.run(SECOND);
    cluster.crash(0);
    const crashed = cluster.world.now;
    cluster.run(100);
    while (cluster.leader() < 0) cluster.run(100);
    const elected = cluster.world.now;
    cluster.run(SECOND);
    const failover = cluster.metric('raft.failover');
    expect(failover.count).toBe(1);
    expect(failover.max! * SECOND).toBeGreaterThan(elected - crashed - 200);
    expect(failover.max! * SECOND).toBeLessThanOrEqual(elected - crashed);
    const outage = cluster.metric('raft.write-outage');
    expect(outage.count).toBe(1);
    // From the commit of the write, a second before the crash, to that of the new leader's Noop.
    expect(outage.max!).toBeGreaterThan(failover.max! + 0.99);
    expect(outage.max!).toBeLessThan(failover.max! + 1.05);
    expect(cluster.metric('raft.leader-changes').value).toBe(1);
    expect(cluster.metric('raft.elections').value).toBeGreaterThanOrEqual(1);
  });

  test('a leader that is cut off stops leading when it steps down', () => {
    const cluster = measuredCluster({ servers: 3, seed: 3, formed: 0 });
    cluster.run(5 * SECOND);
    cluster.isolate([0]);
    while (cluster.leader() === 0) cluster.run(100);
    const steppedDown = cluster.world.now;
    while (cluster.leader() < 0) cluster.run(100);
    const { max } = cluster.metric('raft.failover');
    const expected = cluster.world.now - steppedDown;
    expect(Math.abs(max! * SECOND - expected)).toBeLessThanOrEqual(200);
  });

  test('a paused leader stops leading at the pause, unless it goes on as one', () => {
    const cluster = measuredCluster({ servers: 3, seed: 4, formed: 0 });
    const { world } = cluster;
    const paused = world.processes[0]!;
    cluster.run(5 * SECOND);
    cluster.at(world.now, () => world.power.pause(paused, 'stop'));
    cluster.at(world.now + 50_000, () => world.power.resume(paused, 'stop'));
    cluster.run(5 * SECOND);
    expect(cluster.leader()).toBe(0);
    const pausedAt = world.now;
    cluster.at(pausedAt, () => world.power.pause(paused, 'stop'));
    while (cluster.leader() < 0 || cluster.leader() === 0) cluster.run(100);
    const { count, max } = cluster.metric('raft.failover');
    expect(count).toBe(1);
    expect(Math.abs(max! * SECOND - (world.now - pausedAt))).toBeLessThanOrEqual(200);
  });

  test('a leader that loses contact and is elected again is a failover and no change', () => {
    const cluster = measuredCluster({ servers: 3, seed: 6, formed: 0 });
    cluster.crash(2);
    cluster.run(5 * SECOND);
    cluster.isolate([0]);
    // What only it has stored makes it the only one that can win.
    cluster.propose(0, 1);
    cluster.run(SECOND);
    expect(cluster.leader()).toBe(-1);
    cluster.heal();
    cluster.run(30 * SECOND);
    expect(cluster.leader()).toBe(0);
    expect(cluster.metric('raft.failover').count).toBe(1);
    expect(cluster.metric('raft.leader-changes').value).toBe(0);
  });
});

describe('metrics from notes alone', () => {
  function noted() {
    const cluster = measuredCluster({ servers: 3, seed: 1, start: false });
    const { world } = cluster;
    const note = (micros: number, kind: number, process: number, a = 0, b = 0, c = 0): void => {
      world.now = micros;
      world.note(process, kind, a, b, c);
    };
    return { ...cluster, note };
  }

  test('two candidates of one term without a winner split the vote', () => {
    const { note, measure, metric } = noted();
    const splitVotes = (): number => metric('raft.split-votes').value!;
    note(1, RaftNote.election, 0, 3);
    note(2, RaftNote.election, 1, 3);
    note(3, RaftNote.becameLeader, 0, 3);
    note(4, RaftNote.election, 1, 4);
    expect(splitVotes()).toBe(0);
    // Alone in term 4; two in term 5.
    note(5, RaftNote.election, 1, 5);
    note(6, RaftNote.election, 2, 5);
    expect(splitVotes()).toBe(0);
    note(7, RaftNote.election, 2, 6);
    expect(splitVotes()).toBe(1);
    // Term 6 is still open when the run ends, term 7 too.
    note(8, RaftNote.election, 1, 6);
    note(9, RaftNote.election, 0, 7);
    expect(splitVotes()).toBe(2);
    measure.finish();
    expect(splitVotes()).toBe(2);
    expect(metric('raft.elections').value).toBe(8);
  });

  test('each entry of a batch is committed at its own time', () => {
    const { note, metric } = noted();
    note(1000, RaftNote.dispatched, 0, 1, 4, 2);
    note(3000, RaftNote.committed, 0, 2);
    note(9000, RaftNote.committed, 0, 4);
    const { count, min, max, mean } = metric('raft.commit-latency');
    expect({ count, min, max, mean }).toEqual({ count: 4, min: 0.002, max: 0.008, mean: 0.005 });
  });

  test('who stops leading commits nothing of what it had', () => {
    const { note, metric } = noted();
    note(1000, RaftNote.dispatched, 0, 1, 4, 2);
    note(2000, RaftNote.becameFollower, 0, 2);
    note(3000, RaftNote.committed, 0, 4);
    expect(metric('raft.commit-latency').count).toBe(0);
  });
});

test('a restored cluster measures what the saved one would have measured', () => {
  const cluster = measuredCluster({ servers: 3, seed: 5, formed: 0 });
  const finish = (): string => {
    for (let i = 0; i < 5; i++) {
      cluster.propose(Math.max(cluster.leader(), 0), i);
      cluster.run(3 * SECOND);
    }
    cluster.measure.finish();
    return JSON.stringify(cluster.world.metrics.summaries());
  };
  cluster.run(3 * SECOND);
  cluster.propose(0, 99);
  cluster.run(2000);
  cluster.crash(0);
  cluster.run(1000);
  const saved = cluster.world.save();
  const first = finish();
  expect(first).toContain('"raft.failover":{"unit":"s","count":1');
  cluster.world.restore(saved);
  expect(finish()).toBe(first);
});
