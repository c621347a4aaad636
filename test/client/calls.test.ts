/** The caller in whole runs: loads, timeouts and deadlines, retries, hedges, limits. */
import { describe, expect, test } from 'vitest';
import { CallNote } from '../../sim/service/vocabulary.ts';
import { ref } from '../support/reference.ts';
import { callScenario, recorder, runCalls } from './kit.ts';
import type { Seen } from './kit.ts';

const call = (more: string): string => `load: { c: { kind: call, service: web, ${more} } }`;

describe('loads', () => {
  test('open loop: calls start at the rate, whatever becomes of earlier ones', () => {
    const web = 'services: { web: { service_time: 1s } }';
    const ran = runCalls(callScenario(`${web}\n${call('clients: 5, rate: 20/s, timeout: 100ms')}`));
    const ended = ran.metric('c.latency').count! + ran.metric('c.error-latency').count!;
    expect(ended).toBeGreaterThan(1100);
    expect(ended).toBeLessThan(1300);
  });

  test('closed loop: one call after the other', () => {
    const web = 'services: { web: { workers: 5, service_time: 90ms } }';
    const ran = runCalls(callScenario(`${web}\n${call('clients: 5, think: 10ms')}`, 10));
    expect(ran.value('c.goodput')).toBeCloseTo(50, 0);
  });

  test('latencies of successes and failures are never mixed', () => {
    const web =
      'services: { web: { workers: 9, service_time: { table: [10ms, 10ms, 900ms, 900ms] } } }';
    const ran = runCalls(callScenario(`${web}\n${call('rate: 5/s, timeout: 300ms')}`));
    expect(ran.metric('c.latency').max).toBeLessThan(0.3);
    expect(ran.metric('c.error-latency').min).toBeCloseTo(0.3, 3);
    expect(ran.metric('c.latency').count! + ran.metric('c.error-latency').count!).toBeGreaterThan(
      250,
    );
  });
});

describe('deadlines', () => {
  const web =
    'services: { web: { instances: 3, service_time: 10ms, behaviour: { web-1..web-3: { hung: true } } } }';

  test(
    ref('clients 6.9 #1', 'no attempt outlives the deadline of its call, no retry starts after it'),
    () => {
      const seen: Seen[] = [];
      const more =
        'rate: 5/s, timeout: 300ms, deadline: 700ms, retry: { attempts: 10, backoff: fixed 50ms }';
      const scenario = callScenario(`${web}\n${call(more)}`, 20);
      const ran = runCalls(scenario, 1, recorder([CallNote.attempted], seen));
      // 0-300, 350-650, 700 would be too late.
      expect(ran.metric('c.error-latency').max).toBeCloseTo(0.65, 3);
      expect(ran.value('c.amplification')).toBeCloseTo(2, 1);
      const short = callScenario(`${web}\n${call(more.replace('700ms', '500ms'))}`, 20);
      expect(runCalls(short).metric('c.error-latency').max).toBeCloseTo(0.5, 3);
    },
  );
});

describe('retries', () => {
  const failing =
    'services: { web: { instances: 4, workers: 9, service_time: 5ms, behaviour: { web-1: { refusing: true } } } }';

  test('go elsewhere, and hide an instance that fails', () => {
    const plain = runCalls(callScenario(`${failing}\n${call('clients: 3, rate: 40/s')}`));
    expect(plain.value('c.availability')).toBeCloseTo(0.75, 1);
    const retried = runCalls(
      callScenario(
        `${failing}\n${call('clients: 3, rate: 40/s, balance: random, retry: { attempts: 2 }')}`,
      ),
    );
    expect(retried.value('c.availability')).toBe(1);
    expect(retried.value('c.amplification')).toBeCloseTo(1.25, 1);
  });

  test('may hit the same instance again where nothing forbids it', () => {
    const more =
      'clients: 3, rate: 40/s, balance: random, retry: { attempts: 2, elsewhere: false }';
    const ran = runCalls(callScenario(`${failing}\n${call(more)}`));
    expect(ran.value('c.availability')).toBeCloseTo(15 / 16, 1);
    expect(ran.value('c.availability')).toBeLessThan(0.97);
  });

  test('wait as the formula says', () => {
    const seen: Seen[] = [];
    const all = failing.replace('web-1:', 'web-1..web-4:');
    const more = 'rate: 2/s, retry: { attempts: 5, backoff: exponential 100ms..500ms }';
    runCalls(callScenario(`${all}\n${call(more)}`, 10), 1, recorder([CallNote.backoff], seen));
    const byRetry = (n: number) => new Set(seen.filter(({ c }) => c === n).map(({ b }) => b));
    expect([0, 1, 2, 3].map((n) => [...byRetry(n)])).toEqual([
      [200_000],
      [400_000],
      [500_000],
      [500_000],
    ]);
  });

  test('keep within their budget', () => {
    const all = failing.replace('web-1:', 'web-1..web-4:');
    const more =
      'rate: 100/s, retry: { attempts: 4, backoff: none, budget: { kind: bucket, ratio: 10%, cap: 1 } }';
    const ran = runCalls(callScenario(`${all}\n${call(more)}`));
    expect(ran.value('c.amplification')).toBeCloseTo(1.1, 2);
    const free = runCalls(
      callScenario(`${all}\n${call('rate: 100/s, retry: { attempts: 4, backoff: none }')}`),
    );
    expect(free.value('c.amplification')).toBe(4);
  });
});

describe('hedging', () => {
  test(
    ref(
      'clients 6.5 #7',
      'a second copy after the delay, the first answer counts, few extra requests',
    ),
    () => {
      const web =
        'services: { web: { instances: 5, workers: 20, service_time: { table: [[0%, 5ms], [97%, 10ms], [98%, 1s], [100%, 1s]] } } }';
      const plain = runCalls(
        callScenario(`${web}\n${call('clients: 2, rate: 50/s, timeout: 3s')}`),
      );
      expect(plain.metric('c.latency').p99).toBeGreaterThan(0.9);
      const hedged = runCalls(
        callScenario(
          `${web}\n${call('clients: 2, rate: 50/s, timeout: 3s, hedge: { after: 20ms }')}`,
        ),
      );
      expect(hedged.metric('c.latency').p99).toBeLessThan(0.05);
      expect(hedged.value('c.amplification')).toBeGreaterThan(1.01);
      expect(hedged.value('c.amplification')).toBeLessThan(1.05);
      expect(hedged.value('c.availability')).toBe(1);
    },
  );

  test('an error sends the next copy at once', () => {
    const web =
      'services: { web: { instances: 2, service_time: 5ms, behaviour: { web-1: { refusing: true } } } }';
    const ran = runCalls(callScenario(`${web}\n${call('rate: 20/s, hedge: { after: 500ms }')}`));
    expect(ran.metric('c.latency').max).toBeLessThan(0.1);
    expect(ran.value('c.availability')).toBe(1);
  });
});

describe('limits and nobody to ask', () => {
  test(ref('clients 6.7 #1', 'calls over the limit of requests fail at once'), () => {
    const web = 'services: { web: { workers: 100, service_time: 100ms } }';
    const ran = runCalls(callScenario(`${web}\n${call('rate: 100/s, max_requests: 4')}`));
    expect(ran.value('c.goodput')).toBeLessThan(40);
    expect(ran.value('c.errors{overflow}')).toBeGreaterThan(1000);
    expect(ran.metric('c.error-latency').max).toBe(0);
  });
});
