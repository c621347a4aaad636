/** Outlier detection: Envoy's rules and gRPC's, and what whole runs make of them. */
import { describe, expect, test } from 'vitest';
import type { OutlierSpec } from '../../../scenarios/services.ts';
import { isEjected, newOutliers, onAttempt, sweep } from '../../../sim/client/health/outliers.ts';
import type { Outliers } from '../../../sim/client/health/outliers.ts';
import { Streams } from '../../../sim/core/draws.ts';
import { CallNote } from '../../../sim/service/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { callScenario, recorder, runCalls } from '../kit.ts';
import type { Seen } from '../kit.ts';

const ENVOY: OutlierSpec = {
  variant: 'envoy',
  intervalMicros: 10e6,
  baseEjectionMicros: 30e6,
  maxEjectionMicros: 300e6,
  maxEjectionShare: 0.1,
  alwaysEjectOne: false,
  consecutiveErrors: 5,
  successRate: { factor: 1.9, enforcing: 1, minHosts: 5, volume: 100 },
  failurePercentage: { threshold: 0.85, enforcing: 0, minHosts: 5, volume: 50 },
};
const draws = new Streams(1).stream('outliers');

function attempts(outliers: Outliers, endpoint: number, good: number, bad: number, now = 0): void {
  // Good ones between the bad: never five errors in a row.
  for (let i = 0; i < Math.max(good, bad); i++) {
    if (i < bad) onAttempt(outliers, endpoint, false, now);
    if (i < good) onAttempt(outliers, endpoint, true, now);
  }
}

test(
  ref(
    'clients 6.6 #1',
    'an ejection lasts the base time times their number, ends at a sweep only, and healthy sweeps forget',
  ),
  () => {
    const outliers = newOutliers(ENVOY, 10);
    const eject = (now: number): void => {
      for (let i = 0; i < 5; i++) onAttempt(outliers, 0, false, now);
      expect(isEjected(outliers, 0)).toBe(true);
    };
    eject(1e6);
    sweep(outliers, 30e6, draws);
    expect(isEjected(outliers, 0)).toBe(true);
    expect(sweep(outliers, 31e6, draws).readmitted).toEqual([0]);
    // At that sweep it was in already, and the number fell back by one.
    expect(outliers.hosts[0]!.multiplier).toBe(0);
    outliers.hosts[0]!.multiplier = 1;
    eject(32e6);
    expect(outliers.hosts[0]!.multiplier).toBe(2);
    expect(sweep(outliers, 91e6, draws).readmitted).toEqual([]);
    expect(sweep(outliers, 92e6, draws).readmitted).toEqual([0]);
    outliers.hosts[0]!.multiplier = 50;
    eject(100e6);
    expect(sweep(outliers, 399e6, draws).readmitted).toEqual([]);
    expect(sweep(outliers, 400e6, draws).readmitted).toEqual([0]);
  },
);

test(
  ref('clients 6.6 #2', 'so many errors in a row eject with the answer that brings the last'),
  () => {
    const outliers = newOutliers(ENVOY, 10);
    const answers = [false, false, false, false, true, false, false, false, false, false];
    expect(answers.map((ok) => onAttempt(outliers, 3, ok, 0))).toEqual([
      ...Array.from({ length: 9 }, () => false),
      true,
    ]);
  },
);

test(
  ref(
    'clients 6.6 #3',
    'success rates below the mean less 1.9 standard deviations, of five hosts with 100 requests',
  ),
  () => {
    const outliers = newOutliers(ENVOY, 10);
    for (let host = 0; host < 9; host++) attempts(outliers, host, 100, 0);
    attempts(outliers, 9, 80, 40);
    expect(sweep(outliers, 10e6, draws).ejected).toEqual([9]);
    const few = newOutliers(ENVOY, 10);
    for (let host = 0; host < 9; host++) attempts(few, host, 99, 0);
    attempts(few, 9, 80, 40);
    expect(sweep(few, 10e6, draws).ejected).toEqual([]);
    // Counters begin anew with each interval.
    attempts(few, 9, 1, 0);
    expect(sweep(few, 20e6, draws).ejected).toEqual([]);
  },
);

