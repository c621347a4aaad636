/** Agents that leave the pool and come back: told to, or by a signal, under Consul's keys. */
import { describe, expect, test } from 'vitest';
import type { Member } from '../../sim/protocol/gossip/member.ts';
import { GOSSIP_MACHINE, GossipNote } from '../../sim/protocol/gossip/vocabulary.ts';
import { STATUS_NAMES, statusOf } from '../../sim/protocol/serf/members.ts';
import { serfOf } from '../../sim/protocol/serf/state.ts';
import { SerfNote } from '../../sim/protocol/serf/vocabulary.ts';
import { listNodes } from '../../sim/consul/state/catalog-queries.ts';
import type { Store } from '../../sim/consul/state/store.ts';
import { ref } from '../support/reference.ts';
import { notes, scenarioOf, start } from './support.ts';
import type { FaultRun } from './support.ts';

interface Text {
  readonly agents?: number;
  readonly keys?: string;
  readonly more?: readonly string[];
  readonly alone?: boolean;
}

function clusterOf({ agents = 3, keys = '', alone = true }: Text): string {
  const raft = alone ? 'raft: { alone: true }, ' : '';
  const performance = 'performance: { raft_multiplier: 1 }';
  return `cluster: { ${raft}datacenters: { dc1: { servers: 1, agents: ${agents} } }, agent: { ${performance}${keys} } }`;
}

function run(faults: readonly string[], text: Text = {}): FaultRun {
  const { more = [] } = text;
  return start({ faults, cluster: clusterOf(text), more, duration: '200s' });
}

function member({ world }: FaultRun, name: string): Member {
  const { processes } = world.hosts.find((host) => host.name === name)!;
  const process = processes.find(({ slotByNumber }) => slotByNumber[GOSSIP_MACHINE] !== undefined)!;
  return process.slotByNumber[GOSSIP_MACHINE]!.state as Member;
}

/** How one member sees another. */
function sees(cluster: FaultRun, name: string, other: string): string {
  return STATUS_NAMES[statusOf(serfOf(member(cluster, name)), member(cluster, other).node)];
}

describe('leave', () => {
  test(
    ref('pools 4.4 #3', 'a client agent leaves the LAN pool, ends, and comes back at the end'),
    () => {
      const cluster = run(['{ at: 10s, for: 30s, leave: a2 }']);
      // Two broadcasts, and three seconds for everybody to hear.
      cluster.to(12);
      expect([cluster.status('a2'), sees(cluster, 'a1', 'a2')]).toEqual(['running', 'left']);
      cluster.to(16);
      expect(cluster.status('a2')).toBe('down');
      expect(cluster.told()[0]).toMatch(/affected 1$/);
      cluster.to(45);
      expect(sees(cluster, 's1', 'a2')).toBe('alive');
      expect(sees(cluster, 'a2', 'a3')).toBe('alive');
    },
  );

  test('an instance stands for its agent, which leaves the catalog with it', () => {
    const more = ['services: { web: { service_time: 5ms, check: { http: /health } } }'];
    const cluster = run(['{ at: 10s, for: 30s, leave: web-1 }'], { more, alone: false });
    const nodes = (): string[] =>
      listNodes(cluster.execution.simulation.raft(0)!.fsm as Store, null).nodes.map(
        ({ node }) => node,
      );
    cluster.to(9);
    expect(nodes()).toContain('web-1');
    cluster.to(18);
    expect(nodes()).not.toContain('web-1');
    const instance = cluster.world.processes.find(({ name }) => name === 'web-1');
    expect(instance?.status).toBe('running');
    cluster.to(60);
    expect(nodes()).toContain('web-1');
  });

  test('that ends too soon is a second signal', () => {
    const cluster = run(['{ at: 10s, for: 1s, leave: a2 }']);
    cluster.to(11.1);
    expect(cluster.status('a2')).toBe('running');
    expect(serfOf(member(cluster, 'a2')).state).toBe('alive');
  });
});

describe('a signal', () => {
  const leaves = (fault: string, keys = ''): boolean => {
    const cluster = run([`{ at: 10s, for: 30s, ${fault} }`], { keys });
    cluster.to(9.9);
    cluster.to(20);
    expect(cluster.status(fault.includes('s1') ? 's1' : 'a2')).toBe('down');
    return notes(cluster, SerfNote.left).length > 0;
  };

  test(ref('pools 4.4 #1', 'leave_on_terminate: clients do by default, servers do not'), () => {
    expect(leaves('crash: a2, how: terminate')).toBe(true);
    expect(leaves('crash: a2, how: terminate', ', leave_on_terminate: false')).toBe(false);
    expect(leaves('crash: s1, how: terminate')).toBe(false);
  });

  test(ref('consul 2.11 #6', 'servers leave where leave_on_terminate says so'), () => {
    expect(leaves('crash: s1, how: terminate', ', leave_on_terminate: true')).toBe(true);
  });

  test(
    ref('pools 4.4 #2', 'skip_leave_on_interrupt: servers do by default, clients do not'),
    () => {
      expect(leaves('crash: a2, how: interrupt')).toBe(true);
      expect(leaves('crash: a2, how: interrupt', ', skip_leave_on_interrupt: true')).toBe(false);
      expect(leaves('crash: s1, how: interrupt')).toBe(false);
      expect(leaves('crash: s1, how: interrupt', ', skip_leave_on_interrupt: false')).toBe(true);
    },
  );

  test('exit makes nobody leave', () => {
    expect(leaves('crash: a2, how: exit')).toBe(false);
  });

  test('of a restart: one after the other, each leaves before it ends', () => {
    const restart = (how: string): [number, number] => {
      const cluster = run([`{ at: 10s, restart: agents, one_by_one: true, how: ${how} }`]);
      cluster.to(60);
      expect(cluster.told()[0]).toMatch(/affected 3$/);
      expect(sees(cluster, 's1', 'a3')).toBe('alive');
      return [notes(cluster, SerfNote.left).length, notes(cluster, SerfNote.rejoined).length];
    };
    expect(restart('terminate')).toEqual([3, 0]);
    expect(restart('exit')).toEqual([0, 3]);
  });

  test('of a restart of many at once: all leave together', () => {
    const cluster = run(['{ at: 10s, restart: agents }'], { agents: 12 });
    const before = cluster.world.event;
    cluster.to(30);
    expect(cluster.told()[0]).toMatch(/affected 12$/);
    expect(notes(cluster, SerfNote.left)).toHaveLength(12);
    expect(cluster.world.event - before).toBeLessThan(20_000);
  });

  test('what hangs is ended after 15 s', () => {
    // Nobody takes its messages, so each of two broadcasts waits for 5 s, and 3 s more.
    const cluster = run([
      '{ at: 10s, for: 100s, pause: a2, kind: io }',
      '{ at: 10s, for: 90s, crash: a2, how: terminate }',
    ]);
    cluster.to(22.9);
    expect(cluster.status('a2')).not.toBe('down');
    cluster.to(25.1);
    expect(cluster.status('a2')).toBe('down');
  });
});

