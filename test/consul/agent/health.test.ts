/** Kinds of checks, maintenance mode, the data directory and refused pushes, of one agent alone. */
import { describe, expect, test } from 'vitest';
import * as Input from '../../../sim/consul/agent/inputs.ts';
import { resultOf } from '../../../sim/consul/agent/check-results.ts';
import { createDurable } from '../../../sim/consul/agent/persistence.ts';
import { CATALOG_REGISTER } from '../../../sim/consul/requests/endpoints.ts';
import { definite } from '../../../sim/consul/requests/request.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ref } from '../../support/reference.ts';
import {
  MINUTE,
  SECOND,
  agentOf,
  answerAll,
  answerReads,
  calls,
  checking,
  definition,
  httpCheck,
  refuse,
  respond,
  statusOf,
} from './kit.ts';
import type { Agent } from './kit.ts';

function untilAsked(agent: Agent): void {
  for (let i = 0; i < 100 && checking(agent) === undefined; i++) agent.advance(SECOND / 2);
}

/** Lets the handler of the API write its files. */
function persist(agent: Agent): void {
  agent.writeAll();
}

describe('a result', () => {
  const answer = (code: number) => ({ code, text: 'body' });

  test.each([
    ['http', 204, 'passing', 'HTTP GET http://10.0.0.7:8080/health: 204 Output: body'],
    [
      'http',
      429,
      'warning',
      'HTTP GET http://10.0.0.7:8080/health: 429 Too Many Requests Output: body',
    ],
    ['http', 302, 'critical', 'HTTP GET http://10.0.0.7:8080/health: 302 Output: body'],
    ['grpc', 200, 'passing', 'gRPC check 10.0.0.7:8080: success'],
    ['grpc', 429, 'critical', 'gRPC check 10.0.0.7:8080: not serving'],
    ['script', 429, 'warning', 'body'],
    ['docker', 500, 'critical', 'body'],
    ['h2ping', 200, 'passing', 'HTTP2 ping was successful'],
    ['udp', 503, 'passing', 'UDP connect 10.0.0.7:8080: Success'],
  ] as const)('of %s with %i is %s', (kind, code, status, output) => {
    const result = resultOf(httpCheck({ kind }), answer(code), ErrorCause.none);
    expect(result).toEqual({ status, output });
  });

  test(ref('agents 2.1 #2', 'of HTTP depends on the class of the code'), () => {
    const status = (code: number) => resultOf(httpCheck(), answer(code), ErrorCause.none)!.status;
    expect([199, 200, 299, 300, 428, 429, 430].map(status)).toEqual([
      'critical',
      'passing',
      'passing',
      'critical',
      'critical',
      'warning',
      'critical',
    ]);
  });

  test(ref('agents 1.12 H8', 'of UDP never comes where nobody answers'), () => {
    const udp = httpCheck({ kind: 'udp' });
    expect(resultOf(udp, undefined, ErrorCause.refused)).toMatchObject({ status: 'critical' });
    expect(resultOf(udp, undefined, ErrorCause.eof)).toBeNull();
    const agent = agentOf({ services: [definition('web', udp)] });
    answerAll(agent);
    untilAsked(agent);
    agent.answer(checking(agent)!, undefined, ErrorCause.eof);
    agent.advance(10 * MINUTE);
    answerAll(agent);
    expect(checking(agent)).toBeUndefined();
  });

  test(ref('agents 2.1 #3', 'of a script that takes too long counts at once'), () => {
    const thresholds = {
      successBeforePassing: 0,
      failuresBeforeWarning: 3,
      failuresBeforeCritical: 3,
    };
    const after = (kind: 'script' | 'http'): string | undefined => {
      const agent = agentOf({ services: [definition('web', httpCheck({ kind, thresholds }))] });
      answerAll(agent);
      untilAsked(agent);
      respond(agent, 200);
      answerAll(agent);
      untilAsked(agent);
      agent.answer(checking(agent)!, undefined, ErrorCause.timeout);
      answerAll(agent);
      return statusOf(agent);
    };
    expect([after('script'), after('http')]).toEqual(['critical', 'passing']);
  });
});

describe(ref('agents 2.4 #3', 'maintenance mode'), () => {
  function switched(agent: Agent, service: string, enable: boolean): number {
    const exchange = agent.ask(Input.MAINTENANCE, 5, { service, enable });
    const pushed = answerAll(agent).length;
    expect(agent.answerOf(exchange)).toBeDefined();
    return pushed;
  }

  test.each([
    ['', '_node_maintenance', ''],
    ['web', '_service_maintenance:web', 'web'],
  ])('of "%s" is a critical check that is there once', (service, id, owner) => {
    const agent = agentOf({ services: [definition('web')] });
    answerAll(agent);
    expect(switched(agent, service, true)).toBe(1);
    expect(agent.state.local.checks.get(id)!.check).toMatchObject({
      status: 'critical',
      serviceId: owner,
    });
    expect(switched(agent, service, true)).toBe(0);
    expect(switched(agent, service, false)).toBe(1);
    expect(agent.state.local.checks.has(id)).toBe(false);
  });

  test('of an unknown service is refused', () => {
    const agent = agentOf();
    answerAll(agent);
    const exchange = agent.ask(Input.MAINTENANCE, 5, { service: 'web', enable: true });
    expect(agent.answerOf(exchange)).toMatchObject({ status: 404 });
  });
});

