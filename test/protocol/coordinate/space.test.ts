/** Distances and forces: the vectors of the original's unit tests. */
import { describe, expect, test } from 'vitest';
import { COORDINATES } from '../../../sim/protocol/coordinate/config.ts';
import type { CoordinateConfig } from '../../../sim/protocol/coordinate/config.ts';
import * as Space from '../../../sim/protocol/coordinate/space.ts';
import { randomly } from '../../paper/coordinates.ts';
import { ref } from '../../support/reference.ts';

const FLAT: CoordinateConfig = { ...COORDINATES, dimensions: 3, heightMinSeconds: 0 };
const TALL: CoordinateConfig = { ...FLAT, heightMinSeconds: 1e-5 };

type Point = readonly [number, number, number];

function row(point: Point, { adjustment = 0, height = 0 } = {}): Float64Array {
  return Float64Array.from([...point, COORDINATES.errorMax, adjustment, height]);
}

const heightOf = (one: Float64Array): number => one[3 + Space.HEIGHT]!;
const distance = (one: Float64Array, other: Float64Array): number =>
  Space.distance(one, 0, other, 0, 3);

function pushed(config: CoordinateConfig, from: Float64Array, force: number, other: Float64Array) {
  const moved = from.slice();
  Space.applyForce(config, force, moved, 0, other, 0, randomly());
  return moved;
}

function expectPoint(found: Float64Array, expected: Point): void {
  expected.forEach((value, axis) => expect(found[axis]).toBeCloseTo(value, 6));
}

const ONE: Point = [-0.5, 1.3, 2.4];
const OTHER: Point = [1.2, -2.3, 3.4];
const APART = 4.104875150354758;

describe('the distance of two coordinates', () => {
  test(ref('gossip 3.5 #1', 'is that of their points, and the heights of both'), () => {
    expect(distance(row(ONE), row(ONE))).toBe(0);
    expect(distance(row(ONE), row(OTHER))).toBeCloseTo(APART, 6);
    expect(distance(row(ONE, { height: 0.7 }), row(OTHER, { height: 0.1 }))).toBeCloseTo(
      APART + 0.8,
      6,
    );
  });

  test(ref('gossip 3.5 #1', 'takes in both adjustments, unless that leaves nothing'), () => {
    const adjusted = (one: number, other: number): number =>
      distance(row(ONE, { adjustment: one }), row(OTHER, { adjustment: other }));
    expect(adjusted(-1e6, 0)).toBeCloseTo(APART, 6);
    expect(adjusted(0.1, 0.2)).toBeCloseTo(APART + 0.3, 6);
  });

  test(ref('gossip 3.2 #9', 'has whole nanoseconds, cut off'), () => {
    const found = distance(row([0, 0, 0]), row([0, 0, 1.2345678919e-3]));
    expect(found).toBe(1_234_567 / 1e9);
  });
});

describe('a force', () => {
  const origin = row([0, 0, 0]);
  const above = row([0, 0, 2.9]);

  test(ref('gossip 3.5 #2', 'pushes away along the line between the two'), () => {
    const once = pushed(FLAT, origin, 5.3, above);
    expectPoint(once, [0, 0, -5.3]);
    expectPoint(pushed(FLAT, once, 2, row([3.4, 0, -5.3])), [-2, 0, -5.3]);
  });

  test(ref('gossip 3.5 #3', 'has a direction of length one'), () => {
    const found = pushed(FLAT, row([1, 2, 3]), 1, row([0.5, 0.6, 0.7]));
    expectPoint(found, [1 + 0.18257418583505536, 2 + 0.511207720338155, 3 + 0.8398412548412546]);
  });

  test(ref('gossip 3.5 #2', 'lifts, and never lowers below the least height'), () => {
    const low = row([0, 0, 0], { height: 1e-5 });
    const lifted = pushed(TALL, low, 5.3, above);
    expectPoint(lifted, [0, 0, -5.3]);
    expect(heightOf(lifted)).toBeCloseTo(1e-5 + (5.3 * 1e-5) / 2.9, 9);
    expect(heightOf(pushed(TALL, low, -5.3, above))).toBe(1e-5);
  });

  test(ref('gossip 3.2 #8', 'on two in one place has any direction, and does not lift'), () => {
    const low = row([0, 0, 0], { height: 1e-5 });
    const found = pushed(TALL, low, 2, row([0, 0, 0], { height: 1 }));
    expect(Math.hypot(found[0]!, found[1]!, found[2]!)).toBeCloseTo(2, 9);
    expect(found[0]).not.toBe(0);
    expect(heightOf(found)).toBe(1e-5);
  });
});
