/**
 * A world of programs that do everything, broken in every way: saved and restored it takes the same
 * course again, to the last row of its trace.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observer } from '../../sim/core/observer.ts';
import type { World } from '../../sim/core/world.ts';
import { FAULT_NAMES, unleash } from './chaos.ts';
import type { Plan } from './chaos.ts';
import { checkConsistency } from './consistency.ts';
import { LATENCY, MS, SECOND, createWorld } from './kit.ts';
import { ACT_NAMES, ZooNote, zoo } from './zoo.ts';
import type { ZooDurable } from './zoo.ts';

const CALM_AT = 2 * SECOND;
const done = new Map<string, number>();

function build(seed: number, observed: boolean, plan: Partial<Plan> = {}): World {
  const machines = Array.from({ length: 4 }, () => zoo(4, CALM_AT, done));
  const world = createWorld(machines, {
    seed,
    hostOf: [0, 1, 2, 2],
    latency: { kind: 'lognormal', medianMicros: LATENCY, p99Micros: 5 * LATENCY },
    fsync: { kind: 'exponential', meanMicros: 3 * MS },
    loss: 0.01,
    driftPpm: [0, 300, -50_000],
    cpu: { kind: 'uniform', micros: [0, 600] },
    tcp: { retransmitMicros: 30 * MS, synMicros: 50 * MS },
  });
  if (observed) observe(world);
  unleash(world, { from: 0, until: CALM_AT, only: null, done, ...plan });
  return world;
}

/** Records metrics and keeps a count of its own, as observers do. */
function observe(world: World): void {
  const { metrics } = world;
  const gap = metrics.id('gap', 'time');
  const seen = metrics.id('seen', 'counter');
  let last = 0;
  let seconds = 0;
  const observer: Observer = {
    wants: [ZooNote.seen],
    onNote: () => {
      metrics.add(seen, 1);
      metrics.record(gap, world.now - last);
      last = world.now;
    },
    onSecond: () => void seconds++,
    save: () => ({ last, seconds }),
    restore: (state) => void ({ last, seconds } = state as { last: number; seconds: number }),
  };
  world.observe(observer);
}

/** All that two equal runs share; notes and traces as hashes would hide where they differ. */
function picture(world: World): Record<string, unknown> {
  const { trace, notes } = world;
  const rows: number[] = [];
  for (let row = 1; row <= trace.rows; row++) {
    rows.push(trace.time(row), trace.kind(row), trace.process(row), trace.a(row), trace.b(row));
    rows.push(trace.cause(row), trace.woken(row));
  }
  const said: number[] = [];
  for (let row = 0; row < notes.rows; row++) {
    said.push(notes.event(row), notes.kind(row), notes.process(row), notes.a(row), notes.b(row));
  }
  return {
    fingerprint: world.fingerprint.hex(),
    now: world.now,
    rows: Float64Array.from(rows),
    said: Float64Array.from(said),
    counts: world.messageCounts.slice(),
    bytes: world.messageBytes.slice(),
    marks: [...world.marks],
    durable: world.processes.map(({ slots }) => (slots[0]!.durable as ZooDurable).entries.slice()),
  };
}

/** The same, and what was measured. */
const measured = (world: World): Record<string, unknown> => ({
  ...picture(world),
  metrics: world.metrics.summaries(),
});

/** What should not be there once everything is mended and everybody silent. */
function leftovers(world: World): string[] {
  const found: string[] = [];
  for (const { name, status, stops, ioPauses, backlog, outgoing } of world.processes) {
    // A program may end itself after all that.
    if (status !== 'running' && status !== 'down') found.push(`${name} is ${status}`);
    if (stops + ioPauses + backlog.length + outgoing.length > 0) found.push(`${name} is paused`);
  }
  world.rpc.calls.forEach(({ handle }) => found.push(`call ${handle}`));
  world.rpc.exchanges.forEach(({ handle }) => found.push(`exchange ${handle}`));
  for (const { name, disk } of world.hosts) if (disk.depth > 0) found.push(`writes of ${name}`);
  if (world.network.rules.size > 0) found.push('rules');
  return found;
}

