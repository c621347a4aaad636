/** Answers in the order of distance: lists of health, and prepared queries. */
import { expect, test } from 'vitest';
import { QUERY_EXECUTE, HEALTH_SERVICE_NODES } from '../../sim/consul/requests/endpoints.ts';
import { RPC_READ } from '../../sim/consul/requests/inputs.ts';
import { request } from '../../sim/consul/requests/request.ts';
import type { Executed } from '../../sim/consul/requests/query-endpoints.ts';
import type { CheckedInstance } from '../../sim/consul/state/catalog-queries.ts';
import { registerCommand } from '../../sim/consul/state/commands.ts';
import { applyCommand } from '../../sim/consul/state/fsm.ts';
import type { Coordinate, QueryDefinition } from '../../sim/consul/state/rows.ts';
import type { Command } from '../../sim/protocol/raft/types.ts';
import { EntryType } from '../../sim/protocol/raft/types.ts';
import { ref } from '../support/reference.ts';
import { raftState, replies, serverOf } from './support/server.ts';

const QUERY: QueryDefinition = {
  id: 'q',
  name: 'web-near',
  session: '',
  template: false,
  service: 'web',
  tags: [],
  onlyPassing: true,
  ignoreChecks: [],
  near: '_agent',
  nodeMeta: [],
  serviceMeta: [],
  failoverNearest: 0,
  failoverDatacenters: [],
};

function at(node: string, x: number, adjustment = 0): Coordinate {
  return { node, segment: '', vector: [x, 0], error: 1, adjustment, height: 0.001 };
}

/** Nodes a to e; b is nearest to a, then c, then e by its adjustment, then d; f has no coordinate. */
function server() {
  const raft = raftState();
  let index = 10;
  const apply = (data: Command): void => {
    applyCommand(raft.fsm, { index: ++index, term: 1, type: EntryType.command, data, prefix: 0 });
  };
  for (const node of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const row = { id: `${node}-id`, node, address: '10.0.0.1', meta: [] };
    const service = {
      id: `web-${node}`,
      service: 'web',
      tags: [],
      address: '',
      port: 80,
      meta: [],
    };
    apply(registerCommand(row, false, service, []));
  }
  const updates = [at('a', 0), at('d', 0.03), at('c', 0.02), at('b', 0.01), at('e', 0.04, -0.015)];
  apply({ op: 'coordinates', updates, digest: 1 } as Command);
  apply({ op: 'query-set', query: QUERY, digest: 2 } as Command);
  return serverOf(raft);
}

const nodes = (instances: readonly CheckedInstance[]): string =>
  instances.map(({ node }) => node.node).join('');

test(
  ref('agents 3.1 #5', 'near sorts by distance; who has no coordinate comes last, ties stay'),
  () => {
    const one = server();
    const list = (near: string): string => {
      const input = { service: 'web', tags: [], passing: true, near };
      const exchange = one.ask(RPC_READ, 9, request(HEALTH_SERVICE_NODES, input));
      const [{ value }] = replies(one, exchange) as { value: CheckedInstance[] }[];
      return nodes(value);
    };
    expect(list('a')).toBe('abcedf');
    // Where the adjustments leave nothing of a distance, it counts without them.
    expect(list('d')).toBe('dcebaf');
    // Of whom nothing is known, nothing is near.
    expect(list('f')).toBe('abcdef');
  },
);

test(
  ref(
    'agents 3.6 #1',
    'a prepared query is shuffled, then sorted by distance; the own node is first',
  ),
  () => {
    const one = server();
    const execute = (agent: string, limit = 0): string => {
      const input = { query: 'web-near', limit, agent };
      const exchange = one.ask(RPC_READ, 9, request(QUERY_EXECUTE, input));
      const [{ value }] = replies(one, exchange) as { value: Executed }[];
      return nodes(value.instances);
    };
    expect(execute('a')).toBe('abcedf');
    expect(execute('a', 2)).toBe('ab');
    // Nearer than e itself, by its adjustment, are others.
    expect(execute('e')[0]).toBe('e');
    // Without an agent the order is that of the shuffle.
    one.script('prepared-query', 0, 0, 0, 0, 0);
    expect(execute('')).not.toBe('abcdef');
  },
);
