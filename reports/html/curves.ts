/** Curves of percentiles, from distributions where there are any, else from the figures. */
import type { MetricSummary } from '../../sim/core/metrics.ts';
import type { Distribution } from '../../sim/explore/statistics/pool.ts';
import type { Curve } from './draw/curves.ts';

/** Points of a curve: a tenth of the rest at each nine, in small steps. */
const PERCENTS = [0, 1, 2, 3, 4].flatMap((nine) =>
  Array.from({ length: 12 }, (_, step) => 100 - 100 * 10 ** -(nine + step / 12)),
);

/** Samples of several runs, by time. */
export class Times {
  private readonly counts = new Map<number, number>();
  private total = 0;
  private min = Infinity;
  private max = 0;

  add({ buckets, count, min, max }: Distribution): void {
    for (let at = 0; at < buckets.length; at += 2) {
      const micros = buckets[at]!;
      this.counts.set(micros, (this.counts.get(micros) ?? 0) + buckets[at + 1]!);
    }
    this.total += count;
    this.min = Math.min(this.min, min);
    this.max = Math.max(this.max, max);
  }

  /** As far to the right as there is a sample for each point. */
  curve(name: string): Curve {
    const sorted = [...this.counts].sort(([left], [right]) => left - right);
    const points: [number, number][] = [];
    let below = 0;
    let at = 0;
    for (const percent of PERCENTS) {
      const rank = Math.max(1, Math.ceil((percent / 100) * this.total));
      if (this.total - rank < 1) break;
      while (below < rank) below += sorted[at++]![1];
      const micros = percent === 0 ? this.min : Math.max(this.min, sorted[at - 1]![0]);
      points.push([percent, micros / 1e6]);
    }
    const last = 100 - 100 / Math.max(2, this.total);
    points.push([Math.max(last, points.at(-1)?.[0] ?? 0), this.max / 1e6]);
    return { name, points };
  }
}

/** Of what a result tells of a distribution. */
export function curveOfSummary(name: string, metric: Partial<MetricSummary>): Curve | null {
  const { min, p50, p90, p99, p999, max, count = 1000 } = metric;
  const known = [
    [0, min],
    [50, p50],
    [90, p90],
    [99, p99],
    [99.9, p999],
  ] as const;
  if (max === undefined) return null;
  const last = 100 - 100 / Math.max(2, count);
  const points = known.flatMap(([percent, seconds]): [number, number][] =>
    seconds === undefined || percent > last ? [] : [[percent, seconds]],
  );
  return { name, points: [...points, [last, max]] };
}
