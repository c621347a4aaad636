import { describe, expect, test } from 'vitest';
import type { FaultItem } from '../../scenarios/scenario.ts';
import { formatFault, formatFaults } from '../../sim/faults/format.ts';
import { describeAction } from '../../sim/faults/label.ts';
import { scenarioOf } from './support.ts';

/** One of everything that the language can say about faults. */
const FAULTS = [
  '{ at: 12.5s, for: 3s, crash: s2, how: power, at_write: 2 }',
  '{ at: 1m, crash: [s1, s4], how: exit, patience: 0 }',
  '{ every: 20s..40s, since: 5s, until: 90s, for: exp 250ms, pause: random, kind: io }',
  '{ every: { median: 9s, p99: 30s }, for: { table: [[0%, 1ms], [50%, 1500us], [100%, 2s]] }, pause: "random:2" }',
  '{ when: { elected: 2 }, after: 50ms, for: 3s, pause: leader, kind: suspend }',
  '{ when: { voted: s3 }, times: 3, for: 20ms, crash: "random:20%" }',
  '{ when: { leader: servers }, for: 1s, pause: "kv#1" }',
  '{ when: { campaign: followers }, for: 1s, pause: clients }',
  '{ when: { appended: [s1, s2], count: 7 }, for: 1s, pause: minority }',
  '{ when: { committed: 40 }, for: 1s, pause: majority }',
  '{ when: { crashed: leader }, for: 1s, pause: voters }',
  '{ when: { write: s1..s3 }, for: 1s, pause: [leader, s2] }',
  '{ at: 5s, partition: { isolate: [s1, random] }, only: raft, transport: tcp }',
  '{ at: 5s, for: 1s, partition: { halves: true } }',
  '{ at: 5s, for: 1s, partition: { ring: true } }',
  '{ at: 5s, for: 1s, partition: { bridge: s3 }, only: [raft.vote, rpc] }',
  '{ at: 5s, for: 1s, partition: { groups: [[s1, s2], s3, leader] } }',
  '{ at: 5s, for: 1s, partition: { oneway: { from: leader, to: followers } } }',
  '{ at: 5s, for: 1s, partition: { zone: a } }',
  '{ at: 5s, for: 1s, partition: { between: [s1, [s2, s3]] } }',
  '{ at: 5s, for: 1s, loss: 0.25% }',
  '{ at: 5s, for: 1s, duplicate: 12%, from: s1 }',
  '{ at: 5s, for: 1s, delay: 1ms..20ms, to: [s1, s2] }',
  '{ at: 5s, for: 1s, reorder: 15ms, between: [s1, s2] }',
  '{ at: 5s, for: 1s, hold: true, between: [s1, s2], direction: out }',
  '{ at: 5s, for: 1s, hold: true, between: [s1, s2], direction: in, transport: tcp }',
  '{ at: 5s, for: 1s, slow: s1, cpu: 2.5x }',
  '{ at: 5s, for: 1s, slow: s1, link: 4x }',
  '{ at: 5s, for: 1s, slow: zone:a, disk: 40x }',
  '{ at: 5s, for: 1s, skew: s1, offset: -50ms }',
  '{ at: 5s, for: 1s, skew: s1, drift: -3000ppm }',
  '{ at: 5s, skew: s1, jump: 1m30s }',
  '{ at: 5s, for: 1s, disk: s1, stall: true }',
  '{ at: 5s, for: 1s, disk: s1, error: true }',
  '{ at: 5s, for: 1s, disk: s1, full: true }',
  '{ at: 5s, restart: servers }',
  '{ at: 5s, restart: servers, one_by_one: true, wait: caught-up }',
  '{ at: 5s, restart: { hosts: servers, one_by_one: true, wait: 1500ms } }',
  '{ at: 5s, add: s4..s5, as: nonvoter }',
  '{ every: 10s, remove: followers }',
  '{ at: 5s, demote: [s1, leader] }',
  '{ at: 5s, transfer: leader }',
  '{ at: 5s, for: 9s, leave: s3 }',
  '{ at: 5s, force_leave: s3, prune: true }',
  '{ at: 5s, join: s3 }',
  '{ at: 5s, join: s3, to: [s1, s2] }',
  '{ at: 5s, restart: s3, how: interrupt }',
  '{ at: 5s, for: 9s, crash: s3, how: terminate }',
  '{ when: { elected: 2 }, transfer: leader, to: s3 }',
  '{ at: 5s, heal: true }',
  'deploy: [{ at: 30s, restart: s1 }, { after: 2s, skew: s1, drift: 10ppm, for: 20s }, { when: { elected: 3 }, heal: true }]',
  'swarm: { intensity: 0.35 }',
];

const CLUSTER = {
  cluster: 'cluster: { datacenters: { dc1: { servers: 5, zones: [a, b] } } }',
  load: true,
  duration: '100s',
};

/** Without where it was written. */
function plain(items: readonly FaultItem[]): unknown {
  return JSON.parse(
    JSON.stringify(items, (key, value: unknown) => (key === 'origin' ? undefined : value)),
  );
}

describe('a plan as text', () => {
  const { faults } = scenarioOf({ ...CLUSTER, faults: FAULTS });

  test('means the same when it is read again', () => {
    const text = formatFaults(faults);
    const again = scenarioOf({ ...CLUSTER, faults: [], more: [], text });
    expect(plain(again.faults)).toEqual(plain(faults));
  });

  test('is short where nothing is unusual', () => {
    const [first, second] = faults;
    expect(first.kind === 'fault' && formatFault(first)).toBe(
      '{ at: 12.5s, for: 3s, crash: s2, how: power, at_write: 2 }',
    );
    expect(second.kind === 'fault' && formatFault(second)).toBe(
      '{ at: 60s, crash: [s1, s4], how: exit, patience: 0 }',
    );
    expect(formatFaults([faults.at(-2)!], 0)).toBe(
      [
        '- deploy:',
        '    - { at: 30s, restart: s1 }',
        '    - { after: 2s, for: 20s, skew: s1, drift: 10ppm }',
        '    - { when: { elected: 3 }, heal: true }',
        '',
      ].join('\n'),
    );
  });

  test('labels are those of the language', () => {
    for (const item of faults) {
      const steps = item.kind === 'fault' ? [item] : item.kind === 'sequence' ? item.steps : [];
      for (const { action, label } of steps) expect(describeAction(action)).toBe(label);
    }
  });
});
