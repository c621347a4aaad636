/** Agents beside instances: what they find out, and what the catalog makes of it. */
import { describe, expect, test } from 'vitest';
import type { CallerState } from '../../sim/client/call/state.ts';
import { AGENT_MACHINE } from '../../sim/consul/agent/inputs.ts';
import { AgentNote } from '../../sim/consul/agent/specs.ts';
import type { AgentState } from '../../sim/consul/agent/state.ts';
import { listCheckedInstances } from '../../sim/consul/state/catalog-queries.ts';
import type { Store } from '../../sim/consul/state/store.ts';
import type { Execution } from '../../sim/run/execution.ts';
import { CALLER_MACHINE } from '../../sim/service/vocabulary.ts';
import { advance, begin, parse } from './kit.ts';

const SECOND = 1_000_000;

function executionOf(more: string, start = 'formed'): Execution {
  const scenario = parse(`
name: agents
start: ${start}
duration: 4m
settle: 10s
cluster: { datacenters: { dc1: { servers: 3 } } }
services:
  web: { instances: 2, service_time: 5ms, check: { http: /health, timeout: 2s, deregister_critical_service_after: 1m } }
${more}`);
  return begin(scenario);
}

function until(execution: Execution, seconds: number): void {
  advance(execution, seconds * SECOND);
}

/** Instances in the leader's catalog: serfHealth of their node, then what their own check says. */
function catalog({ simulation }: Execution): string[] {
  const store = simulation.raft(0)!.fsm as Store;
  return listCheckedInstances(store, 'web', null).instances.map(
    ({ service, checks }) => `${service.id} ${checks.map(({ status }) => status).join()}`,
  );
}

function agentsOf({ world }: Execution): AgentState[] {
  return world.processes.flatMap(({ slotByNumber }) => {
    const state = slotByNumber[AGENT_MACHINE]?.state;
    return state === undefined ? [] : [state as AgentState];
  });
}

describe('a formed cluster', () => {
  test('has every instance in its catalog, passing, and nothing to push', () => {
    const execution = executionOf('');
    until(execution, 5);
    expect(catalog(execution)).toEqual(['web-1 passing,passing', 'web-2 passing,passing']);
    for (const { local } of agentsOf(execution)) {
      expect([...local.services.values()].every(({ inSync }) => inSync)).toBe(true);
    }
  });

  test('loses an instance that dies: critical first, then removed', () => {
    const execution = executionOf('faults: [{ at: 10s, crash: web-1, how: kill }]');
    until(execution, 25);
    expect(catalog(execution)).toEqual(['web-1 passing,critical', 'web-2 passing,passing']);
    until(execution, 120);
    expect(catalog(execution)).toEqual(['web-2 passing,passing']);
  });

  test('keeps an instance whose agent dies with it, but its node is critical', () => {
    const execution = executionOf('faults: [{ at: 10s, for: 2m, crash: web-1, how: power }]');
    until(execution, 14);
    expect(catalog(execution)).toEqual(['web-1 passing,passing', 'web-2 passing,passing']);
    until(execution, 22);
    expect(catalog(execution)).toEqual(['web-1 critical,passing', 'web-2 passing,passing']);
    until(execution, 120);
    expect(catalog(execution)).toEqual(['web-1 critical,passing', 'web-2 passing,passing']);
    until(execution, 140);
    expect(catalog(execution)[0]).toMatch(/^web-1 passing,/);
  });

  test('finds out what hangs by its timeout, and what refuses at once', () => {
    const execution = executionOf(
      'faults: [{ at: 10s, pause: web-1, for: 60s }, { at: 10s, crash: web-2, how: kill }]',
    );
    until(execution, 24);
    expect(catalog(execution)).toEqual(['web-1 passing,critical', 'web-2 passing,critical']);
  });
});

describe('agents in the pool', () => {
  const serversOf = (execution: Execution): string[] =>
    agentsOf(execution).map(({ servers }) =>
      servers.servers
        .map(({ name }) => name)
        .toSorted()
        .join(),
    );

  test('learn from it which servers are up', () => {
    const execution = executionOf('faults: [{ at: 10s, for: 60s, crash: s3 }]');
    until(execution, 9);
    expect(serversOf(execution)).toEqual(['s1,s2,s3', 's1,s2,s3']);
    until(execution, 25);
    expect(serversOf(execution)).toEqual(['s1,s2', 's1,s2']);
    until(execution, 80);
    expect(serversOf(execution)).toEqual(['s1,s2,s3', 's1,s2,s3']);
  });

  test('compare everything with the catalog when there is a new leader', () => {
    const crash = 'faults: [{ at: 30s, for: 60s, crash: leader }]';
    const syncs = (more: string): number => {
      const execution = executionOf(more);
      let full = 0;
      execution.world.observe({
        wants: [AgentNote.synced],
        onNote: (_kind, _process, a) => void (full += a),
      });
      until(execution, 50);
      return full;
    };
    expect(syncs(crash)).toBeGreaterThanOrEqual(syncs('') + 2);
  });
});

test('agents have the timeout for requests that the cluster has', () => {
  const text = (key: string) =>
    `duration: 9s\n${key}services: { web: { service_time: 5ms, check: { http: /h } } }`;
  const held = (key: string) => agentsOf(begin(parse(text(key))))[0]!.config.rpcHoldMicros;
  expect(held('')).toBe(7 * SECOND);
  const key = 'cluster: { agent: { performance: { rpc_hold_timeout: 3s } } }\n';
  expect(held(key)).toBe(3 * SECOND);
});

test('a cluster that starts cold learns of its services from their agents', () => {
  const execution = executionOf('', 'cold');
  until(execution, 60);
  expect(catalog(execution)).toEqual(['web-1 passing,passing', 'web-2 passing,passing']);
});

describe('clients that discover by health', () => {
  const LOAD = `
load:
  buy: { kind: call, service: web, clients: 3, rate: 50/s, discover: { by: health, REFRESH } }
faults: [{ at: 20s, crash: web-1, for: 60s, how: kill }]`;

  /** Which instances the clients know. */
  function known({ world }: Execution): string[] {
    return world.processes
      .filter(({ name }) => name.startsWith('buy#') && !name.endsWith('/agent'))
      .map(({ slotByNumber }) => {
        const state = slotByNumber[CALLER_MACHINE]!.state as CallerState;
        const { listed, endpoints } = state.upstreams[0]!;
        return listed.map((at) => endpoints[at]!.name).join();
      });
  }

  test.each(['refresh: watch', 'refresh: 2s'])('with %s follow the catalog', (refresh) => {
    const execution = executionOf(LOAD.replace('REFRESH', refresh));
    until(execution, 19);
    expect(known(execution)).toEqual(['web-1,web-2', 'web-1,web-2', 'web-1,web-2']);
    until(execution, 35);
    expect(known(execution)).toEqual(['web-2', 'web-2', 'web-2']);
    until(execution, 95);
    expect(known(execution)).toEqual(['web-1,web-2', 'web-1,web-2', 'web-1,web-2']);
  });

  test('with all of them, dead or alive, do not', () => {
    const execution = executionOf(LOAD.replace(', discover: { by: health, REFRESH }', ''));
    until(execution, 35);
    expect(known(execution)).toEqual(['web-1,web-2', 'web-1,web-2', 'web-1,web-2']);
  });

  test('that ask for all get what is critical too', () => {
    const execution = executionOf(LOAD.replace('REFRESH', 'passing: false'));
    until(execution, 35);
    expect(known(execution)).toEqual(['web-1,web-2', 'web-1,web-2', 'web-1,web-2']);
  });
});
