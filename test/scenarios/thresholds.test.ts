import { describe, expect, test } from 'vitest';
import { load, problems } from './support.ts';

const BASE =
  'duration: 60s\nload: { kv: { kind: kv, rate: 9/s }, web: { kind: kv, rate: 9/s } }\nfaults: [{ at: 1s, heal: true }]\n';
const thresholds = (line: string) => load(`${BASE}thresholds: { ${line} }\n`).scenario.thresholds;

test.each([
  [
    'kv.latency: p99<250ms',
    { name: 'latency', load: 'kv', aggregate: 'p99', comparator: '<', value: 250_000, unit: 's' },
  ],
  [
    'web.latency: p99.9<=1s',
    { load: 'web', aggregate: 'p999', comparator: '<=', value: 1_000_000 },
  ],
  ['kv.latency: "p(99) < 1s"', { aggregate: 'p99', expression: 'p(99)<1s' }],
  ['kv.latency: count>=10', { aggregate: 'count', comparator: '>=', value: 10, unit: '1' }],
  [
    'kv.availability: ">99.5%"',
    { aggregate: 'value', comparator: '>', value: 0.995, unit: 'share' },
  ],
  ['kv.longest-outage: <10s', { aggregate: 'value', value: 10_000_000 }],
  ['raft.elections: ==1', { name: 'raft.elections', load: null, comparator: '==', value: 1 }],
  ['raft.replication-lag: max<1s', { aggregate: 'max', value: 1_000_000, unit: 's' }],
  ['network.messages: <1M', { label: null, value: 1_000_000 }],
  [
    '"network.bytes{raft}": <1MiB',
    { name: 'network.bytes', label: 'raft', value: 1_048_576, unit: 'bytes' },
  ],
  ['"fault.effect{1}": ">0"', { label: '1', value: 0 }],
  ['raft.failover: { "max<5s": { abort: true } }', { expression: 'max<5s', abort: true }],
  ['raft.failover: { "max<5s": { seeds: 95% } }', { abort: false, seeds: 0.95 }],
  ['kv.availability: "rate>99%"', { aggregate: 'value', comparator: '>', value: 0.99 }],
  ['"kv.latency{put}": p99<1s', { load: 'kv', name: 'latency', label: 'put' }],
])('%s', (line, expected) => {
  expect(thresholds(line)).toEqual([expect.objectContaining(expected)]);
});

test('several expressions of one metric', () => {
  const found = thresholds(
    'kv.latency: [p50<1ms, p99<9ms], raft.failover: { max<5s: { abort: false }, p50<1s: { abort: true } }',
  );
  expect(found.map(({ metric, expression, abort }) => [metric, expression, abort])).toEqual([
    ['kv.latency', 'p50<1ms', false],
    ['kv.latency', 'p99<9ms', false],
    ['raft.failover', 'max<5s', false],
    ['raft.failover', 'p50<1s', true],
  ]);
});

describe('refused', () => {
  test.each([
    ['kv.latncy: p99<1s', 'unknown metric "kv.latncy", did you mean "kv.latency"?'],
    ['kw.latency: p99<1s', 'unknown load "kw" in metric "kw.latency", did you mean "kv"?'],
    [
      'other.latency: p99<1s',
      'unknown load "other" in metric "other.latency"; the loads are kv, web',
    ],
    ['raft.electoins: <3', 'unknown metric "raft.electoins", did you mean "raft.elections"?'],
    ['kv.latency: <5ms', '"kv.latency" has a distribution; say which part, as "p99<5ms"'],
    ['kv.availability: p99>3%', '"kv.availability" has one value; write ">3%"'],
    ['kv.latency: p98<5ms', '"p98<5ms": unknown aggregate "p98", did you mean "p90"?'],
    ['kv.latency: p99<5', '"5" is no duration; write 5s, 250us or 1h30m'],
    ['kv.availability: ">0.99"', 'expected a percentage such as 2%, got "0.99"'],
    ['kv.latency: p99=5ms', '"p99=5ms": write == for equality'],
    ['kv.latency: fast', '"fast" is no expression; write "p99<250ms" or ">99%"'],
    ['kv.latency: 5', 'expected an expression such as "p99<250ms" or ">99%", got "5"'],
    ['kv.latency: []', 'the list holds no expression such as "p99<250ms"'],
    ['kv.latency: {}', 'the map holds no expression such as "max<5s"'],
    [
      'kv.latency: { p99<1s: { abrt: true } }',
      'the options of an expression are { abort: true } and { seeds: 95% }, got "abrt"',
    ],
    [
      '"kv.latency{acquires}": p99<1s',
      'unknown kind of operation "acquires", did you mean "acquire"?',
    ],
    ['"kv.recovery{put}": p99<1s', 'metric "recovery" has no parts; remove {put}'],
    ['kv.latency: { p99<1s: { seeds: 2 } }', '"2" needs a percent sign; write 2%'],
    [
      'kv.latency: { p99<1s: { seeds: 9%, abort: true } }',
      'a threshold that some seeds may miss ends no run; keep one of both',
    ],
    ['kv.latency: rate>99%', '"kv.latency" has no rate; only availability has'],
    [
      '"network.messages{raft.vot}": <3',
      'unknown message class "raft.vot", did you mean "raft.vote"?',
    ],
    [
      'fault.effect: ">0"',
      'metric "fault.effect" needs the number of a fault, 1..1, as fault.effect{1}',
    ],
    [
      '"fault.effect{2}": ">0"',
      'metric "fault.effect" needs the number of a fault, 1..1, as fault.effect{1}',
    ],
    ['"{": <3', '"{" is no metric name'],
  ])('%s', (line, message) => {
    expect(
      problems(`${BASE}thresholds: { ${line} }\n`).map((text) => text.replace(/^\d+:\d+ /, '')),
    ).toEqual([message]);
  });
});
