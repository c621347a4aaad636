/** A client that watches the health endpoint of its agent: what it asks, tells and waits for. */
import { describe, expect, test } from 'vitest';
import { QUERY } from '../../sim/consul/agent/reads/vocabulary.ts';
import type { AgentQuery } from '../../sim/consul/agent/reads/vocabulary.ts';
import { CallerInput } from '../../sim/client/call/state.ts';
import { healthDiscoveryMachine } from '../../sim/client/health-discovery.ts';
import type { HealthDiscoveryConfig } from '../../sim/client/health-discovery.ts';
import type { ServerRequest } from '../../sim/consul/requests/request.ts';
import { ErrorCause } from '../../sim/core/machine.ts';
import { Recording } from '../../sim/core/recording.ts';
import { ref } from '../support/reference.ts';

const SECOND = 1_000_000;
const AGENT = 9;
const AGAIN = 0x1102;

const WEB = {
  upstream: 3,
  service: 'web',
  query: '',
  passing: true,
  mode: 'default',
  cached: false,
  near: '',
  failsOver: false,
} as const;

function finder(intervalMicros: number | null = null) {
  const endpoints = ['web-1', 'web-2'].map((name, process) => {
    return [name, { process, name, zone: '', weight: 1 }] as const;
  });
  const config: HealthDiscoveryConfig = {
    agent: AGENT,
    services: [{ ...WEB, intervalMicros }],
    keepsIndex: false,
    endpoints: new Map(endpoints),
  };
  const client = new Recording(healthDiscoveryMachine, config);
  client.start();
  return client;
}

type Client = ReturnType<typeof finder>;

const asked = (client: Client): ServerRequest[] =>
  client
    .of('request')
    .filter(({ to, input }) => to === AGENT && input === QUERY)
    .map(({ body }) => (body as AgentQuery).request);

function answer(client: Client, index: number, ...ids: string[]): void {
  const value = ids.map((id) => ({ service: { id } }));
  client.answer(client.of('request').at(-1)!, { value, index });
}

function fail(client: Client): void {
  client.answer(client.of('request').at(-1)!, undefined, ErrorCause.remote);
}

/** Names in the last list that the caller was given. */
function told(client: Client): string[] {
  const { body, from } = client.of('post').at(-1)!;
  expect(from).toBe(3);
  return (body as { name: string }[]).map(({ name }) => name);
}

describe('a watching client', () => {
  test('asks at once, then for what is newer than the last answer', () => {
    const client = finder();
    expect(asked(client)).toMatchObject([{ minIndex: 0, mode: 'default' }]);
    expect(asked(client)[0]!.input).toEqual({ service: 'web', tags: [], passing: true });
    answer(client, 12, 'web-1', 'web-2');
    expect(asked(client)[1]).toMatchObject({ minIndex: 12, waitMicros: 300 * SECOND });
  });

  test('tells the caller beside it every list, without what it cannot reach', () => {
    const client = finder();
    answer(client, 12, 'web-2', 'unknown', 'web-1');
    expect(client.of('post').at(-1)!.input).toBe(CallerInput.instances);
    expect(told(client)).toEqual(['web-2', 'web-1']);
    answer(client, 13);
    expect(told(client)).toEqual([]);
  });

  test(ref('agents 3.2 #1', 'begins anew from 0 when the index goes back'), () => {
    const client = finder();
    answer(client, 12, 'web-1');
    answer(client, 5, 'web-1');
    expect(asked(client)[2]).toMatchObject({ minIndex: 0, waitMicros: 0 });
    answer(client, 5, 'web-1');
    expect(asked(client)[3]).toMatchObject({ minIndex: 5 });
  });

  test('keeps its list through errors, and waits longer with each', () => {
    const client = finder();
    answer(client, 12, 'web-1');
    const lists = client.of('post').length;
    for (const seconds of [5, 20, 45, 80, 125, 180, 180]) {
      fail(client);
      expect(client.due(AGAIN)).toBe(client.now + seconds * SECOND);
      client.fire(AGAIN);
    }
    expect(client.of('post')).toHaveLength(lists);
    expect(asked(client).at(-1)).toMatchObject({ minIndex: 0 });
    answer(client, 20, 'web-2');
    expect(told(client)).toEqual(['web-2']);
    fail(client);
    expect(client.due(AGAIN)).toBe(client.now + 5 * SECOND);
  });
});

test('a client that polls asks plainly, with its time in between', () => {
  const client = finder(10 * SECOND);
  answer(client, 12, 'web-1');
  expect(asked(client)).toHaveLength(1);
  expect(client.due(AGAIN)).toBe(10 * SECOND);
  client.fire(AGAIN);
  expect(asked(client)[1]).toMatchObject({ minIndex: 0, waitMicros: 0 });
});