describe('rejoin_after_leave', () => {
  test(ref('serf 2.6 #2', 'who left knows its members of then, or nobody'), () => {
    const rejoined = (value: boolean): number => {
      const keys = `, rejoin_after_leave: ${value}`;
      const cluster = run(['{ at: 10s, for: 20s, leave: a2 }'], { keys });
      cluster.to(40);
      expect(sees(cluster, 's1', 'a2')).toBe('alive');
      return notes(cluster, SerfNote.rejoined).length;
    };
    expect(rejoined(true)).toBe(1);
    expect(rejoined(false)).toBe(0);
  });
});

describe('advertise_reconnect_timeout', () => {
  test(
    ref('pools 4.4 #4', 'clients are forgotten after it, failed or left; servers are not'),
    () => {
      const status = (key: string): string[] => {
        const faults = ['{ at: 10s, crash: [a2, s1] }', '{ at: 10s, leave: a3 }'];
        const cluster = run(faults, { agents: 4, keys: `, ${key}: 40s` });
        cluster.to(90);
        return ['a2', 'a3', 's1'].map((other) => {
          const { pool } = member(cluster, 'a1');
          const index = cluster.world.hosts.findIndex(({ name }) => name === other);
          const seen = serfOf(member(cluster, 'a1'));
          return STATUS_NAMES[statusOf(seen, pool.nodeOf[pool.memberOf(index)])];
        });
      };
      expect(status('advertise_reconnect_timeout')).toEqual(['none', 'none', 'failed']);
      expect(status('reconnect_timeout')).toEqual(['none', 'left', 'none']);
    },
  );
});

describe('join', () => {
  test('brings together who has been apart, and starts who is down', () => {
    const cluster = run(['{ at: 10s, leave: a2 }', '{ at: 40s, join: [a2, a3], to: a1 }']);
    cluster.to(39);
    expect(cluster.status('a2')).toBe('down');
    cluster.to(42);
    expect(sees(cluster, 'a1', 'a2')).toBe('alive');
    const joined = notes(cluster, GossipNote.merged).filter(({ time, b }) => time > 39 && b === 1);
    expect(joined.some(({ host }) => host === 'a3')).toBe(true);
  });

  test('that is asked for once is not tried again', () => {
    const cluster = run([
      '{ at: 10s, for: 60s, partition: { isolate: a3 } }',
      '{ at: 20s, join: a3, to: a1 }',
    ]);
    cluster.to(69);
    const ends = notes(cluster, GossipNote.joinEnded).filter(({ time }) => time > 10);
    expect(ends.map(({ host, a, b }) => [host, a, b])).toEqual([['a3', 0, 1]]);
  });
});

test('force_leave lets a failed agent go, and with prune forgets it', () => {
  const after = (prune: string): string => {
    const faults = ['{ at: 10s, crash: a2 }', `{ at: 25s, force_leave: a2${prune} }`];
    const cluster = run(faults);
    cluster.to(24);
    expect(sees(cluster, 'a1', 'a3')).toBe('alive');
    cluster.to(30);
    return STATUS_NAMES[statusOf(serfOf(member(cluster, 'a1')), 2)];
  };
  expect(after('')).toBe('left');
  expect(after(', prune: true')).toBe('none');
});

describe('is refused', () => {
  const alone = 'cluster: { raft: { alone: true }, datacenters: { dc1: { servers: 3 } } }';
  test.each(['leave: s1', 'join: s1', 'force_leave: s1'])('%s without a pool', (verb) => {
    expect(() => scenarioOf({ faults: [`{ at: 1s, ${verb} }`], cluster: alone })).toThrow(
      'acts on what Consul builds on Raft',
    );
  });

  test.each([
    'leave_on_terminate: true',
    'skip_leave_on_interrupt: true',
    'rejoin_after_leave: true',
    'advertise_reconnect_timeout: 1h',
  ])('%s without a pool', (key) => {
    const cluster = alone.replace('datacenters', `agent: { ${key} }, datacenters`);
    expect(() => scenarioOf({ faults: [], cluster })).toThrow('acts on the gossip pool');
  });

  test('at_write with a signal', () => {
    const faults = ['{ at: 1s, crash: s1, how: terminate, at_write: 2 }'];
    expect(() => scenarioOf({ faults })).toThrow('acts with how: kill, power or exit only');
  });
});
