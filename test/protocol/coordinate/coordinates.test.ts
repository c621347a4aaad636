/** Updates of a coordinate, what is refused, and coordinates of a pool that runs. */
import { describe, expect, test } from 'vitest';
import { COORDINATES } from '../../../sim/protocol/coordinate/config.ts';
import { Coordinates } from '../../../sim/protocol/coordinate/coordinates.ts';
import { ADJUSTMENT, ERROR, HEIGHT } from '../../../sim/protocol/coordinate/space.ts';
import { randomly } from '../../paper/coordinates.ts';
import { SECOND, gossipPool } from '../../support/gossip-pool.ts';
import { ref } from '../../support/reference.ts';

const MS = 1000;
const DIMENSIONS = 3;
const LENGTH = DIMENSIONS + 3;

/** Two of whom the first measures and the second lies where a test puts it. */
function pair(other: readonly number[] = [0, 0, 0.001]) {
  const coordinates = new Coordinates(2, { ...COORDINATES, dimensions: DIMENSIONS });
  coordinates.write(1, other);
  const source = randomly();
  const update = (micros: number): boolean => coordinates.observe(0, 1, 1, 0, micros, source);
  return { coordinates, update };
}

test(ref('gossip 3.1 #1', 'a node begins at the origin, unsure and low'), () => {
  expect([...new Coordinates(1).read(0)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1.5, 0, 1e-5]);
});

describe('a round trip', () => {
  test(ref('gossip 3.5 #5', 'longer than estimated pushes away'), () => {
    const { coordinates, update } = pair();
    expect(update(2 * MS)).toBe(true);
    expect(coordinates.read(0)[2]).toBeLessThan(0);
  });

  test(ref('gossip 3.2 #3', 'moves by the weight of both errors, and corrects the own one'), () => {
    const { coordinates, update } = pair([0, 0, 0.001, 0.5, 0, 0]);
    update(2 * MS);
    const found = coordinates.read(0);
    const estimate = 0.00101;
    const weight = 1.5 / 2;
    const wrongness = (0.002 - estimate) / 0.002;
    expect(found[DIMENSIONS + ERROR]).toBeCloseTo(
      0.25 * weight * wrongness + 1.5 * (1 - 0.25 * weight),
      12,
    );
    // Gravity pulls by less than a billionth.
    expect(found[2]).toBeCloseTo(-0.25 * weight * (0.002 - estimate), 9);
  });

  test(ref('gossip 3.2 #3', 'never makes the error larger than it begins'), () => {
    const { coordinates, update } = pair([0, 0, 5, 0.1, 0, 0]);
    update(1);
    expect(coordinates.read(0)[DIMENSIONS + ERROR]).toBe(1.5);
  });

  test(ref('gossip 3.2 #4', 'adjusts by half of the mean of twenty, unused ones being 0'), () => {
    const { coordinates, update } = pair([0, 0, 0.001, 1.5, 0, 0]);
    update(2 * MS);
    const found = coordinates.read(0);
    const raw = Math.hypot(found[0]!, found[1]!, found[2]! - 0.001) + found[DIMENSIONS + HEIGHT]!;
    expect(found[DIMENSIONS + ADJUSTMENT]).toBeCloseTo((0.002 - raw) / 40, 9);
  });

  test(
    ref('gossip 3.2 #5', 'is followed by a pull to the origin, by the square of the way'),
    () => {
      const { coordinates, update } = pair([300, 0, 0, 1e9, 0, 0]);
      coordinates.write(0, [300, 1, 0, 1e-9, 0, 1e-5]);
      // Sure of itself and told by one who is not: only gravity moves it.
      update(1000 * MS);
      const before = Math.hypot(300, 1);
      const after = Math.hypot(...coordinates.read(0).slice(0, DIMENSIONS));
      expect(before - after).toBeCloseTo((before / 150) ** 2, 3);
    },
  );

  test(ref('gossip 3.5 #6', 'of less than nothing or more than ten seconds is refused'), () => {
    const { coordinates, update } = pair();
    const before = coordinates.distance(0, 1);
    for (const micros of [2 ** 53, -35 * SECOND, 11 * SECOND, Number.NaN]) {
      expect(update(micros)).toBe(false);
    }
    expect(coordinates.distance(0, 1)).toBe(before);
    expect(update(0)).toBe(true);
    expect(update(10 * SECOND)).toBe(true);
  });

  test(ref('gossip 3.5 #7', 'to a node whose coordinate is none is refused'), () => {
    for (let at = 0; at < LENGTH; at++) {
      const other = [0, 0, 0.001, 1.5, 0, 1e-5];
      other[at] = at === 4 ? Infinity : Number.NaN;
      const { coordinates, update } = pair(other);
      expect(update(2 * MS)).toBe(false);
      expect(coordinates.resets(0)).toBe(0);
    }
  });

  test(ref('gossip 3.2 #6', 'resets a node whose own coordinate is none, twenty times'), () => {
    const { coordinates, update } = pair();
    coordinates.write(0, [Number.NaN, 0, 0, 1.5, 0, 1e-5]);
    const resets = Array.from({ length: 30 }, () => {
      update(2 * MS);
      return coordinates.resets(0);
    });
    expect(resets.slice(0, 3)).toEqual([1, 2, 3]);
    expect(resets.slice(18)).toEqual([19, ...Array.from({ length: 11 }, () => 20)]);
    expect(coordinates.read(0).every((value) => Number.isFinite(value))).toBe(true);
  });
});

describe('a pool', () => {
  const pool = (seed: number) =>
    gossipPool({
      members: 8,
      seed,
      coordinates: true,
      latency: { kind: 'constant', micros: 10 * MS },
    });

  test(ref('gossip 3.3 #1', 'learns round trips from its probes'), () => {
    const running = pool(1);
    running.run(300 * SECOND);
    const coordinates = running.pool.coordinates!;
    for (let one = 0; one < 8; one++) {
      for (let other = 0; other < one; other++) {
        expect(Math.abs(coordinates.distance(one, other) / 0.02 - 1)).toBeLessThan(0.1);
      }
    }
  });

  test('goes on the same after a restore, and begins anew in a process that does', () => {
    const running = pool(2);
    const coordinates = running.pool.coordinates!;
    running.run(20 * SECOND);
    const saved = running.world.save();
    const rows = (): number[][] => Array.from({ length: 8 }, (_, at) => [...coordinates.read(at)]);
    running.run(20 * SECOND);
    const after = rows();
    running.world.restore(saved);
    expect(rows()).not.toEqual(after);
    running.run(20 * SECOND);
    expect(rows()).toEqual(after);
    running.crash(3);
    running.run(SECOND);
    expect(coordinates.read(3)[8 + ERROR]).toBe(1.5);
  });
});
