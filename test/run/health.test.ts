/** Every kind of check through the whole stack: what it makes of an instance in each state. */
import { describe, expect, test } from 'vitest';
import { PROGRAM_MACHINE } from '../../sim/service/vocabulary.ts';
import type { ProgramState } from '../../sim/client/program.ts';
import { AGENT_MACHINE } from '../../sim/consul/agent/inputs.ts';
import type { AgentState } from '../../sim/consul/agent/state.ts';
import { listCheckedInstances } from '../../sim/consul/state/catalog-queries.ts';
import type { Store } from '../../sim/consul/state/store.ts';
import type { Execution } from '../../sim/run/execution.ts';
import { advance, begin, parse } from './kit.ts';
import { ref } from '../support/reference.ts';

const SECOND = 1_000_000;

function executionOf(service: string, more = ''): Execution {
  return begin(
    parse(`
name: health
duration: 5m
settle: 10s
cluster: { datacenters: { dc1: { servers: 1 } } }
services: { web: { service_time: 5ms, ${service} } }
${more}`),
  );
}

function until(execution: Execution, seconds: number): Execution {
  advance(execution, seconds * SECOND);
  return execution;
}

function stateOf<T>({ world }: Execution, machine: number): T {
  const slot = world.processes.find(({ slotByNumber }) => slotByNumber[machine] !== undefined);
  return slot!.slotByNumber[machine]!.state as T;
}

const agentOf = (execution: Execution): AgentState => stateOf(execution, AGENT_MACHINE);

/** Of the first instance in the leader's catalog: each check with its status. */
function catalog({ simulation }: Execution, service = 'web'): string[] {
  const store = simulation.raft(0)!.fsm as Store;
  return listCheckedInstances(store, service, null).instances.map(
    ({ service: { id }, checks }) =>
      `${id} ${checks
        .filter((check) => check.id !== 'serfHealth')
        .map((check) => `${check.id}=${check.status}`)
        .join()}`,
  );
}

/** Status of the only check after 25 s with that trouble from 10 s on. */
function statusOf(check: string, behaviour: string, fault = ''): string {
  const sick = behaviour === '' ? '' : `behaviour: { web-1: { ${behaviour}, at: 10s } },`;
  const faults = fault === '' ? '' : `faults: [{ at: 10s, ${fault} }]`;
  const execution = executionOf(`${sick} check: { ${check}, interval: 5s }`, faults);
  until(execution, 25);
  const [check1] = [...agentOf(execution).local.checks.values()];
  return check1!.check!.status;
}

describe(ref('agents 2.1 #1', 'a check of each kind'), () => {
  const HUNG = 'hung: true';
  const REFUSING = 'refusing: true';
  const DEAD = 'crash: web-1, how: kill';
  const PAUSED = 'pause: web-1';

  test.each([
    // The kind, then what it makes of an instance that hangs, refuses, is dead, stands still.
    ['http: /health, timeout: 1s', 'critical', 'critical', 'critical', 'critical'],
    ['grpc: true, timeout: 1s', 'critical', 'critical', 'critical', 'critical'],
    ['script: true, timeout: 1s', 'critical', 'critical', 'critical', 'critical'],
    // The system accepts, and the transport answers, for a program that does not.
    ['tcp: true, timeout: 1s', 'passing', 'passing', 'critical', 'passing'],
    ['h2ping: true, timeout: 1s', 'passing', 'passing', 'critical', 'critical'],
    // Nobody bounds the wait: the last status stays (H8).
    ['udp: true', 'passing', 'passing', 'critical', 'passing'],
    ['docker: true', 'passing', 'critical', 'critical', 'passing'],
  ])('by %s', (check, hung, refusing, dead, paused) => {
    expect([
      statusOf(check, ''),
      statusOf(check, HUNG),
      statusOf(check, REFUSING),
      statusOf(check, '', DEAD),
      statusOf(check, '', PAUSED),
    ]).toEqual(['passing', hung, refusing, dead, paused]);
  });

  test('leaves no connection behind', () => {
    const execution = until(executionOf('check: { tcp: true, interval: 1s }'), 30);
    const open = (): number => {
      let count = 0;
      execution.world.connections.pool.forEach(() => count++);
      return count;
    };
    const early = open();
    until(execution, 60);
    expect(open()).toBeLessThanOrEqual(early + 2);
  });

  test('of an instance with a full queue warns', () => {
    const load = 'load: { buy: { kind: call, service: web, clients: 1, rate: 400/s } }';
    const busy = 'workers: 1, queue: 3, check: { http: /health, interval: 1s }';
    const execution = until(executionOf(busy, load), 20);
    expect([...agentOf(execution).local.checks.values()][0]!.check!.status).toBe('warning');
  });
});

