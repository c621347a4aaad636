import { describe, expect, test } from 'vitest';
import { LEASE_TIMER } from '../../../sim/protocol/raft/vocabulary.ts';
import * as kit from './kit.ts';

const NAME = 'raft.one-serving-leader';
const { SECOND } = kit;

describe('raft.one-serving-leader', () => {
  test('is silent while a leader that is cut off gives up in time', () => {
    const cluster = kit.formedCluster(NAME, { servers: 5 });
    for (let round = 0; round < 5; round++) {
      const leader = cluster.leader();
      cluster.isolate([leader]);
      cluster.run(10 * SECOND);
      cluster.heal();
      cluster.run(5 * SECOND);
    }
    expect(cluster.violations()).toEqual([]);
  });

  test('is exercised by an old leader that has not heard yet', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.transfer(0, 2);
    cluster.run(SECOND);
    const { exercised } = cluster.summary(NAME);
    cluster.at(cluster.world.now, () =>
      cluster.world.power.pause(cluster.world.processes[2]!, 'stop'),
    );
    cluster.run(5 * SECOND);
    cluster.at(cluster.world.now, () =>
      cluster.world.power.resume(cluster.world.processes[2]!, 'stop'),
    );
    cluster.run(5 * SECOND);
    expect(cluster.summary(NAME).exercised).toBe(exercised + 1);
    kit.expectHealthy(cluster, NAME);
  });

  test.each([false, true])(
    'does not count a pause that a crash ends (replaced before: %s)',
    (before) => {
      const cluster = kit.formedCluster(NAME);
      const { power, processes } = cluster.world;
      if (before) {
        // Another is elected while appends to the old leader hang, and it goes on for a moment.
        cluster.isolate([0]);
        cluster.transfer(0, 2);
      }
      cluster.run(SECOND / 10);
      cluster.at(cluster.world.now, () => power.pause(processes[0]!, 'stop'));
      cluster.run(8 * SECOND);
      expect(cluster.leader()).toBeGreaterThan(0);
      cluster.crash(0, 'exit');
      cluster.run(SECOND);
      expect(cluster.violations()).toEqual([]);
    },
  );

  test('is never exercised where nobody is replaced while it leads', () => {
    const cluster = kit.formedCluster(NAME);
    cluster.crash(0);
    cluster.run(10 * SECOND);
    expect(cluster.summary(NAME)).toMatchObject({ exercised: 0, violations: [] });
  });

  /** s1 is cut off, and something keeps its lease check from deposing it. */
  function stubborn(keep: (cluster: ReturnType<typeof kit.formedCluster>) => void) {
    const cluster = kit.formedCluster(NAME);
    cluster.isolate([0]);
    cluster.run(1000);
    keep(cluster);
    cluster.run(8 * SECOND);
    return cluster;
  }

  test('catches a leader whose lease is not checked', () => {
    const cluster = stubborn(({ world }) => {
      const process = world.processes[0]!;
      const slot = process.slotByNumber[1]!;
      world.timers.cancel(slot, LEASE_TIMER, 0);
    });
    expect(cluster.violations()).toMatchObject([
      {
        invariant: NAME,
        status: 'violation',
        message: expect.stringMatching(/^s1 leads beside s/),
      },
    ]);
  });

  test('allows for a disk that holds up the main goroutine', () => {
    const cluster = stubborn(({ propose, world }) => {
      world.hosts[0]!.disk.stall(world);
      propose(0, 5);
    });
    expect(cluster.raft(0)!.role).toBe(2);
    expect(cluster.violations()).toMatchObject([{ status: 'allowed', reference: 'raft#503' }]);
  });

  test('allows for a clock that is slow', () => {
    const cluster = stubborn(({ world }) => {
      world.timers.changeRate(world.hosts[0]!, -900_000);
    });
    expect(cluster.violations()).toMatchObject([{ status: 'allowed', reference: 'consul#54' }]);
  });
});
