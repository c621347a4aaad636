import { describe, expect, test } from 'vitest';
import type { Member } from '../../sim/protocol/gossip/member.ts';
import { GossipNote } from '../../sim/protocol/gossip/vocabulary.ts';
import { STATUS_NAMES, statusOf } from '../../sim/protocol/serf/members.ts';
import { serfOf } from '../../sim/protocol/serf/state.ts';
import { findRoute } from '../../sim/consul/wan/route.ts';
import type { RouterState } from '../../sim/consul/wan/state.ts';
import { ROUTER_MACHINE, WAN_MACHINE } from '../../sim/consul/wan/vocabulary.ts';
import type { Execution } from '../../sim/run/execution.ts';
import { ref } from '../support/reference.ts';
import { advance, begin, parse, run } from './kit.ts';

const SECOND = 1_000_000;
/** Full states were exchanged, as the WAN's Serf notes it. */
const WAN_MERGED = (WAN_MACHINE << 8) | (GossipNote.merged & 0xff);

const TWO = [
  'name: two',
  'known_issues: fix',
  'settle: 20s',
  'network: { wan: { latency: 20ms } }',
  'cluster:',
  '  datacenters: { dc1: { agents: 1 }, dc2: {} }',
  '  agent: { autopilot: { cleanup_dead_servers: false } }',
].join('\n');

function scenario(...more: string[]) {
  return parse([TWO, ...more].join('\n'));
}

/** What a server's WAN pool calls each server, s1.dc1 to s3.dc2. */
function seenBy({ world }: Execution, server: string): string[] {
  const process = world.processes.find(({ name }) => name === server)!;
  const member = process.slotByNumber[WAN_MACHINE]!.state as Member;
  return Array.from({ length: 6 }, (_, node) => STATUS_NAMES[statusOf(serfOf(member), node)]);
}

describe('the WAN pool', () => {
  test(
    ref('wan 4.1 #1', 'has the servers of all datacenters, and the LAN pools their agents'),
    () => {
      const { world } = begin(scenario('duration: 30s'));
      const viewOf = (server: string, machine: number) => {
        const slot = world.processes.find(({ name }) => name === server)!.slotByNumber[machine]!;
        return slot.machine.view(slot.state);
      };
      expect(viewOf('s1', WAN_MACHINE)).toMatchObject({ known: 6, members: 6, alive: 6 });
      expect(viewOf('s1', 4)).toMatchObject({ known: 4, members: 4 });
      expect(viewOf('s1.dc2', 4)).toMatchObject({ known: 3, members: 3 });
      const agent = world.processes.find(({ name }) => name === 'a1')!;
      expect(agent.slotByNumber[WAN_MACHINE]).toBeUndefined();
    },
  );

  test(ref('wan 4.1 #2', 'takes half a minute and more to declare a server dead'), () => {
    const crash = 'faults: [{ at: 5s, for: 80s, crash: s1.dc2, how: power }]';
    const execution = begin(scenario('duration: 90s', crash));
    advance(execution, 35 * SECOND);
    expect(seenBy(execution, 's1')[3]).toBe('alive');
    advance(execution, 70 * SECOND);
    expect(seenBy(execution, 's1')[3]).toBe('failed');
  });

  test(
    ref('wan 4.2 #1', 'is flooded: servers of one datacenter find each other by their LAN'),
    () => {
      const apart = 'faults: [{ at: 0s, for: 25s, partition: { between: [dc:dc1, dc:dc2] } }]';
      const execution = begin(scenario('duration: 60s', 'start: cold', apart));
      advance(execution, 20 * SECOND);
      expect(seenBy(execution, 's2')).toEqual(['alive', 'alive', 'alive', 'none', 'none', 'none']);
      expect(seenBy(execution, 's2.dc2')).toEqual([
        'none',
        'none',
        'none',
        'alive',
        'alive',
        'alive',
      ]);
      advance(execution, 59 * SECOND);
      expect(seenBy(execution, 's2')).toEqual(Array.from({ length: 6 }, () => 'alive'));
    },
  );

  test(ref('wan 4.2 #2', 'is flooded each minute with whom it does not know at all'), () => {
    const execution = begin(scenario('duration: 100s'));
    advance(execution, 5 * SECOND);
    const member = execution.world.processes[0]!.slotByNumber[WAN_MACHINE]!.state as Member;
    serfOf(member).members.set(1, { status: 0, time: 0, goneMicros: 0 });
    serfOf(member).members.set(2, { status: 4, time: 1, goneMicros: 0 });
    expect(seenBy(execution, 's1').slice(0, 3)).toEqual(['alive', 'none', 'failed']);
    const joined: number[] = [];
    execution.world.observe({
      wants: [WAN_MERGED],
      onNote: (_kind, by, peer, joins) => {
        if (by === 0 && joins === 1) joined.push(peer);
      },
    });
    advance(execution, 66 * SECOND);
    expect(joined).toEqual([1]);
  });
});

