import { describe, expect, test } from 'vitest';
import { KernelNote } from '../../sim/core/observer.ts';
import { RAFT_MACHINE } from '../../sim/protocol/raft/vocabulary.ts';
import type { RaftDurable } from '../../sim/protocol/raft/types.ts';
import { SECOND, notes, start } from './support.ts';

describe('crash', () => {
  test('kill ends a process, and its end starts it again; the host stays up', () => {
    const run = start({ faults: ['{ at: 10s, for: 5s, crash: s1, how: kill }'] });
    run.to(9.999999);
    expect(run.status('s1')).toBe('running');
    run.to(10);
    expect(run.status('s1')).toBe('down');
    expect(run.world.hosts[0].up).toBe(true);
    run.to(14.999999);
    expect(run.status('s1')).toBe('down');
    run.to(15);
    expect(run.status('s1')).toBe('running');
    expect(run.world.processes[0].generation).toBe(2);
    expect(notes(run, KernelNote.crashed)).toEqual([{ time: 10, host: 's1', a: 0, b: 0 }]);
    expect(run.told()).toEqual(['crash s1 10..15 affected 1']);
  });

  test('power takes the host', () => {
    const run = start({ faults: ['{ at: 10s, for: 5s, crash: s1, how: power }'] });
    run.to(12);
    expect(run.world.hosts[0].up).toBe(false);
    run.to(15);
    expect(run.world.hosts[0].up).toBe(true);
    expect(run.status('s1')).toBe('running');
    expect(notes(run, KernelNote.crashed)).toEqual([{ time: 10, host: 's1', a: 1, b: 0 }]);
  });

  test('without an end it lasts until the end of duration', () => {
    const run = start({ faults: ['{ at: 10s, crash: [s1, s3] }'] });
    run.to(59.999999);
    expect([run.status('s1'), run.status('s2'), run.status('s3')]).toEqual([
      'down',
      'running',
      'down',
    ]);
    run.to(60);
    expect([run.status('s1'), run.status('s3')]).toEqual(['running', 'running']);
    expect(run.told()).toEqual(['crash s1 s3 10..60 affected 2']);
    expect(run.faults.lastEndMicros).toBe(60 * SECOND);
  });

  test('a load client can crash, too', () => {
    const run = start({ load: true, faults: ['{ at: 10s, for: 1s, crash: "kv#1" }'] });
    run.to(10.5);
    expect(run.status('kv#1')).toBe('down');
    run.to(11);
    expect(run.status('kv#1')).toBe('running');
  });

  test('a clean exit waits for the write under way, and that write is there afterwards', () => {
    const entries = (run: ReturnType<typeof start>): number => {
      const slot = run.world.processes[0].slotByNumber[RAFT_MACHINE]!;
      return (slot.durable as RaftDurable).log.entries.length;
    };
    const faults = ['{ at: 10s, for: 1s, crash: s1, how: exit }'];
    // Busy: the next write waits already. Calm: nothing follows the write that is waited for.
    for (const load of [50, 2]) {
      let waited = 0;
      for (let seed = 1; seed <= 8; seed++) {
        const run = start({ load, seed, faults, more: ['disks: { all: { fsync: 90ms } }'] });
        run.to(9.999999);
        const before = entries(run);
        const { slot } = run.world.hosts[0].disk.save();
        const busy = run.world.hosts[0].disk.busyWith(0);
        const leavesAt = busy ? run.world.queue.timeOf(slot) : 10 * SECOND;
        if (busy) waited++;
        run.to(10.5);
        const [crashed] = notes(run, KernelNote.crashed);
        expect(crashed).toMatchObject({ host: 's1', a: 2, time: leavesAt / SECOND });
        expect(entries(run) > before).toBe(busy);
        run.to(11);
        expect(run.status('s1')).toBe('running');
        expect(run.told()).toEqual(['crash s1 10..11 affected 1']);
      }
      expect(waited).toBeGreaterThan(0);
    }
  });

  test('a clean exit does not wait for what follows the write under way', () => {
    const faults = ['{ when: { write: s2 }, for: 1s, crash: s2, how: exit }'];
    const more = ['start: cold', 'disks: { all: { fsync: 50ms } }'];
    const run = start({ faults, more });
    while (run.status('s2') === 'running' && run.world.step(20e6));
    const slot = run.world.processes[1].slotByNumber[RAFT_MACHINE]!;
    // The new term is stored, the vote that would have been next is not.
    expect(slot.durable).toMatchObject({ currentTerm: 2, lastVoteTerm: 0 });
  });

  test('a clean exit that a kill overtakes holds the process down all the same', () => {
    const run = start({
      load: true,
      more: ['disks: { all: { fsync: 900ms } }'],
      faults: [
        '{ at: 10s, for: 5s, crash: s1, how: exit }',
        '{ at: 10010ms, for: 1s, crash: s1, how: kill }',
      ],
    });
    run.to(10.005);
    expect(run.status('s1')).toBe('running');
    run.to(14.999999);
    expect(run.status('s1')).toBe('down');
    expect(run.world.processes[0].crashPoint).toBe(null);
    run.to(15);
    expect(run.status('s1')).toBe('running');
    expect(notes(run, KernelNote.crashed).map(({ a }) => a)).toEqual([0]);
  });
});

