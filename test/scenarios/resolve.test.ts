/** What a whole scenario becomes: hosts with their own settings, defaults, warnings. */
import { describe, expect, test } from 'vitest';
import { INVARIANT_NAMES } from '../../scenarios/vocabulary.ts';
import type { ServerSpec } from '../../scenarios/scenario.ts';
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import { FULL, load } from './support.ts';

/** What is judged where nobody watches or calls services. */
const OF_SERVERS = INVARIANT_NAMES.filter(
  (name) =>
    !/^((balance|call|watch|discovery|catalog|check|mesh|wan)\.|kv\.lock-|session\.not-)/.test(
      name,
    ),
);

const { scenario, config, origins, warnings } = load(FULL);
const server = (name: string): ServerSpec =>
  scenario.hosts.find((host) => host.name === name) as ServerSpec;

describe('the full scenario', () => {
  test('has servers, then clients', () => {
    const names = scenario.hosts.map(({ name }) => name);
    expect(names).toEqual(['s1', 's2', 's3', 's4', 's5', 'kv#1', 'kv#2', 'slow#1']);
    expect(scenario.loads.map(({ clients }) => clients)).toEqual([['kv#1', 'kv#2'], ['slow#1']]);
  });
  test('deals zones in turn', () => {
    expect(scenario.hosts.map(({ zone }) => zone)).toEqual([
      'a',
      'b',
      'c',
      'a',
      'b',
      null,
      null,
      null,
    ]);
  });
  test('gives each server its release', () => {
    expect(server('s1').consul).toMatchObject({
      release: '1.21.4',
      raft: '1.7.3',
      preVoteBug606: false,
    });
    expect(server('s2').consul).toMatchObject({
      release: '1.20.2',
      raft: '1.7.0',
      preVoteBug606: true,
    });
  });
  test('lays overlays over the cluster', () => {
    expect(server('s3').raft).toEqual({
      preVote: true,
      maxAppendEntries: 32,
      commitTimeoutMicros: 40_000,
      raftMultiplier: 1,
      snapshotIntervalMicros: 30e6,
      snapshotThreshold: 16_384,
      trailingLogs: 10_240,
    });
    expect(server('s4').raft).toEqual({
      preVote: true,
      maxAppendEntries: 1,
      commitTimeoutMicros: 40_000,
      raftMultiplier: 5,
      snapshotIntervalMicros: 30e6,
      snapshotThreshold: 16_384,
      trailingLogs: 10_240,
    });
    expect(server('s4').cpu).toEqual({ speed: 0.5, message: { kind: 'constant', micros: 20 } });
    expect(server('s1').cpu).toEqual({ speed: 1, message: { kind: 'constant', micros: 10 } });
  });
  test('gives hosts their disks and clocks', () => {
    expect(server('s1').disk.fsync).toEqual({
      kind: 'lognormal',
      medianMicros: 1000,
      p99Micros: 9000,
    });
    expect(server('s3').disk.fsync).toEqual({ kind: 'constant', micros: 20_000 });
    expect(server('s3').clock).toEqual({ offsetMicros: [-50_000, 50_000], driftPpm: [2000, 2000] });
    expect(scenario.hosts.at(-1)!.clock).toEqual({ offsetMicros: [0, 0], driftPpm: [0, 0] });
  });
  test('resolves links to hosts', () => {
    const latency = { kind: 'constant', micros: 80_000 };
    expect(scenario.network.links).toEqual([
      { from: ['s1'], to: ['s2', 's5'], latency, loss: null },
      { from: ['s2', 's5'], to: ['s1'], latency, loss: null },
      { from: ['s1'], to: ['kv#1', 'kv#2', 'slow#1'], latency: null, loss: 0.02 },
    ]);
  });
  test('resolves what is checked', () => {
    const judged = scenario.invariants.map(({ name }) => name);
    expect(OF_SERVERS.filter((name) => !judged.includes(name))).toEqual(['raft.vote-once']);
    expect(scenario.expect).toEqual({
      kind: 'violation',
      invariant: 'raft.election-safety',
      known: 'raft#1',
    });
    expect(scenario.bugs).toEqual({ planted: ['B4'], fixed: ['B5'], knownIssues: 'allow' });
    expect(server('s5').initial).toEqual({
      term: 0,
      log: [],
      down: true,
      suffrage: 'voter',
    });
    expect(scenario.limits).toEqual({
      events: 50e6,
      wallMicros: 60e6,
      memoryBytes: 2 ** 30,
      queue: 4e6,
      traceBytes: 2 ** 29,
    });
  });
  test('is frozen', () => {
    expect(Object.isFrozen(scenario)).toBe(true);
    expect(Object.isFrozen(server('s1').raft)).toBe(true);
  });
  test('warns of nothing', () => {
    expect(warnings).toEqual([]);
  });
});

