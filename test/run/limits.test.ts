/** Everything has a limit; reaching one is unknown, names the limit, and leaves what was found. */
import { describe, expect, test } from 'vitest';
import type { Probe } from '../../sim/run/run.ts';
import { parse, run } from './kit.ts';

const BASE = `
duration: 60s
settle: 10s
load: { kv: { kind: kv, clients: 4, rate: 50/s, keys: 5 } }
`;

function limited(limits: string, base = BASE) {
  return run(parse(`${base}limits: { ${limits} }\n`)).result;
}

/** A machine whose clock and memory grow with every look at them. */
function probe(seconds: number, bytes: number): Probe {
  let looks = 0;
  return { wallSeconds: () => looks++ * seconds, residentBytes: () => bytes };
}

describe('a limit that is reached', () => {
  const unknown = { verdict: 'unknown', exitCode: 2 };

  test('events', () => {
    const result = limited('events: 5000');
    expect(result).toMatchObject({ ...unknown, limits: ['events'], events: 5000 });
    expect(run(parse(BASE), { maxEvents: 4000 }).result).toMatchObject({
      ...unknown,
      limits: ['events'],
      events: 4000,
    });
  });

  test('queue', () => {
    expect(limited('queue: 20')).toMatchObject({ ...unknown, limits: ['queue'] });
  });

  test('trace', () => {
    const result = limited('trace: 1MiB', BASE.replace('50/s', '300/s'));
    expect(result).toMatchObject({ ...unknown, limits: ['trace'] });
    expect(result.events).toBe(32_768);
  });

  test('wall', () => {
    const scenario = parse(`${BASE}limits: { wall: 5s }\n`);
    const { result } = run(scenario, { probe: probe(6, 0) });
    expect(result).toMatchObject({ ...unknown, limits: ['wall'] });
    expect(result.wallSeconds).toBe(12);
    expect(run(scenario, { probe: probe(1, 0) }).result.limits).toEqual([]);
  });

  test('memory', () => {
    const scenario = parse(`${BASE}limits: { memory: 1GiB }\n`);
    const gibi = 2 ** 30;
    expect(run(scenario, { probe: probe(0, gibi + 1) }).result).toMatchObject({
      ...unknown,
      limits: ['memory'],
    });
    expect(run(scenario, { probe: probe(0, gibi) }).result.limits).toEqual([]);
  });

  test('leaves what must come true in the end unknown, and the rest as it was found', () => {
    const { invariants, metrics } = limited('events: 10000');
    for (const { expectation, verdict, exercised } of invariants) {
      if (expectation === 'eventually') expect(verdict).toBe('unknown');
      else expect(verdict).toBe(exercised > 0 ? 'pass' : 'unknown');
    }
    expect(metrics['kv.latency']!.count).toBeGreaterThan(0);
  });
});

test('Ctrl-C ends the run between two slices, with exit code 130', () => {
  let asked = 0;
  const { result } = run(parse(BASE), { interrupted: () => ++asked === 1 });
  expect(asked).toBe(1);
  expect(result).toMatchObject({ verdict: 'unknown', exitCode: 130, events: 16_384, limits: [] });
});

test('without a probe no time is measured', () => {
  expect(run(parse(BASE)).result).toMatchObject({ wallSeconds: 0, eventsPerSecond: 0 });
});
