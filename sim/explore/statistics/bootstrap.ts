/**
 * How sure a figure over several seeds is: 95 % intervals by resampling the seeds (B. Efron and
 * R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 12 and 13). What is drawn comes
 * from a stream named after the figure, so that the same results have the same intervals.
 */
import { mean, quantileSorted } from 'simple-statistics';
import { Streams } from '../../core/draws.ts';
import type { Draws } from '../../core/draws.ts';

/** Fewer runs than this say nothing about those that were not made. */
export const RUNS_MIN = 10;
const RESAMPLES_MAX = 1000;
const RESAMPLES_MIN = 200;
/** Values drawn for one interval: of very many runs fewer resamples do. */
const DRAWS_MAX = 4_000_000;
const TAIL = 0.025;
/**
 * An interval of a quantile needs runs on both sides of it: this many are expected there. Of fewer
 * the outermost run would be one end of the interval far too often.
 */
const RUNS_BESIDE_QUANTILE = 5;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The stream that one figure's resamples are drawn from. */
function streamOf(name: string): Draws {
  return new Streams('statistics').stream(name);
}

function resamplesOf(values: number): number {
  return Math.max(RESAMPLES_MIN, Math.min(RESAMPLES_MAX, Math.floor(DRAWS_MAX / values)));
}

export function ascending(values: readonly number[]): number[] {
  return [...values].sort((left, right) => left - right);
}

/** Whether so many runs say enough about this quantile. */
export function quantileIsKnown(runs: number, quantile: number): boolean {
  return runs >= RUNS_MIN && runs * Math.min(quantile, 1 - quantile) >= RUNS_BESIDE_QUANTILE;
}

/** The interval of a quantile (0.5 is the median) over the runs, or null where they are too few. */
export function quantileInterval(
  values: readonly number[],
  quantile: number,
  name: string,
): Interval | null {
  if (!quantileIsKnown(values.length, quantile)) return null;
  const sorted = ascending(values);
  if (sorted[0] === sorted.at(-1)) return { low: sorted[0]!, high: sorted[0]! };
  const draws = streamOf(name);
  const counts = new Int32Array(sorted.length);
  const found = Array.from({ length: resamplesOf(sorted.length) }, () => {
    counts.fill(0);
    for (let i = 0; i < sorted.length; i++) counts[draws.below(sorted.length)]!++;
    return quantileOfCounts(sorted, counts, quantile);
  });
  return middle(found);
}

/** As `quantileSorted` of the resample that holds each value so many times. */
function quantileOfCounts(sorted: readonly number[], counts: Int32Array, quantile: number): number {
  const place = sorted.length * quantile;
  const whole = Math.floor(place);
  if (place !== whole) return valueAt(sorted, counts, whole);
  return (valueAt(sorted, counts, whole - 1) + valueAt(sorted, counts, whole)) / 2;
}

function valueAt(sorted: readonly number[], counts: Int32Array, place: number): number {
  let passed = 0;
  for (let at = 0; at < sorted.length; at++) {
    passed += counts[at]!;
    if (passed > place) return sorted[at]!;
  }
  return sorted.at(-1)!;
}

/**
 * The interval of a mean, or null of too few values: the bootstrap-t, which also keeps its promise
 * for few and skewed values.
 */
export function meanInterval(values: readonly number[], name: string): Interval | null {
  if (values.length < RUNS_MIN) return null;
  const centre = mean([...values]);
  const error = standardError(values, centre);
  if (error === 0) return { low: centre, high: centre };
  const draws = streamOf(name);
  const sample = new Float64Array(values.length);
  const ratios: number[] = [];
  const resamples = resamplesOf(values.length);
  for (let i = 0; i < resamples; i++) {
    for (let at = 0; at < sample.length; at++) sample[at] = values[draws.below(values.length)]!;
    const ratio = studentised(sample, centre);
    // A resample of equal values tells nothing of the spread.
    if (ratio !== null) ratios.push(ratio);
  }
  const { low, high } = middle(ratios);
  // Few values in two heaps have wild ratios; beyond all that was seen nothing is claimed.
  return {
    low: Math.max(centre - high * error, Math.min(...values)),
    high: Math.min(centre - low * error, Math.max(...values)),
  };
}

function studentised(sample: Float64Array, centre: number): number | null {
  let sum = 0;
  for (const value of sample) sum += value;
  const own = sum / sample.length;
  const error = standardError(sample, own);
  return error === 0 ? null : (own - centre) / error;
}

function standardError(values: ArrayLike<number>, centre: number): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) * (values[i]! - centre);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/**
 * The interval of a difference of two means whose runs are not paired: each side is resampled by
 * itself. Null where either has too few.
 */
export function unpairedInterval(
  first: readonly number[],
  second: readonly number[],
  name: string,
): Interval | null {
  if (first.length < RUNS_MIN || second.length < RUNS_MIN) return null;
  const draws = streamOf(name);
  const drawnMean = (values: readonly number[]): number => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[draws.below(values.length)]!;
    return sum / values.length;
  };
  const length = resamplesOf(Math.max(first.length, second.length));
  return middle(Array.from({ length }, () => drawnMean(second) - drawnMean(first)));
}

/** What lies between the tails. */
function middle(found: readonly number[]): Interval {
  const sorted = ascending(found);
  return { low: quantileSorted(sorted, TAIL), high: quantileSorted(sorted, 1 - TAIL) };
}
