/** From a scenario to a world: start, initial state, overlays of hosts, links, clocks, TCP. */
import { describe, expect, test } from 'vitest';
import { buildSimulation } from '../../sim/run/build.ts';
import { networkSpec } from '../../sim/run/links.ts';
import { samplersOf } from '../../sim/run/samplers.ts';
import { RAFT_OPEN_BUGS } from '../../sim/protocol/raft/bugs.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import type { RaftConfig } from '../../sim/protocol/raft/types.ts';
import { RAFT_MACHINE } from '../../sim/protocol/raft/vocabulary.ts';
import { advance, begin, parse, run } from './kit.ts';

const LOAD = 'load: { kv: { kind: kv, clients: 2, rate: 10/s, keys: 1 } }\n';
const SECOND = 1_000_000;

function scenario(text: string, load = LOAD) {
  return parse(`duration: 30s\nsettle: 10s\n${load}${text}\n`);
}

function leaders(execution: ReturnType<typeof begin>): number[] {
  const { servers, raft } = execution.simulation;
  return servers.map((_, at) => at).filter((at) => raft(at)?.role === Role.leader);
}

describe('start', () => {
  test('formed: one leads from the first moment, all know it, and nobody campaigns', () => {
    const chosen = new Set<number>();
    for (let seed = 1; seed <= 20; seed++) {
      const execution = begin(scenario('start: formed'), seed);
      expect(execution.world.event).toBe(0);
      const [leader, ...others] = leaders(execution);
      expect(others).toEqual([]);
      chosen.add(leader!);
      for (const { process } of execution.simulation.servers) {
        expect(execution.simulation.raft(process)!.leader).toBe(leader);
      }
    }
    expect(chosen).toEqual(new Set([0, 1, 2]));
    expect(run(scenario('start: formed')).result.metrics['raft.elections']!.value).toBe(0);
  });

  test('cold: nobody leads until an election', () => {
    const execution = begin(scenario('start: cold'));
    expect(leaders(execution)).toEqual([]);
    advance(execution, 4 * SECOND);
    expect(leaders(execution)).toEqual([]);
    advance(execution, 30 * SECOND);
    expect(leaders(execution)).toHaveLength(1);
    const { metrics } = run(scenario('start: cold')).result;
    expect(metrics['raft.elections']!.value).toBeGreaterThan(0);
  });
});

describe('initial', () => {
  const text = `
initial:
  s1: { term: 4, log: [1, 1, 2] }
  s2: { log: [1, 1, 2, 3] }
  s3: { down: true }
`;
  const durables = (source: string) => {
    const { simulation } = begin(scenario(source));
    return simulation.servers.map(({ process }) => simulation.durable(process));
  };

  test('terms and logs are on the disks', () => {
    const [first, second] = durables(`start: cold\n${text}`);
    expect(first).toMatchObject({ currentTerm: 4 });
    expect(first!.log.entries.map(({ term }) => term)).toEqual([1, 1, 2]);
    expect(second).toMatchObject({ currentTerm: 3 });
    expect(second!.log.entries.map(({ term }) => term)).toEqual([1, 1, 2, 3]);
    const [left, right] = [first!.log.entries[2]!, second!.log.entries[2]!];
    expect(left.prefix).toBe(right.prefix);
  });

  test('formed, the best log leads, in a term above all', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const execution = begin(scenario(`start: formed\n${text}`), seed);
      expect(leaders(execution)).toEqual([1]);
      expect(execution.simulation.raft(1)!.term).toBe(5);
    }
  });

  test('a server that is down stays down, also through the heal', () => {
    const execution = begin(scenario(text));
    while (execution.step());
    const statuses = execution.world.processes.slice(0, 3).map(({ status }) => status);
    expect(statuses).toEqual(['running', 'running', 'down']);
  });

  test('keys are known to every server', () => {
    const load =
      'load: { kv: { kind: kv, clients: 3, rate: 30/s, keys: 1, mix: { get: 100% }, consistency: stale } }\n';
    const loaded = scenario('initial: { kv: { k0: hello } }', load);
    const reads = [1, 2, 3]
      .flatMap((seed) => run(loaded, { seed }).history.records())
      .filter(({ type }) => type === 'ok');
    expect(reads.length).toBeGreaterThan(100);
    expect(new Set(reads.map(({ value }) => value))).toEqual(new Set(['hello']));
    expect(new Set(reads.map(({ host }) => host))).toEqual(new Set(['s1', 's2', 's3']));
  });
});