test('the configuration is a scenario that means the same', () => {
  const again = load(JSON.stringify(config));
  const plain = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === 'origin' ? '' : part)));
  expect(plain(again.scenario)).toEqual(plain(scenario));
  expect(again.config).toEqual(config);
  expect([...again.origins.values()]).not.toContain('default');
  expect([...again.origins.keys()].toSorted()).toEqual([...origins.keys()].toSorted());
});

test('three lines are a scenario', () => {
  const { scenario: small } = loadScenario('duration: 60s', {
    file: 'a/Leader crash!.yml',
  }) as ReturnType<typeof load>;
  expect(small).toMatchObject({
    name: 'Leader-crash-',
    start: 'formed',
    warmupMicros: 0,
    durationMicros: 60e6,
    settleMicros: 30e6,
    faults: [],
    loads: [],
    expect: { kind: 'pass' },
    bugs: { planted: [], fixed: [], knownIssues: 'fail' },
  });
  expect(small.hosts).toHaveLength(3);
  expect(small.hosts[0]).toMatchObject({
    raft: { preVote: true, maxAppendEntries: 64, commitTimeoutMicros: 50_000, raftMultiplier: 5 },
    cpu: { speed: 1, message: { kind: 'constant', micros: 0 } },
    disk: { fsync: { kind: 'lognormal', medianMicros: 1000, p99Micros: 8000 } },
    initial: null,
  });
  expect(small.network.tcp).toEqual({
    ideal: false,
    retransmitMicros: 200_000,
    retransmitMaxMicros: 120e6,
    synMicros: 1e6,
  });
  expect(small.invariants).toHaveLength(OF_SERVERS.length);
});

test('known_issues: fix and fix: all fix every open bug', () => {
  const all = load('duration: 9s\nfix: all').scenario.bugs.fixed;
  expect(all).toContain('B5');
  expect(load('duration: 9s\nknown_issues: fix').scenario.bugs.fixed).toEqual(all);
});

test('pre-vote follows the release, and the cluster where the release knows it', () => {
  const preVotes = (lines: string): boolean[] =>
    load(`duration: 9s\ncluster: ${lines}`).scenario.hosts.map(
      (host) => (host as ServerSpec).raft.preVote,
    );
  expect(preVotes('{ consul: "1.19" }')).toEqual([false, false, false]);
  expect(preVotes('{ hosts: { s2: { consul: "1.19" } } }')).toEqual([true, false, true]);
  expect(preVotes('{ raft: { pre_vote: false }, hosts: { s2: { consul: "1.20.2" } } }')).toEqual([
    false,
    true,
    false,
  ]);
  expect(preVotes('{ hosts: { s2: { raft: { pre_vote: false } } } }')).toEqual([true, false, true]);
});

test('what has no effect is warned of', () => {
  const text = [
    'duration: 60s',
    'network: { wan: { loss: 1% }, zone: { loss: 1% }, loopback: { loss: 1% } }',
    'faults: [{ at: 1s, loss: 1%, transport: udp }]',
    'known_issues: fix',
    'fix: [B5]',
    'cluster: { raft: { alone: true } }',
  ].join('\n');
  expect(load(text).warnings.map((warning) => formatIssue(warning))).toEqual([
    'test.yaml:2:12 "wan" has no effect: there is one datacenter',
    'test.yaml:2:51 "loopback" has no effect: no two processes share a host without services',
    'test.yaml:2:31 "zone" has no effect: the datacenter has no zones',
    'test.yaml:3:30 "udp" touches nothing: servers that are alone send no datagrams',
    'test.yaml:5:1 "known_issues: fix" already fixes all bugs; remove "fix"',
  ]);
});

test('knowledge of Raft and Consul warns of clusters that are seldom meant', () => {
  const warningsOf = (text: string) =>
    load(`duration: 9s\n${text}`).warnings.map((warning) => formatIssue(warning));
  expect(warningsOf('cluster: { datacenters: { dc1: { servers: 3 } } }')).toEqual([]);
  expect(warningsOf('cluster: { datacenters: { dc1: { servers: 2 } } }')).toEqual([
    'test.yaml:2:34 2 servers tolerate no loss: a majority of 2 is 2 (Raft paper, §5.2). Take 3, which tolerate one',
  ]);
  const bootstrap = (expected: number) =>
    warningsOf(
      `start: bootstrap\ncluster: { agent: { bootstrap_expect: ${expected} }, datacenters: { dc1: { servers: 4 } } }`,
    );
  expect(bootstrap(3)).toEqual([]);
  expect(bootstrap(2)).toEqual([
    'test.yaml:3:21 2 of 4 servers is no majority: each group of that many may bootstrap for itself (consul:agent/consul/server_serf.go (maybeBootstrap))',
  ]);
});
