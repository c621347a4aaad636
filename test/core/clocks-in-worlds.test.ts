/** Hosts live by their own clocks: what drift, changes of rate and jumps do to programs. */
import { describe, expect, test } from 'vitest';
import { Bench, Input, Journal, MS, SECOND, outcome } from './kit.ts';
import type { BenchOptions, Program } from './kit.ts';

/** A timer of 100 s and a sleep of 50 s, read by the host's own clocks. */
const waiter = (say: (what: string) => void): Program => ({
  start: (out) => {
    out.timer(Input.tick, 0, 100 * SECOND);
    out.timer(Input.sideTick, 0, 1);
  },
  input: (out, input) => {
    if (input === Input.tick) say(`tick at ${out.now() / MS}, wall ${out.wall() / MS}`);
    else out.sleep(50 * SECOND, 0, 0);
  },
  resume: (out) => say(`awake at ${out.now() / MS}`),
});

function run(options: BenchOptions, prepare: (bench: Bench) => void = () => {}): string[] {
  const journal: Journal = new Journal(() => bench.world.now);
  const bench: Bench = new Bench([waiter(journal.say)], options);
  prepare(bench);
  bench.run(300 * SECOND);
  return journal.lines;
}

const FAST = 500_000;
const SLOW = -500_000;

describe('drift', () => {
  test('makes a fast clock fire early and a slow one late, each on time by itself', () => {
    expect(run({})).toEqual(['50000.001 awake at 50000.001', '100000 tick at 100000, wall 100000']);
    expect(run({ driftPpm: [100] })).toEqual([
      '49995.002 awake at 50000.001',
      '99990.001 tick at 100000, wall 100000',
    ]);
    expect(run({ driftPpm: [SLOW] })).toEqual([
      '100000.002 awake at 50000.001',
      '200000 tick at 100000, wall 100000',
    ]);
  });

  test('holds for deadlines and dials', () => {
    const lines: string[] = [];
    const bench: Bench = new Bench(
      [
        {
          start: (out) => out.call(1, Input.ask, null, 6 * SECOND, 0, 0),
          resume: (out, step) => {
            lines.push(`${bench.world.now / MS} ${outcome(out)}`);
            if (step === 0) out.call(2, Input.ask, null, 6 * SECOND, 1, 0);
          },
        },
        {},
        {},
      ],
      { driftPpm: [FAST, 0, 0] },
    );
    bench.cut(0, 2);
    bench.run(60 * SECOND);
    expect(lines).toEqual(['4002 timeout', '8002 dial-timeout']);
  });
});

describe('a change of rate', () => {
  const change = (at: number, ppm: number) => (bench: Bench) => {
    const { world } = bench;
    bench.at(Math.round(at * SECOND), () => world.timers.changeRate(world.hosts[0]!, ppm));
  };

  // Whole microseconds of one clock are not those of the other: a timer may be late by one.
  test('moves what waits: the rest passes at the new rate', () => {
    expect(run({}, change(40, FAST))).toEqual([
      '46666.668 awake at 50000.002',
      '80000 tick at 100000, wall 100000',
    ]);
    expect(run({ driftPpm: [FAST] }, change(40, 0))).toEqual([
      '33333.335 awake at 50000.002',
      '80000 tick at 100000, wall 100000',
    ]);
  });

  test('and back leaves nothing behind', () => {
    const lines = run({}, (bench) => {
      change(10, FAST)(bench);
      change(20, 0)(bench);
    });
    // Ten seconds at one and a half: five less to wait.
    expect(lines).toEqual(['45000.002 awake at 50000.002', '95000 tick at 100000, wall 100000']);
  });

  test('of a suspended host counts from when it goes on', () => {
    const lines = run({}, (bench) => {
      const { power } = bench.world;
      bench.at(20 * SECOND, () => power.pause(bench.process(0), 'suspend'));
      change(30, FAST)(bench);
      bench.at(80 * SECOND, () => power.resume(bench.process(0), 'suspend'));
    });
    // 30 and 80 seconds are left at 20 s; they begin at 80 s and take 20 and 53.3.
    expect(lines[0]).toBe('100000.001 awake at 50000.001');
    expect(lines[1]).toMatch(/^133333\.33\d tick at 100000(\.001)?, wall 1600/);
  });

  test('never makes a timer early by its own clock, however often it comes', () => {
    const lines = run({ driftPpm: [37] }, (bench) => {
      for (let i = 1; i < 90; i++) change(i + 0.123457, ((i * 7919) % 2001) - 1000)(bench);
    });
    const [awake, tick] = lines.map((line) => Number(/at ([\d.]+)/.exec(line)![1]));
    // Each change rounds up by less than two microseconds.
    expect(awake).toBeGreaterThanOrEqual(50_000.001);
    expect(awake).toBeLessThan(50_000.2);
    expect(tick).toBeGreaterThanOrEqual(100_000);
    expect(tick).toBeLessThan(100_000.2);
  });
});

test('a jump moves the wall clock and nothing that waits', () => {
  const lines = run({}, ({ world }) => world.hosts[0]!.clock.jump(-30 * SECOND));
  expect(lines).toEqual(['50000.001 awake at 50000.001', '100000 tick at 100000, wall 70000']);
});
