/** Instances that share the hosts of client agents, through the whole stack. */
import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../scenarios/load.ts';
import { listCheckedInstances } from '../../sim/consul/state/catalog-queries.ts';
import type { Store } from '../../sim/consul/state/store.ts';
import type { Execution } from '../../sim/run/execution.ts';
import { serviceViews } from '../../sim/run/watch/services.ts';
import { advance, begin, parse } from './kit.ts';

const SECOND = 1_000_000;

function textOf(...faults: string[]): string {
  return `
duration: 3m
settle: 10s
cluster: { datacenters: { dc1: { servers: 1, agents: 2, zones: [a, b] } } }
services:
  web: { on: agents, instances: 3, service_time: 5ms, check: { http: /health, interval: 5s } }
  api: { on: a1, service_time: 5ms, register: {}, check: { ttl: 10s } }
load: { buy: { kind: call, service: web, clients: 1, rate: 5/s, discover: { by: dns, cache: 1s } } }
faults: [${faults.map((fault) => `{ ${fault} }`).join(', ')}]`;
}

function executionOf(...faults: string[]): Execution {
  return begin(parse(textOf(...faults)));
}

/** `a1/web-1 passing` for each instance of a service, as the leader's catalog has it. */
function catalog(execution: Execution, seconds: number, service = 'web'): string[] {
  advance(execution, seconds * SECOND);
  const store = execution.simulation.raft(0)!.fsm as Store;
  return listCheckedInstances(store, service, null).instances.map(
    ({ node, service: row, checks }) => {
      const failing = checks.filter(({ status }) => status !== 'passing').map(({ id }) => id);
      return `${node.node}/${row.id} ${failing.join() || 'passing'}`;
    },
  );
}

function running({ world }: Execution): string[] {
  return world.processes.flatMap(({ name, status }) => (status === 'running' ? [name] : []));
}

describe('instances on agents', () => {
  test('are dealt in turn, each node with those that share it', () => {
    const execution = executionOf();
    expect(catalog(execution, 1)).toEqual([
      'a1/web-1 passing',
      'a1/web-3 passing',
      'a2/web-2 passing',
    ]);
    expect(catalog(execution, 40, 'api')).toEqual(['a1/api-1 passing']);
    const { world, scenario } = execution;
    const hostOf = (name: string) => world.processes.find((one) => one.name === name)!.host.name;
    expect([hostOf('web-3'), hostOf('web-2'), hostOf('api-1')]).toEqual(['a1', 'a2', 'a1']);
    expect(world.hosts.map(({ name }) => name)).toEqual(['s1', 'buy#1', 'a1', 'a2']);
    expect(scenario.hosts.at(-1)).toMatchObject({ name: 'api-1', on: 'a1', zone: 'a' });
  });

  test('have addresses of their own, by which DNS tells them apart', () => {
    const execution = executionOf();
    advance(execution, 30 * SECOND);
    const served = serviceViews(execution.world)!.instances.map((one) => [
      one.name,
      one.served > 0,
    ]);
    expect(served.slice(0, 3)).toEqual([
      ['web-1', true],
      ['web-2', true],
      ['web-3', true],
    ]);
  });

  test('end alone, or all with the power of their host', () => {
    const killed = executionOf('at: 10s, crash: web-1, how: kill');
    expect(catalog(killed, 18)[0]).toBe('a1/web-1 service:web-1');
    expect(running(killed)).toEqual(expect.arrayContaining(['a1', 'web-3', 'api-1']));
    const dark = executionOf('at: 10s, for: 40s, crash: web-1, how: power');
    expect(catalog(dark, 30, 'api')).toEqual(['a1/api-1 serfHealth']);
    expect(running(dark)).toEqual(['s1', 'buy#1', 'a2', 'web-2', 'buy#1/agent']);
    advance(dark, 51 * SECOND);
    expect(running(dark)).toContain('api-1');
  });

  test('outlive their agent, and leave what passes with its serfHealth', () => {
    const execution = executionOf('at: 10s, for: 60s, crash: web-1, agent: true');
    const [first] = catalog(execution, 30);
    expect(first).toBe('a1/web-1 serfHealth');
    expect(running(execution)).toEqual(expect.arrayContaining(['web-1', 'web-3']));
    expect(running(execution)).not.toContain('a1');
  });

  test('are in maintenance one by one, or as their node', () => {
    const one = executionOf('at: 10s, maintenance: web-1');
    expect(catalog(one, 12)[1]).toBe('a1/web-3 passing');
    expect(catalog(one, 12)[0]).toBe('a1/web-1 _service_maintenance:web-1');
    const node = executionOf('at: 10s, maintenance: service:web, of: node');
    expect(catalog(node, 12)).toEqual([
      'a1/web-1 _node_maintenance',
      'a1/web-3 _node_maintenance',
      'a2/web-2 _node_maintenance',
    ]);
  });

  test('stand still alone, or with their host', () => {
    const stopped = executionOf('at: 10s, pause: web-1');
    advance(stopped, 11 * SECOND);
    expect(running(stopped)).toContain('a1');
    expect(running(stopped)).not.toContain('web-1');
    const suspended = executionOf('at: 10s, pause: web-1, kind: suspend');
    advance(suspended, 11 * SECOND);
    expect(running(suspended)).toEqual(['s1', 'buy#1', 'a2', 'web-2', 'buy#1/agent']);
  });
});

describe('what cannot be is refused', () => {
  const problemsOf = (more: string, service = 'on: agents'): string => {
    const text = `duration: 60s
cluster: { datacenters: { dc1: { servers: 1, agents: 2, zones: [a, b] } } }
services: { web: { service_time: 5ms, ${service} } }
${more}`;
    const loaded = loadScenario(text, { file: 'x.yaml' });
    return loaded.ok ? '' : loaded.issues.map(({ line, message }) => `${line} ${message}`).join();
  };

  test.each([
    ['', 'on: a3', /^3 unknown host "a3"/],
    ['', 'on: s1', /^3 "s1" is no client agent/],
    ['', 'on: leader', /only known while the run goes on/],
    ['', 'on: zone:c', /unknown zone/],
    [
      'clocks: { web-1: { drift: 100ppm } }',
      'on: agents',
      /^4 "web-1" has no host of its own; write a1/,
    ],
    ['network: { links: [{ between: [web-2, s1], loss: 1% }] }', 'on: agents', /write a2/],
    ['', 'on: agents, instances: 10001', /10000/],
  ])('%s %s', (more, service, problem) => {
    expect(problemsOf(more, service)).toMatch(problem);
  });

  test('one for each agent is what is left out', () => {
    expect(problemsOf('faults: [{ at: 1s, crash: web-2, how: kill }]')).toBe('');
    expect(problemsOf('faults: [{ at: 1s, crash: web-3, how: kill }]')).toMatch(/unknown host/);
  });
});
