/** Zones and priorities by the worked examples of Envoy's documentation, and in whole runs. */
import { describe, expect, test } from 'vitest';
import type { BalanceSpec } from '../../../scenarios/services.ts';
import { callScenario, runCalls } from '../kit.ts';
import {
  newUpstream,
  onHealthChanged,
  onInstances,
  startFactor,
} from '../../../sim/client/call/upstream.ts';
import type { Upstream } from '../../../sim/client/call/upstream.ts';
import { Streams } from '../../../sim/core/draws.ts';
import type { Endpoint } from '../../../sim/service/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { settingsOf } from '../balance/kit.ts';

const draws = new Streams(1).stream('subset');

/** A client in zone a of a service with so many instances in each zone. */
function upstream(
  zones: Readonly<Record<string, number>>,
  more: Partial<BalanceSpec>,
  shares: Readonly<Record<string, number>> = {},
): Upstream {
  const list: Endpoint[] = Object.entries(zones).flatMap(([zone, count]) =>
    Array.from({ length: count }, (_, at) => {
      return {
        process: Number(`${zone.charCodeAt(0)}${100 + at}`),
        name: `${zone}-${at}`,
        zone,
        weight: 1,
      };
    }),
  );
  const one = newUpstream({
    index: 0,
    settings: {
      service: 'web',
      timeoutMicros: 1,
      deadlineMicros: null,
      balance: settingsOf('random', more),
      retry: null,
      discover: null,
      hedge: null,
      outliers: null,
      breaker: null,
      requestsMax: null,
    },
    proxied: false,
    discovery: { start: () => list },
    zone: 'a',
    clientShares: new Map(Object.entries(shares)),
  });
  onInstances(one, list, 0, draws);
  return one;
}

/** Makes all but so many of a zone unhealthy, and tells the share of each zone. */
function sharesWith(
  one: Upstream,
  healthy: Readonly<Record<string, number>>,
): Record<string, number> {
  const left = { ...healthy };
  onHealthChanged(one);
  one.endpoints.forEach(({ zone }, at) => {
    one.healthy[at] = left[zone] === undefined || left[zone]-- > 0;
  });
  const { healthy: flags } = one;
  one.outliers = {
    spec: undefined as never,
    ejected: 0,
    hosts: flags.map((ok) => ({
      inRow: 0,
      successes: 0,
      failures: 0,
      ejectedAt: ok ? -1 : 0,
      multiplier: 0,
    })),
  };
  onHealthChanged(one);
  const shares: Record<string, number> = {};
  for (const { candidates, share } of one.groups!) {
    for (const at of candidates) {
      const { zone } = one.endpoints[at]!;
      shares[zone] = (shares[zone] ?? 0) + share / candidates.length;
    }
  }
  return shares;
}

test(
  ref(
    'clients 6.2 #1',
    'localities of weights 1 and 2: the first gets 33.3, 32.9, 32.6, 25.9, 14.9, 0 % at 100, 70, 69, 50, 25, 0 % health',
  ),
  () => {
    const shares = [100, 70, 69, 50, 25, 0].map((percent) => {
      const one = upstream(
        { a: 100, b: 100 },
        { locality: 'weighted', zoneWeights: { a: 1, b: 2 } },
      );
      return Math.round((sharesWith(one, { a: percent, b: 100 })['a'] ?? 0) * 1000) / 10;
    });
    expect(shares).toEqual([33.3, 32.9, 32.6, 25.9, 14.9, 0]);
  },
);

test(
  ref(
    'clients 6.2 #2',
    'the own zone first: 1.4 times its health, the rest spills over; both below the threshold panic',
  ),
  () => {
    const share = (a: number, b: number): number => {
      const one = upstream({ a: 100, b: 100 }, { locality: 'failover' });
      return sharesWith(one, { a, b })['a'] ?? 0;
    };
    expect([100, 72, 71, 50, 25, 0].map((a) => Math.round(share(a, 100) * 100))).toEqual([
      100, 100, 99, 70, 35, 0,
    ]);
    // 1.4 x 25 % and 1.4 x 25 % make 70 %: half of the load each.
    expect(share(25, 25)).toBeCloseTo(0.5, 9);
    const panicking = upstream({ a: 10, b: 10 }, { locality: 'failover' });
    sharesWith(panicking, { a: 2, b: 2 });
    expect(panicking.groups!.map(({ candidates }) => candidates.length)).toEqual([10, 10]);
  },
);