describe('several crashes of one process', () => {
  test('it comes back when the last one ends', () => {
    const run = start({
      faults: ['{ at: 10s, for: 10s, crash: s1 }', '{ at: 15s, for: 10s, crash: s1 }'],
    });
    run.to(20);
    expect(run.status('s1')).toBe('down');
    run.to(24.999999);
    expect(run.status('s1')).toBe('down');
    run.to(25);
    expect(run.status('s1')).toBe('running');
    expect(run.told()).toEqual(['crash s1 10..20 affected 1', 'crash s1 15..25 affected 1']);
  });

  test('one within another changes nothing and says so', () => {
    const run = start({
      faults: ['{ at: 10s, for: 10s, crash: s1 }', '{ at: 12s, for: 3s, crash: s1 }'],
    });
    run.to(19.999999);
    expect(run.status('s1')).toBe('down');
    run.to(20);
    expect(run.status('s1')).toBe('running');
    expect(run.told()).toEqual(['crash s1 10..20 affected 1', 'crash s1 12..15 affected 0']);
    expect(run.faults.results()[1].inert).toBe(true);
  });

  test('a host gets its power back although a kill still holds the process down', () => {
    const run = start({
      faults: [
        '{ at: 10s, for: 5s, crash: s1, how: power }',
        '{ at: 12s, for: 8s, crash: s1, how: kill }',
      ],
    });
    run.to(14.999999);
    expect(run.world.hosts[0].up).toBe(false);
    run.to(15);
    expect(run.world.hosts[0].up).toBe(true);
    expect(run.status('s1')).toBe('down');
    run.to(20);
    expect(run.status('s1')).toBe('running');
  });

  test('power fails on a host whose process is already dead', () => {
    const run = start({
      faults: [
        '{ at: 10s, for: 10s, crash: s1, how: kill }',
        '{ at: 12s, for: 3s, crash: s1, how: power }',
      ],
    });
    run.to(12);
    expect(run.world.hosts[0].up).toBe(false);
    run.to(15);
    expect([run.world.hosts[0].up, run.status('s1')]).toEqual([true, 'down']);
    run.to(20);
    expect(run.status('s1')).toBe('running');
    expect(run.told()[1]).toBe('crash s1 12..15 affected 1');
  });
});

describe('a server that is down from the beginning', () => {
  const more = ['initial: { s3: { down: true } }'];

  test('stays down after a crash, a heal and the end of duration', () => {
    const run = start({
      more,
      faults: ['{ at: 10s, for: 5s, crash: s3 }', '{ at: 20s, heal: true }'],
    });
    run.to(61);
    expect(run.status('s3')).toBe('down');
    expect(run.told()).toEqual(['crash s3 10..15 affected 0', 'heal 20..20 affected 0']);
  });

  test('starts when it is told to', () => {
    const run = start({ more, faults: ['{ at: 10s, restart: s3 }'] });
    run.to(10);
    expect(run.status('s3')).toBe('running');
    expect(run.told()).toEqual(['restart s3 10..10 affected 1']);
  });
});

describe('restart as the other half of crash', () => {
  test('brings back what a crash holds down, and so ends it', () => {
    const run = start({ faults: ['{ at: 10s, crash: s1 }', '{ at: 20s, restart: s1 }'] });
    run.to(19.999999);
    expect(run.status('s1')).toBe('down');
    run.to(20);
    expect(run.status('s1')).toBe('running');
    expect(run.faults.inForce()).toEqual([]);
    expect(run.told()).toEqual(['crash s1 10..20 affected 1', 'restart s1 20..20 affected 1']);
  });

  test('gives a host its power back', () => {
    const run = start({
      faults: ['{ at: 10s, crash: s1, how: power }', '{ at: 20s, restart: s1 }'],
    });
    run.to(30);
    expect(run.status('s1')).toBe('running');
    expect(run.told()).toEqual(['crash s1 10..20 affected 1', 'restart s1 20..20 affected 1']);
  });

  test('leaves the rest of the crash in force', () => {
    const run = start({
      faults: ['{ at: 10s, for: 20s, crash: [s1, s2], how: power }', '{ at: 20s, restart: s1 }'],
    });
    run.to(25);
    expect([run.status('s1'), run.status('s2')]).toEqual(['running', 'down']);
    run.to(30);
    expect(run.status('s2')).toBe('running');
    expect(run.world.processes[0].generation).toBe(2);
  });
});
