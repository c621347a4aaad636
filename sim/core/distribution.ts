/** Distributions of times, drawn through a table of quantiles: no logarithm in the loop. */
import { assert } from './assert.ts';
import { exp, log, normalQuantile } from './math.ts';

/** A time, in integer microseconds, as the scenario language has it. */
export type DistributionSpec =
  | { readonly kind: 'constant'; readonly micros: number }
  /** Integers in [low, high). */
  | { readonly kind: 'uniform'; readonly micros: readonly [number, number] }
  | { readonly kind: 'exponential'; readonly meanMicros: number }
  | { readonly kind: 'lognormal'; readonly medianMicros: number; readonly p99Micros: number }
  /** Points of the quantile function: (fraction, micros), neither falling, linear between them. */
  | { readonly kind: 'table'; readonly points: readonly (readonly [number, number])[] };

const CELLS = 4096;
const TAIL_CELLS = 256;
// The tail table takes over where the last cell of the first begins.
const TAIL_START = 1 - 1 / CELLS;
// Stands for 0 and 1 where the quantile there has no use: half of the least step of a draw.
const FRACTION_MIN = 1 / 8_589_934_592;
/** 99 % quantile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/** Turns uniform numbers into times. Immutable, so it may be shared. */
export interface Sampler {
  /** A constant needs no randomness and consumes no draw. */
  readonly constant: boolean;
  /** The least that can be drawn. */
  readonly minMicros: number;
  /** From a uniform number in [0, 1) to integer microseconds. */
  draw(unit: number): number;
  /** The same distribution with all times multiplied. */
  scaled(factor: number): Sampler;
}

/** The sampler of a distribution. Asserts that its times are ordered and not negative. */
export function compileSampler(spec: DistributionSpec): Sampler {
  switch (spec.kind) {
    case 'constant':
      return constantSampler(spec.micros);
    case 'uniform':
      return uniformSampler(spec.micros[0], spec.micros[1]);
    case 'exponential':
      return tabulate((p) => -spec.meanMicros * log(1 - p), 0);
    case 'lognormal': {
      const { medianMicros, p99Micros } = spec;
      assert(medianMicros > 0 && p99Micros >= medianMicros, 'a p99 lies above its median');
      const sigma = log(p99Micros / medianMicros) / Z99;
      return tabulate((p) => medianMicros * exp(sigma * normalQuantile(p)), FRACTION_MIN);
    }
    case 'table':
      return tabulate(interpolation(spec.points), 0, 1);
  }
}

const NO_TABLE = new Float64Array(0);

/**
 * All distributions are of one class, so that drawing costs no lookup of a method.
 *
 * A constant and a range of integers have their least value and their width. The others have 4 096
 * cells of equal probability, linear within each, of which the last is divided again into 256: one
 * draw in 4 096 needs that. So the 99.99 % quantile is true, and only beyond one draw in a million
 * is the tail a straight line, which ends at the quantile of the largest draw.
 */
class CompiledSampler implements Sampler {
  readonly constant: boolean;
  readonly minMicros: number;
  /** Of a range; 0 of a constant and of a table. */
  private readonly width: number;
  private readonly body: Float64Array;
  private readonly tail: Float64Array;

  constructor(minMicros: number, width: number, body: Float64Array, tail: Float64Array) {
    this.constant = width === 0 && body.length === 0;
    this.minMicros = minMicros;
    this.width = width;
    this.body = body;
    this.tail = tail;
  }

  draw(unit: number): number {
    const { body, width } = this;
    if (body.length === 0) return this.minMicros + Math.floor(unit * width);
    if (unit >= TAIL_START) return within(this.tail, (unit - TAIL_START) * CELLS * TAIL_CELLS);
    return within(body, unit * CELLS);
  }

  scaled(factor: number): Sampler {
    const { minMicros, width, body, tail } = this;
    if (this.constant) return constantSampler(minMicros * factor);
    if (width > 0) return uniformSampler(minMicros * factor, (minMicros + width) * factor);
    const times = (micros: number): number => micros * factor;
    return tableSampler(body.map(times), tail.map(times));
  }
}

function constantSampler(micros: number): Sampler {
  assert(micros >= 0, 'no time is negative');
  return new CompiledSampler(Math.round(micros), 0, NO_TABLE, NO_TABLE);
}

function uniformSampler(low: number, high: number): Sampler {
  assert(low >= 0 && high >= low, 'a range of times rises from zero on');
  const least = Math.round(low);
  const width = Math.max(1, Math.round(high) - least);
  return new CompiledSampler(least, width, NO_TABLE, NO_TABLE);
}

function tableSampler(body: Float64Array, tail: Float64Array): Sampler {
  return new CompiledSampler(Math.round(body[0]), 0, body, tail);
}

function within(table: Float64Array, place: number): number {
  const index = place | 0;
  const low = table[index];
  return Math.round(low + (table[index + 1] - low) * (place - index));
}

/** Tables of a quantile function; `first` and `last` stand for the fractions 0 and 1. */
function tabulate(
  quantile: (fraction: number) => number,
  first: number,
  last = 1 - FRACTION_MIN,
): Sampler {
  const body = new Float64Array(CELLS + 1);
  const tail = new Float64Array(TAIL_CELLS + 1);
  for (let i = 1; i < CELLS; i++) body[i] = quantile(i / CELLS);
  for (let i = 0; i < TAIL_CELLS; i++) tail[i] = quantile(TAIL_START + i / CELLS / TAIL_CELLS);
  body[0] = quantile(first);
  tail[TAIL_CELLS] = quantile(last);
  body[CELLS] = tail[TAIL_CELLS];
  return tableSampler(body, tail);
}

/** The quantile function through points; before the first and after the last it is flat. */
function interpolation(
  points: readonly (readonly [number, number])[],
): (fraction: number) => number {
  assert(points.length > 0 && points[0][1] >= 0, 'a table has points, none of them negative');
  for (let i = 1; i < points.length; i++) {
    const rises = points[i][0] >= points[i - 1][0] && points[i][1] >= points[i - 1][1];
    assert(rises, 'neither the fractions nor the times of a table fall');
  }
  return (fraction) => {
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (points[middle][0] < fraction) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return points[0][1];
    if (low === points.length) return points[low - 1][1];
    const [left, bottom] = points[low - 1];
    const [right, top] = points[low];
    return bottom + ((top - bottom) * (fraction - left)) / (right - left);
  };
}