test(
  ref(
    'clients 6.6 #4',
    'a share of failures: at least the threshold in Envoy, more than it in gRPC',
  ),
  () => {
    const only = {
      ...ENVOY,
      successRate: { ...ENVOY.successRate, enforcing: 0 },
      failurePercentage: { ...ENVOY.failurePercentage, enforcing: 1 },
    };
    const run = (spec: OutlierSpec, bad: number): readonly number[] => {
      const outliers = newOutliers(spec, 10);
      for (let host = 0; host < 9; host++) attempts(outliers, host, 100, 0);
      for (let i = 0; i < 100; i++) onAttempt(outliers, 9, i >= bad, 0);
      return sweep(outliers, 10e6, draws).ejected;
    };
    const noRow = { ...only, consecutiveErrors: 0 };
    expect(run(noRow, 85)).toEqual([9]);
    expect(run(noRow, 84)).toEqual([]);
    const grpc = { ...noRow, variant: 'grpc' as const };
    expect(run(grpc, 85)).toEqual([]);
    expect(run(grpc, 86)).toEqual([9]);
  },
);

test(
  ref(
    'clients 6.6 #5',
    'no more than the share afterwards: a tenth of fewer than ten hosts is none',
  ),
  () => {
    const eject = (spec: OutlierSpec, count: number): number => {
      const outliers = newOutliers(spec, count);
      for (let host = 0; host < count; host++) {
        for (let i = 0; i < 5; i++) onAttempt(outliers, host, false, 0);
      }
      return outliers.ejected;
    };
    expect([9, 10, 19, 20].map((count) => eject(ENVOY, count))).toEqual([0, 1, 1, 2]);
    expect(eject({ ...ENVOY, alwaysEjectOne: true }, 3)).toBe(1);
  },
);

test(
  ref(
    'clients 6.6 #6',
    'gRPC asks before the ejection, so the first is always allowed, and ejects before it lets back',
  ),
  () => {
    const grpc: OutlierSpec = { ...ENVOY, variant: 'grpc', consecutiveErrors: 0 };
    const outliers = newOutliers(grpc, 6);
    const round = (): void => {
      for (let host = 0; host < 5; host++) attempts(outliers, host, 100, 0);
      attempts(outliers, 5, 60, 60);
    };
    round();
    expect(sweep(outliers, 10e6, draws)).toEqual({ ejected: [5], readmitted: [] });
    round();
    // Still in: it is not ejected twice, and comes back only after its time.
    expect(sweep(outliers, 39e6, draws)).toEqual({ ejected: [], readmitted: [] });
    expect(sweep(outliers, 41e6, draws).readmitted).toEqual([5]);
  },
);

describe('in whole runs', () => {
  const web = (more: string): string => `services:
  web: { instances: 10, workers: 9, service_time: 5ms, behaviour: { web-3: { failing: 100%, in: 1ms, at: 10s, for: 20s } } }
load: { c: { kind: call, service: web, clients: 2, rate: 200/s, balance: random ${more} } }`;

  test('an instance that fails is left out, and let back when its time is over', () => {
    const seen: Seen[] = [];
    const { ejected, readmitted } = CallNote;
    const plain = runCalls(callScenario(web('')));
    const ran = runCalls(
      callScenario(web(', outliers: {}')),
      1,
      recorder([ejected, readmitted], seen),
    );
    expect(plain.value('c.availability')).toBeLessThan(0.975);
    expect(ran.value('c.availability')).toBeGreaterThan(0.998);
    const times = (kind: number): number[] =>
      seen.filter((one) => one.kind === kind).map(({ micros }) => micros / 1e6);
    expect(times(ejected)).toHaveLength(2);
    for (const time of times(ejected)) expect(time).toBeLessThan(11);
    for (const time of times(readmitted)) expect(time).toBeGreaterThan(40);
    expect(times(readmitted)).toHaveLength(2);
  });

  test(
    ref(
      'clients 6.3 #1',
      'below the panic threshold health is ignored; without one nobody is left',
    ),
    () => {
      const sick = web(', outliers: { max_ejection_percent: 100%, consecutive_5xx: 3 }').replace(
        'web-3:',
        'web-1..web-8:',
      );
      const panicking = runCalls(callScenario(sick));
      const calm = runCalls(
        callScenario(sick.replace('balance: random', 'balance: { policy: random, panic: 0% }')),
      );
      // In panic the two that work get no more than their share; otherwise they get everything.
      expect(panicking.value('c.availability')).toBeLessThan(0.8);
      expect(calm.value('c.availability')).toBeGreaterThan(0.98);
    },
  );
});
