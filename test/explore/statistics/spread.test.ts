/** Metrics over runs: medians with their intervals, and one distribution of all samples. */
import { expect, test } from 'vitest';
import { Metrics } from '../../../sim/core/metrics.ts';
import { distributionsOf, Pool } from '../../../sim/explore/statistics/pool.ts';
import { spreadMetrics } from '../../../sim/explore/statistics/spread.ts';
import { passing } from '../../reports/support/records.ts';

/** Metrics of a run: times in microseconds, and one count. */
function measured(times: readonly number[], count: number): Metrics {
  const metrics = new Metrics();
  const time = metrics.id('kv.latency', 'time');
  for (const micros of times) metrics.record(time, micros);
  metrics.set(metrics.id('raft.elections', 'counter'), count);
  return metrics;
}

const RUNS = Array.from({ length: 12 }, (_, seed) =>
  measured(
    Array.from({ length: 50 + seed }, (_, i) => 1000 + 100 * seed + i * 7),
    seed,
  ),
);

function spreadOf(runs: readonly Metrics[]) {
  const pool = new Pool();
  for (const run of runs) pool.add(distributionsOf(run));
  const results = runs.map((run, seed) => passing({ seed, metrics: run.summaries() }));
  return spreadMetrics(results, pool, 'x');
}

test('the pool is what one run with all samples would say, in any order of runs', () => {
  const all = new Metrics();
  for (const run of RUNS) all.merge(run);
  const { unit: _unit, count, ...rest } = all.summary('kv.latency')!;
  const spread = spreadOf(RUNS)['kv.latency']!;
  expect(spread).toMatchObject({ runs: 12, count, pooled: rest });
  expect(spreadOf(RUNS.toReversed())['kv.latency']!.pooled).toEqual(spread.pooled);
});

test('medians have intervals around them from ten runs on', () => {
  const { 'kv.latency': latency, 'raft.elections': elections } = spreadOf(RUNS);
  expect(elections).toMatchObject({ min: 0, median: 5.5, max: 11 });
  const { median } = elections!.intervals!;
  expect(median!.low).toBeGreaterThan(0);
  expect(median!.low).toBeLessThan(5.5);
  expect(median!.high).toBeGreaterThan(5.5);
  expect(latency!.intervals!.p50!.low).toBeLessThan(latency!.p50!);
  const few = spreadOf(RUNS.slice(0, 9));
  expect(few['kv.latency']).not.toHaveProperty('intervals');
  expect(few['raft.elections']).not.toHaveProperty('intervals');
});
