import { describe, expect, test } from 'vitest';
import { Recording } from '../../sim/core/recording.ts';
import type { HealthDiscoveryState } from '../../sim/client/health-discovery.ts';
import { ErrorCause } from '../../sim/core/machine.ts';
import { QUERY_EXECUTE, QUERY_EXECUTE_REMOTE } from '../../sim/consul/requests/endpoints.ts';
import { RPC_READ, SERVER_MACHINE } from '../../sim/consul/requests/inputs.ts';
import { request } from '../../sim/consul/requests/request.ts';
import type { ServerRequest } from '../../sim/consul/requests/request.ts';
import { serverMachine } from '../../sim/consul/server.ts';
import { resolveQuery } from '../../sim/consul/state/queries.ts';
import type { Store } from '../../sim/consul/state/store.ts';
import { othersByDistance } from '../../sim/consul/wan/route.ts';
import type { RouterState } from '../../sim/consul/wan/state.ts';
import { ROUTER_MACHINE, WAN_MACHINE } from '../../sim/consul/wan/vocabulary.ts';
import type { RaftState } from '../../sim/protocol/raft/types.ts';
import { RAFT_MACHINE } from '../../sim/protocol/raft/vocabulary.ts';
import { DISCOVERY_MACHINE } from '../../sim/service/vocabulary.ts';
import { ref } from '../support/reference.ts';
import { advance, begin, parse } from './kit.ts';

const SECOND = 1_000_000;

const THREE = [
  'name: three',
  'known_issues: fix',
  'duration: 70s',
  'settle: 20s',
  'cluster: { datacenters: { dc1: { servers: 1 }, dc2: { servers: 1 }, dc3: { servers: 1 } } }',
  'network: { wan: { latency: 20ms } }',
  'services:',
  '  shop: { instances: { dc1: 1, dc2: 1, dc3: 1 }, service_time: 2ms, check: { tcp: true, interval: 2s } }',
  'load:',
  '  buy:',
  '    kind: call',
  '    service: shop',
  '    rate: 2/s',
  '    discover: { by: query, refresh: 2s, failover: { nearest_n: 0, datacenters: [dc2, dc3] } }',
].join('\n');

describe('a prepared query that finds nobody', () => {
  test(ref('wan 3.6 #1', 'asks one datacenter after the other, and comes back'), () => {
    const crashes = [
      '  - { at: 10s, for: 40s, crash: shop-1 }',
      '  - { at: 25s, for: 30s, crash: shop-1.dc2 }',
    ];
    const execution = begin(parse([THREE, 'faults:', ...crashes].join('\n')));
    const { world } = execution;
    const known = (): string[] => {
      const process = world.processes.find(({ name }) => name === 'buy#1')!;
      const state = process.slotByNumber[DISCOVERY_MACHINE]!.state as HealthDiscoveryState;
      return state.watched[0]!.instances.map(({ name }) => name);
    };
    advance(execution, 9 * SECOND);
    expect(known()).toEqual(['shop-1']);
    advance(execution, 24 * SECOND);
    expect(known()).toEqual(['shop-1.dc2']);
    advance(execution, 45 * SECOND);
    expect(known()).toEqual(['shop-1.dc3']);
    advance(execution, 69 * SECOND);
    expect(known()).toEqual(['shop-1']);
  });
});

/** The server of a datacenter alone, as it is 15 s after the only instance of its datacenter went. */
function serverIn(datacenter: string, nearest = 0) {
  const lost = 'faults: [{ at: 5s, for: 40s, crash: [shop-1, shop-1.dc2] }]';
  const text = THREE.replace('nearest_n: 0', `nearest_n: ${nearest}`);
  const execution = begin(parse(`${text}\n${lost}`));
  advance(execution, 20 * SECOND);
  const name = datacenter === 'dc1' ? 's1' : `s1.${datacenter}`;
  const { slotByNumber } = execution.world.processes.find((one) => one.name === name)!;
  const server = new Recording(serverMachine, slotByNumber[SERVER_MACHINE]!.config);
  for (const number of [RAFT_MACHINE, ROUTER_MACHINE, WAN_MACHINE]) {
    server.siblings.set(number, slotByNumber[number]!.state);
  }
  server.start();
  const store = (slotByNumber[RAFT_MACHINE]!.state as RaftState).fsm as Store;
  const query = resolveQuery(store, `shop-passing-failover-${nearest}-dc2-dc3`)!;
  return { server, query, router: slotByNumber[ROUTER_MACHINE]!.state as RouterState };
}