describe('one server differs from the others', () => {
  const configs = (text: string): RaftConfig[] => {
    const { world, servers } = buildSimulation(scenario(text), 1, 'off');
    return servers.map(
      ({ process }) => world.processes[process]!.slotByNumber[RAFT_MACHINE]!.config as RaftConfig,
    );
  };

  test('in its release', () => {
    const [old, ...others] = configs('cluster: { hosts: { s1: { consul: "1.16.0" } } }');
    expect(old!.preVote).toBe(false);
    for (const { preVote } of others) expect(preVote).toBe(true);
  });

  test('in its multiplier, which scales three timeouts', () => {
    const text = `
cluster:
  agent: { performance: { raft_multiplier: 2 } }
  hosts: { s3: { agent: { performance: { raft_multiplier: 7 } } } }`;
    const times = configs(text).map(({ heartbeatMicros, electionMicros, leaseMicros }) => [
      heartbeatMicros / SECOND,
      electionMicros / SECOND,
      leaseMicros / SECOND,
    ]);
    expect(times).toEqual([
      [2, 2, 1],
      [2, 2, 1],
      [7, 7, 3.5],
    ]);
  });

  test('in its Raft settings', () => {
    const text = `
cluster:
  raft: { max_append_entries: 8, commit_timeout: 20ms }
  hosts: { s2: { raft: { max_append_entries: 1, pre_vote: false } } }`;
    const settings = configs(text).map((config) => [
      config.maxAppendEntries,
      config.commitMicros,
      config.preVote,
    ]);
    expect(settings).toEqual([
      [8, 20_000, true],
      [1, 20_000, false],
      [8, 20_000, true],
    ]);
  });

  test('in its CPU and disk', () => {
    const text = `
cluster: { cpu: { message: 1ms }, hosts: { s2: { cpu: 50% } } }
disks: { all: { fsync: 2ms }, s3: { fsync: 30ms } }`;
    const { world } = buildSimulation(scenario(text), 1, 'off');
    const cpus = world.processes.slice(0, 3).map(({ cpu }) => cpu!.minMicros);
    expect(cpus).toEqual([1000, 2000, 1000]);
    const disks = world.spec.hosts.slice(0, 3).map(({ fsync }) => fsync.minMicros);
    expect(disks).toEqual([2000, 2000, 30_000]);
    expect(world.processes[3]!.cpu).toBeNull();
  });

  test('bugs are what plant, fix, known_issues and the release say', () => {
    const on = (text: string): string[] =>
      Object.entries(configs(text)[0]!.bugs).flatMap(([bug, present]) => (present ? [bug] : []));
    const open: readonly string[] = RAFT_OPEN_BUGS;
    expect(on('')).toEqual(open);
    expect(on('known_issues: fix')).toEqual([]);
    expect(on('fix: [B5]')).toEqual(open.filter((bug) => bug !== 'B5'));
    expect(on('fix: all\nplant: [B2, B24]')).toEqual(['B2', 'B24']);
    expect(on('known_issues: allow')).toEqual(open);
  });
});

