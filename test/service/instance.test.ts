/** Instances in whole runs: queues and workers, what goes wrong with them, and who waits for whom. */
import { describe, expect, test } from 'vitest';
import { InstanceNote } from '../../sim/service/vocabulary.ts';
import { ref } from '../support/reference.ts';
import { callScenario, recorder, runCalls } from '../client/kit.ts';
import type { Seen } from '../client/kit.ts';

const call = (more: string): string => `load: { c: { kind: call, service: web, ${more} } }`;

describe('an instance', () => {
  test('works on as many requests at a time as it has workers, the others wait in order', () => {
    const web = 'services: { web: { workers: 2, service_time: 100ms } }';
    const ran = runCalls(callScenario(`${web}\n${call('clients: 6, think: 1us')}`, 10));
    // 6 clients, 2 workers of 100 ms: 20 requests a second, each there for 300 ms.
    expect(ran.value('c.goodput')).toBeCloseTo(20, 0);
    expect(ran.metric('c.latency').p50).toBeCloseTo(0.3, 2);
  });

  test('turns away what finds the queue full', () => {
    const web = 'services: { web: { queue: 3, service_time: 1s } }';
    const ran = runCalls(
      callScenario(`${web}\n${call('clients: 10, think: 500ms, timeout: 20s')}`),
    );
    expect(ran.value('c.errors{overloaded}')).toBeGreaterThan(100);
    expect(ran.metric('c.latency').max).toBeLessThan(4.01);
    expect(ran.metric('c.error-latency').max).toBeLessThan(0.01);
  });

  test(
    ref('clients 6.9 #2', 'work goes on after the caller has given up, unless it is cancelled'),
    () => {
      const run = (cancel: string) => {
        const web = `services: { web: { service_time: 100ms${cancel} } }`;
        return runCalls(callScenario(`${web}\n${call('rate: 15/s, timeout: 500ms')}`, 20));
      };
      const kept = run('');
      // 15 a second on a capacity of 10: soon nobody is answered in time, and all is worked on.
      expect(kept.value('c.availability')).toBeLessThan(0.1);
      expect(kept.instance('web-1').rejected).toBe(0);
      const cancelled = run(', cancel: true');
      expect(cancelled.value('c.availability')).toBeGreaterThan(0.2);
      expect(cancelled.instance('web-1').rejected).toBeGreaterThan(50);
    },
  );

  test('holds a worker while it waits for another service', () => {
    const services = `services:
  web: { workers: 2, service_time: 1ms, calls: [{ service: pay, timeout: 1s }] }
  pay: { workers: 8, service_time: 99ms }`;
    const ran = runCalls(callScenario(`${services}\n${call('clients: 8, think: 1us')}`, 10));
    // Two at a time, 100 ms each.
    expect(Math.abs(ran.value('c.goodput') - 20)).toBeLessThan(1);
  });

  test('fails when a service it depends on does', () => {
    const services = `services:
  web: { service_time: 1ms, calls: [{ service: pay, timeout: 50ms }] }
  pay: { service_time: 1ms, behaviour: { pay-1: { hung: true, at: 10s, for: 10s } } }`;
    const ran = runCalls(callScenario(`${services}\n${call('rate: 10/s')}`, 30));
    expect(ran.value('c.errors{dependency}')).toBeGreaterThan(80);
    expect(ran.value('c.availability')).toBeGreaterThan(0.6);
    expect(ran.metric('c.error-latency').p50).toBeCloseTo(0.051, 2);
  });

  test('fails a share of its requests after the work', () => {
    const web = 'services: { web: { service_time: 5ms, errors: 30% } }';
    const ran = runCalls(callScenario(`${web}\n${call('rate: 50/s')}`));
    expect(ran.value('c.availability')).toBeCloseTo(0.7, 1);
    expect(ran.metric('c.error-latency').min).toBeCloseTo(0.005, 3);
  });

  test('is slow after a start, less and less', () => {
    const web = 'services: { web: { service_time: 10ms, cold_start: { slow: 5x, for: 20s } } }';
    const seen: Seen[] = [];
    const scenario = callScenario(
      `${web}\n${call('rate: 5/s')}\nfaults: [{ at: 29s, for: 1s, crash: web-1 }]`,
    );
    runCalls(scenario, 1, recorder([InstanceNote.served], seen));
    const slowest = (from: number, until: number): number =>
      Math.max(...seen.filter((s) => s.micros > from && s.micros < until).map(({ b }) => b));
    expect(slowest(0, 2e6)).toBeGreaterThan(45_000);
    expect(slowest(22e6, 28e6)).toBeLessThan(25_000);
    expect(slowest(30e6, 33e6)).toBeGreaterThan(40_000);
  });
});

