/** Times in an HDR histogram: three significant digits, and exact count, sum, least and greatest. */
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { fail } from './assert.ts';

// About 12.7 days; longer times count as that. All histograms share it, so that all can be merged.
// Below it the library's buckets, which it finds by `log2`, cannot depend on the last bit of that.
const HIGHEST_MICROS = 2 ** 40;

/** What the library's histograms can do beyond their interface. */
interface Buckets {
  countsArrayIndex(value: number): number;
  getCountAtIndex(index: number): number;
  valueFromIndex(index: number): number;
}

/** A histogram without its empty buckets. */
export interface HistogramState {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Value and count of each bucket in use. */
  readonly buckets: Float64Array;
}

/** Nothing was recorded. */
export const EMPTY_HISTOGRAM: HistogramState = {
  count: 0,
  sum: 0,
  min: Infinity,
  max: -Infinity,
  buckets: new Float64Array(0),
};

/** A distribution of times in integer microseconds. Takes memory (127 KB) when first used. */
export class TimeHistogram {
  count = 0;
  /** Exact up to 2^53, like `min` and `max`. */
  sum = 0;
  min = Infinity;
  max = -Infinity;
  private counts: Histogram | null = null;

  /** Adds one time. */
  record(micros: number): void {
    if (!(micros >= 0)) fail(`${micros} is no time to record`);
    this.counts ??= createCounts();
    this.counts.recordValue(Math.min(micros, HIGHEST_MICROS - 1));
    this.count++;
    this.sum += micros;
    this.min = Math.min(this.min, micros);
    this.max = Math.max(this.max, micros);
  }

  /** The time that `percentile` percent of all do not exceed, within three digits; 0 of none. */
  at(percentile: number): number {
    if (this.counts === null || this.count === 0) return 0;
    const micros = this.counts.getValueAtPercentile(percentile);
    return Math.min(Math.max(micros, this.min), this.max);
  }

  /** Adds all times of another. */
  merge(other: TimeHistogram): void {
    if (other.counts === null) return;
    this.counts ??= createCounts();
    this.counts.add(other.counts);
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
  }

  save(): HistogramState {
    const { count, sum, min, max, counts } = this;
    if (counts === null || count === 0) return EMPTY_HISTOGRAM;
    const table = counts as unknown as Buckets;
    const used: number[] = [];
    const last = table.countsArrayIndex(Math.min(max, HIGHEST_MICROS - 1));
    for (let i = table.countsArrayIndex(Math.min(min, HIGHEST_MICROS - 1)); i <= last; i++) {
      const inBucket = table.getCountAtIndex(i);
      if (inBucket > 0) used.push(table.valueFromIndex(i), inBucket);
    }
    return { count, sum, min, max, buckets: Float64Array.from(used) };
  }

  restore(state: HistogramState): void {
    this.count = state.count;
    this.sum = state.sum;
    this.min = state.min;
    this.max = state.max;
    this.counts?.reset();
    const { buckets } = state;
    if (buckets.length === 0) return;
    this.counts ??= createCounts();
    for (let i = 0; i < buckets.length; i += 2) {
      this.counts.recordValueWithCount(buckets[i], buckets[i + 1]);
    }
  }
}

function createCounts(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_MICROS,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
}
