/** One metric over the runs of a scenario. */
import { medianSorted, sum } from 'simple-statistics';
import type { MetricSummary } from '../../core/metrics.ts';
import type { RunResult } from '../../run/result.ts';
import { ascending, quantileInterval } from './bootstrap.ts';
import type { Interval } from './bootstrap.ts';
import type { Pool } from './pool.ts';

/** What a distribution over all samples of all runs is told by. */
export type Pooled = Omit<MetricSummary, 'unit' | 'value' | 'count'>;

export interface MetricSpread {
  readonly unit: MetricSummary['unit'];
  /** Runs that measured it. */
  readonly runs: number;
  /** Of single values. */
  readonly min?: number;
  readonly median?: number;
  readonly max?: number;
  /** Of distributions: samples of all runs, and the medians of the runs' percentiles. */
  readonly count?: number;
  readonly p50?: number;
  readonly p99?: number;
  /** 95 % intervals of these medians over the runs; none of fewer than ten runs. */
  readonly intervals?: {
    readonly median?: Interval;
    readonly p50?: Interval;
    readonly p99?: Interval;
  };
  /** All samples of all runs in one distribution. */
  readonly pooled?: Pooled;
}

type Figure = 'value' | 'p50' | 'p99' | 'max';

/** Every metric that some run measured, in the order of code units. `name` names the streams. */
export function spreadMetrics(
  results: readonly RunResult[],
  pool: Pool | undefined,
  name: string,
): Record<string, MetricSpread> {
  const found = new Map<string, MetricSummary[]>();
  for (const { metrics } of results) {
    for (const [metric, summary] of Object.entries(metrics)) {
      const list = found.get(metric);
      if (list) list.push(summary);
      else found.set(metric, [summary]);
    }
  }
  const spread: Record<string, MetricSpread> = {};
  for (const metric of [...found.keys()].sort()) {
    const pooled = pool?.summary(metric) ?? null;
    spread[metric] = spreadOf(found.get(metric)!, pooled, `${name}/${metric}`);
  }
  return spread;
}

function spreadOf(
  summaries: readonly MetricSummary[],
  pooled: MetricSummary | null,
  name: string,
): MetricSpread {
  const { unit } = summaries[0]!;
  const values = valuesOf(summaries, 'value');
  if (values.length > 0) {
    const [min, max] = [values[0]!, values.at(-1)!];
    const interval = quantileInterval(values, 0.5, name);
    const spread = { unit, runs: values.length, min, median: medianSorted(values), max };
    return interval === null ? spread : { ...spread, intervals: { median: interval } };
  }
  const measured = summaries.filter(({ count }) => count !== undefined && count > 0);
  return measured.length === 0 ? { unit, runs: 0 } : spreadOfTimes(measured, pooled, name);
}

function spreadOfTimes(
  measured: readonly MetricSummary[],
  pooled: MetricSummary | null,
  name: string,
): MetricSpread {
  const p50 = valuesOf(measured, 'p50');
  const p99 = valuesOf(measured, 'p99');
  const [around50, around99] = [p50, p99].map((values, i) =>
    quantileInterval(values, 0.5, `${name}/${i === 0 ? 'p50' : 'p99'}`),
  );
  return {
    unit: measured[0]!.unit,
    runs: measured.length,
    count: sum(measured.map(({ count }) => count ?? 0)),
    p50: medianSorted(p50),
    p99: medianSorted(p99),
    max: valuesOf(measured, 'max').at(-1) ?? 0,
    ...(around50 && around99 ? { intervals: { p50: around50, p99: around99 } } : {}),
    ...(pooled === null ? {} : { pooled: pooledOf(pooled) }),
  };
}

function pooledOf({ unit: _unit, count: _count, ...rest }: MetricSummary): Pooled {
  return rest;
}

/** Ascending. */
function valuesOf(summaries: readonly MetricSummary[], figure: Figure): number[] {
  return ascending(summaries.flatMap((summary) => summary[figure] ?? []));
}