describe('behaviours', () => {
  const load = call('rate: 50/s, timeout: 10s');
  const web = (behaviour: string): string =>
    `services: { web: { workers: 50, service_time: 10ms, behaviour: { web-1: ${behaviour} } } }`;
  const latencies = (behaviour: string) => {
    const seen: Seen[] = [];
    const ran = runCalls(
      callScenario(`${web(behaviour)}\n${load}`, 30),
      1,
      recorder([InstanceNote.served, InstanceNote.rejected], seen),
    );
    return { ran, seen };
  };

  test('slow and a service time of its own, from when until when', () => {
    for (const behaviour of [
      '{ slow: 4x, at: 10s, for: 10s }',
      '{ service_time: 40ms, at: 10s, for: 10s }',
    ]) {
      const { seen } = latencies(behaviour);
      for (const { micros, b } of seen) {
        const began = micros - b;
        expect(b).toBe(began >= 10e6 && began < 20e6 ? 40_000 : 10_000);
      }
    }
    const { seen } = latencies('[{ slow: 2x }, { slow: 3x, at: 10s }]');
    expect(new Set(seen.map(({ b }) => b))).toEqual(new Set([20_000, 60_000]));
  });

  test('hung instances answer when they come to themselves', () => {
    const { ran } = latencies('{ hung: true, at: 10s, for: 5s }');
    expect(ran.value('c.availability')).toBe(1);
    expect(ran.metric('c.latency').max).toBeGreaterThan(4.9);
    expect(ran.metric('c.latency').max).toBeLessThan(6.1);
  });

  test('refusing and flapping ones turn away at once', () => {
    const { ran } = latencies('{ refusing: true, at: 10s, for: 6s }');
    expect(ran.value('c.availability')).toBeCloseTo(0.8, 1);
    expect(ran.value('c.errors{unavailable}')).toBeGreaterThan(250);
    const { ran: flapping, seen } = latencies('{ flapping: { up: 4s, down: 1s } }');
    expect(flapping.value('c.availability')).toBeCloseTo(0.8, 1);
    const refused = seen.filter(({ kind }) => kind === InstanceNote.rejected);
    for (const { micros } of refused) expect((micros / 1e6) % 5).toBeGreaterThanOrEqual(4);
  });

  test('failing ones may be faster than the others', () => {
    const { ran } = latencies('{ failing: 50%, in: 1ms }');
    expect(ran.value('c.availability')).toBeCloseTo(0.5, 1);
    expect(ran.metric('c.error-latency').max).toBeCloseTo(0.001, 4);
    expect(ran.metric('c.latency').min).toBeCloseTo(0.01, 4);
  });
});

describe('faults', () => {
  const base = `services: { web: { instances: 2, workers: 4, service_time: 10ms } }
load: { c: { kind: call, service: web, clients: 4, rate: 40/s, timeout: 500ms } }`;

  test('crash an instance by its name, a service by its', () => {
    const one = runCalls(callScenario(`${base}\nfaults: [{ at: 20s, for: 20s, crash: web-1 }]`));
    expect(one.value('c.availability')).toBeCloseTo(1 - 1 / 6, 1);
    expect(one.value('c.errors{refused}')).toBeGreaterThan(100);
    const all = runCalls(
      callScenario(`${base}\nfaults: [{ at: 20s, for: 20s, crash: 'service:web' }]`),
    );
    expect(all.value('c.availability')).toBeCloseTo(2 / 3, 1);
    expect(all.value('c.longest-outage')).toBeGreaterThan(19.9);
  });

  test('power loss leaves silence: calls time out', () => {
    const ran = runCalls(
      callScenario(`${base}\nfaults: [{ at: 20s, for: 20s, crash: web-1, how: power }]`),
    );
    expect(ran.value('c.errors{timeout}') + ran.value('c.errors{dial-timeout}')).toBeGreaterThan(
      300,
    );
    expect(ran.metric('c.error-latency').p50).toBeCloseTo(0.5, 2);
  });

  test('pause and slow instances', () => {
    const paused = runCalls(callScenario(`${base}\nfaults: [{ at: 20s, for: 20s, pause: web-2 }]`));
    expect(paused.value('c.errors{timeout}')).toBeGreaterThan(300);
    const slowed = runCalls(
      callScenario(`${base}\nfaults: [{ at: 20s, for: 20s, slow: web-1, cpu: 10x }]`),
    );
    expect(slowed.metric('c.latency').max).toBeGreaterThan(0.099);
    expect(slowed.value('fault.effect{1}')).toBeGreaterThan(300);
  });

  test('cut a zone off', () => {
    const zones = `cluster: { datacenters: { dc1: { servers: 1, zones: [a, b] } }, raft: { alone: true } }\n${base}`;
    const ran = runCalls(
      callScenario(`${zones}\nfaults: [{ at: 20s, for: 20s, partition: { zone: b } }]`),
    );
    expect(ran.value('c.availability')).toBeLessThan(0.9);
    expect(ran.value('c.share{web-2}')).toBeCloseTo(0.5, 1);
  });
});
