/** What all policies have in common, and each one's share through the whole stack. */
import { describe, expect, test } from 'vitest';
import type { PolicyName } from '../../../scenarios/services.ts';
import { ref } from '../../support/reference.ts';
import { callScenario, runCalls } from '../kit.ts';
import { Bench, POLICIES } from './kit.ts';

describe.each(POLICIES)('%s', (policy) => {
  test('picks candidates only, the only one there is, and whoever is left', () => {
    const bench = new Bench(policy, [1, 2, 3, 4]);
    for (const candidates of [[0, 1, 2, 3], [1, 3], [2], [0, 2, 3]]) {
      bench.picking.version++;
      for (let hash = 0; hash < 50; hash++) {
        expect(candidates).toContain(bench.pick({ candidates, hash }));
      }
    }
  });

  test('goes on from a copy of its state as from the original', () => {
    const bench = new Bench(policy, [1, 2, 3, 4]);
    for (let hash = 0; hash < 20; hash++)
      bench.end(bench.pick({ hash, now: hash * 1000 }), 500 + hash);
    const copy = bench.policy.save(bench.state);
    expect(JSON.stringify(bench.policy.save(copy))).toBe(JSON.stringify(copy));
    bench.end(bench.pick({ hash: 3 }), 77_777);
    expect(JSON.stringify(bench.policy.save(copy))).toBe(JSON.stringify(copy));
  });
});

/** Shares of three instances of weights 1, 1 and 2, as the policy is meant to give them. */
const EVEN = [1 / 3, 1 / 3, 1 / 3];
const BY_WEIGHT = [0.25, 0.25, 0.5];
const EXPECTED: Readonly<Record<PolicyName, readonly number[] | null>> = {
  random: EVEN,
  'weighted-random': BY_WEIGHT,
  'round-robin': EVEN,
  'smooth-weighted': BY_WEIGHT,
  'static-stride': BY_WEIGHT,
  'dynamic-weights': EVEN,
  'least-outstanding': EVEN,
  'least-request': BY_WEIGHT,
  p2c: EVEN,
  'peak-ewma': EVEN,
  'ring-hash': BY_WEIGHT,
  maglev: BY_WEIGHT,
  // One window per client, and one instance per client: nothing to share.
  aperture: null,
  'pick-first': null,
};

describe(
  ref(
    'clients 6.10 #1',
    'weights are those of the catalog, 1 where left out: shares through the whole stack',
  ),
  () => {
    test.each(POLICIES)('%s', (policy) => {
      const ran = runCalls(
        callScenario(
          `services: { web: { instances: 3, workers: 20, service_time: 2ms..4ms, weights: { web-3: 2 } } }
load: { c: { kind: call, service: web, clients: 10, rate: 300/s, balance: ${policy} } }`,
          20,
        ),
      );
      const shares = [1, 2, 3].map((n) => ran.value(`c.share{web-${n}}`));
      expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 9);
      expect(ran.value('c.availability')).toBe(1);
      EXPECTED[policy]?.forEach((expected, at) => {
        // Rings are uneven by nature, and peak EWMA learns from latencies that hardly differ.
        const tolerance = policy === 'ring-hash' || policy === 'peak-ewma' ? 0.08 : 0.03;
        expect(Math.abs(shares[at]! - expected)).toBeLessThan(tolerance);
      });
      if (policy === 'pick-first')
        for (const share of shares) expect((share * 10) % 1).toBeLessThan(1);
    });
  },
);

test(
  ref(
    'clients 6.1 #20',
    'nobody to ask is an error at once; one instance, duplicates of none, gets everything',
  ),
  () => {
    const none = callScenario(
      `services: { web: { instances: 1, service_time: 2ms } }
load: { c: { kind: call, service: web, rate: 20/s, outliers: { always_eject_one_host: true }, balance: { panic: 0% } } }
faults: [{ at: 5s, for: 20s, crash: web-1 }]`,
      30,
    );
    const ran = runCalls(none);
    expect(ran.value('c.errors{no-endpoint}')).toBeGreaterThan(300);
    expect(ran.value('c.share{web-1}')).toBe(1);
  },
);
