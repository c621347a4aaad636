import seedrandom from 'seedrandom';
import { describe, expect, test } from 'vitest';
import { Streams } from '../../sim/core/draws.ts';
import type { Draws } from '../../sim/core/draws.ts';
import { compileSampler } from '../../sim/core/distribution.ts';

const NAMES = ['s1/election', 's1/select', 's2/election', 'kv#4/think', ''];

describe('a stream', () => {
  test('gives the numbers of the library, bit for bit', () => {
    const streams = new Streams(42);
    const ours = NAMES.map((name) => streams.stream(name));
    const theirs = NAMES.map((name) => seedrandom.alea(`42/${name}`));
    for (let i = 0; i < 2000; i++) {
      const at = i % NAMES.length;
      if (i % 3 === 0) expect(ours[at].bits32()).toBe(theirs[at].int32());
      else expect(ours[at].unit()).toBe(theirs[at]());
    }
  });

  test('depends on the seed and its name alone', () => {
    const first = new Streams('seed');
    const second = new Streams('seed');
    first.stream('a').unit();
    first.stream('a').unit();
    for (let i = 0; i < 100; i++) first.stream(`more/${i}`).unit();
    second.stream('z');
    const values = [first, second].map((streams) => {
      const draws = streams.stream('b');
      return [draws.unit(), draws.below(6), draws.bits32()];
    });
    expect(values[0]).toEqual(values[1]);
    expect(new Streams('other').stream('b').unit()).not.toBe(values[0][0]);
  });

  test('is the same object for the same name, which it knows', () => {
    const streams = new Streams(1);
    expect(streams.stream('x')).toBe(streams.stream('x'));
    expect(streams.stream('x').name).toBe('x');
  });
});

describe('a draw', () => {
  const draws = new Streams(7).stream('draws');

  test('consumes one number whatever its arguments', () => {
    const uses = [
      (draws: Draws): unknown => draws.chance(0),
      (draws: Draws): unknown => draws.chance(1),
      (draws: Draws): unknown => draws.below(1),
      (draws: Draws): unknown => draws.below(1000),
      (draws: Draws): unknown => draws.between(5, 5),
      (draws: Draws): unknown => draws.between(5, 500),
      (draws: Draws): unknown => draws.bits32(),
      (draws: Draws): unknown => draws.pick(['only']),
    ];
    for (const use of uses) {
      const streams = [new Streams(3), new Streams(3)].map((one) => one.stream('draws'));
      use(streams[0]);
      streams[1].unit();
      expect(streams[0].unit()).toBe(streams[1].unit());
    }
  });

  test('lies where it should', () => {
    for (let i = 0; i < 3000; i++) {
      expect(draws.chance(0)).toBe(false);
      expect(draws.chance(1)).toBe(true);
      expect(draws.below(1)).toBe(0);
      expect(draws.between(5, 5)).toBe(5);
      expect([0, 1, 2]).toContain(draws.below(3));
      expect([10, 11]).toContain(draws.between(10, 12));
      const bits = draws.bits32();
      expect(bits | 0).toBe(bits);
    }
  });

  test('of a constant consumes nothing, of anything else one number', () => {
    const [one, other] = [new Streams(5), new Streams(5)].map((s) => s.stream('x'));
    expect(one.sample(compileSampler({ kind: 'constant', micros: 77 }))).toBe(77);
    expect(one.unit()).toBe(other.unit());
    one.sample(compileSampler({ kind: 'exponential', meanMicros: 1000 }));
    other.unit();
    expect(one.unit()).toBe(other.unit());
  });

  test('from nothing is refused', () => {
    expect(() => draws.pick([])).toThrow('empty');
  });

  test('shuffles evenly', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const array = ['a', 'b', 'c', 'd'];
      draws.shuffle(array);
      const key = array.join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // Chi square with 23 degrees of freedom exceeds 49.7 once in a thousand; the seed is fixed.
    const square = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(square).toBeLessThan(49.7);
  });
});

describe('saved streams', () => {
  test('go on where they were, and newer ones start again', () => {
    const streams = new Streams('x');
    const held = NAMES.map((name) => streams.stream(name));
    held.forEach((draws) => draws.unit());
    const state = streams.save();
    const wanted = held.map((draws) => draws.unit());
    const late = streams.stream('late');
    const first = late.unit();
    streams.restore(state);
    expect(held.map((draws) => draws.unit())).toEqual(wanted);
    expect(late.unit()).toBe(first);
    streams.restore(state);
    expect(held.map((draws) => draws.unit())).toEqual(wanted);
  });

  test('can be restored where the streams were made in another order', () => {
    const streams = new Streams('x');
    for (const name of NAMES) streams.stream(name).unit();
    const state = streams.save();
    const wanted = NAMES.map((name) => streams.stream(name).unit());
    const other = new Streams('x');
    other.stream('extra').unit();
    const held = NAMES.toReversed().map((name) => other.stream(name));
    held.forEach((draws) => draws.bits32());
    other.restore(state);
    expect(NAMES.map((name) => other.stream(name).unit())).toEqual(wanted);
    expect(other.stream('extra').unit()).toBe(new Streams('x').stream('extra').unit());
  });
});
