import { describe, expect, test } from 'vitest';
import { start } from './support.ts';
import type { FaultRun } from './support.ts';

/** One of every kind, in force, waiting, armed or half-way through at 20 s. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'crash by kill': ['{ at: 18s, for: 4s, crash: s1 }', '{ at: 19s, for: 5s, crash: s1 }'],
  'crash by power': ['{ at: 18s, for: 4s, crash: random, how: power }'],
  'clean exit': ['{ at: 19990ms, for: 4s, crash: servers, how: exit }'],
  'crash at a write': ['{ at: 18s, for: 4s, crash: s2, at_write: 2, patience: 30s }'],
  'pause by stop': ['{ at: 18s, for: 4s, pause: leader, kind: stop }'],
  'pause by suspend': ['{ at: 18s, for: 4s, pause: leader, kind: suspend }'],
  'pause of io': ['{ at: 18s, for: 4s, pause: leader, kind: io }'],
  partition: ['{ at: 18s, for: 4s, partition: { halves: true } }'],
  loss: ['{ at: 18s, for: 4s, loss: 30% }'],
  delay: ['{ at: 18s, for: 4s, delay: exp 10ms, from: leader }'],
  duplicate: ['{ at: 18s, for: 4s, duplicate: 30% }'],
  reorder: ['{ at: 18s, for: 4s, reorder: 1ms..9ms }'],
  hold: ['{ at: 18s, for: 4s, hold: true, from: leader, to: followers }'],
  slow: [
    '{ at: 18s, for: 4s, slow: s1, disk: 7x }',
    '{ at: 18s, for: 4s, slow: s2, link: 7x }',
    '{ at: 18s, for: 4s, slow: s3, cpu: 7x }',
  ],
  skew: [
    '{ at: 18s, for: 4s, skew: s1, drift: 50000ppm }',
    '{ at: 18s, for: 4s, skew: s2, offset: 1s }',
    '{ at: 21s, skew: s2, jump: 1s }',
  ],
  'disk that stalls': ['{ at: 18s, for: 4s, disk: leader, stall: true }'],
  'disk that fails': ['{ at: 18s, for: 4s, disk: s2, error: true }', '{ at: 25s, heal: true }'],
  'full disk': ['{ at: 18s, for: 4s, disk: s2, full: true }', '{ at: 25s, restart: s2 }'],
  'rolling restart': ['{ at: 19s, restart: servers, one_by_one: true, wait: 3s }'],
  'rolling restart, caught up': [
    '{ at: 17s, for: 7s, partition: { isolate: leader } }',
    '{ at: 18s, restart: servers, one_by_one: true, wait: caught-up }',
  ],
  every: ['{ every: 700ms..900ms, for: 200ms..400ms, loss: 50%, from: random }'],
  when: [
    '{ when: { appended: servers, count: 60 }, times: 9, for: 50ms, pause: leader }',
    '{ at: 18s, for: 5s, crash: leader }',
    '{ when: { elected: 1 }, for: 1s, loss: 20% }',
  ],
  sequence: ['steps: [{ at: 19s, for: 2s, pause: s1 }, { for: 2s, pause: s2 }, { restart: s3 }]'],
  patience: ['{ at: 10s, for: 15s, crash: [s1, s2] }', '{ at: 19s, for: 1s, pause: leader }'],
  'changes of the membership': [
    '{ at: 18s, for: 4s, partition: { isolate: [leader, s2] } }',
    '{ at: 19s, remove: followers }',
    '{ at: 23s, add: servers }',
  ],
  transfer: [
    '{ at: 19s, for: 5s, hold: true, only: [raft.timeout-now] }',
    '{ at: 19900ms, transfer: leader }',
    '{ at: 26s, transfer: leader }',
  ],
  swarm: ['swarm: { intensity: 0.6 }'],
};

function endOf(run: FaultRun): unknown {
  run.to(45);
  const { world, faults } = run;
  return {
    fingerprint: world.fingerprint.hex(),
    events: world.event,
    told: run.told(),
    effects: faults.effects(),
    lastEnd: faults.lastEndMicros,
  };
}

describe('saved half-way and restored, a run is the same', () => {
  const text = { load: 20, duration: '40s', seed: 3 };

  for (const [name, faults] of Object.entries(KINDS)) {
    test(name, () => {
      const run = start({ ...text, faults });
      const straight = endOf(start({ ...text, faults }));
      run.to(20);
      const inForce = run.faults.inForce();
      const saved = run.world.save();
      const first = endOf(run);
      expect(first).toEqual(straight);
      run.world.restore(saved);
      expect(run.faults.inForce()).toEqual(inForce);
      expect(endOf(run)).toEqual(first);
      // A state may be restored more than once, whatever has happened since.
      run.world.restore(saved);
      run.faults.inject({ kind: 'heal' });
      run.to(33);
      run.world.restore(saved);
      expect(endOf(run)).toEqual(first);
    });
  }
});

describe('an edit made by hand', () => {
  const faults = ['{ at: 5s, for: 1s, crash: leader }'];
  const edit = { kind: 'hosts', text: 's2', hosts: ['s2'] } as const;

  test('gives the run of the same fault in a file', () => {
    const file = start({ load: true, faults: [...faults, '{ at: 10s, for: 3s, pause: s2 }'] });
    const hand = start({ load: true, faults });
    hand.to(9.999999);
    hand.faults.inject({ kind: 'pause', hosts: edit, mode: 'stop' }, 10e6, 3e6);
    file.to(80);
    hand.to(80);
    expect(hand.told()).toEqual(file.told());
    expect(hand.faults.plan().at(-1)).toMatchObject({ number: 2, label: 'pause s2' });
    expect(hand.world.event).toBe(file.world.event);
    expect(hand.world.fingerprint.hex()).toBe(file.world.fingerprint.hex());
  });

  test('is forgotten by going back to before it', () => {
    const run = start({ load: true, faults });
    run.to(8);
    const saved = run.world.save();
    const { kind, hosts, mode } = { kind: 'pause', hosts: edit, mode: 'stop' } as const;
    run.faults.inject({ kind, hosts, mode });
    run.to(9);
    expect(run.faults.inForce()).toEqual([{ label: 'pause s2', since: 8 }]);
    run.world.restore(saved);
    run.to(9);
    expect(run.faults.inForce()).toEqual([]);
    expect(run.faults.plan().length).toBe(1);
  });
});

test('a control event can be told in words', () => {
  const run = start({ faults: ['{ at: 5s, for: 1s, crash: s1 }'] });
  run.to(7);
  const acts: string[] = [];
  for (let event = 1; event <= run.world.event; event++) {
    const { trace } = run.world;
    if (trace.kind(event) === 14) acts.push(run.faults.describe(trace.a(event)));
  }
  expect(acts).toEqual(['begin crash s1', 'end crash s1']);
});
