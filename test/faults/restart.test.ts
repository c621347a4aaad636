import { describe, expect, test } from 'vitest';
import { KernelNote } from '../../sim/core/observer.ts';
import { start } from './support.ts';
import { notes } from './support.ts';

describe('restart', () => {
  test('all at once: every process ends cleanly and starts again', () => {
    const run = start({ faults: ['{ at: 10s, restart: servers }'] });
    run.to(10.1);
    expect(notes(run, KernelNote.crashed).map(({ host, a }) => `${host} ${a}`)).toEqual([
      's1 2',
      's2 2',
      's3 2',
    ]);
    expect(run.world.processes.map(({ generation }) => generation)).toEqual([2, 2, 2]);
    expect(run.faults.results()[0]).toMatchObject({ name: 'restart s1..s3', affected: 3 });
    expect(run.faults.inForce()).toEqual([]);
  });

  test('one by one with a fixed wait', () => {
    const run = start({ faults: ['{ at: 10s, restart: [s3, s1], one_by_one: true, wait: 4s }'] });
    run.to(12);
    expect(run.faults.inForce()).toEqual([
      { label: 'restart s3 s1: step 1 of 2, s3 waits for a fixed time', since: 10 },
    ]);
    run.to(20);
    expect(notes(run, KernelNote.crashed).map(({ host, time }) => `${host} ${time}`)).toEqual([
      's3 10',
      's1 14',
    ]);
    expect(run.told()).toEqual(['restart s3 s1 10..18 affected 2']);
  });

  test('one by one, each waiting until it has heard from a leader as a voter', () => {
    const run = start({ faults: ['{ at: 10s, restart: servers, one_by_one: true, wait: voted }'] });
    let seen = 0;
    for (let time = 10; time < 20; time += 0.02) {
      run.to(time);
      const crashed = notes(run, KernelNote.crashed);
      if (crashed.length === seen) continue;
      seen = crashed.length;
      if (seen === 1) continue;
      // The one before knows a leader, or leads.
      const before = run.world.processes.find(({ name }) => name === crashed[seen - 2].host)!;
      const state = run.execution.simulation.raft(before.index)!;
      expect(state.role === 2 || state.leader >= 0).toBe(true);
    }
    expect(seen).toBe(3);
    expect(run.faults.results()[0].affected).toBe(3);
  });

  test('one by one, each waiting until it has what the leader had', () => {
    const run = start({
      load: true,
      more: ['network: { lan: { latency: 100ms } }'],
      faults: ['{ at: 10s, restart: [s2, s3], one_by_one: true, wait: caught-up }'],
    });
    run.to(10.3);
    expect(run.faults.inForce()[0].label).toBe(
      'restart s2 s3: step 1 of 2, s2 waits for its log to catch up',
    );
    const leaderLast = run.execution.simulation.raft(0)!.lastIndex;
    run.to(30);
    const [first, second] = notes(run, KernelNote.crashed);
    expect([first.host, second.host]).toEqual(['s2', 's3']);
    expect(second.time).toBeGreaterThan(10.3);
    expect(run.execution.simulation.raft(1)!.lastIndex).toBeGreaterThanOrEqual(leaderLast);
  });

  test('waits as long as there is no leader, and a heal ends it', () => {
    const run = start({
      servers: 3,
      faults: [
        '{ at: 10s, restart: servers, one_by_one: true, wait: voted }',
        '{ at: 9s, for: 40s, partition: { isolate: servers } }',
        '{ at: 30s, heal: true }',
      ],
    });
    run.to(29);
    expect(notes(run, KernelNote.crashed).length).toBe(1);
    expect(run.faults.inForce().map(({ label }) => label)).toEqual([
      'partition isolate s1..s3',
      'restart s1..s3: step 1 of 3, s1 waits for a leader',
    ]);
    run.to(40);
    expect(run.told()).toContain('restart s1..s3 10..30 affected 1');
    expect(notes(run, KernelNote.crashed).length).toBe(1);
  });

  test('a client has no leader to wait for', () => {
    const run = start({
      load: true,
      faults: ['{ at: 10s, restart: clients, one_by_one: true, wait: voted }'],
    });
    run.to(11);
    expect(run.told()).toEqual(['restart kv#1 kv#2 10..10 affected 2']);
  });
});