const run = (seed: number, until: number, observed = true): World => {
  const world = build(seed, observed);
  world.runUntil(until);
  return world;
};

const T = 0.4 * SECOND;

describe('a saved world', () => {
  test.each([1, 2, 3, 4, 5, 6])('takes the same course again (seed %i)', (seed) => {
    const whole = measured(run(seed, 2 * T));
    const world = run(seed, T);
    const state = world.save();
    world.runUntil(2 * T);
    expect(measured(world)).toEqual(whole);
    world.restore(state);
    world.runUntil(2 * T);
    expect(measured(world)).toEqual(whole);
  });

  test('is not touched by what happens after it was saved, however often it is restored', () => {
    const times = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((time) => time * SECOND);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.array(fc.tuple(fc.nat(times.length - 1), fc.nat(times.length - 1)), { maxLength: 6 }),
        (seed, visits) => {
          const world = build(seed, true);
          const states = times.map((time) => {
            world.runUntil(time);
            return { state: world.save(), picture: measured(world) };
          });
          for (const [from, to] of visits) {
            world.restore(states[from]!.state);
            expect(measured(world)).toEqual(states[from]!.picture);
            world.runUntil(times[to]!);
            expect(measured(world)).toEqual(states[Math.max(from, to)]!.picture);
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  test.each(FAULT_NAMES)('may be in the middle of any trouble (%s)', (only) => {
    const plan = { only, from: 0.2 * SECOND, until: 0.3 * SECOND };
    for (const seed of [1, 2]) {
      const world = build(seed, false, plan);
      const states = [0.202, 0.25, 0.299].map((time) => {
        world.runUntil(time * SECOND);
        return world.save();
      });
      world.runUntil(0.5 * SECOND);
      const whole = picture(world);
      // Twice: what the first run from it changes must not show in the second.
      for (const state of [...states, ...states]) {
        world.restore(state);
        world.runUntil(0.5 * SECOND);
        expect(picture(world)).toEqual(whole);
      }
    }
  });

  test('may be one between two events of one microsecond', () => {
    const whole = picture(run(9, T));
    const world = build(9, true);
    for (let i = 0; i < 400; i++) world.step(T);
    const state = world.save();
    for (let i = 0; i < 333; i++) world.step(T);
    world.restore(state);
    world.runUntil(T);
    expect(picture(world)).toEqual(whole);
  });

  test('says so when it is not restored right', () => {
    const world = run(1, T);
    const state = world.save();
    world.runUntil(2 * T);
    const whole = picture(world);
    world.restore(state);
    world.processes[0]!.selectDraws.unit();
    world.runUntil(2 * T);
    expect(picture(world)).not.toEqual(whole);
  });
});

test('observers change nothing', () => {
  for (const seed of [1, 2, 3]) expect(picture(run(seed, T))).toEqual(picture(run(seed, T, false)));
});

test('seeds differ', () => {
  const prints = [1, 2, 3, 4, 5].map((seed) => run(seed, T).fingerprint.hex());
  expect(new Set(prints).size).toBe(5);
});

describe('whatever happens', () => {
  const seeds = Array.from({ length: 12 }, (_, index) => 100 + index);

  test.each(seeds)('the kernel stays consistent, and nothing is left behind (seed %i)', (seed) => {
    const world = build(seed, false);
    while (world.step(CALM_AT)) if (world.event % 16 === 0) checkConsistency(world);
    // Programs fall silent by clocks that may have stood still: all of them within ten seconds.
    world.runUntil(CALM_AT + 10 * SECOND);
    checkConsistency(world);
    expect(leftovers(world)).toEqual([]);
    const { notes } = world;
    for (let row = 0; row < notes.rows; row++) {
      expect(notes.kind(row), `note ${row}`).not.toBe(ZooNote.disorder);
    }
  });

  test('all of it has happened', () => {
    const missing = [...ACT_NAMES, ...FAULT_NAMES, 'struck'].filter((name) => !done.has(name));
    expect(missing).toEqual([]);
  });
});
