/** A client that resolves names: what it asks, how long it keeps answers, in which order. */
import { describe, expect, test } from 'vitest';
import { CallerInput } from '../../sim/client/call/state.ts';
import { resolverMachine, sortByPrefix } from '../../sim/client/dns-discovery.ts';
import type { ResolvedService } from '../../sim/client/dns-discovery.ts';
import { DNS_ANSWER, DNS_QUERY, DNS_TCP_QUERY } from '../../sim/consul/agent/reads/vocabulary.ts';
import type { DnsAnswer, DnsQuestion } from '../../sim/consul/agent/reads/vocabulary.ts';
import { Recording } from '../../sim/core/recording.ts';

const SECOND = 1_000_000;
const AGENT = 9;
const AGAIN = 0x1302;
const UNANSWERED = 0x1303;

function resolver(fields: Partial<ResolvedService> = {}) {
  const addresses = ['10.1.0.1', '10.1.0.2', '10.1.0.9'];
  const service: ResolvedService = {
    upstream: 2,
    service: 'web',
    record: 'A',
    ednsBytes: 0,
    cacheMicros: 30 * SECOND,
    sorted: false,
    firstOnly: false,
    ...fields,
  };
  const client = new Recording(resolverMachine, {
    agent: AGENT,
    address: '10.1.0.8',
    services: [service],
    endpoints: new Map(
      addresses.map((name, process) => [name, { process, name, zone: '', weight: 1 }]),
    ),
  });
  client.start();
  return client;
}

type Client = ReturnType<typeof resolver>;

const asked = (client: Client): DnsQuestion[] =>
  client.of('datagram').flatMap(({ to, input, body }) => {
    expect([to, input]).toEqual([AGENT, DNS_QUERY]);
    return [body as DnsQuestion];
  });

function answer(client: Client, fields: Partial<DnsAnswer>, ...addresses: string[]): DnsAnswer {
  const ttlMicros = 0;
  const record = { type: 'A', name: '', port: 0, weight: 0, ttlMicros } as const;
  return {
    id: asked(client).at(-1)!.id,
    code: 'NOERROR',
    answers: addresses.map((address) => ({ ...record, address })),
    additional: [],
    authority: false,
    truncated: false,
    bytes: 100,
    ...fields,
  };
}

const hear = (client: Client, body: DnsAnswer): void => client.deliver(DNS_ANSWER, AGENT, body);

function told(client: Client): string[] | undefined {
  const post = client.of('post').at(-1);
  if (post === undefined) return undefined;
  expect([post.input, post.from]).toEqual([CallerInput.instances, 2]);
  return (post.body as { name: string }[]).map(({ name }) => name);
}

describe('a resolving client', () => {
  test('asks for the name, and tells the addresses that it can reach in their order', () => {
    const client = resolver();
    expect(asked(client)).toMatchObject([{ name: 'web.service.consul', type: 'A', ednsBytes: 0 }]);
    hear(client, answer(client, {}, '10.1.0.2', '10.9.9.9', '10.1.0.1'));
    expect(told(client)).toEqual(['10.1.0.2', '10.1.0.1']);
  });

  test('keeps an answer for its own time, or for the TTL where that is longer', () => {
    const client = resolver();
    hear(client, answer(client, {}, '10.1.0.1'));
    expect(client.due(AGAIN)).toBe(30 * SECOND);
    client.fire(AGAIN);
    const long = answer(client, {}, '10.1.0.1');
    hear(client, { ...long, answers: [{ ...long.answers[0]!, ttlMicros: 60 * SECOND }] });
    expect(client.due(AGAIN)).toBe(client.now + 60 * SECOND);
  });

  test('nobody there empties the list, for ten seconds', () => {
    const client = resolver();
    hear(client, answer(client, {}, '10.1.0.1'));
    client.fire(AGAIN);
    hear(client, answer(client, { code: 'NXDOMAIN' }));
    expect(told(client)).toEqual([]);
    expect(client.due(AGAIN)).toBe(client.now + 10 * SECOND);
  });

  test('an error leaves the list as it is', () => {
    const client = resolver();
    hear(client, answer(client, {}, '10.1.0.1'));
    client.fire(AGAIN);
    hear(client, answer(client, { code: 'SERVFAIL' }));
    expect(told(client)).toEqual(['10.1.0.1']);
    expect(client.of('post')).toHaveLength(1);
  });

  test('asks twice, then keeps what it has and asks later', () => {
    const client = resolver();
    client.fire(UNANSWERED);
    expect(asked(client)).toHaveLength(2);
    client.fire(UNANSWERED);
    expect(asked(client)).toHaveLength(2);
    client.fire(AGAIN);
    expect(asked(client)).toHaveLength(3);
    // An answer that comes too late is for a question that is no more.
    hear(client, answer(client, { id: asked(client)[0]!.id }, '10.1.0.1'));
    expect(told(client)).toBeUndefined();
  });

  test('what was truncated is asked for by TCP', () => {
    const client = resolver();
    hear(client, answer(client, { truncated: true }, '10.1.0.1'));
    const [tcp] = client.of('request');
    expect(tcp).toMatchObject({ to: AGENT, input: DNS_TCP_QUERY });
    expect(told(client)).toBeUndefined();
    client.answer(tcp!, answer(client, {}, '10.1.0.1', '10.1.0.2'));
    expect(told(client)).toEqual(['10.1.0.1', '10.1.0.2']);
  });

  test('sorts by the longest common prefix, and may take the first alone', () => {
    expect(sortByPrefix('10.1.0.8', ['10.1.0.1', '10.2.0.8', '10.1.0.2', '10.1.0.9'])).toEqual([
      '10.1.0.9',
      '10.1.0.1',
      '10.1.0.2',
      '10.2.0.8',
    ]);
    const client = resolver({ sorted: true, firstOnly: true });
    hear(client, answer(client, {}, '10.1.0.1', '10.1.0.2', '10.1.0.9'));
    expect(told(client)).toEqual(['10.1.0.9']);
  });
});
