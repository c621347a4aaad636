/** Which fields of a fault go together, and what they become. */
import { describe, expect, test } from 'vitest';
import { SWARM_KINDS } from '../../scenarios/vocabulary.ts';
import type { FaultAction, FaultSpec, Trigger } from '../../scenarios/scenario.ts';
import { faultProblems, load } from './support.ts';

function fault(text: string): FaultSpec {
  const zones = 'cluster: { datacenters: { dc1: { servers: 5, zones: [a, b] } } }';
  const { scenario } = load(`duration: 60s\nwarmup: 5s\n${zones}\nfaults:\n- ${text}\n`);
  return scenario.faults[0] as FaultSpec;
}

const hosts = (...names: string[]): object =>
  expect.objectContaining({ kind: 'hosts', hosts: names });
const leader = { kind: 'leader', text: 'leader' };
const traffic = { only: null, transport: 'all' };

describe('actions', () => {
  test.each<[string, object, string]>([
    ['crash: leader', { kind: 'crash', hosts: leader, how: 'kill', atWrite: null }, 'crash leader'],
    [
      'crash: s1, how: power, at_write: 2',
      { kind: 'crash', hosts: hosts('s1'), how: 'power', atWrite: 2 },
      'crash s1',
    ],
    [
      'restart: s1',
      { kind: 'restart', hosts: hosts('s1'), oneByOne: false, wait: null },
      'restart s1',
    ],
    [
      'restart: s1..s2, one_by_one: true, wait: caught-up',
      { kind: 'restart', hosts: hosts('s1', 's2'), oneByOne: true, wait: 'caught-up' },
      'restart s1..s2',
    ],
    [
      'restart: { hosts: s1..s2, one_by_one: true, wait: 3s }',
      { kind: 'restart', hosts: hosts('s1', 's2'), oneByOne: true, wait: { micros: 3_000_000 } },
      'restart s1..s2',
    ],
    ['pause: s1, kind: io', { kind: 'pause', hosts: hosts('s1'), mode: 'io' }, 'pause s1'],
    [
      'partition: { isolate: leader }, only: [raft.vote, rpc]',
      {
        kind: 'partition',
        shape: { kind: 'isolate', hosts: leader },
        traffic: {
          only: expect.arrayContaining(['raft.vote', 'rpc.read', 'rpc.write']),
          transport: 'all',
        },
      },
      'partition isolate leader',
    ],
    [
      'partition: { halves: true }',
      { kind: 'partition', shape: { kind: 'halves' }, traffic },
      'partition halves',
    ],
    [
      'partition: { ring: true }',
      { kind: 'partition', shape: { kind: 'ring' }, traffic },
      'partition ring',
    ],
    [
      'partition: { bridge: s1 }',
      { kind: 'partition', shape: { kind: 'bridge', hosts: hosts('s1') }, traffic },
      'partition bridge s1',
    ],
    [
      'partition: { groups: [s1..s2, s3] }',
      {
        kind: 'partition',
        shape: { kind: 'groups', groups: [hosts('s1', 's2'), hosts('s3')] },
        traffic,
      },
      'partition s1..s2 | s3',
    ],
    [
      'partition: { oneway: { from: leader, to: followers } }',
      {
        kind: 'partition',
        shape: { kind: 'oneway', from: leader, to: { kind: 'followers', text: 'followers' } },
        traffic,
      },
      'partition leader > followers',
    ],
    [
      'partition: { zone: a }',
      { kind: 'partition', shape: { kind: 'zone', zone: 'a', hosts: ['s1', 's3', 's5'] }, traffic },
      'partition zone a',
    ],
    [
      'partition: { between: [s1, s2] }',
      {
        kind: 'partition',
        shape: { kind: 'between', first: hosts('s1'), second: hosts('s2') },
        traffic,
      },
      'partition s1 | s2',
    ],
    [
      'loss: 5%, from: s1',
      {
        kind: 'loss',
        probability: 0.05,
        links: { ...traffic, from: hosts('s1'), to: null, bothWays: false },
      },
      'loss s1 > *',
    ],
    [
      'loss: 5%, between: [s1, s2], direction: in',
      {
        kind: 'loss',
        probability: 0.05,
        links: { ...traffic, from: hosts('s2'), to: hosts('s1'), bothWays: false },
      },
      'loss s2 > s1',
    ],
    [
      'delay: 5ms, between: [s1, s2], transport: tcp',
      {
        kind: 'delay',
        delay: { kind: 'constant', micros: 5000 },
        links: { only: null, transport: 'tcp', from: hosts('s1'), to: hosts('s2'), bothWays: true },
      },
      'delay s1 <> s2',
    ],
    [
      'duplicate: 1%',
      {
        kind: 'duplicate',
        probability: 0.01,
        links: { ...traffic, from: null, to: null, bothWays: false },
      },
      'duplicate everywhere',
    ],
    [
      'reorder: exp 1ms',
      {
        kind: 'reorder',
        delay: { kind: 'exponential', meanMicros: 1000 },
        links: { ...traffic, from: null, to: null, bothWays: false },
      },
      'reorder everywhere',
    ],
    [
      'hold: true, to: s1',
      { kind: 'hold', links: { ...traffic, from: null, to: hosts('s1'), bothWays: false } },
      'hold * > s1',
    ],
    [
      'slow: s1, disk: 4x',
      { kind: 'slow', hosts: hosts('s1'), resource: 'disk', factor: 4 },
      'slow disk s1',
    ],
    [
      'skew: s1, drift: -5ppm',
      { kind: 'skew', hosts: hosts('s1'), change: 'drift', amount: -5 },
      'skew drift s1',
    ],
    [
      'skew: s1, jump: -3s',
      { kind: 'skew', hosts: hosts('s1'), change: 'jump', amount: -3e6 },
      'skew jump s1',
    ],
    ['disk: s1, full: true', { kind: 'disk', hosts: hosts('s1'), mode: 'full' }, 'disk full s1'],
    ['add: s4', { kind: 'add', hosts: hosts('s4'), leader, suffrage: 'voter' }, 'add s4'],
    [
      'add: s4, as: nonvoter',
      { kind: 'add', hosts: hosts('s4'), leader, suffrage: 'nonvoter' },
      'add s4',
    ],
    ['remove: leader', { kind: 'remove', hosts: leader, leader }, 'remove leader'],
    ['demote: s1', { kind: 'demote', hosts: hosts('s1'), leader }, 'demote s1'],
    ['transfer: leader', { kind: 'transfer', hosts: leader, to: null }, 'transfer leader'],
    [
      'transfer: leader, to: s3',
      { kind: 'transfer', hosts: leader, to: hosts('s3') },
      'transfer leader to s3',
    ],
    ['heal: true', { kind: 'heal' }, 'heal'],
  ])('%s', (text, action, label) => {
    const found = fault(`{ at: 10s, ${text} }`);
    expect<FaultAction>(found.action).toEqual(action);
    expect(found.label).toBe(label);
    expect(found.number).toBe(1);
    expect(found.origin).toBe('test.yaml:5');
    expect(found.lasts).toBeNull();
  });
});

