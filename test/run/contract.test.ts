/** What a run hands over: the result's document, its manifest, its version, its cost foreseen. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { resultSchema } from '../../reports/schema/result.ts';
import { estimate } from '../../sim/run/estimate.ts';
import { canonical, scenarioHash } from '../../sim/run/manifest.ts';
import { VERSION } from '../../sim/run/version.ts';
import { bundled, bundledIn, parse, run } from './kit.ts';

test('the result is the contract’s document, whole, twice the same', () => {
  const scenario = bundled('basic/leader-crash');
  const options = { seed: 7, command: 'lictor run x --seed 7', overrides: { duration: '60s' } };
  const text = JSON.stringify(run(scenario, options).result);
  const result = JSON.parse(text) as Record<string, unknown>;
  expect(resultSchema.parse(result)).toEqual(result);
  expect(JSON.stringify(run(scenario, options).result)).toBe(text);
  expect(Object.keys(result)).toEqual([
    'schema',
    'verdict',
    'exitCode',
    'scenario',
    'seed',
    'fingerprint',
    'simulatedSeconds',
    'wallSeconds',
    'events',
    'eventsPerSecond',
    'invariants',
    'violations',
    'faults',
    'unexercised',
    'limits',
    'thresholds',
    'metrics',
    'manifest',
  ]);
  expect(result).toMatchObject({
    schema: 'lictor.result/1',
    verdict: 'pass',
    exitCode: 0,
    scenario: 'leader-crash',
    seed: 7,
    simulatedSeconds: 90,
    faults: [{ begin: 20, end: 40, inert: false }],
    thresholds: [{ metric: 'raft.failover', expression: 'max<25s', verdict: 'pass' }],
    manifest: { version: VERSION, command: options.command, overrides: options.overrides },
  });
  expect(result['fingerprint']).toMatch(/^[0-9a-f]{8,}$/);
});

test('the version is that of the package', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  expect(VERSION).toBe((JSON.parse(text) as { version: string }).version);
});

describe('the hash of a scenario', () => {
  const text = 'duration: 10s\nload: { kv: { kind: kv, clients: 1, rate: 5/s, keys: 3 } }\n';
  const faulty = `${text}faults: [ { at: 2s, for: 1s, crash: s1 } ]\n`;
  const hash = (source: string, file?: string): string => scenarioHash(parse(source, file));

  test('is 16 digits and does not depend on places, order of keys or comments', () => {
    expect(hash(faulty)).toMatch(/^[0-9a-f]{16}$/);
    expect(hash(`# comment\n\n${faulty}`)).toBe(hash(faulty));
    const [first, ...rest] = faulty.trimEnd().split('\n');
    expect(hash([...rest, first, ''].join('\n'))).toBe(hash(faulty));
    expect(hash('name: a\nduration: 10s\n', 'x/b.yaml')).toBe(hash('name: a\nduration: 10s\n'));
  });

  test('changes with anything the scenario says', () => {
    const variants = [
      faulty,
      text,
      faulty.replace('10s', '11s'),
      faulty.replace('keys: 3', 'keys: 4'),
      faulty.replace('s1', 's2'),
      faulty.replace('at: 2s', 'at: 2001ms'),
      `${faulty}plant: [B2]\n`,
      `${faulty}network: { lan: { loss: 1% } }\n`,
      `${faulty}thresholds: { kv.latency: p99<1s }\n`,
    ];
    expect(new Set(variants.map((one) => hash(one))).size).toBe(variants.length);
  });

  test('is what it was', () => {
    expect(canonical({ b: [1, { z: null, a: 'x' }], a: true })).toBe(
      '{"a":true,"b":[1,{"a":"x","z":null}]}',
    );
    expect(scenarioHash({ a: 1 } as never)).toMatchInlineSnapshot(`"76b22f2d42ee20c7"`);
  });
});

test.each(bundledIn('basic'))('the cost of %s is foreseen within a factor of two', (name) => {
  const scenario = bundled(name);
  const { events, memoryBytes } = estimate(scenario);
  const actual = run(scenario).result.events;
  expect(events / actual).toBeGreaterThan(0.5);
  expect(events / actual).toBeLessThan(2);
  expect(memoryBytes).toBeGreaterThan(0);
});
