import { describe, expect, test } from 'vitest';
import { start } from './support.ts';

describe('slow', () => {
  test('disk: writes take longer by the factor', () => {
    const run = start({
      load: true,
      more: ['disks: { all: { fsync: 1ms } }'],
      faults: [
        '{ at: 10s, for: 10s, slow: s1, disk: 5x }',
        '{ at: 12s, for: 4s, slow: s1, disk: 2x }',
      ],
    });
    const factor = (): number => run.world.hosts[0].disk.save().factor;
    const seen: number[] = [];
    for (const second of [9, 11, 13, 17, 21]) {
      run.to(second);
      seen.push(factor());
    }
    expect(seen).toEqual([1, 5, 10, 5, 1]);
    expect(run.faults.results()[0].affected).toBeGreaterThan(run.faults.results()[1].affected);
    expect(run.faults.results()[1].affected).toBeGreaterThan(0);
  });

  test('link: latencies from and to the host grow by the factor', () => {
    const run = start({
      load: true,
      more: ['network: { lan: { latency: 1ms } }'],
      faults: ['{ at: 10s, for: 10s, slow: s1, link: 30x }'],
    });
    const { network, streams } = run.world;
    run.to(12);
    const draws = streams.stream('test');
    expect([network.latency(0, 1, draws), network.latency(1, 0, draws)]).toEqual([30_000, 30_000]);
    const slowed = network.slowedAt(0);
    network.latency(0, 1, draws);
    network.latency(1, 0, draws);
    expect(network.latency(1, 2, draws)).toBe(1000);
    expect(network.slowedAt(0) - slowed).toBe(2);
    run.to(20);
    expect(network.latency(0, 1, draws)).toBe(1000);
    expect(run.faults.results()[0].affected).toBeGreaterThan(100);
  });

  test('cpu: service times grow, and where messages cost nothing it is inert', () => {
    const faults = [
      '{ at: 10s, for: 10s, slow: s1, cpu: 3x }',
      '{ at: 12s, for: 4s, slow: s1, cpu: 2x }',
      '{ at: 5s, for: 30s, slow: s1, disk: 2x }',
    ];
    for (const message of ['50us', '0']) {
      const cluster = `cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 3 } }, cpu: { message: ${message} } }`;
      const run = start({ cluster, load: true, faults });
      const seen: number[] = [];
      for (const second of [9, 11, 13, 17, 21]) {
        run.to(second);
        seen.push(run.world.processes[0].cpuFactor);
      }
      expect(seen).toEqual([1, 3, 6, 3, 1]);
      expect(run.faults.results()[1].inert).toBe(message === '0');
    }
  });
});

describe('skew', () => {
  test('offset: the wall clock is off until the end', () => {
    const run = start({
      faults: [
        '{ at: 10s, for: 10s, skew: s1, offset: 5s }',
        '{ at: 12s, for: 4s, skew: s1, offset: -1s }',
      ],
    });
    const off = (): number => run.world.hosts[0].clock.wall(run.world.now) - run.world.now;
    const seen: number[] = [];
    for (const second of [9, 11, 13, 17, 21]) {
      run.to(second);
      seen.push(off() / 1e6);
    }
    expect(seen).toEqual([0, 5, 4, 5, 0]);
    expect(run.told()).toEqual([
      'skew offset s1 10..20 affected 1',
      'skew offset s1 12..16 affected 1',
    ]);
  });

  test('jump: once, for good', () => {
    const run = start({ faults: ['{ at: 10s, skew: [s1, s2], jump: 1m }'] });
    run.to(70);
    expect(run.world.hosts[1].clock.wall(run.world.now)).toBe(130e6);
    expect(run.told()).toEqual(['skew jump s1 s2 10..10 affected 2']);
  });

  test('drift: rates add up on top of the host’s own', () => {
    const run = start({
      more: ['clocks: { s1: { drift: 100ppm } }'],
      faults: [
        '{ at: 10s, for: 10s, skew: s1, drift: 3000ppm }',
        '{ at: 12s, for: 4s, skew: s1, drift: -500000ppm }',
        '{ at: 14s, for: 2s, skew: s1, drift: -500000ppm }',
        '{ at: 14s, for: 2s, skew: s1, drift: -500000ppm }',
      ],
    });
    const seen: number[] = [];
    for (const second of [9, 11, 13, 15, 17, 21]) {
      run.to(second);
      seen.push(run.world.hosts[0].clock.ratePpm);
    }
    expect(seen).toEqual([100, 3100, -496_900, -999_999, 3100, 100]);
  });

  test('drift of a suspended host counts from when it goes on', () => {
    const run = start({
      faults: [
        '{ at: 10s, for: 10s, pause: s1, kind: suspend }',
        '{ at: 12s, for: 20s, skew: s1, drift: 100000ppm }',
      ],
    });
    run.to(30);
    expect(run.world.hosts[0].clock.monotonic(30e6)).toBe(21e6);
  });
});

describe('disk', () => {
  test('stall: writes hang until the fault ends', () => {
    const run = start({ load: true, faults: ['{ at: 10s, for: 3s, disk: s1, stall: true }'] });
    run.to(10);
    const { disk } = run.world.hosts[0];
    expect(disk.stalled).toBe(true);
    run.to(12.9);
    expect(disk.depth).toBeGreaterThan(0);
    run.to(14);
    expect(disk.stalled).toBe(false);
    expect(disk.depth).toBeLessThanOrEqual(1);
    expect(run.faults.results()[0].affected).toBeGreaterThan(0);
  });

  test('error and full: writes fail, of two faults until the last one ends', () => {
    const counters = { error: 'errors', log_error: 'logErrors', full: 'full' } as const;
    for (const mode of ['error', 'log_error', 'full'] as const) {
      const run = start({
        load: true,
        faults: [
          `{ at: 10s, for: 4s, disk: s2, ${mode}: true }`,
          `{ at: 12s, for: 4s, disk: s2, ${mode}: true }`,
        ],
      });
      const state = (): number => run.world.hosts[1].disk.save()[counters[mode]];
      const seen: number[] = [];
      for (const second of [9, 11, 13, 15, 17]) {
        run.to(second);
        seen.push(state());
      }
      expect(seen).toEqual([0, 1, 2, 1, 0]);
      expect(run.faults.results()[0].affected).toBeGreaterThan(0);
    }
  });

  test('a stall does not count what another fault has slowed', () => {
    const run = start({
      load: true,
      faults: [
        '{ at: 10s, for: 5s, slow: s1, disk: 3x }',
        '{ at: 20s, for: 1ms, disk: s1, stall: true }',
      ],
    });
    run.to(19);
    expect(run.faults.results()[0].affected).toBeGreaterThan(10);
    run.to(25);
    expect(run.faults.results()[1].affected).toBeLessThan(5);
  });
});
