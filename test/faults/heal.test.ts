import { describe, expect, test } from 'vitest';
import { SECOND, start } from './support.ts';
import type { FaultRun } from './support.ts';

const EVERYTHING = [
  '{ at: 10s, crash: s1, how: power }',
  '{ at: 11s, for: 40s, crash: s1, how: kill }',
  '{ at: 12s, pause: s2, kind: suspend }',
  '{ at: 13s, partition: { isolate: s3 } }',
  '{ at: 14s, delay: 10ms }',
  '{ at: 14s, hold: true, from: s2, to: s3 }',
  '{ at: 15s, slow: s3, disk: 4x }',
  '{ at: 15s, slow: s3, link: 4x }',
  '{ at: 15s, slow: s3, cpu: 4x }',
  '{ at: 16s, skew: s3, drift: 1000ppm }',
  '{ at: 16s, skew: s3, offset: 1s }',
  '{ at: 17s, disk: s3, full: true }',
  '{ at: 18s, disk: [s1, s2], stall: true }',
];

/** Nothing that a fault can do to a host, a process or the network is in force. */
function isWhole({ world }: FaultRun): boolean {
  const hosts = world.hosts.every(({ up, suspended, disk, clock }) => {
    const { factor, stalls, errors, full } = disk.save();
    return up && !suspended && factor === 1 && stalls + errors + full + clock.ratePpm === 0;
  });
  const processes = world.processes.every(
    ({ status, ioPaused, cpuFactor }) => status === 'running' && !ioPaused && cpuFactor === 1,
  );
  return hosts && processes && world.network.rules.size === 0;
}

describe('heal', () => {
  test('ends every fault in force and brings back what is down', () => {
    const run = start({ faults: [...EVERYTHING, '{ at: 20s, heal: true }'] });
    run.to(19.999999);
    expect(isWhole(run)).toBe(false);
    expect(run.faults.inForce().length).toBe(EVERYTHING.length);
    run.to(20);
    expect(isWhole(run)).toBe(true);
    const { clock } = run.world.hosts[2];
    expect(Math.abs(clock.wall(20e6) - clock.monotonic(20e6))).toBeLessThan(10);
    expect(run.faults.inForce()).toEqual([]);
    const results = run.faults.results();
    for (const { end } of results) expect(end).toBe(20);
    expect(results.at(-1)).toMatchObject({ name: 'heal', affected: EVERYTHING.length });
    // The ends that had been planned come and change nothing.
    run.to(59);
    expect(isWhole(run)).toBe(true);
    expect(run.leader()).not.toBe('');
  });

  test('starts a server that has ended itself', () => {
    const run = start({
      load: true,
      faults: [
        '{ at: 10s, for: 25s, disk: [s1, s2, s3], error: true }',
        '{ at: 12s, for: 3s, partition: { isolate: leader } }',
        '{ at: 40s, heal: true }',
      ],
    });
    run.to(39);
    const down = ['s1', 's2', 's3'].filter((name) => run.status(name) === 'down');
    expect(down.length).toBeGreaterThan(0);
    run.to(40);
    expect(isWhole(run)).toBe(true);
    expect(run.faults.results().at(-1)).toMatchObject({ name: 'heal', affected: down.length });
  });

  test('leaves crashes that still wait for a write where they are', () => {
    const run = start({
      faults: ['{ at: 10s, crash: s2, at_write: 5, patience: 40s }', '{ at: 20s, heal: true }'],
    });
    run.to(30);
    expect(run.world.processes[1].crashPoint).toMatchObject({ write: 5 });
  });
});

describe('the end of duration', () => {
  test('heals everything, and nothing begins any more', () => {
    const run = start({
      load: true,
      faults: [
        ...EVERYTHING,
        '{ at: 55s, crash: s2, at_write: 9, patience: 40s }',
        '{ at: 56s, for: 1s, pause: leader, patience: 40s }',
        '{ when: { leader: servers }, for: 30s, crash: leader }',
        '{ every: 21s, for: 5s, loss: 1% }',
      ],
    });
    run.to(60);
    expect(isWhole(run)).toBe(true);
    expect(run.world.processes[1].crashPoint).toBe(null);
    expect(run.faults.lastEndMicros).toBe(60 * SECOND);
    const told = run.told();
    run.to(80);
    expect(isWhole(run)).toBe(true);
    expect(run.leader()).not.toBe('');
    expect(run.told().filter((line) => !line.startsWith('crash leader'))).toEqual(
      told.filter((line) => !line.startsWith('crash leader')),
    );
    run.faults.healAll();
    expect(run.told().length).toBe(told.length);
  });

  test('of a run without faults is one event', () => {
    const run = start({ faults: [] });
    run.to(60);
    expect(run.faults.results()).toEqual([]);
    expect(run.faults.lastEndMicros).toBe(0);
    expect(run.world.observers.length).toBe(0);
  });
});
