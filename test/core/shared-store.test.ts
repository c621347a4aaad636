/** Storage that several processes share: one copy in a saved world, told of every end of a process. */
import { expect, test } from 'vitest';
import type { SharedStore } from '../../sim/core/machine.ts';
import { Bench, Input, MS } from './kit.ts';
import type { Program } from './kit.ts';

class Tally implements SharedStore {
  counts = [0, 0];
  saves = 0;

  onProcessGone(process: number): void {
    this.counts[process] = 0;
  }

  save(): unknown {
    this.saves++;
    return this.counts.slice();
  }

  restore(state: unknown): void {
    this.counts = (state as number[]).slice();
  }
}

function bench(tally: Tally): Bench {
  const counter: Program = {
    start: (out) => out.timer(Input.tick, 0, 10 * MS),
    input: (out) => {
      tally.counts[out.self]!++;
      out.timer(Input.tick, 0, 10 * MS);
    },
  };
  return new Bench([counter, counter], { shared: [tally] });
}

test('is saved once and restored with its world', () => {
  const tally = new Tally();
  const { world } = bench(tally);
  world.runUntil(35 * MS);
  expect(tally.counts).toEqual([3, 3]);
  const saved = world.save();
  expect(tally.saves).toBe(1);
  world.runUntil(75 * MS);
  expect(tally.counts).toEqual([7, 7]);
  world.restore(saved);
  expect(tally.counts).toEqual([3, 3]);
  world.runUntil(75 * MS);
  expect(tally.counts).toEqual([7, 7]);
});

test('forgets what it holds for a process that ends', () => {
  for (const how of ['kill', 'power', 'exit'] as const) {
    const tally = new Tally();
    const { world } = bench(tally);
    world.runUntil(35 * MS);
    world.power.crash(world.processes[1]!, how);
    expect(tally.counts).toEqual([3, 0]);
  }
});
