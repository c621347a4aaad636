/** `--verify-determinism` against a build with one stray draw. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Draws } from '../../sim/core/draws.ts';
import { EVENT_NAMES } from '../../sim/core/events.ts';
import type { World } from '../../sim/core/world.ts';
import { verifyDeterminism } from '../../sim/run/determinism.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { begin, bundled, parse } from '../run/kit.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The first run that asks this stream for its n-th number gets the one after it; others do not. */
function stray(stream: string, nth: number): void {
  const honest = Draws.prototype.unit;
  const victims = new WeakSet<Draws>();
  let [found, count] = [false, 0];
  vi.spyOn(Draws.prototype, 'unit').mockImplementation(function (this: Draws) {
    if (this.name === stream && !found) {
      found = true;
      victims.add(this);
    }
    if (victims.has(this) && ++count === nth) honest.call(this);
    return honest.call(this);
  });
}

function rowOf({ trace, processes }: World, event: number): string {
  if (!trace.has(event)) return 'the end of the run';
  const seconds = (trace.time(event) / 1e6).toFixed(6);
  const { name } = processes[trace.process(event)]!;
  return `${EVENT_NAMES[trace.kind(event)]} at ${name} at ${seconds} s`;
}

/** First event whose rows in two finished runs are not the same, and what the two have there. */
function firstDifference(scenario: Scenario, stream: string, nth: number) {
  stray(stream, nth);
  const worlds = [begin(scenario), begin(scenario)].map((execution) => {
    while (execution.step());
    return execution.world;
  });
  vi.restoreAllMocks();
  const [left, right] = worlds as [World, World];
  const row = ({ trace }: World, event: number): string =>
    [trace.time(event), trace.kind(event), trace.process(event), trace.a(event)].join(' ');
  let event = 1;
  while (event < left.event && row(left, event) === row(right, event)) event++;
  const time = Math.min(left.trace.time(event), right.trace.time(event)) / 1e6;
  return { event, time, description: `${rowOf(left, event)}, then ${rowOf(right, event)}` };
}

describe('one stray draw is caught, and the first event that differs named', () => {
  test.each([
    ['kv#2/arrival', 30],
    ['s2/disk', 100],
  ])('of %s, number %d', (stream, nth) => {
    const scenario = bundled('basic/leader-crash');
    const expected = firstDifference(scenario, stream, nth);
    stray(stream, nth);
    const found = verifyDeterminism(scenario, 1);
    expect(found).toEqual({ same: false, ...expected });
    expect(expected.event).toBeGreaterThan(100);
  });
});

test('an event that only one of the two has is told with its own time', () => {
  // Nothing runs but a client, which may or may not begin its only operation in time.
  const scenario = parse(`
duration: 1s
settle: 2m
start: cold
cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 1 } } }
initial: { s1: { down: true } }
load: { kv: { kind: kv, clients: 1, rate: 1/m, keys: 1 } }
`);
  const lacking = Array.from({ length: 20 }, (_, index) => {
    stray('kv#1/arrival', 1);
    const found = verifyDeterminism(scenario, index + 1);
    vi.restoreAllMocks();
    return found;
  }).filter((found) => !found.same && found.description.includes('the end of the run'));
  expect(lacking).not.toEqual([]);
  for (const found of lacking) {
    const [, seconds] = / at ([\d.]+) s/.exec((found as { description: string }).description)!;
    expect((found as { time: number }).time).toBe(Number(seconds));
  }
});

test('without one both runs are the same, and their fingerprint that of any other', () => {
  const scenario = bundled('basic/leader-crash');
  const { world } = begin(scenario, 3);
  while (world.step(scenario.durationMicros + scenario.settleMicros));
  const { event: events, fingerprint } = world;
  const expected = { same: true, events, fingerprint: fingerprint.hex() };
  expect(verifyDeterminism(scenario, 3)).toEqual(expected);
});
