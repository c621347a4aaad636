/** What a run measures, by dense number: counters, and distributions of times. */
import { fail } from './assert.ts';
import { EMPTY_HISTOGRAM, TimeHistogram } from './histogram.ts';
import type { HistogramState } from './histogram.ts';

/** A counter holds one number; a time holds the distribution of many. */
export type MetricKind = 'counter' | 'time';

/** Seconds, a plain number, bytes. */
export type MetricUnit = 's' | '1' | 'By';

/** A metric as results show it: counters have a value, times the rest, in seconds. */
export interface MetricSummary {
  readonly unit: MetricUnit;
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
  readonly unit: MetricUnit;
  value: number;
  readonly times: TimeHistogram;
}

/** All metrics in the order of their numbers. */
export interface MetricsState {
  readonly metrics: readonly {
    readonly name: string;
    readonly kind: MetricKind;
    readonly unit: MetricUnit;
    readonly value: number;
    readonly times: HistogramState;
  }[];
}

const MICROS_PER_SECOND = 1e6;

/** The metrics of one run, or the sum of several runs. */
export class Metrics {
  private readonly metrics: Metric[] = [];
  private readonly ids = new Map<string, number>();

  /** The number of a metric, made when first asked for; it stays valid through `restore`. */
  id(name: string, kind: MetricKind, unit: MetricUnit = kind === 'time' ? 's' : '1'): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.metrics.length;
    this.metrics.push({ name, kind, unit, value: 0, times: new TimeHistogram() });
    this.ids.set(name, id);
    return id;
  }

  /** Adds to a counter. */
  add(id: number, amount: number): void {
    this.metrics[id].value += amount;
  }

  /** Sets a counter. */
  set(id: number, value: number): void {
    this.metrics[id].value = value;
  }

  /** Records a time in integer microseconds, or several equal ones. */
  record(id: number, micros: number, times = 1): void {
    const metric = this.metrics[id];
    if (metric.kind !== 'time') fail(`${metric.name} is no distribution of times`);
    metric.times.record(micros, times);
  }

  /** Names in the order of their numbers. */
  names(): string[] {
    return this.metrics.map((metric) => metric.name);
  }

  /** Null for a name that nothing has asked for. */
  summary(name: string): MetricSummary | null {
    const id = this.ids.get(name);
    return id === undefined ? null : summarise(this.metrics[id]);
  }

  /** All summaries, by name in the order of code units. */
  summaries(): Record<string, MetricSummary> {
    const result: Record<string, MetricSummary> = {};
    for (const name of this.names().sort()) result[name] = this.summary(name)!;
    return result;
  }

  /** Adds what another run measured: counters and distributions. */
  merge(other: Metrics): void {
    for (const theirs of other.metrics) {
      const mine = this.metrics[this.id(theirs.name, theirs.kind, theirs.unit)];
      mine.value += theirs.value;
      mine.times.merge(theirs.times);
    }
  }

  save(): MetricsState {
    return { metrics: this.metrics.map((metric) => ({ ...metric, times: metric.times.save() })) };
  }

  /** Metrics that the save does not know are as if nothing had been measured. */
  restore(state: MetricsState): void {
    for (const metric of this.metrics) {
      metric.value = 0;
      metric.times.restore(EMPTY_HISTOGRAM);
    }
    for (const saved of state.metrics) {
      const metric = this.metrics[this.id(saved.name, saved.kind, saved.unit)];
      metric.value = saved.value;
      metric.times.restore(saved.times);
    }
  }
}

function summarise(metric: Metric): MetricSummary {
  const { unit, times } = metric;
  return metric.kind === 'counter' ? { unit, value: metric.value } : summariseTimes(times, unit);
}

/** A distribution as results show it; of no samples only their count. */
export function summariseTimes(times: TimeHistogram, unit: MetricUnit = 's'): MetricSummary {
  if (times.count === 0) return { unit, count: 0 };
  const at = (percentile: number): number => times.at(percentile) / MICROS_PER_SECOND;
  return {
    unit,
    count: times.count,
    mean: times.sum / times.count / MICROS_PER_SECOND,
    min: times.min / MICROS_PER_SECOND,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: times.max / MICROS_PER_SECOND,
  };
}
