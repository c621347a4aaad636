/** Pauses that overlap: each ends only itself. */
import { describe, expect, test } from 'vitest';
import { Input, MS } from './kit.ts';
import type { Program } from './kit.ts';
import { NOTHING, run } from './pauses.ts';

describe('several pauses', () => {
  const ticks = (say: (what: string) => void): [Program, Program] => [
    NOTHING,
    {
      start: (out) => {
        for (let at = 50; at < 400; at += 50) out.timer(Input.tick, at, at * MS - 1);
      },
      input: (_, __, key) => say(`tick ${key}`),
    },
  ];

  test.each(['stop', 'suspend', 'io'] as const)('of kind %s end with the last', (kind) => {
    const lines = run(kind, ticks, {}, (bench) => {
      bench.at(150 * MS, () => bench.world.power.pause(bench.process(1), kind));
      bench.at(300 * MS, () => bench.world.power.resume(bench.process(1), kind));
    });
    const at = (key: number): number =>
      Number(lines.find((line) => line.endsWith(` ${key}`))!.split(' ')[0]);
    if (kind === 'io') expect(at(150)).toBe(149.999);
    if (kind === 'stop') expect(at(150)).toBe(300);
    if (kind === 'suspend') expect(at(150)).toBe(349.999);
    expect(lines).toHaveLength(7);
  });

  test('of different kinds do not end each other', () => {
    // Stopped from 100 to 200 ms, suspended from 150 to 300 ms.
    const lines = run('stop', ticks, {}, (bench) => {
      bench.at(150 * MS, () => bench.world.power.pause(bench.process(1), 'suspend'));
      bench.at(300 * MS, () => bench.world.power.resume(bench.process(1), 'suspend'));
    });
    expect(lines.toSorted().slice(0, 5)).toEqual([
      '300 tick 150',
      '349.999 tick 200',
      '399.999 tick 250',
      '449.999 tick 300',
      '49.999 tick 50',
    ]);
  });

  test('a stop that outlasts a suspension holds', () => {
    const lines = run('suspend', ticks, {}, (bench) => {
      bench.at(150 * MS, () => bench.world.power.pause(bench.process(1), 'stop'));
      bench.at(400 * MS, () => bench.world.power.resume(bench.process(1), 'stop'));
    });
    expect(lines.filter((line) => line.startsWith('400'))).toHaveLength(4);
  });

  test('are all forgotten by a crash', () => {
    const lines = run('stop', ticks, {}, (bench) => {
      bench.at(110 * MS, () => bench.world.power.pause(bench.process(1), 'io'));
      bench.at(120 * MS, () => bench.world.power.crash(bench.process(1), 'kill'));
      bench.at(130 * MS, () => bench.start(1));
    });
    expect(lines.slice(0, 3)).toEqual(['49.999 tick 50', '99.999 tick 100', '179.999 tick 50']);
  });
});
