import { describe, expect, test } from 'vitest';
import type { FaultSpec, Scenario } from '../../scenarios/scenario.ts';
import { SWARM_KINDS } from '../../scenarios/vocabulary.ts';
import { formatFaults } from '../../sim/faults/format.ts';
import { run } from '../run/kit.ts';
import { scenarioOf, startScenario } from './support.ts';

const swarmOf = (intensity: number, servers = 5): Scenario =>
  scenarioOf({
    servers,
    load: true,
    duration: '40s',
    more: ['warmup: 5s'],
    faults: [`swarm: { intensity: ${intensity} }`],
  });

function planOf(scenario: Scenario, seed: number): readonly FaultSpec[] {
  return startScenario(scenario, seed).faults.plan();
}

/** Without where it was written. */
function plain(items: unknown): unknown {
  return JSON.parse(
    JSON.stringify(items, (key, value: unknown) => (key === 'origin' ? undefined : value)),
  );
}

describe('a swarm', () => {
  const scenario = swarmOf(0.5);

  test('is the same for the same seed, another for another', () => {
    expect(planOf(scenario, 3)).toEqual(planOf(scenario, 3));
    expect(plain(planOf(scenario, 3))).not.toEqual(plain(planOf(scenario, 4)));
  });

  test('leaves some kinds out of each seed, and none out of all', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const kinds = new Set(planOf(scenario, seed).map(({ action }) => action.kind));
      expect(kinds.size).toBeLessThan(15);
      for (const kind of kinds) seen.add(kind);
    }
    expect([...seen].toSorted()).toEqual([...SWARM_KINDS].toSorted());
  });

  test('grows with its intensity, and always has one fault', () => {
    const sizes = [0, 0.1, 0.5, 1].map((intensity) => {
      let sum = 0;
      for (let seed = 1; seed <= 10; seed++) sum += planOf(swarmOf(intensity), seed).length;
      return sum / 10;
    });
    expect(sizes[0]).toBeGreaterThanOrEqual(1);
    expect(sizes[0]).toBeLessThanOrEqual(2);
    expect(sizes[1]).toBeGreaterThan(sizes[0]);
    expect(sizes[2]).toBeGreaterThan(2 * sizes[1]);
    expect(sizes[3]).toBeGreaterThan(sizes[2]);
  });

  test('begins after warmup and before the end of duration', () => {
    for (let seed = 1; seed <= 10; seed++) {
      for (const { trigger } of planOf(scenario, seed)) {
        if (trigger.kind !== 'at') continue;
        expect(trigger.atMicros).toBeGreaterThanOrEqual(5e6);
        expect(trigger.atMicros).toBeLessThan(40e6);
      }
    }
  });

  test('can be kept as a file that gives the same run', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const swarm = startScenario(scenario, seed);
      const text = formatFaults(swarm.faults.items());
      const kept = scenarioOf({
        servers: 5,
        load: true,
        duration: '40s',
        more: ['warmup: 5s'],
        faults: [],
        text,
      });
      expect(plain(kept.faults)).toEqual(plain(swarm.faults.plan()));
      const again = startScenario(kept, seed);
      swarm.to(60);
      again.to(60);
      expect(again.world.fingerprint.hex()).toBe(swarm.world.fingerprint.hex());
      expect(again.told()).toEqual(swarm.told());
    }
  });

  test('stands behind the faults of the file, which keep their numbers', () => {
    const mixed = scenarioOf({
      faults: ['swarm: { intensity: 0.1 }', '{ at: 10s, for: 1s, crash: random }'],
    });
    const run = startScenario(mixed, 1);
    const [first, second] = run.faults.plan();
    expect(first).toMatchObject({ number: 1, label: 'crash random' });
    expect(second.number).toBe(2);
  });

  test('of one server leaves out what needs two', () => {
    for (let seed = 1; seed <= 20; seed++) {
      for (const { action } of planOf(swarmOf(1, 1), seed)) {
        expect(['partition', 'loss', 'delay', 'reorder', 'hold']).not.toContain(action.kind);
        expect(['add', 'remove', 'demote', 'transfer']).not.toContain(action.kind);
      }
    }
  });

  test('draws from the kinds that it names, and with mix: all from all of them in every seed', () => {
    const kinds = ['crash', 'pause', 'transfer'] as const;
    const few = scenarioOf({
      servers: 5,
      duration: '40s',
      faults: [`swarm: { intensity: 1, kinds: [${kinds.join(', ')}], mix: all }`],
    });
    for (let seed = 1; seed <= 5; seed++) {
      const drawn = new Set(planOf(few, seed).map(({ action }) => action.kind));
      expect([...drawn].toSorted()).toEqual(kinds);
    }
  });

  test('is over by the time that it is given', () => {
    const short = scenarioOf({
      servers: 5,
      duration: '40s',
      faults: ['swarm: { intensity: 1, kinds: [crash, partition, loss], until: 12s }'],
    });
    for (let seed = 1; seed <= 10; seed++) {
      const plan = planOf(short, seed);
      expect(plan.length).toBeGreaterThan(0);
      for (const { trigger, lasts } of plan) {
        const from = trigger.kind === 'at' ? trigger.atMicros : Infinity;
        expect(from + (lasts as { micros: number }).micros).toBeLessThanOrEqual(12e6);
      }
    }
  });

  test('aims at agents and instances too, and at one transport where they gossip', () => {
    const mixed = scenarioOf({
      cluster: 'cluster: { datacenters: { dc1: { servers: 3, agents: 3 } } }',
      duration: '40s',
      more: ['services: { web: { instances: 2, service_time: 5ms } }'],
      faults: ['swarm: { intensity: 1, kinds: [crash, pause, loss] }'],
    });
    const text = Array.from({ length: 10 }, (_, seed) =>
      JSON.stringify(formatFaults(planOf(mixed, seed + 1))),
    ).join();
    for (const name of ['s1', 'a1', 'a3', 'web-2', 'leader', 'udp', 'tcp']) {
      expect(text).toContain(name);
    }
    const servers = JSON.stringify(formatFaults(planOf(scenario, 1)));
    expect(servers).not.toMatch(/udp|tcp/);
  });

  test('takes back in, later, whom it has taken out of the configuration', () => {
    const members = scenarioOf({
      servers: 5,
      duration: '40s',
      faults: ['swarm: { intensity: 0.5, kinds: [remove, demote] }'],
    });
    for (let seed = 1; seed <= 5; seed++) {
      const plan = planOf(members, seed);
      for (const { action, trigger } of plan) {
        if (action.kind !== 'remove' && action.kind !== 'demote') continue;
        const since = trigger.kind === 'at' ? trigger.atMicros : 0;
        const back = plan.find((one) => {
          const later = one.trigger.kind === 'at' && one.trigger.atMicros > since;
          return later && one.action.kind === 'add' && one.action.hosts.text === action.hosts.text;
        });
        // What would come after the end of the run is left out.
        if (since < 20e6) expect(back?.action).toMatchObject({ suffrage: 'voter' });
      }
    }
  });

  test('leaves the cluster whole: it elects a leader after the end', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const run = startScenario(swarmOf(1), seed);
      run.to(60);
      expect(run.leader()).not.toBe('');
      expect(run.world.network.rules.size).toBe(0);
    }
  });
});

test.each([
  [2, ['raft.one-leader', 'raft.write-recovers']],
  [3, []],
])('of %i voters the leader takes itself out, unheard, and loses power', (servers, broken) => {
  const faults = [
    '{ at: 10s, for: 3s, partition: { isolate: leader } }',
    '{ at: 10001ms, demote: leader }',
    '{ at: 10300ms, for: 1s, crash: leader, how: power }',
  ];
  const { result } = run(scenarioOf({ servers, faults, load: 5, duration: '20s' }));
  expect(result.violations.map(({ invariant }) => invariant)).toEqual(broken);
});

test('a swarm leaves pairs of voters alone', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const kinds = planOf(swarmOf(1, 2), seed).map(({ action }) => action.kind);
    expect(kinds).not.toContain('remove');
    expect(kinds).not.toContain('demote');
  }
});