describe('zone aware', () => {
  const SHARES = { a: 0.5, b: 0.25, c: 0.25 };

  test(
    ref(
      'clients 6.2 #3',
      'stays local as far as local instances reach, the rest where room is; only from six instances on',
    ),
    () => {
      const enough = upstream({ a: 6, b: 3, c: 3 }, { locality: 'zone-aware' }, SHARES);
      expect(sharesWith(enough, {})).toEqual({ a: expect.closeTo(1, 9) });
      // A third of the instances for half of the clients: two thirds stay.
      const short = upstream({ a: 4, b: 4, c: 4 }, { locality: 'zone-aware' }, SHARES);
      const shares = sharesWith(short, {});
      expect(shares['a']).toBeCloseTo(2 / 3, 9);
      expect(shares['b']).toBeCloseTo(1 / 6, 9);
      const small = upstream({ a: 2, b: 2, c: 1 }, { locality: 'zone-aware' }, SHARES);
      expect(sharesWith(small, {})['a']).toBeCloseTo(2 / 5, 9);
    },
  );

  test('goes everywhere when its own zone has nobody', () => {
    const one = upstream({ a: 4, b: 4, c: 4 }, { locality: 'zone-aware' }, SHARES);
    expect(sharesWith(one, { a: 0, b: 4, c: 4 })['a']).toBeUndefined();
  });
});

test(
  ref('clients 6.2 #4', 'slow start: weight times the share of the window, at least a tenth'),
  () => {
    const spec = { windowMicros: 10e6, aggression: 1, minWeight: 0.1 };
    expect([0, 0.5e6, 5e6, 10e6].map((age) => startFactor(spec, age))).toEqual([0.1, 0.1, 0.5, 1]);
    expect(startFactor({ ...spec, aggression: 2 }, 2.5e6)).toBeCloseTo(0.5, 6);
  },
);

describe('lists that change', () => {
  const endpoint = (process: number, weight = 1): Endpoint => {
    return { process, name: `web-${process}`, zone: '', weight };
  };

  test('keep what was learnt of instances that stay, and forget nobody who comes back', () => {
    const one = upstream({ a: 3 }, {});
    const [first, second] = one.endpoints;
    one.active[1] = 7;
    onInstances(one, [second!, endpoint(9, 4)], 5e6, draws);
    expect(one.listed).toEqual([1, 3]);
    expect(one.active).toEqual([0, 7, 0, 0]);
    expect(one.equalWeights).toBe(false);
    onInstances(one, [first!, second!], 6e6, draws);
    expect(one.listed).toEqual([0, 1]);
    expect(one.equalWeights).toBe(true);
    onInstances(one, [], 7e6, draws);
    expect(one.groups).toEqual([]);
  });

  test('let new ones warm up', () => {
    const slowStart = { windowMicros: 10e6, aggression: 1, minWeight: 0.1 };
    const one = upstream({ a: 2 }, { slowStart });
    expect(one.weights).toEqual([1, 1]);
    onInstances(one, [...one.endpoints, endpoint(9)], 5e6, draws);
    expect(one.weights).toEqual([1, 1, 0.1]);
  });
});

test(ref('clients 6.4 #1', 'random subsets spread clients as draws do'), () => {
  const ran = runCalls(
    callScenario(
      `services: { web: { instances: 20, workers: 9, service_time: 2ms } }
load: { c: { kind: call, service: web, clients: 100, rate: 1000/s, balance: { policy: random, subset: 4 } } }`,
      10,
    ),
  );
  const shares = Array.from({ length: 20 }, (_, at) => ran.value(`c.share{web-${at + 1}}`));
  const squares = shares.reduce((sum, one) => sum + (one * 20 - 1) ** 2, 0) / 20;
  // Clients of an instance: Binomial(100, 1/5), mean 20, deviation 4: a fifth.
  expect(Math.sqrt(squares)).toBeGreaterThan(0.1);
  expect(Math.sqrt(squares)).toBeLessThan(0.32);
});
