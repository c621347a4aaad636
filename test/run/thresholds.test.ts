/** Thresholds against figures: every comparator and aggregate, and when a run may end early. */
import { describe, expect, test } from 'vitest';
import { Metrics } from '../../sim/core/metrics.ts';
import { judgeThresholds, missedForGood } from '../../sim/run/thresholds.ts';
import type { Threshold } from '../../scenarios/scenario.ts';
import { parse, run } from './kit.ts';

/** Expressions as a scenario states them. */
function stated(metric: string, expression: string, abort = false): Threshold[] {
  const value = abort ? `{ "${expression}": { abort: true } }` : `"${expression}"`;
  const load = 'load: { kv: { kind: kv, clients: 1, rate: 1/s, keys: 1 } }';
  const text = `duration: 10s\n${load}\nthresholds: { "${metric}": ${value} }\n`;
  return parse(text).thresholds.slice();
}

function figures(): Metrics {
  const metrics = new Metrics();
  const latency = metrics.id('kv.latency', 'time');
  for (let micros = 1000; micros <= 1_000_000; micros += 1000) metrics.record(latency, micros);
  metrics.id('kv.error-latency', 'time');
  metrics.set(metrics.id('kv.availability', 'counter'), 0.99);
  metrics.set(metrics.id('kv.longest-outage', 'counter', 's'), 2.5);
  metrics.set(metrics.id('raft.elections', 'counter'), 3);
  metrics.set(metrics.id('network.bytes{raft.append}', 'counter', 'By'), 2048);
  return metrics;
}

test.each([
  ['kv.latency', 'max<1s', 'fail'],
  ['kv.latency', 'max<=1s', 'pass'],
  ['kv.latency', 'max>1s', 'fail'],
  ['kv.latency', 'max>=1s', 'pass'],
  ['kv.latency', 'max==1s', 'pass'],
  ['kv.latency', 'min<=1ms', 'pass'],
  ['kv.latency', 'min<1ms', 'fail'],
  ['kv.latency', 'mean==500500us', 'pass'],
  ['kv.latency', 'p50<501ms', 'pass'],
  ['kv.latency', 'p50<499ms', 'fail'],
  ['kv.latency', 'p90<901ms', 'pass'],
  ['kv.latency', 'p90<899ms', 'fail'],
  ['kv.latency', 'p99<991ms', 'pass'],
  ['kv.latency', 'p99<989ms', 'fail'],
  ['kv.latency', 'p999<=1s', 'pass'],
  ['kv.latency', 'p999<990ms', 'fail'],
  ['kv.latency', 'count==1000', 'pass'],
  ['kv.latency', 'count<1000', 'fail'],
  ['kv.availability', '>=99%', 'pass'],
  ['kv.availability', '>99%', 'fail'],
  ['kv.longest-outage', '<=2500ms', 'pass'],
  ['kv.longest-outage', '<2.5s', 'fail'],
  ['raft.elections', '==3', 'pass'],
  ['raft.elections', '<3', 'fail'],
  ['network.bytes{raft.append}', '<=2KiB', 'pass'],
  ['network.bytes{raft.append}', '<2KiB', 'fail'],
  // Nothing was recorded, or nobody has heard of it.
  ['kv.error-latency', 'max<1s', 'unknown'],
  ['kv.error-latency', 'count==0', 'pass'],
  ['kv.recovery', 'max<1s', 'unknown'],
])('%s %s: %s', (metric, expression, verdict) => {
  const [result] = judgeThresholds(stated(metric, expression), figures());
  expect(result).toMatchObject({ metric, expression, verdict });
  if (verdict === 'unknown') expect(result!.value).toBeNull();
});

describe('a threshold marked abort', () => {
  test.each([
    ['kv.latency', 'max<1s', true],
    ['kv.latency', 'max<2s', false],
    ['kv.latency', 'count<1000', true],
    ['raft.elections', '<3', true],
    // These may still come right.
    ['kv.latency', 'p99<1ms', false],
    ['kv.latency', 'mean<1ms', false],
    ['kv.latency', 'count>2000', false],
    ['kv.availability', '>99.5%', false],
    ['kv.availability', '<1%', false],
    ['kv.error-latency', 'max<1s', false],
  ])('%s %s is lost for good: %s', (metric, expression, lost) => {
    expect(missedForGood(stated(metric, expression, true), figures())).toBe(lost);
    expect(missedForGood(stated(metric, expression), figures())).toBe(false);
  });

  test('ends the run early, with exit code 4', () => {
    const text = (threshold: string): string => `
duration: 120s
load: { kv: { kind: kv, clients: 4, rate: 50/s, keys: 5 } }
thresholds: { kv.latency: ${threshold} }
`;
    const whole = run(parse(text('"max<1us"'))).result;
    const early = run(parse(text('{ "max<1us": { abort: true } }'))).result;
    expect(whole.exitCode).toBe(4);
    expect(early.exitCode).toBe(4);
    expect(early.events).toBeLessThan(whole.events / 2);
    // What must come true in the end was not shown.
    const eventual = early.invariants.filter(({ expectation }) => expectation === 'eventually');
    for (const { verdict } of eventual) expect(verdict).toBe('unknown');
  });
});
