/** Metrics as reports show them. */
import type { MetricSummary } from '../sim/core/metrics.ts';
import type { RunResult } from '../sim/run/result.ts';

export { formatFigure } from './format.ts';

/** Metrics of a load that say how its clients fared, without the load's name. */
const LOAD_VALUES = ['availability', 'longest-outage'];
const LOAD_TIMES = ['latency', 'error-latency', 'recovery', 'lock-wait', 'lock-hold'];
const RAFT_TIMES = ['raft.failover', 'raft.write-outage', 'raft.commit-latency'];
const RAFT_VALUES = ['raft.elections', 'raft.leader-changes', 'raft.split-votes'];

/** Names of the loads that a result measured, in alphabetical order. */
export function loadsOf(metrics: RunResult['metrics']): string[] {
  return Object.keys(metrics)
    .filter((name) => name.endsWith('.availability'))
    .map((name) => name.slice(0, -'.availability'.length))
    .sort();
}

/** Distributions worth a line, the clients' first: those that measured something. */
export function keyTimes(metrics: RunResult['metrics']): string[] {
  const names = loadsOf(metrics).flatMap((load) => LOAD_TIMES.map((metric) => `${load}.${metric}`));
  return [...names, ...RAFT_TIMES].filter((name) => (metrics[name]?.count ?? 0) > 0);
}

/** Single values worth a place. */
export function keyValues(metrics: RunResult['metrics']): string[] {
  const names = loadsOf(metrics).flatMap((load) =>
    LOAD_VALUES.map((metric) => `${load}.${metric}`),
  );
  return [...names, ...RAFT_VALUES].filter((name) => metrics[name]?.value !== undefined);
}

/** A threshold's value has the unit of its metric, unless it counts samples. */
export function unitOf(
  expression: string,
  metric: MetricSummary | undefined,
): MetricSummary['unit'] {
  return expression.startsWith('count') ? '1' : (metric?.unit ?? '1');
}