test(ref('agents 1.5 #7', 'a refused service counts as in sync until the next full sync'), () => {
  const agent = agentOf({ services: [{ ...definition('web'), denied: true }] });
  answerReads(agent);
  refuse(agent, definite('Permission denied'));
  expect(agent.state.syncer.phase).toBe('partial');
  expect(agent.state.local.services.get('web')!.inSync).toBe(true);
  agent.deliver(Input.TRIGGER, 0, null);
  expect(calls(agent)).toEqual([]);
  agent.advance(2 * MINUTE);
  answerReads(agent);
  expect(calls(agent)[0]!.request).toMatchObject({
    endpoint: CATALOG_REGISTER,
    input: { denied: true },
  });
});

describe('an agent with a data directory', () => {
  const ttl = httpCheck({ kind: 'ttl', ttlMicros: 20 * SECOND });

  /** Registers, restarts after that time, and tells what is there then. */
  function restarted(seconds: number, more: (agent: Agent) => void = () => {}, fields = {}): Agent {
    const agent = agentOf({ persists: true, ...fields });
    answerAll(agent);
    agent.deliver(Input.REGISTER_SERVICE, 1, definition('db', ttl));
    persist(agent);
    answerAll(agent);
    more(agent);
    agent.advance(seconds * SECOND);
    agent.crash();
    agent.start();
    return agent;
  }

  function tell(agent: Agent): void {
    agent.deliver(Input.UPDATE_CHECK, 2, { check: 'service:db', status: 'passing', output: '' });
    persist(agent);
    answerAll(agent);
  }

  test(ref('agents 1.11 #2', 'takes up what a TTL was told, if its time is not over'), () => {
    expect(statusOf(restarted(5), 'service:db')).toBe('critical');
    expect(statusOf(restarted(5, tell), 'service:db')).toBe('passing');
    expect(statusOf(restarted(21, tell), 'service:db')).toBe('critical');
  });

  test(ref('agents 1.11 #3', 'forgets what is deregistered'), () => {
    const deregister = (agent: Agent): void => {
      tell(agent);
      agent.deliver(Input.DEREGISTER_SERVICE, 3, 'db');
      persist(agent);
      answerAll(agent);
    };
    const { durable, state } = restarted(1, deregister);
    expect([durable.services.size, durable.statuses.size, state.local.services.size]).toEqual([
      0, 0, 0,
    ]);
  });

  test('forgets the maintenance mode of what is deregistered', () => {
    const switched = (agent: Agent): void => {
      agent.deliver(Input.MAINTENANCE, 3, { service: 'db', enable: true });
      persist(agent);
      answerAll(agent);
    };
    const kept = restarted(1, switched);
    expect(statusOf(kept, '_service_maintenance:db')).toBe('critical');
    const { durable, state } = restarted(1, (agent) => {
      switched(agent);
      agent.deliver(Input.DEREGISTER_SERVICE, 4, 'db');
      persist(agent);
      answerAll(agent);
    });
    expect([durable.checks.size, state.local.checks.size]).toEqual([0, 0]);
  });

  test(ref('agents 1.7 #7', 'prefers its configuration'), () => {
    const own = definition('db', httpCheck());
    const agent = restarted(1, undefined, { services: [own] });
    expect(agent.state.runners.get('service:db')!.definition.kind).toBe('http');
  });

  test('keeps maintenance mode', () => {
    const agent = restarted(1, (running) => {
      running.deliver(Input.MAINTENANCE, 4, { service: '', enable: true });
      persist(running);
      answerAll(running);
    });
    expect(agent.state.local.checks.get('_node_maintenance')?.check?.status).toBe('critical');
  });

  test('of a formed cluster has what its programs had registered', () => {
    const fields = { registered: [definition('db', ttl)], formed: true, persists: true };
    const { config } = agentOf(fields).state;
    expect([...createDurable(config).services.keys()]).toEqual(['db']);
    expect(createDurable({ ...config, persists: false }).services.size).toBe(0);
  });
});

test(ref('agents 2.5 #4', 'a check of the node removes nothing'), () => {
  const left = (ofNode: boolean): number => {
    const check = httpCheck({ ofNode, deregisterAfterMicros: MINUTE });
    const agent = agentOf({ services: [definition('web', check)] });
    answerAll(agent);
    for (let i = 0; i < 300; i++) {
      agent.advance(SECOND);
      if (checking(agent) !== undefined) respond(agent, 500);
      answerAll(agent);
    }
    return agent.state.local.services.size;
  };
  expect([left(false), left(true)]).toEqual([0, 1]);
});
