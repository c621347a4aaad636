import { describe, expect, test } from 'vitest';
import { KernelNote } from '../../sim/core/observer.ts';
import { notes, start } from './support.ts';

describe('pause', () => {
  test('stop: the process stands still, its clock goes on', () => {
    const run = start({ faults: ['{ at: 10s, for: 5s, pause: s1, kind: stop }'] });
    run.to(12);
    expect(run.status('s1')).toBe('stopped');
    expect(run.world.hosts[0].clock.monotonic(run.world.now)).toBe(12e6);
    run.to(15);
    expect(run.status('s1')).toBe('running');
    expect(notes(run, KernelNote.paused)).toEqual([{ time: 10, host: 's1', a: 0, b: 0 }]);
    expect(run.told()).toEqual(['pause s1 10..15 affected 1']);
  });

  test('suspend: the monotonic clock stands, the wall clock jumps at the end', () => {
    const run = start({ faults: ['{ at: 10s, for: 5s, pause: s1, kind: suspend }'] });
    run.to(15);
    const { clock } = run.world.hosts[0];
    expect(run.status('s1')).toBe('running');
    expect(clock.monotonic(run.world.now)).toBe(10e6);
    expect(clock.wall(run.world.now)).toBe(15e6);
  });

  test('io: timers run, but nothing is sent or received', () => {
    const run = start({ faults: ['{ at: 10s, for: 5s, pause: s1, kind: io }'] });
    run.to(12);
    expect(run.status('s1')).toBe('running');
    expect(run.world.processes[0].ioPaused).toBe(true);
    run.to(15);
    expect(run.world.processes[0].ioPaused).toBe(false);
  });

  test('a paused leader loses its leadership to another', () => {
    const run = start({ faults: ['{ at: 10s, for: 15s, pause: leader, kind: stop }'] });
    run.to(9);
    const before = run.leader();
    run.to(24);
    expect(run.leader()).not.toBe(before);
    expect(run.told()).toEqual([`pause ${before} 10..24 affected 1`]);
  });

  test('overlapping pauses end with the last one, whatever their kinds', () => {
    for (const second of ['stop', 'suspend', 'io']) {
      const run = start({
        faults: [
          '{ at: 10s, for: 5s, pause: s1, kind: stop }',
          `{ at: 12s, for: 5s, pause: s1, kind: ${second} }`,
        ],
      });
      run.to(16);
      expect(run.status('s1') === 'running' && !run.world.processes[0].ioPaused).toBe(false);
      run.to(17);
      expect(run.status('s1')).toBe('running');
      expect(run.world.processes[0].ioPaused).toBe(false);
      expect(run.world.hosts[0].suspended).toBe(false);
    }
  });

  test('is forgotten by a process that has been started anew', () => {
    const run = start({
      faults: [
        '{ at: 10s, for: 20s, pause: s1, kind: stop }',
        '{ at: 12s, for: 2s, crash: s1 }',
        '{ at: 20s, for: 5s, pause: s1, kind: stop }',
        '{ at: 22s, for: 10s, pause: s1, kind: stop }',
      ],
    });
    run.to(14);
    expect(run.status('s1')).toBe('running');
    run.to(31);
    // The first pause ended at 30 s, but it was one of an earlier life.
    expect(run.status('s1')).toBe('stopped');
    run.to(32);
    expect(run.status('s1')).toBe('running');
  });

  test('of a dead process touches nothing', () => {
    const run = start({
      faults: ['{ at: 10s, for: 9s, crash: s1 }', '{ at: 11s, for: 2s, pause: s1 }'],
    });
    run.to(20);
    expect(run.told()[1]).toBe('pause s1 11..13 affected 0');
  });

  test('a crash of a suspended host: the process starts when both are over', () => {
    const run = start({
      faults: [
        '{ at: 10s, for: 10s, pause: s1, kind: suspend }',
        '{ at: 12s, for: 3s, crash: s1, how: kill }',
      ],
    });
    run.to(18);
    expect(run.status('s1')).toBe('down');
    run.to(20);
    expect(run.status('s1')).toBe('running');
    run.to(40);
    expect(run.leader()).not.toBe('');
  });
});
