/** Judging thresholds (`kv.latency: p99<250ms`) against what was measured. */
import type { MetricSummary, Metrics } from '../core/metrics.ts';
import type { Threshold } from '../../scenarios/scenario.ts';
import type { ThresholdResult } from './result.ts';

/** Base units of the scenario per unit of the result: times are microseconds there, seconds here. */
function scaleOf(threshold: Threshold): number {
  return threshold.unit === 's' ? 1e6 : 1;
}

/** The figure in the metric's reported unit; null when nothing was measured. */
export function measured(threshold: Threshold, summary: MetricSummary | null): number | null {
  if (summary === null) return null;
  if (threshold.aggregate === 'value') return summary.value ?? null;
  if (threshold.aggregate === 'count') return summary.count ?? summary.value ?? null;
  return summary[threshold.aggregate] ?? null;
}

function holds(value: number, threshold: Threshold): boolean {
  const bound = threshold.value / (threshold.aggregate === 'count' ? 1 : scaleOf(threshold));
  switch (threshold.comparator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '==':
      return value === bound;
  }
}

/** Nothing measured is no pass: the verdict is then unknown. */
export function judgeThresholds(
  thresholds: readonly Threshold[],
  metrics: Metrics,
): ThresholdResult[] {
  return thresholds.map((threshold) => {
    const value = measured(threshold, metrics.summary(threshold.metric));
    const verdict = value === null ? 'unknown' : holds(value, threshold) ? 'pass' : 'fail';
    return { metric: threshold.metric, expression: threshold.expression, value, verdict };
  });
}

/** A threshold marked `abort` that can no longer be met: only maxima and counts never fall. */
export function missedForGood(thresholds: readonly Threshold[], metrics: Metrics): boolean {
  return thresholds.some((threshold) => {
    const { abort, aggregate, comparator, metric, name } = threshold;
    if (!abort || (comparator !== '<' && comparator !== '<=')) return false;
    const grows = aggregate === 'max' || aggregate === 'count' || aggregate === 'value';
    if (!grows || name === 'availability') return false;
    const value = measured(threshold, metrics.summary(metric));
    return value !== null && !holds(value, threshold);
  });
}