describe('a request about another datacenter', () => {
  const far = 'load: { far: { kind: kv, rate: 10/s, dc: dc2, mix: { put: 50%, get: 50% } } }';

  test(ref('consul 2.3 #1', 'goes to that datacenter'), () => {
    const { result } = run(scenario('duration: 12s', far));
    expect(result.verdict).toBe('pass');
    expect(result.metrics['far.availability']!.value).toBe(1);
  });

  test(ref('wan 2.3 #1', 'is answered by the servers there, over the WAN'), () => {
    const { result } = run(scenario('duration: 20s', far));
    expect(result.verdict).toBe('pass');
    expect(result.metrics['far.availability']!.value).toBe(1);
    const { min, p50 } = result.metrics['far.latency'] as { min: number; p50: number };
    expect(min).toBeGreaterThan(0.04);
    expect(p50).toBeLessThan(0.06);
    const execution = begin(scenario('duration: 20s', far));
    advance(execution, 15 * SECOND);
    const [near, there] = execution.simulation.clusters.map(
      ([server]) => execution.simulation.raft(server!.process)!.commitIndex,
    );
    expect(there! - near!).toBeGreaterThan(50);
  });

  test(ref('wan 2.3 #2', 'finds no path while its pool knows nobody there'), () => {
    const apart = 'faults: [{ at: 0s, for: 9s, partition: { between: [dc:dc1, dc:dc2] } }]';
    const execution = begin(scenario('duration: 10s', 'start: cold', far, apart));
    advance(execution, 8 * SECOND);
    const errors = new Set(execution.history.records().map(({ error }) => error));
    expect(errors).toContain('No path to datacenter');
  });

  test(ref('wan 2.3 #2', 'finds no server while nobody there has answered a rebalance'), () => {
    const { world } = begin(scenario('duration: 10s'));
    const router = world.processes[0]!.slotByNumber[ROUTER_MACHINE]!.state as RouterState;
    const out = { sibling: () => router } as never;
    expect(findRoute('dc2', out)).toBe(router.managers.get('dc2')!.servers[0]!.process);
    router.managers.get('dc2')!.offline = true;
    expect(findRoute('dc2', out)).toMatchObject({
      error: 'Remote DC has no server currently reachable',
    });
    expect(findRoute('dc3', out)).toMatchObject({ error: 'No path to datacenter' });
  });

  test(ref('wan 2.3 #3', 'fails with the first error, and the next one goes elsewhere'), () => {
    const execution = begin(scenario('duration: 20s', far));
    advance(execution, 6 * SECOND);
    const { world, history } = execution;
    const asked = world.processes.find(({ name }) => name === history.records().at(-1)!.host)!;
    const router = asked.slotByNumber[ROUTER_MACHINE]!.state as RouterState;
    const { servers } = router.managers.get('dc2')!;
    const follower = servers.find(({ process }) => execution.simulation.raft(process)!.role === 0)!;
    const others = servers.filter(({ name }) => name !== follower.name);
    router.managers.get('dc2')!.servers = [follower, ...others];
    world.power.crash(world.processes[follower.process]!, 'kill');
    advance(execution, 10 * SECOND);
    const failed = history.records().filter(({ time, error }) => time > 6 * SECOND && error);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(4);
    expect(failed.every(({ error }) => error!.startsWith('rpc error making call'))).toBe(true);
    expect(router.managers.get('dc2')!.servers.at(-1)!.name).toBe(follower.name);
  });
});
