/** Coordinates in whole clusters: they come into the catalog, and sort what is asked for near. */
import { expect, test } from 'vitest';
import { listCheckedInstances } from '../../../sim/consul/state/catalog-queries.ts';
import { sortByDistance } from '../../../sim/consul/state/near.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { rowsWithPrefix } from '../../../sim/consul/state/table.ts';
import type { Execution } from '../../../sim/run/execution.ts';
import { advance, begin, parse } from '../../run/kit.ts';
import { SECOND } from '../support/server.ts';

const CLUSTER = `
duration: 4m
settle: 10s
known_issues: fix
network: { zone: { latency: 300us }, lan: { latency: 20ms } }
cluster:
  datacenters: { dc1: { servers: 3, zones: [a, b, c] } }
`;

function leaderStore({ simulation: { servers, raft } }: Execution): Store {
  return raft(servers.find(({ process }) => raft(process)?.role === 2)!.process)!.fsm as Store;
}

function nodesPlaced(execution: Execution): string[] {
  return rowsWithPrefix(leaderStore(execution).coordinates, '').map(({ node }) => node);
}

test('within 40 s the catalog knows where every server is, unless coordinates are disabled', () => {
  const execution = begin(parse(CLUSTER));
  advance(execution, 40 * SECOND);
  expect(nodesPlaced(execution)).toEqual(['s1', 's2', 's3']);
  const without = begin(parse(CLUSTER, 'test.yaml', ['cluster.agent.disable_coordinates=true']));
  advance(without, 40 * SECOND);
  expect(nodesPlaced(without)).toEqual([]);
});

const CALLS = `
services: { web: { instances: 6, service_time: 1ms, check: { http: /health, interval: 10s } } }
load:
  buy: { kind: call, service: web, clients: 3, rate: 1/s, discover: { by: health, near: true } }
`;

test('after some minutes the instances of the own zone are nearest', () => {
  const scenario = parse(CLUSTER + CALLS);
  const zones = new Map(scenario.hosts.map(({ name, zone }) => [name, zone]));
  const execution = begin(scenario, 1, { trace: 'off', observers: false });
  const nearest = (client: string): unknown[] => {
    const { instances } = listCheckedInstances(leaderStore(execution), 'web', null);
    const sorted = sortByDistance(leaderStore(execution), client, instances);
    return sorted.slice(0, 2).map(({ node }) => zones.get(node.node));
  };
  const clients = scenario.hosts.flatMap(({ kind, name }) => (kind === 'client' ? [name] : []));
  expect(clients).toHaveLength(3);
  advance(execution, 200 * SECOND);
  for (const client of clients) {
    const own = zones.get(client);
    expect(nearest(client)).toEqual([own, own]);
  }
});
