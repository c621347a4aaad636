import { describe as suite, expect, test } from 'vitest';
import {
  DONE,
  NEXT,
  advance,
  after,
  begin,
  describe,
  jump,
  procedure,
  until,
} from '../../sim/core/procedure.ts';
import type { Progress } from '../../sim/core/procedure.ts';

interface Cluster {
  readonly log: string[];
  voter: boolean;
}

interface Restart extends Progress {
  server: number;
}

const rollingRestart = procedure<Cluster, Restart>('rolling restart', [
  {
    name: 'stop',
    run: ({ log }, { server }) => {
      log.push(`stop ${server}`);
      return after('downtime');
    },
  },
  {
    name: 'start',
    run: ({ log }, { server }) => {
      log.push(`start ${server}`);
      return NEXT;
    },
  },
  { name: 'rejoin', run: ({ voter }) => (voter ? NEXT : until('voter')) },
  { name: 'go on', run: (_, it) => (++it.server < 3 ? jump('stop') : DONE) },
  { name: 'never', run: () => until('nothing') },
]);

const cluster = (): Cluster => ({ log: [], voter: false });

suite('a procedure', () => {
  test('runs until a step waits, and says for what', () => {
    const world = cluster();
    const it = begin({ server: 1 });
    expect(describe(rollingRestart, it)).toBe('rolling restart: step 1 of 5');
    expect(advance(rollingRestart, world, it)).toBe(false);
    expect(describe(rollingRestart, it)).toBe('rolling restart: step 1 of 5, waiting for downtime');
    expect(advance(rollingRestart, world, it)).toBe(false);
    expect(describe(rollingRestart, it)).toBe('rolling restart: step 3 of 5, waiting for voter');
    expect(world.log).toEqual(['stop 1', 'start 1']);
  });

  test('asks again what it waits for, and repeats nothing that it has begun', () => {
    const world = cluster();
    const it = begin({ server: 1 });
    for (let i = 0; i < 4; i++) advance(rollingRestart, world, it);
    expect(world.log).toEqual(['stop 1', 'start 1']);
    expect(it).toMatchObject({ step: 2, waitingFor: 'voter' });
  });

  test('loops by jumping and is over for good', () => {
    const world = { ...cluster(), voter: true };
    const it = begin({ server: 1 });
    expect(advance(rollingRestart, world, it)).toBe(false);
    expect(advance(rollingRestart, world, it)).toBe(false);
    expect(it.server).toBe(2);
    expect(advance(rollingRestart, world, it)).toBe(true);
    expect(advance(rollingRestart, world, it)).toBe(true);
    expect(describe(rollingRestart, it)).toBe('rolling restart: done');
    expect(world.log).toEqual(['stop 1', 'start 1', 'stop 2', 'start 2']);
  });

  test('is plain data: a copy goes on by itself', () => {
    const world = cluster();
    const it = begin({ server: 2 });
    advance(rollingRestart, world, it);
    const saved = JSON.parse(JSON.stringify(it)) as Restart;
    world.voter = true;
    expect(advance(rollingRestart, world, it)).toBe(true);
    const again = { ...cluster(), voter: true };
    expect(advance(rollingRestart, again, saved)).toBe(true);
    expect(again.log).toEqual(['start 2']);
    expect(saved).toEqual(it);
  });

  test('of wrong steps is an error of the program', () => {
    const wait = { name: 'a', run: () => NEXT };
    expect(() => procedure('p', [wait, wait])).toThrow('p has two steps of one name');
    const lost = procedure<null, Progress>('p', [{ name: 'a', run: () => jump('b') }]);
    expect(() => advance(lost, null, begin({}))).toThrow('p has no step b');
    const endless = procedure<null, Progress>('p', [{ name: 'a', run: () => jump('a') }]);
    expect(() => advance(endless, null, begin({}))).toThrow('p never waits');
  });
});
