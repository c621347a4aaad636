/**
 * Same scenario, same seed: same run, however it is looked at and however often it goes back. The
 * long form, `npm run proof -- determinism`, does so with more seeds.
 */
import { describe, expect, test } from 'vitest';
import type { ExecutionOptions } from '../../sim/run/execution.ts';
import { bundled, bundledIn } from '../run/kit.ts';
import { straight, unobserved } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { anyOrder, halfWay, stumbling } from './restoring.ts';

const SEEDS = Array.from({ length: 3 }, (_, index) => index + 1);
const VARIANTS: readonly ExecutionOptions[] = [
  { trace: 'ring', observers: true },
  { trace: 'off', observers: true },
  { trace: 'full', observers: false },
  { trace: 'off', observers: false },
];

describe.each(bundledIn('basic'))('%s', (name) => {
  const scenario = bundled(name);
  const known = new Map<number, Outcome>();
  /** The straight run of a seed, made once. */
  function reference(seed: number): Outcome {
    let outcome = known.get(seed);
    if (outcome === undefined) known.set(seed, (outcome = straight(scenario, seed)));
    return outcome;
  }

  test('twice in a row', () => {
    for (const seed of SEEDS) expect(straight(scenario, seed)).toEqual(reference(seed));
  });

  test('every seed is a run of its own', () => {
    const fingerprints = SEEDS.map((seed) => reference(seed).fingerprint);
    expect(new Set(fingerprints).size).toBe(SEEDS.length);
  });

  test.each(VARIANTS)('with trace $trace and observers $observers', (options) => {
    for (const seed of SEEDS.slice(0, 1)) {
      const expected = options.observers ? reference(seed) : unobserved(reference(seed));
      expect(straight(scenario, seed, options)).toEqual(expected);
    }
  });

  test('saved and restored half-way', () => {
    for (const seed of SEEDS) {
      const [first, again] = halfWay(scenario, seed);
      expect(first).toEqual(reference(seed));
      expect(again).toEqual(reference(seed));
    }
  });

  test('restored from several saves in any order', () => {
    for (const seed of SEEDS.slice(0, 3)) {
      const outcomes = anyOrder(scenario, seed, [0, 0.2, 0.4, 0.6, 0.8], [2, 4, 0, 3, 1, 1]);
      for (const outcome of outcomes) expect(outcome).toEqual(reference(seed));
    }
  });

  test('going back again and again on its way', () => {
    for (const seed of SEEDS.slice(0, 3)) {
      expect(stumbling(scenario, seed, 40)).toEqual(straight(scenario, seed));
    }
  });
});