type Server = ReturnType<typeof serverIn>['server'];

/** Requests that have gone to other datacenters. */
function sent({ effects }: Server) {
  return effects.flatMap((effect) => (effect.kind === 'request' ? [effect] : []));
}

const asked = (server: Server) =>
  sent(server).map(({ body }) => (body as ServerRequest).datacenter);

const found = (instances: readonly unknown[]) => {
  return { value: { service: 'shop', instances, failovers: 0 } };
};

test(ref('wan 3.6 #1', 'nearest ones come first, and nobody is asked twice'), () => {
  const { server, query } = serverIn('dc1', 2);
  const exchange = server.ask(RPC_READ, 9, request(QUERY_EXECUTE, { query: query.id, limit: 3 }));
  for (let answers = 0; answers < 2; answers++) {
    server.answer(sent(server).at(-1)!, found([]));
  }
  expect(asked(server).toSorted()).toEqual(['dc2', 'dc3']);
  expect(server.answerOf(exchange)).toMatchObject({ value: { instances: [], failovers: 2 } });
  expect(server.state.failovers.size).toBe(0);
});

test(ref('wan 3.6 #2', 'an error is followed by the next datacenter, as no path is'), () => {
  const { server, query } = serverIn('dc1');
  const exchange = server.ask(RPC_READ, 9, request(QUERY_EXECUTE, { query: query.id, limit: 0 }));
  expect(asked(server)).toEqual(['dc2']);
  server.answer(sent(server)[0]!, undefined, ErrorCause.timeout);
  expect(asked(server)).toEqual(['dc2', 'dc3']);
  server.answer(sent(server)[1]!, found(['somebody']));
  expect(server.answerOf(exchange)).toMatchObject({
    value: { instances: ['somebody'], failovers: 2, datacenter: 'dc3' },
  });
  const other = serverIn('dc1');
  other.router.managers.get('dc2')!.offline = true;
  other.server.ask(RPC_READ, 9, request(QUERY_EXECUTE, { query: other.query.id, limit: 0 }));
  expect(asked(other.server)).toEqual(['dc3']);
});

test(ref('wan 3.6 #3', 'whoever is asked for another datacenter answers for itself alone'), () => {
  const { server, query } = serverIn('dc2');
  const remote = { ...request(QUERY_EXECUTE_REMOTE, { query, limit: 0 }), datacenter: 'dc2' };
  const exchange = server.ask(RPC_READ, 9, remote);
  expect(server.answerOf(exchange)).toMatchObject({ value: { instances: [], failovers: 0 } });
  expect(asked(server)).toEqual([]);
});

test(
  ref('wan 2.3 #4', 'datacenters are ordered by the median of the distances to their servers'),
  () => {
    const far = [0, 0, 0.5, 0.01, 0.3, 0.1, 0.1, 0.1];
    const servers = ['dc1', 'dc1', 'dc2', 'dc2', 'dc2', 'dc4', 'dc3', 'dc3'].map(
      (datacenter, process) => ({ name: `s${process}`, process, datacenter }),
    );
    const member = {
      index: 0,
      pool: { coordinates: { distance: (_from: number, node: number) => far[node] } },
      application: {
        members: new Map(servers.map((_, node) => [node, { status: node === 7 ? 3 : 1 }])),
      },
    };
    const siblings: Record<number, unknown> = {
      [ROUTER_MACHINE]: { config: { datacenter: 'dc1', servers } },
      [WAN_MACHINE]: member,
    };
    const out = { sibling: (number: number) => siblings[number] } as never;
    expect(othersByDistance(out)).toEqual(['dc3', 'dc4', 'dc2']);
    far[6] = 0.4;
    expect(othersByDistance(out)).toEqual(['dc4', 'dc2', 'dc3']);
  },
);