describe('links', () => {
  const text = `
cluster: { datacenters: { dc1: { servers: 3, zones: [a, b] } } }
network:
  loopback: { latency: 1us }
  zone: { latency: 100us, loss: 1% }
  lan: { latency: 500us }
  links: [ { between: [s1, s2], latency: 7ms }, { from: s1, to: s2, loss: 3% }, { from: s1, to: [s2, s3], latency: 9ms } ]
  tcp: { retransmit: 300ms, retransmit_max: 1m, syn: 2s }`;
  const loaded = scenario(text);
  const spec = networkSpec(loaded, samplersOf(loaded));
  const link = (from: string, to: string) => {
    const index = (name: string): number => loaded.hosts.findIndex((host) => host.name === name);
    const { latency, loss } = spec.links[spec.linkOf(index(from), index(to))]!;
    return [latency.minMicros, loss];
  };

  test('by class: same host, same zone, same datacenter, clients', () => {
    expect(link('s1', 's1')).toEqual([1, 0]);
    expect(link('s3', 's1')).toEqual([100, 0.01]);
    expect(link('s2', 's3')).toEqual([500, 0]);
    expect(link('kv#1', 's1')).toEqual([500, 0]);
  });

  test('exceptions: each field is the last one’s that sets it, one way or both', () => {
    expect(link('s2', 's1')).toEqual([7000, 0]);
    expect(link('s1', 's2')).toEqual([9000, 0.03]);
    expect(link('s1', 's3')).toEqual([9000, 0.01]);
  });

  test('TCP times; ideal has none', () => {
    expect(spec.tcp).toEqual({
      retransmitMicros: 300_000,
      retransmitMicrosMax: 60_000_000,
      synMicros: 2_000_000,
      ideal: false,
    });
    const ideal = scenario('network: { tcp: { ideal: true } }');
    expect(networkSpec(ideal, samplersOf(ideal)).tcp.ideal).toBe(true);
  });
});

test('ideal streams resume at the heal, real ones at their next retransmission', () => {
  // The cut begins with requests on their way, and ends 10 s later.
  const text = (tcp: string): string => `
network: { lan: { latency: 20ms }, tcp: ${tcp} }
faults: [ { at: 10s, for: 10s, partition: { between: [clients, servers] } } ]`;
  const load =
    'load: { kv: { kind: kv, clients: 4, rate: 40/s, keys: 3, timeout: 20s, mix: { get: 100% } } }\n';
  const slowest = (tcp: string): number => {
    const { history } = run(scenario(text(tcp), load));
    const records = history.records();
    const starts = new Map(
      records.map(({ op, time, type }) => [type === 'invoke' ? op : -1, time]),
    );
    const held = records.filter(({ op, type }) => type === 'ok' && starts.get(op)! < 11 * SECOND);
    return Math.max(...held.map(({ time }) => time)) / SECOND;
  };
  expect(slowest('{ ideal: true }')).toBeLessThan(20.2);
  // 200 ms doubling: the first retransmission after 10 s of cut is 12.6 s after the segment.
  expect(slowest('{ retransmit: 200ms }')).toBeGreaterThan(22);
});

test('clocks are drawn from their ranges, each host’s own, the same for one seed', () => {
  const text =
    'clocks: { all: { offset: -50ms..50ms, drift: -80ppm..80ppm }, s3: { drift: 2000ppm } }';
  const clocks = (seed: number) =>
    buildSimulation(scenario(text), seed, 'off').world.spec.hosts.map((host) => [
      host.driftPpm,
      host.wallOffsetMicros,
    ]);
  const seen = Array.from({ length: 20 }, (_, index) => clocks(index + 1));
  for (const [s1, s2, s3, client] of seen as [number, number][][]) {
    expect(s1).not.toEqual(s2);
    for (const [drift, offset] of [s1!, s2!]) {
      expect(Math.abs(drift)).toBeLessThanOrEqual(80);
      expect(Math.abs(offset)).toBeLessThanOrEqual(50_000);
    }
    expect(s3![0]).toBe(2000);
    expect(client).toEqual([0, 0]);
  }
  expect(clocks(3)).toEqual(seen[2]);
  expect(new Set(seen.map(([s1]) => s1![1])).size).toBeGreaterThan(15);
});
