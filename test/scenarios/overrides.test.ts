import { describe, expect, test } from 'vitest';
import { FULL, load, problems } from './support.ts';

const BASE = [
  'duration: 60s',
  'load: { kv: { kind: kv, rate: 10/s } }',
  'faults:',
  '  - { at: 20s, for: 10s, crash: leader }',
  'thresholds: { kv.latency: p99<5ms }',
].join('\n');

describe('--set changes', () => {
  const { scenario } = load(BASE, [
    'duration=90s',
    'cluster.datacenters.dc1.servers=5',
    'cluster.hosts.s4..s5.cpu=50%',
    'network.lan.loss=2%',
    'network.lan.latency={ median: 1ms, p99: 3ms }',
    'faults[0].at=25s',
    'faults.0.how=power',
    'faults.1={ at: 30s, heal: true }',
    'invariants.raft.one-leader.within=15s',
    'thresholds.kv.latency=[p50<1ms, max<1s]',
    'thresholds."raft.elections"=<9',
    'load.kv.clients=3',
    'initial.kv.app=v1',
    'duration=95s',
  ]);

  test('values, and the last one wins', () => {
    expect(scenario.durationMicros).toBe(95_000_000);
  });
  test('maps that the file does not have', () => {
    expect(scenario.datacenters[0]!.servers).toHaveLength(5);
    expect(scenario.network.classes.lan).toEqual({
      latency: { kind: 'lognormal', medianMicros: 1000, p99Micros: 3000 },
      loss: 0.02,
    });
  });
  test('keys that hold dots', () => {
    expect(scenario.hosts[4]).toMatchObject({ name: 's5', cpu: { speed: 0.5 } });
    expect(scenario.invariants).toContainEqual({ name: 'raft.one-leader', withinMicros: 15e6 });
    expect(scenario.thresholds.map(({ metric, expression }) => `${metric} ${expression}`)).toEqual([
      'kv.latency p50<1ms',
      'kv.latency max<1s',
      'raft.elections <9',
    ]);
  });
  test('items of lists, and adds one', () => {
    expect(scenario.faults).toMatchObject([
      { trigger: { atMicros: 25e6 }, action: { kind: 'crash', how: 'power' } },
      { trigger: { atMicros: 30e6 }, action: { kind: 'heal' } },
    ]);
  });
  test('names of the user', () => {
    expect(scenario.loads[0]!.clients).toEqual(['kv#1', 'kv#2', 'kv#3']);
    expect(scenario.initialKv).toEqual([['app', 'v1']]);
  });
});

test('origins tell file, override and default apart', () => {
  const { origins } = load(BASE, ['settle=5s', 'network.lan.loss=2%']);
  expect(origins.get('duration')).toBe('test.yaml:1');
  expect(origins.get('settle')).toBe('--set:1:8');
  expect(origins.get('network.lan.loss')).toBe('--set:2:18');
  expect(origins.get('network.lan.latency')).toBe('default');
  expect(origins.get('faults[0].for')).toBe('test.yaml:4');
  expect(origins.get('faults[0].how')).toBe('default');
});

describe('problems are placed in the override', () => {
  test.each([
    ['network.lan.los=3%', '--set:1:13 unknown field "los", did you mean "loss"?'],
    ['network.lan.loss=3', '--set:1:18 "3" needs a percent sign; write 3%'],
    ['netwrok.lan.loss=3%', '--set:1:1 unknown field "netwrok", did you mean "network"?'],
    ['faults.0.crash=s9', '--set:1:16 unknown host "s9"; the servers are s1..s3'],
    ['faults.3.at=1s', '--set:1:8 no item "3": the list has items 0..0; 1 adds one'],
    ['faults.x.at=1s', '--set:1:8 no item "x": the list has items 0..0; 1 adds one'],
    ['plant.1=B4', '--set:1:7 no item "1": the list is empty; 0 adds one'],
    ['duration.x=1s', '--set:1:10 cannot set "x": what is above it is a value, not a map'],
    ['services.web=1', '--set:1:14 expected a map with fields such as instances, got "1"'],
    ['duration', '--set:1:1 expected path=value, as network.lan.loss=2%'],
    ['duraton', '--set:1:1 expected path=value, as network.lan.loss=2%, did you mean "duration"?'],
    ['=5s', '--set:1:1 expected path=value, as network.lan.loss=2%'],
    ['a...b=5', /^--set:1:1 expected path=value/],
    ['duration=', '--set:1:10 sets nothing; write a value after "="'],
    ['faults=[', /^--set:1:9 is not valid YAML/],
    ['limits={ events: 1.5 }', '--set:1:18 "1.5" is not a whole number'],
  ])('%s', (override, expected) => {
    const [first, ...others] = problems(BASE, [override]);
    expect(others).toEqual([]);
    if (typeof expected === 'string') expect(first).toBe(expected);
    else expect(first).toMatch(expected);
  });

  test('of the second override, after those of the file', () => {
    expect(problems('duration: 60\n', ['settle=1s', 'start=cool'])).toEqual([
      '1:11 "60" has no unit; write 60s or 60ms',
      '--set:2:7 unknown word "cool"; expected formed, cold or bootstrap',
    ]);
  });
});

test('every value of the configuration can be set to itself', () => {
  const { scenario, config, origins } = load(FULL);
  for (const path of origins.keys()) {
    // One share of a mix alone does not make 100 %.
    if (path.startsWith('load.slow.mix.')) continue;
    const steps = path
      .match(/"(?:[^"\\]|\\.)*"|[^.[\]"]+/g)!
      .map((step) => step.replaceAll('"', ''));
    let value: unknown = config;
    for (const step of steps) value = (value as Readonly<Record<string, unknown>>)[step];
    // The place of the override differs, nothing else does.
    const again = load(FULL, [`${path}=${JSON.stringify(value)}`]).scenario;
    expect(withoutOrigins(again), path).toEqual(withoutOrigins(scenario));
  }
});

function withoutOrigins(scenario: object): unknown {
  return JSON.parse(
    JSON.stringify(scenario, (key, value: unknown) => (key === 'origin' ? '' : value)),
  );
}
