/** Times of many runs in one distribution each, whatever the order in which the runs come. */
import { TimeHistogram } from '../../core/histogram.ts';
import { summariseTimes } from '../../core/metrics.ts';
import type { Metrics, MetricSummary } from '../../core/metrics.ts';

/** One distribution of one run, small enough to travel: value and count of each bucket in use. */
export interface Distribution {
  readonly name: string;
  readonly count: number;
  /** Microseconds, like those below. */
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly buckets: readonly number[];
}

/** All distributions of a run that hold something. */
export function distributionsOf(metrics: Metrics): Distribution[] {
  return metrics.save().metrics.flatMap(({ name, kind, times }) => {
    if (kind !== 'time' || times.count === 0) return [];
    const { count, sum, min, max, buckets } = times;
    return [{ name, count, sum, min, max, buckets: [...buckets] }];
  });
}

export class Pool {
  private readonly times = new Map<string, TimeHistogram>();

  add(distributions: readonly Distribution[]): void {
    for (const { name, buckets, ...rest } of distributions) {
      let times = this.times.get(name);
      if (times === undefined) this.times.set(name, (times = new TimeHistogram()));
      times.mergeSaved({ ...rest, buckets: Float64Array.from(buckets) });
    }
  }

  /** Null where no run measured it. */
  summary(name: string): MetricSummary | null {
    const times = this.times.get(name);
    return times === undefined ? null : summariseTimes(times);
  }
}
