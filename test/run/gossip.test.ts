/** Client agents in whole runs: the pool, its keys, its faults, what is measured and judged. */
import { describe, expect, test } from 'vitest';
import { PAPER, SHIPPED } from '../../sim/protocol/gossip/config.ts';
import { GOSSIP_MACHINE } from '../../sim/protocol/gossip/vocabulary.ts';
import { memberAt, memberProcesses, poolOf } from '../../sim/check/gossip/members.ts';
import { ref } from '../support/reference.ts';
import { advance, begin, bundled, parse, run } from './kit.ts';

const SECOND = 1_000_000;

function scenario(more: string, agents = 8): ReturnType<typeof parse> {
  return parse(
    [
      'name: gossip',
      'known_issues: fix',
      'duration: 60s',
      'settle: 30s',
      more.includes('cluster:') ? '' : `cluster: { datacenters: { dc1: { agents: ${agents} } } }`,
      more,
    ].join('\n'),
  );
}

const crash = 'faults: [{ at: 10s, for: 40s, crash: a3, how: power }]';

describe('agents', () => {
  test('and servers are members of one pool, known to each other from the start', () => {
    const { world, simulation } = begin(scenario(''));
    expect(memberProcesses(simulation).map((process) => world.processes[process]!.name)).toEqual([
      's1',
      's2',
      's3',
      ...Array.from({ length: 8 }, (_, at) => `a${at + 1}`),
    ]);
    for (const process of memberProcesses(simulation)) {
      expect(memberAt(world, process)!.listed).toBe(11);
    }
    expect(
      world.processes[3]!.slots[0]!.machine.view(world.processes[3]!.slots[0]!.state),
    ).toMatchObject({
      incarnation: 1,
      health: 0,
      known: 11,
      alive: 11,
      suspect: 0,
      dead: 0,
      left: 0,
      queued: 0,
      probing: null,
      serf: 'alive',
      members: 11,
      failed: 0,
      clock: 2,
    });
  });

  test('are not needed: servers gossip by themselves, unless they are Raft alone', () => {
    const servers = begin(parse('name: servers\nduration: 10s'));
    expect(memberProcesses(servers.simulation)).toEqual([0, 1, 2]);
    const plainText = 'name: plain\nduration: 10s\ncluster: { raft: { alone: true } }';
    const { simulation, scenario: plain } = begin(parse(plainText));
    expect(poolOf(simulation)).toBe(null);
    expect(plain.gossip).toBe(null);
    expect(plain.invariants.some(({ name }) => name.startsWith('gossip.'))).toBe(false);
  });

  test('find together from a cold start by joining the servers', () => {
    const execution = begin(scenario('start: cold', 20));
    const { world, simulation } = execution;
    advance(execution, 15 * SECOND);
    for (const process of memberProcesses(simulation)) {
      expect(memberAt(world, process)!.listed).toBe(23);
    }
  });

  test('are far more than the links between them', () => {
    const { world } = begin(scenario('', 1100));
    const { linkOf, links } = world.spec.network;
    expect(links.length).toBeLessThan(3);
    expect([linkOf(5, 9), linkOf(1099, 7), linkOf(4, 4)]).toEqual([
      linkOf(0, 1),
      linkOf(0, 1),
      linkOf(0, 0),
    ]);
  });
});

describe('keys of gossip_lan', () => {
  const detection = (lan: string): number => {
    const cluster = `cluster: { raft: { alone: true }, datacenters: { dc1: { agents: 8 } }, agent: { gossip_lan: ${lan} } }`;
    const { result } = run(scenario(`${cluster}\n${crash}`));
    return result.metrics['gossip.detection-first']!.mean!;
  };

  test('act', () => {
    const standard = detection('{}');
    expect(standard).toBeGreaterThan(4);
    expect(detection('{ probe_interval: 200ms, probe_timeout: 100ms }')).toBeLessThan(3);
    expect(detection('{ suspicion_mult: 8 }')).toBeGreaterThan(standard + 3);
  });

  test('of gossip itself change its traffic', () => {
    const messages = (lan: string): number => {
      const cluster = `cluster: { raft: { alone: true }, datacenters: { dc1: { agents: 8 } }, agent: { gossip_lan: ${lan} } }`;
      const { result } = run(scenario(`${cluster}\n${crash}`));
      return result.metrics['network.messages{gossip.gossip}']?.value ?? 0;
    };
    const standard = messages('{}');
    expect(messages('{ gossip_nodes: 0 }')).toBe(0);
    expect(messages('{ retransmit_mult: 8 }')).toBeGreaterThan(1.5 * standard);
    expect(messages('{ gossip_interval: 5s }')).toBeLessThan(standard);
  });
});

