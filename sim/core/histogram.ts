/** Times in an HDR histogram: three significant digits, and exact count, sum, least and greatest. */
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { fail } from './assert.ts';

// About 12.7 days; longer times count as that. All histograms share it, so that all can be merged.
const HIGHEST_MICROS = 2 ** 40;

// The library's own buckets for three digits: 2 048 of 1 us, then 1 024 for each doubling. They are
// counted here, without its logarithms, and the library is asked when somebody wants to know.
const BUCKETS = 31 * 1024;
const TWO_32 = 2 ** 32;

function bucketOf(micros: number): number {
  if (micros < 2048) return micros;
  if (micros < TWO_32) {
    const doublings = 21 - Math.clz32(micros);
    return doublings * 1024 + (micros >>> doublings);
  }
  const doublings = 53 - Math.clz32(Math.floor(micros / TWO_32));
  return doublings * 1024 + Math.floor(micros / (1 << doublings));
}

/** The least time that is counted there. */
function timeOf(bucket: number): number {
  if (bucket < 2048) return bucket;
  const doublings = (bucket >> 10) - 1;
  return (bucket - doublings * 1024) * (1 << doublings);
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
  private counts: Uint32Array | null = null;
  /** The same in the library's form, since somebody asked; null: something was recorded since. */
  private readable: Histogram | null = null;

  /** Adds a time, or several equal ones. */
  record(micros: number, times = 1): void {
    if (!(micros >= 0)) fail(`${micros} is no time to record`);
    this.counts ??= new Uint32Array(BUCKETS);
    this.counts[bucketOf(Math.min(micros, HIGHEST_MICROS - 1))] += times;
    this.readable = null;
    this.count += times;
    this.sum += micros * times;
    if (micros < this.min) this.min = micros;
    if (micros > this.max) this.max = micros;
  }

  /** The time that `percentile` percent of all do not exceed, within three digits; 0 of none. */
  at(percentile: number): number {
    if (this.counts === null || this.count === 0) return 0;
    this.readable ??= readableOf(this.counts);
    const micros = this.readable.getValueAtPercentile(percentile);
    return Math.min(Math.max(micros, this.min), this.max);
  }

  /** Adds all times of another. */
  merge(other: TimeHistogram): void {
    if (other.counts === null) return;
    this.counts ??= new Uint32Array(BUCKETS);
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.counts[bucket] += other.counts[bucket];
    this.readable = null;
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
  }

  /** Adds the times of a state that was saved. */
  mergeSaved(state: HistogramState): void {
    if (state.count === 0) return;
    this.counts ??= new Uint32Array(BUCKETS);
    const { buckets } = state;
    for (let i = 0; i < buckets.length; i += 2) {
      this.counts[bucketOf(buckets[i])] += buckets[i + 1];
    }
    this.readable = null;
    this.count += state.count;
    this.sum += state.sum;
    this.min = Math.min(this.min, state.min);
    this.max = Math.max(this.max, state.max);
  }

  save(): HistogramState {
    const { count, sum, min, max, counts } = this;
    if (counts === null || count === 0) return EMPTY_HISTOGRAM;
    const used: number[] = [];
    const last = bucketOf(Math.min(max, HIGHEST_MICROS - 1));
    for (let bucket = bucketOf(Math.min(min, HIGHEST_MICROS - 1)); bucket <= last; bucket++) {
      if (counts[bucket] > 0) used.push(timeOf(bucket), counts[bucket]);
    }
    return { count, sum, min, max, buckets: Float64Array.from(used) };
  }

  restore(state: HistogramState): void {
    this.count = state.count;
    this.sum = state.sum;
    this.min = state.min;
    this.max = state.max;
    this.counts?.fill(0);
    this.readable = null;
    const { buckets } = state;
    if (buckets.length === 0) return;
    this.counts ??= new Uint32Array(BUCKETS);
    for (let i = 0; i < buckets.length; i += 2) {
      this.counts[bucketOf(buckets[i])] = buckets[i + 1];
    }
  }
}

function readableOf(counts: Uint32Array): Histogram {
  const histogram = build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_MICROS,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    if (counts[bucket] > 0) histogram.recordValueWithCount(timeOf(bucket), counts[bucket]);
  }
  return histogram;
}
