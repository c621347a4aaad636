import { describe, expect, test } from 'vitest';
import { KernelNote } from '../../sim/core/observer.ts';
import { notes, start } from './support.ts';

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
      more: ['network: { lan: { latency: 50ms } }'],
      faults: [
        '{ at: 5s, crash: s2 }',
        '{ at: 20s, restart: [s2, s3], one_by_one: true, wait: caught-up }',
      ],
    });
    run.to(20);
    expect(run.faults.inForce()[0].label).toBe(
      'restart s2 s3: step 1 of 2, s2 waits for its log to catch up',
    );
    const { raft, servers } = run.execution.simulation;
    const leader = servers.find(({ name }) => name === run.leader())!;
    const leaderLast = raft(leader.process)!.lastIndex;
    expect(raft(1)!.lastIndex).toBeLessThan(leaderLast - 50);
    while (notes(run, KernelNote.crashed).length < 2 && run.world.step(50e6));
    expect(notes(run, KernelNote.crashed)[1].host).toBe('s3');
    expect(raft(1)!.lastIndex).toBeGreaterThanOrEqual(leaderLast);
  });

  test('a longer log of other entries has not caught up', () => {
    // The old leader is alone with what it appends until its lease ends; the new one has less.
    const cut = '{ at: 10s, for: 20s, partition: { between: [leader, followers] } }';
    for (let seed = 1; seed <= 3; seed++) {
      const first = start({ seed, load: 200, faults: [cut] });
      first.to(10);
      const again = `{ when: { elected: 1 }, after: 30ms, restart: ${first.leader()}, one_by_one: true, wait: caught-up }`;
      const run = start({ seed, load: 200, faults: [cut, again] });
      run.to(50);
      const restarted = run.faults.results().find(({ name }) => name.startsWith('restart'))!;
      expect(restarted.begin).toBeLessThan(29);
      expect(restarted.end).toBeGreaterThan(30);
      expect(restarted.end).toBeLessThan(59);
    }
  });

  test('a new leader sets a new goal, since it may lack what the old one had', () => {
    const cut = '{ at: 10s, for: 30s, partition: { between: [leader, followers] } }';
    let behind = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const first = start({ seed, load: 200, faults: [cut] });
      first.to(10);
      const follower = ['s1', 's2', 's3'].find((name) => name !== first.leader())!;
      const again = `{ at: 10300ms, restart: ${follower}, one_by_one: true, wait: caught-up }`;
      const run = start({ seed, load: 200, faults: [cut, again] });
      run.to(10.3);
      expect(run.leader()).toBe(first.leader());
      run.to(39);
      const restarted = run.faults.results().find(({ name }) => name.startsWith('restart'))!;
      if (run.leader() !== follower && restarted.end > 10.5) behind++;
      expect(restarted.end).toBeLessThan(39);
    }
    expect(behind).toBeGreaterThan(0);
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