describe('lifeguard: paper', () => {
  const parsed = (settings: string) =>
    scenario(`cluster: { ${settings}, datacenters: { dc1: { agents: 8 } } }\n${crash}`);

  test(ref('gossip 1.16 #10', 'switches all rules, and the multiplier that is not written'), () => {
    const configs = ['shipped', 'paper'].map((whose) => {
      const { world, simulation } = begin(parsed(`lifeguard: ${whose}`));
      return memberAt(world, memberProcesses(simulation)[0]!)!.config;
    });
    expect(configs.map(({ lifeguard }) => lifeguard)).toEqual([SHIPPED, PAPER]);
    expect(configs.map(({ suspicionMult }) => suspicionMult)).toEqual([4, 5]);
    const { gossip } = parsed('lifeguard: paper, agent: { gossip_lan: { suspicion_mult: 3 } }');
    expect(gossip).toMatchObject({ suspicionMult: 3, lifeguard: 'paper' });
  });

  test('finds deaths a little later', () => {
    const first = (whose: string): number => {
      const { result } = run(parsed(`lifeguard: ${whose}`));
      expect(result.verdict).toBe('pass');
      return result.metrics['gossip.detection-first']!.mean!;
    };
    expect(first('paper')).toBeGreaterThan(first('shipped') + 0.5);
  });
});

describe('faults', () => {
  test('a crash is found out, measured, and undone by a restart', () => {
    const { result } = run(bundled('basic/agent-crash'));
    expect(result.verdict).toBe('pass');
    expect(result.metrics['gossip.detection-first']!.count).toBe(3);
    expect(result.metrics['gossip.detection-all']!.count).toBe(3);
    expect(result.metrics['gossip.false-positives']!.value).toBe(0);
    expect(result.metrics['gossip.messages']!.value).toBeGreaterThan(23 * 2 * 80);
    expect(result.violations).toEqual([]);
  });

  test.each(['delay: 700ms, only: gossip', 'partition: { isolate: a2 }'])(
    '%s is felt by the pool',
    (fault) => {
      const { result } = run(scenario(`faults: [{ at: 10s, for: 20s, ${fault} }]`));
      expect(result.faults[0]!.affected).toBeGreaterThan(100);
      expect(result.metrics['gossip.health-score']!.value).toBeGreaterThan(0);
      expect(result.verdict).toBe('pass');
    },
  );

  test('without UDP members are reached over TCP, unless that is planted away', () => {
    const died = (more: string): number => {
      const { result } = run(
        scenario(`faults: [{ at: 5s, for: 50s, loss: 100%, transport: udp }]\n${more}`),
      );
      expect(result.faults[0]!.affected).toBeGreaterThan(100);
      return result.metrics['gossip.false-positives']!.value!;
    };
    expect(died('')).toBe(0);
    expect(died('plant: [G15]')).toBeGreaterThan(0);
  });

  test('one that is cut off blames others; planted without regard to its health, more', () => {
    const blamed = (more: string): number => {
      const { result } = run(
        scenario(`faults: [{ at: 5s, for: 50s, partition: { isolate: a1 } }]\n${more}`, 16),
      );
      return result.metrics['gossip.false-positives']!.value!;
    };
    expect(blamed('plant: [G12]')).toBeGreaterThan(blamed(''));
  });

  test('a long split is mended by the reconnection of serf', () => {
    const split = 'faults: [{ at: 5s, for: 150s, partition: { isolate: a1..a4 } }]';
    const long = parse(
      `name: split\nduration: 160s\nsettle: 90s\nknown_issues: fix\ncluster: { datacenters: { dc1: { agents: 8 } } }\n${split}`,
    );
    const { result } = run(long);
    expect(result.verdict).toBe('pass');
    expect(result.violations).toEqual([]);
  });

  test('a run goes on the same after it was saved in the middle of a detection', () => {
    const execution = begin(scenario(crash));
    const { world } = execution;
    advance(execution, 14 * SECOND);
    const saved = world.save();
    const ends = [0, 1].map(() => {
      world.restore(saved);
      advance(execution, 80 * SECOND);
      return { hash: world.fingerprint.hex(), metrics: world.metrics.summaries() };
    });
    expect(ends[1]).toEqual(ends[0]);
    expect(world.processes[3]!.slotByNumber[GOSSIP_MACHINE]).toBeDefined();
  });
});