describe('triggers', () => {
  test.each<[string, Trigger]>([
    ['at: 10s', { kind: 'at', atMicros: 10_000_000 }],
    [
      'every: 3s, for: 1s',
      {
        kind: 'every',
        period: { kind: 'constant', micros: 3e6 },
        sinceMicros: 5e6,
        untilMicros: 60e6,
      },
    ],
    [
      'every: 3s, since: 7s, until: 60s, for: 1s',
      {
        kind: 'every',
        period: { kind: 'constant', micros: 3e6 },
        sinceMicros: 7e6,
        untilMicros: 60e6,
      },
    ],
    [
      'when: { elected: 2 }, after: 5ms, times: 3',
      { kind: 'when', condition: { kind: 'elected', count: 2 }, afterMicros: 5000, times: 3 },
    ],
    [
      'when: { committed: 9 }',
      { kind: 'when', condition: { kind: 'committed', index: 9 }, afterMicros: 0, times: 1 },
    ],
    ...(['leader', 'voted', 'campaign', 'crashed', 'write'] as const).map(
      (kind): [string, Trigger] => [
        `when: { ${kind}: s2 }`,
        {
          kind: 'when',
          condition: { kind, hosts: { kind: 'hosts', text: 's2', hosts: ['s2'] } },
          afterMicros: 0,
          times: 1,
        },
      ],
    ),
    [
      'when: { appended: leader, count: 4 }',
      {
        kind: 'when',
        condition: { kind: 'appended', hosts: { kind: 'leader', text: 'leader' }, count: 4 },
        afterMicros: 0,
        times: 1,
      },
    ],
  ])('%s', (text, trigger) => {
    expect(fault(`{ ${text}, pause: s1 }`).trigger).toEqual(trigger);
  });

  test('steps of a sequence follow each other', () => {
    const text =
      'duration: 9s\nfaults:\n- roll: [{ at: 1s, crash: s1, for: 1s }, { after: 2s, crash: s2 }]\n';
    const [item] = load(`${text}- { at: 3s, heal: true }\n`).scenario.faults;
    expect(item).toMatchObject({
      kind: 'sequence',
      name: 'roll',
      steps: [
        { number: 1, trigger: { kind: 'at', atMicros: 1e6 } },
        { number: 2, trigger: { kind: 'next', afterMicros: 2e6 } },
      ],
    });
  });

  test('a swarm has an intensity', () => {
    const [item] = load('duration: 9s\nfaults: [{ swarm: { intensity: 50% } }]').scenario.faults;
    const kinds = SWARM_KINDS;
    expect(item).toEqual({
      kind: 'swarm',
      untilMicros: null,
      origin: 'test.yaml:2',
      intensity: 0.5,
      kinds,
      mix: 'drawn',
    });
  });
});

