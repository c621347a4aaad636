import { describe, expect, test } from 'vitest';
import { Role } from '../../sim/protocol/raft/types.ts';
import type { Execution } from '../../sim/run/execution.ts';
import { runToEnd, straight } from '../determinism/outcome.ts';
import { advance, begin, parse, run } from './kit.ts';

const SECOND = 1_000_000;

const TWO = [
  'name: two',
  'known_issues: fix',
  'duration: 30s',
  'settle: 20s',
  'cluster: { datacenters: { dc1: { agents: 1 }, dc2: { agents: 1, zones: [a, b] } } }',
  'load:',
  '  near: { kind: kv, clients: 2, rate: 20/s }',
  '  far: { kind: kv, datacenter: dc2, clients: 2, rate: 20/s }',
].join('\n');

const LEADER_LOST = `${TWO}\nfaults: [{ at: 12s, for: 8s, crash: leader(dc2) }]`;

function leadersOf({ simulation }: Execution): string[][] {
  return simulation.clusters.map((servers) =>
    servers
      .filter(({ process }) => simulation.raft(process)?.role === Role.leader)
      .map(({ name }) => name),
  );
}

describe('each datacenter', () => {
  test('has a leader, a log, a LAN pool and zones of its own', () => {
    const execution = begin(parse(TWO));
    advance(execution, 10 * SECOND);
    const { simulation, world } = execution;
    const [[first], [second]] = leadersOf(execution) as [[string], [string]];
    expect(first).toMatch(/^s\d$/);
    expect(second).toMatch(/^s\d\.dc2$/);
    expect(simulation.servers.map(({ name }) => name)).toEqual([
      's1',
      's2',
      's3',
      's1.dc2',
      's2.dc2',
      's3.dc2',
    ]);
    expect(world.hosts.slice(3, 6).map(({ zone }) => zone)).toEqual(['a.dc2', 'b.dc2', 'a.dc2']);
    const [near, far] = simulation.clusters.map(([server]) =>
      simulation.durable(server!.process).log.entries.map(({ prefix }) => prefix),
    );
    expect(near!.at(-1)).not.toBe(far!.at(-1));
    const agent = world.processes.find(({ name }) => name === 'a1.dc2')!;
    const slot = agent.slots[0]!;
    expect(slot.machine.view(slot.state)).toMatchObject({ known: 4, members: 4 });
  });

  test('elects by itself: the loss of a leader disturbs its own clients alone', () => {
    const { result } = run(parse(LEADER_LOST));
    expect(result.verdict).toBe('pass');
    expect(result.faults[0]!.name).toMatch(/^crash s\d\.dc2$/);
    expect(result.metrics['near.availability']!.value).toBe(1);
    expect(result.metrics['far.availability']!.value).toBeLessThan(0.9);
    expect(result.metrics['raft.leader-changes']!.value).toBe(1);
  });

  test('is judged by itself, and says of which servers it speaks', () => {
    const execution = begin(parse(TWO));
    advance(execution, 10 * SECOND);
    const [, servers] = execution.simulation.clusters;
    for (const { process } of servers!) execution.simulation.raft(process)!.term = 0;
    advance(execution, 13 * SECOND);
    const wrong = execution.checks!.violations();
    expect(wrong.map(({ invariant }) => invariant)).toContain('raft.term-monotonic');
    expect(wrong.flatMap(({ hosts }) => hosts).every((name) => name.endsWith('.dc2'))).toBe(true);
  });
});

test('a run of two datacenters is saved and restored half-way', () => {
  const scenario = parse(LEADER_LOST);
  const execution = begin(scenario, 3);
  advance(execution, 14 * SECOND);
  const saved = execution.world.save();
  advance(execution, 25 * SECOND);
  execution.world.restore(saved);
  expect(runToEnd(execution)).toEqual(straight(scenario, 3));
});
