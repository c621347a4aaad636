/**
 * Passive health checking: Envoy's outlier detection, and gRPC's (A50). Consecutive errors are counted
 * with each answer; success rate and failure percentage are compared at sweeps, and only sweeps let an
 * instance back, after its base time times the number of its ejections.
 *
 * Known deviations: no jitter, no split of local and external errors (every error counts as a 5xx).
 */
import type { Draws } from '../../core/draws.ts';
import type { OutlierSpec } from '../../../scenarios/services.ts';

interface Host {
  inRow: number;
  successes: number;
  failures: number;
  /** Local time of its ejection; -1: it is not ejected. */
  ejectedAt: number;
  multiplier: number;
}

export interface Outliers {
  readonly spec: OutlierSpec;
  readonly hosts: Host[];
  ejected: number;
}

export function newOutliers(spec: OutlierSpec, count: number): Outliers {
  const hosts = Array.from({ length: count }, () => {
    return { inRow: 0, successes: 0, failures: 0, ejectedAt: -1, multiplier: 0 };
  });
  return { spec, hosts, ejected: 0 };
}

export function saveOutliers(outliers: Outliers): Outliers {
  return { ...outliers, hosts: outliers.hosts.map((host) => ({ ...host })) };
}

export function isEjected({ hosts }: Outliers, endpoint: number): boolean {
  return hosts[endpoint].ejectedAt >= 0;
}

/** Envoy asks what the share would be afterwards, gRPC what it is before. */
function mayEject({ spec, hosts, ejected }: Outliers): boolean {
  const limit = spec.maxEjectionShare;
  if (spec.variant === 'grpc') return ejected / hosts.length < limit;
  if (spec.alwaysEjectOne && ejected === 0) return true;
  return (ejected + 1) / hosts.length <= limit;
}

function eject(outliers: Outliers, endpoint: number, now: number): boolean {
  const { spec, hosts } = outliers;
  const host = hosts[endpoint];
  if (host.ejectedAt >= 0 || !mayEject(outliers)) return false;
  host.ejectedAt = now;
  const { baseEjectionMicros, maxEjectionMicros, variant } = spec;
  const most = Math.max(maxEjectionMicros, baseEjectionMicros) + baseEjectionMicros;
  if (variant === 'grpc' || host.multiplier * baseEjectionMicros < most) host.multiplier++;
  outliers.ejected++;
  return true;
}

/** An answer, or the lack of one. True: the instance is ejected by it. */
export function onAttempt(outliers: Outliers, endpoint: number, ok: boolean, now: number): boolean {
  const { spec, hosts } = outliers;
  const host = hosts[endpoint];
  if (ok) {
    host.successes++;
    host.inRow = 0;
    return false;
  }
  host.failures++;
  host.inRow++;
  if (spec.consecutiveErrors === 0 || host.inRow < spec.consecutiveErrors) return false;
  host.inRow = 0;
  return eject(outliers, endpoint, now);
}

/** What a sweep has changed. */
export interface Swept {
  readonly ejected: readonly number[];
  readonly readmitted: readonly number[];
}

export function sweep(outliers: Outliers, now: number, draws: Draws): Swept {
  const isGrpc = outliers.spec.variant === 'grpc';
  const readmitted = isGrpc ? [] : readmit(outliers, now);
  const ejected = [
    ...bySuccessRate(outliers, now, draws),
    ...byFailurePercentage(outliers, now, draws),
  ];
  for (const host of outliers.hosts) {
    if (host.ejectedAt < 0 && host.multiplier > 0) host.multiplier--;
    host.successes = 0;
    host.failures = 0;
  }
  return { ejected, readmitted: isGrpc ? readmit(outliers, now) : readmitted };
}

function readmit(outliers: Outliers, now: number): number[] {
  const { baseEjectionMicros, maxEjectionMicros } = outliers.spec;
  const most = Math.max(baseEjectionMicros, maxEjectionMicros);
  return outliers.hosts.flatMap((host, endpoint) => {
    if (host.ejectedAt < 0) return [];
    const micros = Math.min(baseEjectionMicros * host.multiplier, most);
    if (now - host.ejectedAt < micros) return [];
    host.ejectedAt = -1;
    host.inRow = 0;
    outliers.ejected--;
    return [endpoint];
  });
}

/** Those with enough requests in the interval. */
function busy({ hosts }: Outliers, volume: number): number[] {
  return hosts.flatMap(({ successes, failures }, endpoint) =>
    successes + failures >= Math.max(1, volume) ? [endpoint] : [],
  );
}

function successShare({ successes, failures }: Host): number {
  return successes / (successes + failures);
}

function bySuccessRate(outliers: Outliers, now: number, draws: Draws): number[] {
  const { hosts, spec } = outliers;
  const { factor, enforcing, minHosts, volume } = spec.successRate;
  const judged = enforcing === 0 ? [] : busy(outliers, volume);
  if (judged.length === 0 || judged.length < minHosts) return [];
  const rates = judged.map((endpoint) => successShare(hosts[endpoint]));
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const squares = rates.reduce((sum, rate) => sum + (rate - mean) * (rate - mean), 0);
  const least = mean - factor * Math.sqrt(squares / rates.length);
  return judged.filter(
    (endpoint, at) =>
      rates[at] < least && draws.chance(enforcing) && eject(outliers, endpoint, now),
  );
}

function byFailurePercentage(outliers: Outliers, now: number, draws: Draws): number[] {
  const { hosts, spec } = outliers;
  const { threshold, enforcing, minHosts, volume } = spec.failurePercentage;
  const judged = enforcing === 0 ? [] : busy(outliers, volume);
  if (judged.length < minHosts) return [];
  return judged.filter((endpoint) => {
    const failing = 1 - successShare(hosts[endpoint]);
    const isOver = spec.variant === 'grpc' ? failing > threshold : failing >= threshold;
    return isOver && draws.chance(enforcing) && eject(outliers, endpoint, now);
  });
}
