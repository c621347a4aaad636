/**
 * What a run measures: counters, and HDR histograms of times (three significant digits). Times are
 * recorded as integer microseconds and summarised in seconds. All histograms share one range, so that
 * those of different runs can be merged.
 */
import { build } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { assert } from './assert.ts';

/** About 12.7 days; longer times count as that. */
const HIGHEST_MICROS = 2 ** 40;

export type MetricKind = 'counter' | 'time';

export interface MetricSummary {
  readonly unit: 's' | '1' | 'By';
  /** Counters have a value; times have the rest. */
  readonly value?: number;
  readonly count?: number;
  readonly mean?: number;
  readonly min?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
  readonly p999?: number;
  readonly max?: number;
}

interface Metric {
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: 's' | '1' | 'By';
  value: number;
  histogram: Histogram | null;
  /** Exact, beside the histogram's rounded buckets. */
  sum: number;
  min: number;
  max: number;
}

export interface MetricsState {
  readonly metrics: readonly Metric[];
}

function newHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_MICROS,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
}

function copyMetric(metric: Metric): Metric {
  if (metric.histogram === null) return { ...metric };
  const histogram = newHistogram();
  histogram.add(metric.histogram);
  return { ...metric, histogram };
}

export class Metrics {
  private metrics: Metric[] = [];
  private ids = new Map<string, number>();

  /** The id of a metric, made when first asked. */
  id(name: string, kind: MetricKind, unit: 's' | '1' | 'By' = kind === 'time' ? 's' : '1'): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.metrics.length;
    this.metrics.push({
      name,
      kind,
      unit,
      value: 0,
      histogram: null,
      sum: 0,
      min: Infinity,
      max: -Infinity,
    });
    this.ids.set(name, id);
    return id;
  }

  add(id: number, amount: number): void {
    this.metrics[id].value += amount;
  }

  set(id: number, value: number): void {
    this.metrics[id].value = value;
  }

  /** Records one time in integer microseconds. */
  record(id: number, micros: number): void {
    const metric = this.metrics[id];
    assert(metric.kind === 'time' && micros >= 0, `${metric.name} cannot record ${micros}`);
    metric.histogram ??= newHistogram();
    metric.histogram.recordValue(Math.min(micros, HIGHEST_MICROS - 1));
    metric.value++;
    metric.sum += micros;
    if (micros < metric.min) metric.min = micros;
    if (micros > metric.max) metric.max = micros;
  }

  names(): string[] {
    return this.metrics.map((metric) => metric.name);
  }

  /** Null for a name that nothing has asked for. */
  summary(name: string): MetricSummary | null {
    const id = this.ids.get(name);
    if (id === undefined) return null;
    const metric = this.metrics[id];
    if (metric.kind === 'counter') return { unit: metric.unit, value: metric.value };
    return summarise(metric);
  }

  summaries(): Record<string, MetricSummary> {
    const result: Record<string, MetricSummary> = {};
    for (const name of [...this.ids.keys()].sort()) result[name] = this.summary(name)!;
    return result;
  }

  /** Adds what another run measured. */
  merge(other: Metrics): void {
    for (const theirs of other.metrics) {
      const mine = this.metrics[this.id(theirs.name, theirs.kind, theirs.unit)];
      mine.value += theirs.value;
      mine.sum += theirs.sum;
      mine.min = Math.min(mine.min, theirs.min);
      mine.max = Math.max(mine.max, theirs.max);
      if (theirs.histogram === null) continue;
      mine.histogram ??= newHistogram();
      mine.histogram.add(theirs.histogram);
    }
  }

  save(): MetricsState {
    return { metrics: this.metrics.map(copyMetric) };
  }

  restore(state: MetricsState): void {
    this.metrics = state.metrics.map(copyMetric);
    this.ids = new Map(this.metrics.map((metric, id) => [metric.name, id]));
  }
}

const MICROS_PER_SECOND = 1e6;

function summarise(metric: Metric): MetricSummary {
  const { histogram } = metric;
  if (histogram === null) return { unit: 's', count: 0 };
  const at = (percentile: number): number => {
    const micros = histogram.getValueAtPercentile(percentile);
    return Math.min(Math.max(micros, metric.min), metric.max) / MICROS_PER_SECOND;
  };
  return {
    unit: 's',
    count: metric.value,
    mean: metric.sum / metric.value / MICROS_PER_SECOND,
    min: metric.min / MICROS_PER_SECOND,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: metric.max / MICROS_PER_SECOND,
  };
}
