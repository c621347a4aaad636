import { describe, expect, test } from 'vitest';
import { KernelNote } from '../../sim/core/observer.ts';
import type { RaftDurable } from '../../sim/protocol/raft/types.ts';
import { RAFT_MACHINE } from '../../sim/protocol/raft/vocabulary.ts';
import { notes, start } from './support.ts';
import type { FaultRun } from './support.ts';

function diskOf({ world }: FaultRun, process: number): RaftDurable {
  return world.processes[process].slotByNumber[RAFT_MACHINE]!.durable as RaftDurable;
}

describe('a crash at a write', () => {
  test('falls between the two writes of a vote', () => {
    // With B5 a vote is stored as two writes: its term, then the candidate.
    const run = start({
      known: 'allow',
      more: ['start: cold'],
      faults: ['{ at: 0s, for: 1s, crash: s2, at_write: 2, patience: 40s }'],
    });
    while (run.status('s2') === 'running' && run.world.step(40e6));
    expect(run.status('s2')).toBe('down');
    const { lastVoteTerm, lastVoteCandidate, currentTerm } = diskOf(run, 1);
    expect(lastVoteTerm).toBe(currentTerm);
    expect(lastVoteCandidate).toBe(-1);
    const struck = run.world.now;
    run.world.runUntil(struck + 1e6);
    expect(run.status('s2')).toBe('running');
    expect(run.told()).toEqual([`crash s2 ${struck / 1e6}..${(struck + 1e6) / 1e6} affected 1`]);
  });

  test('falls before the first write, of which nothing is on disk', () => {
    const run = start({
      load: true,
      faults: ['{ at: 10s, for: 1s, crash: s2, how: power, at_write: 1 }'],
    });
    run.to(10);
    const before = diskOf(run, 1).log.entries.length;
    while (run.status('s2') === 'running' && run.world.step(20e6));
    expect(run.world.now).toBeGreaterThan(10e6);
    expect(diskOf(run, 1).log.entries.length).toBe(before);
    expect(run.world.hosts[1].up).toBe(false);
    run.to(12);
    expect(run.status('s2')).toBe('running');
  });

  test('that never comes is given up when patience is over', () => {
    const run = start({ load: true, faults: ['{ at: 10s, for: 1s, crash: s2, at_write: 3 }'] });
    run.to(30);
    expect(notes(run, KernelNote.crashed)).toEqual([]);
    expect(run.told()).toEqual(['crash s2 10..20 affected 0']);
    expect(run.world.processes[1].crashPoint).toBe(null);
    expect(run.faults.lastEndMicros).toBe(0);
  });

  test('of several servers strikes each at its own write', () => {
    const run = start({
      load: true,
      faults: ['{ at: 10s, for: 2s, crash: servers, at_write: 1 }'],
    });
    run.to(30);
    const [first, second, third] = run.faults.results();
    expect([first.name, second.name, third.name]).toEqual(['crash s1', 'crash s2', 'crash s3']);
    expect(new Set([first.begin, second.begin, third.begin]).size).toBe(3);
    for (const { begin, end, affected } of [first, second, third]) {
      expect(affected).toBe(1);
      expect(end - begin).toBeCloseTo(2, 9);
    }
  });

  test('waits behind a clean exit and is still there afterwards', () => {
    const run = start({
      load: true,
      more: ['disks: { all: { fsync: 90ms } }'],
      faults: [
        '{ at: 10s, for: 1s, crash: s1, at_write: 3, patience: 50s }',
        '{ at: 12s, for: 2s, crash: s1, how: exit }',
      ],
    });
    run.to(11.999999);
    expect(run.world.hosts[0].disk.busyWith(0)).toBe(true);
    run.to(13);
    expect(notes(run, KernelNote.crashed).map(({ a }) => a)).toEqual([2]);
    run.to(15);
    expect(run.status('s1')).toBe('running');
    expect(run.world.processes[0].crashPoint).toMatchObject({ write: 3, how: 'kill' });
  });
});