describe('refused', () => {
  test.each([
    ['{ crash: s1 }', ['1 never begins; add at:, every: or when:']],
    ['{ at: 1s, when: { elected: 1 }, crash: s1 }', ['11 has both at and when; keep one']],
    ['{ at: 60s, crash: s1 }', ['7 "60s" is not before the end of the run; duration is 1m']],
    ['{ at: 1s }', [/^1 has no action; add one of crash, restart, /]],
    ['{ at: 1s, crash: s1, pause: s2 }', ['22 has two actions, crash and pause; write two faults']],
    ['{ at: 1s, crash: s1, how: kil }', ['27 unknown word "kil", did you mean "kill"?']],
    ['{ at: 1s, crash: s1, at_wrte: 2 }', ['22 unknown field "at_wrte", did you mean "at_write"?']],
    ['{ at: 1s, pause: s1, how: kill }', [/^22 unknown field "how"/]],
    [
      '{ at: 1s, partiton: { isolate: s1 } }',
      ['11 unknown field "partiton", did you mean "partition"?'],
    ],
    ['{ at: 1s, for: 5s, join: s1 }', [/^11 /]],
    [
      '{ at: 1s, partition: { isolat: s1 } }',
      ['24 unknown field "isolat", did you mean "isolate"?'],
    ],
    ['{ at: 1s, partition: { zone: z } }', ['30 unknown zone "z"; the datacenter has no zones']],
    [
      '{ at: 1s, partition: { halves: false } }',
      ['32 expected true, got "false"; or remove the line'],
    ],
    ['{ at: 1s, partition: { groups: [s1] } }', ['32 needs at least two groups']],
    ['{ at: 1s, crash: [] }', ['18 the list names no host; write at least one']],
    ['{ at: 1s, crash: s8, for: 1d }', [/^18 unknown host "s8"/, /^27 "1d" has an unknown unit/]],
    ['{ at: 1s, restart: s1, for: 3s }', [/^24 unknown field "for"/]],
    ['{ at: 1s, restart: s1, wait: voted }', ['24 "wait" goes with one_by_one: true only']],
    ['{ at: 1s, restart: s1, one_by_one: true, wait: found }', [/^48 expected voted, caught-up/]],
    [
      '{ at: 1s, restart: { hosts: s1 }, wait: 1s }',
      ['35 "wait" belongs into the map of restart here'],
    ],
    ['{ at: 1s, skew: s1 }', ['11 "skew" needs offset, drift or jump']],
    ['{ at: 1s, skew: s1, jump: 0 }', ['27 "0" changes nothing']],
    ['{ at: 1s, skew: s1, jump: 1s, for: 2s }', ['31 a jump has no duration; remove "for"']],
    ['{ at: 1s, slow: s1, cpu: 2x, disk: 3x }', ['30 has both cpu and disk; write two faults']],
    ['{ at: 1s, slow: s1, disk: 50% }', ['27 expected a factor such as 4x, got "50%"']],
    ['{ at: 1s, disk: s1 }', ['11 "disk" needs stall, error, log_error or full']],
    ['{ at: 1s, loss: 0% }', ['17 "0%" must be more than 0%']],
    ['{ at: 1s, delay: 0s }', ['18 "0s" must be more than 0']],
    [
      '{ at: 1s, loss: 1%, only: gossip.query }',
      ['27 no model of this version sends "gossip.query" messages'],
    ],
    ['{ at: 1s, loss: 1%, only: raft.vot }', [/^27 unknown message class .* "raft.vote"\?/]],
    ['{ at: 1s, loss: 1%, from: s1, direction: in }', [/^31 "direction" goes with between: only/]],
    ['{ at: 1s, loss: 1%, from: s1, between: [s1, s2] }', [/^31 has both between and from\/to/]],
    ['{ every: 3s, crash: s1 }', ['3 faults would pile up without an end; add for:']],
    ['{ every: 0s, for: 1s, crash: s1 }', ['10 "0s" must be more than 0']],
    ['{ at: 1s, until: 3s, crash: s1 }', ['11 "until" goes with every: only']],
    ['{ at: 1s, after: 3s, crash: s1 }', ['11 "after" goes with when: only']],
    ['{ when: { elect: 2 }, pause: s1 }', ['11 unknown field "elect", did you mean "elected"?']],
    ['{ when: { voted: random }, pause: s1 }', [/^18 "random" cannot be watched for/]],
    [
      '{ when: { elected: 1, voted: s1 }, pause: s1 }',
      [/^23 has two conditions, elected and voted/],
    ],
    ['{ when: {}, pause: s1 }', [/^9 has no condition; add one of elected, /]],
    ['crsh: [s1, s2]', ['1 unknown field "crsh", did you mean "crash"?']],
    ['roll: [{ crash: s1 }]', ['8 the first step never begins; add at: or when:']],
    [
      'roll: [{ at: 1s, crash: s1 }, { at: 2s, crash: s2 }]',
      [/^33 a step begins when the one before/],
    ],
    ['roll: [{ at: 1s, crash: s9 }, { crash: s8 }]', [/unknown host "s9"/, /unknown host "s8"/]],
    ['{ swarm: { intensity: 3 } }', ['23 "3" is outside 0..1']],
    ['{ swarm: { intensity: 1 }, at: 3s }', [/^28 unknown field "at"/]],
    ['5', ['1 expected a fault such as { at: 10s, for: 5s, crash: leader }']],
  ])('%s', (text, expected) => {
    const found = faultProblems(text);
    expect(found).toHaveLength(expected.length);
    for (const [index, wanted] of expected.entries()) {
      if (typeof wanted === 'string') expect(found[index]).toBe(wanted);
      else expect(found[index]).toMatch(wanted);
    }
  });
});
