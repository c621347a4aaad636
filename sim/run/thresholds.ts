/** Judging thresholds (`kv.latency: p99<250ms`) against what was measured. */
import type { MetricSummary, Metrics } from '../core/metrics.ts';
import type { Threshold } from '../../scenarios/scenario.ts';
import type { ThresholdResult } from './result.ts';

/** Base units of the scenario per unit of the result: times are microseconds there, seconds here. */
function scaleOf(threshold: Threshold): number {
  return threshold.unit === 's' ? 1e6 : 1;
}

/** Metrics that come in parts, `network.messages{raft.append}`: a prefix or no label means their sum. */
const IN_PARTS: readonly string[] = ['network.messages', 'network.bytes', 'fault.effect'];

/** The figure in the metric's reported unit; null when nothing was measured. */
function measured(threshold: Threshold, metrics: Metrics): number | null {
  const { metric, name } = threshold;
  if (IN_PARTS.includes(name)) return sumOfParts(threshold, metrics);
  return figure(threshold, metrics.summary(metric));
}

/** A class that sent nothing counts as 0. */
function sumOfParts({ name, label }: Threshold, metrics: Metrics): number {
  const whole = label === null ? `${name}{` : `${name}{${label}}`;
  const prefix = label === null ? whole : `${name}{${label}.`;
  let sum = 0;
  for (const part of metrics.names()) {
    if (part === whole || part.startsWith(prefix)) sum += metrics.summary(part)!.value ?? 0;
  }
  return sum;
}

function figure(threshold: Threshold, summary: MetricSummary | null): number | null {
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
    const value = measured(threshold, metrics);
    const verdict = value === null ? 'unknown' : holds(value, threshold) ? 'pass' : 'fail';
    const { metric, expression, seeds } = threshold;
    return { metric, expression, value, verdict, ...(seeds === null ? {} : { seeds }) };
  });
}

/** A threshold marked `abort` that can no longer be met: only maxima and counts never fall. */
export function missedForGood(thresholds: readonly Threshold[], metrics: Metrics): boolean {
  return thresholds.some((threshold) => {
    const { abort, aggregate, comparator, name } = threshold;
    if (!abort || (comparator !== '<' && comparator !== '<=')) return false;
    const grows = aggregate === 'max' || aggregate === 'count' || aggregate === 'value';
    if (!grows || name === 'availability') return false;
    const value = measured(threshold, metrics);
    return value !== null && !holds(value, threshold);
  });
}
