/** Circuit breakers, library by library. */
import { describe, expect, test } from 'vitest';
import type { BreakerName } from '../../../scenarios/services.ts';
import { allows, begin, newBreaker, onResult } from '../../../sim/client/health/breaker.ts';
import type { Breaker } from '../../../sim/client/health/breaker.ts';
import { Streams } from '../../../sim/core/draws.ts';
import { CallNote } from '../../../sim/service/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { callScenario, recorder, runCalls } from '../kit.ts';
import type { Seen } from '../kit.ts';

const OPEN: Readonly<Record<BreakerName, number>> = {
  hystrix: 5e6,
  resilience4j: 60e6,
  gobreaker: 60e6,
  finagle: 5e6,
  linkerd: 1e6,
};
const draws = new Streams(1).stream('breaker');
const breaker = (kind: BreakerName): Breaker => newBreaker({ kind, openMicros: OPEN[kind] });

/** Results one after the other, each if a request is let through at all; how many were. */
function results(one: Breaker, oks: readonly boolean[], now: number): number {
  let through = 0;
  for (const ok of oks) {
    if (!allows(one, now)) continue;
    through++;
    begin(one);
    onResult(one, ok, now, draws);
  }
  return through;
}
const times = (count: number, ok: boolean): boolean[] => Array.from({ length: count }, () => ok);

test(
  ref('clients 6.7 #2', 'Hystrix: half of at least 20 requests in 10 s; one trial after 5 s'),
  () => {
    const one = breaker('hystrix');
    expect(results(one, [...times(10, true), ...times(9, false)], 0)).toBe(19);
    expect(one.phase).toBe('closed');
    results(one, [false], 0);
    expect(one.phase).toBe('open');
    expect(results(one, times(5, true), 4_999_999)).toBe(0);
    expect(results(one, [false, true], 5e6)).toBe(1);
    expect(one.phase).toBe('open');
    expect(results(one, [true, true], 10e6)).toBe(2);
    expect(one.phase).toBe('closed');
    // What lies more than ten seconds back is forgotten.
    const other = breaker('hystrix');
    results(other, times(19, false), 0);
    results(other, [false], 11e6);
    expect(other.phase).toBe('closed');
  },
);

test(
  ref(
    'clients 6.7 #3',
    'resilience4j: half of the last 100 calls; after 60 s ten trials decide together',
  ),
  () => {
    const one = breaker('resilience4j');
    expect(results(one, [...times(49, false), ...times(50, true)], 0)).toBe(99);
    results(one, [true], 0);
    expect(one.phase).toBe('closed');
    results(one, times(60, false), 0);
    expect(one.phase).toBe('open');
    expect(results(one, [...times(5, false), ...times(7, true)], 60e6)).toBe(10);
    expect(one.phase).toBe('open');
    expect(results(one, [...times(4, false), ...times(6, true)], 120e6)).toBe(10);
    expect(one.phase).toBe('closed');
  },
);

test(
  ref('clients 6.7 #4', 'gobreaker: more than five failures in a row; after 60 s one trial'),
  () => {
    const one = breaker('gobreaker');
    results(one, [...times(5, false), true, ...times(5, false)], 0);
    expect(one.phase).toBe('closed');
    results(one, [false], 0);
    expect(one.phase).toBe('open');
    expect(results(one, [true], 59e6)).toBe(0);
    results(one, [true], 60e6);
    expect(one.phase).toBe('closed');
  },
);

test(
  ref(
    'clients 6.7 #5',
    'Finagle: five in a row or less than 80 % of five in 30 s; 5 s growing to 300 s, jittered',
  ),
  () => {
    const inRow = breaker('finagle');
    results(inRow, times(5, false), 0);
    expect(inRow.phase).toBe('open');
    const byRate = breaker('finagle');
    results(byRate, [true, true, false, true, true], 0);
    expect(byRate.phase).toBe('closed');
    results(byRate, [false], 0);
    expect(byRate.phase).toBe('open');
    let now = 0;
    const waits: number[] = [];
    for (let opening = 0; opening < 10; opening++) {
      waits.push(inRow.untilMicros - now);
      now = inRow.untilMicros;
      results(inRow, [false], now);
    }
    waits.forEach((wait, at) => {
      const whole = Math.min(300e6, 5e6 * 2 ** at);
      expect(wait).toBeGreaterThanOrEqual(whole / 2);
      expect(wait).toBeLessThanOrEqual(whole);
    });
  },
);

test(
  ref(
    'clients 6.7 #6',
    'linkerd: seven in a row; 1 s growing to 60 s with up to half as jitter; one probe',
  ),
  () => {
    const one = breaker('linkerd');
    results(one, times(6, false), 0);
    expect(one.phase).toBe('closed');
    results(one, [false], 0);
    expect(one.phase).toBe('open');
    expect(one.untilMicros).toBeGreaterThanOrEqual(1e6);
    expect(one.untilMicros).toBeLessThanOrEqual(1.5e6);
    expect(results(one, [true, true, true], 2e6)).toBe(3);
    expect(one.phase).toBe('closed');
  },
);

describe('in whole runs', () => {
  const run = (more: string, seen: Seen[] = []) => {
    const text = `services:
  web: { instances: 5, workers: 9, service_time: 5ms, behaviour: { BAD: { failing: 100%, at: 10s, for: 20s } } }
load: { c: { kind: call, service: web, rate: 100/s, balance: random, ${more} } }`;
    const bad = more.includes('linkerd') || more.includes('finagle') ? 'web-2' : 'web-1..web-5';
    const { opened, closed } = CallNote;
    return runCalls(callScenario(text.replace('BAD', bad)), 1, recorder([opened, closed], seen));
  };

  test('one that guards the service fails calls at once, and closes when they succeed again', () => {
    const seen: Seen[] = [];
    const ran = run('breaker: hystrix', seen);
    expect(ran.value('c.errors{open}')).toBeGreaterThan(1700);
    expect(seen.at(-1)).toMatchObject({ kind: CallNote.closed, b: -1 });
    expect(seen.at(-1)!.micros).toBeLessThan(35.1e6);
    expect(ran.value('c.availability')).toBeGreaterThan(0.55);
  });

  test('one that guards instances leaves the others their share', () => {
    for (const kind of ['linkerd', 'finagle']) {
      const ran = run(`breaker: ${kind}`);
      expect(ran.value('c.availability')).toBeGreaterThan(0.99);
      expect(ran.value('c.share{web-2}')).toBeLessThan(0.17);
    }
  });
});