describe('a ttl', () => {
  test('is kept alive by its instance, and expires with it', () => {
    const text = 'check: { ttl: 10s }, register: {}';
    const killed = executionOf(text, 'faults: [{ at: 21s, crash: web-1, how: kill }]');
    expect(catalog(until(killed, 29))).toEqual(['web-1 service:web-1=passing']);
    expect(catalog(until(killed, 31))).toEqual(['web-1 service:web-1=critical']);
  });

  test('of an instance that hangs expires; one that refuses says so itself', () => {
    const sick = (behaviour: string, seconds: number) =>
      catalog(
        until(
          executionOf(`check: { ttl: 10s }, behaviour: { web-1: { ${behaviour}, at: 21s } }`),
          seconds,
        ),
      );
    expect(sick('hung: true', 29)).toEqual(['web-1 service:web-1=passing']);
    expect(sick('hung: true', 31)).toEqual(['web-1 service:web-1=critical']);
    expect(sick('refusing: true', 26)).toEqual(['web-1 service:web-1=critical']);
  });
});

describe('several registrations', () => {
  test('of one instance are several services; what is denied never comes', () => {
    const text = 'names: [web-admin, web-debug], denied: [web-debug], check: { http: /health }';
    const execution = until(executionOf(text, 'start: cold'), 60);
    expect(catalog(execution)).toEqual(['web-1 service:web-1=passing']);
    expect(catalog(execution, 'web-admin')).toEqual(['web-1:web-admin ']);
    expect(catalog(execution, 'web-debug')).toEqual([]);
    expect(agentOf(execution).syncer.phase).toBe('partial');
  });

  test(ref('agents 2.4 #1', 'of a sidecar: TCP, and an alias of the instance'), () => {
    const text =
      'sidecar: true, check: { http: /health, interval: 5s }, behaviour: { web-1: { refusing: true, at: 20s } }';
    const execution = executionOf(text, 'start: cold');
    const proxy = (status: string) => [
      `web-1-sidecar-proxy service:web-1-sidecar-proxy:1=passing,service:web-1-sidecar-proxy:2=${status}`,
    ];
    expect(catalog(until(execution, 18), 'web-sidecar-proxy')).toEqual(proxy('passing'));
    expect(catalog(until(execution, 30), 'web-sidecar-proxy')).toEqual(proxy('critical'));
  });

  test(ref('agents 2.4 #2', 'a check of the node is one of all its services'), () => {
    const text =
      'names: [web-admin], check: { http: /health, of: node, interval: 5s }, behaviour: { web-1: { refusing: true, at: 20s } }';
    const execution = until(executionOf(text), 40);
    expect(catalog(execution, 'web-admin')).toEqual(['web-1:web-admin service:web-1=critical']);
  });
});

describe('a program that registers itself', () => {
  const AGENT_DIES = 'faults: [{ at: 30s, for: 10s, crash: web-1, how: power }]';

  test(ref('agents 1.7 #5', 'is critical at first, and passing after its first check'), () => {
    const text = 'register: {}, check: { http: /health, interval: 60s }';
    const execution = executionOf(text, 'start: bootstrap');
    until(execution, 15);
    expect(catalog(execution)).toEqual(['web-1 service:web-1=critical']);
    until(execution, 90);
    expect(catalog(execution)).toEqual(['web-1 service:web-1=passing']);
    expect(stateOf<ProgramState>(execution, PROGRAM_MACHINE).registered).toEqual([true]);
  });

  test(
    ref('agents 1.11 #1', 'is taken up from the disk, and critical until it was checked'),
    () => {
      const execution = executionOf(
        'register: {}, check: { http: /health, interval: 60s }',
        AGENT_DIES,
      );
      // The program is down for so long, and registers again when it starts.
      until(execution, 39);
      const { durable } = agentOf(execution);
      expect([...durable.services.keys()]).toEqual(['web-1']);
      until(execution, 41);
      expect(agentOf(execution).local.checks.get('service:web-1')!.check!.status).toBe('critical');
    },
  );

  test(ref('agents 1.9 #1', 'is forgotten by an agent without a data directory'), () => {
    // Its program is down with it, and comes back 60 s later than the agent.
    const after = (data: boolean) => {
      const text = `register: { data_dir: ${data} }, check: { http: /health }`;
      const power = '{ at: 30s, for: 10s, crash: web-1, how: power }';
      const kill = '{ at: 31s, for: 100s, crash: web-1, how: kill }';
      return catalog(until(executionOf(text, `faults: [${power}, ${kill}]`), 100));
    };
    expect(after(true)).toEqual(['web-1 service:web-1=critical']);
    expect(after(false)).toEqual([]);
  });

  test('comes back when it looks, once its agent has removed it', () => {
    const reaped = (look: string) => {
      const check = '{ http: /health, interval: 5s, deregister_critical_service_after: 1m }';
      const sick = 'behaviour: { web-1: { refusing: true, at: 10s, for: 150s } }';
      const execution = executionOf(`register: { ${look} }, check: ${check}, ${sick}`);
      return [120, 200].map((seconds) => catalog(until(execution, seconds)));
    };
    expect(reaped('')).toEqual([[], []]);
    expect(reaped('look: 20s')[1]).toEqual(['web-1 service:web-1=passing']);
  });
});
