/** Distributions of times, drawn through a table of quantiles: no logarithm in the loop. */
import { exp, log, normalQuantile } from './math.ts';

export type DistributionSpec =
  | { readonly kind: 'constant'; readonly micros: number }
  /** Integers in [low, high). */
  | { readonly kind: 'uniform'; readonly micros: readonly [number, number] }
  | { readonly kind: 'exponential'; readonly meanMicros: number }
  | { readonly kind: 'lognormal'; readonly medianMicros: number; readonly p99Micros: number }
  /** Points of the cumulative distribution: (fraction, micros), ascending, linear between them. */
  | { readonly kind: 'table'; readonly points: readonly (readonly [number, number])[] };

const TABLE_SIZE = 4096;
/** Quantile that stands for 1, where a distribution has no end: one draw in 2^20 lies beyond. */
const TOP_FRACTION = 1 - 1 / 1_048_576;
/** 99 % quantile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

export interface Sampler {
  /** A constant needs no randomness and consumes none. */
  readonly constant: boolean;
  readonly minMicros: number;
  /** From a uniform number in [0, 1) to integer microseconds. */
  draw(unit: number): number;
  scaled(factor: number): Sampler;
}

class ConstantSampler implements Sampler {
  readonly constant = true;
  readonly minMicros: number;

  constructor(micros: number) {
    this.minMicros = Math.round(micros);
  }

  draw(): number {
    return this.minMicros;
  }

  scaled(factor: number): Sampler {
    return new ConstantSampler(this.minMicros * factor);
  }
}

class UniformSampler implements Sampler {
  readonly constant = false;
  readonly minMicros: number;
  private readonly width: number;

  constructor(low: number, high: number) {
    this.minMicros = Math.round(low);
    this.width = Math.max(1, Math.round(high) - this.minMicros);
  }

  draw(unit: number): number {
    return this.minMicros + Math.floor(unit * this.width);
  }

  scaled(factor: number): Sampler {
    const low = this.minMicros * factor;
    return new UniformSampler(low, low + this.width * factor);
  }
}

/** 4 096 intervals of equal probability, linear within each; the last ends at TOP_FRACTION. */
class TableSampler implements Sampler {
  readonly constant = false;
  readonly minMicros: number;
  private readonly table: Float64Array;

  constructor(table: Float64Array) {
    this.table = table;
    this.minMicros = Math.round(table[0]);
  }

  draw(unit: number): number {
    const place = unit * TABLE_SIZE;
    const index = place | 0;
    const low = this.table[index];
    return Math.round(low + (this.table[index + 1] - low) * (place - index));
  }

  scaled(factor: number): Sampler {
    return new TableSampler(this.table.map((micros) => micros * factor));
  }
}

function quantileTable(quantile: (fraction: number) => number): Float64Array {
  const table = new Float64Array(TABLE_SIZE + 1);
  for (let i = 0; i < TABLE_SIZE; i++) table[i] = quantile(i / TABLE_SIZE);
  table[TABLE_SIZE] = quantile(TOP_FRACTION);
  return table;
}

function interpolate(points: readonly (readonly [number, number])[], fraction: number): number {
  let [left, low] = points[0];
  for (const [right, high] of points) {
    if (fraction <= right) {
      return right === left ? high : low + ((high - low) * (fraction - left)) / (right - left);
    }
    left = right;
    low = high;
  }
  return low;
}

export function compileSampler(spec: DistributionSpec): Sampler {
  switch (spec.kind) {
    case 'constant':
      return new ConstantSampler(spec.micros);
    case 'uniform':
      return new UniformSampler(spec.micros[0], spec.micros[1]);
    case 'exponential':
      return new TableSampler(quantileTable((p) => -spec.meanMicros * log(1 - p)));
    case 'lognormal': {
      const sigma = log(spec.p99Micros / spec.medianMicros) / Z99;
      const bottom = 0.5 / TABLE_SIZE;
      return new TableSampler(
        quantileTable((p) => spec.medianMicros * exp(sigma * normalQuantile(Math.max(p, bottom)))),
      );
    }
    case 'table':
      return new TableSampler(quantileTable((p) => interpolate(spec.points, p)));
  }
}
