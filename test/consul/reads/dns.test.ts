/** The agent's DNS server: names, what is left out, order, and how much fits. */
import { describe, expect, test } from 'vitest';
import { parseName } from '../../../sim/consul/agent/reads/dns-names.ts';
import { messageBytes } from '../../../sim/consul/agent/reads/dns-size.ts';
import { serviceTtl } from '../../../sim/consul/agent/reads/dns-answer.ts';
import type { DnsConfig } from '../../../sim/consul/agent/reads/state.ts';
import {
  DNS_ANSWER,
  DNS_QUERY,
  DNS_TCP_QUERY,
} from '../../../sim/consul/agent/reads/vocabulary.ts';
import type {
  DnsAnswer,
  DnsQuestion,
  DnsRecord,
} from '../../../sim/consul/agent/reads/vocabulary.ts';
import {
  CATALOG_NODE_SERVICES,
  HEALTH_SERVICE_NODES,
  QUERY_EXECUTE,
} from '../../../sim/consul/requests/endpoints.ts';
import { definite } from '../../../sim/consul/requests/request.ts';
import type { CheckedInstance } from '../../../sim/consul/state/catalog-queries.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ref } from '../../support/reference.ts';
import { HOUR, SECOND, answerCall, calls, instance, readsOf } from './kit.ts';
import type { Reads } from './kit.ts';

const CLIENT = 4;
const WEB = 'web.service.consul';

function question(name: string, fields: Partial<DnsQuestion> = {}): DnsQuestion {
  return { id: 1, name, type: 'A', ednsBytes: 0, ...fields };
}

function answerTo(reads: Reads): DnsAnswer {
  const { to, input, body } = reads.of('datagram').at(-1)!;
  expect([to, input]).toEqual([CLIENT, DNS_ANSWER]);
  return body as DnsAnswer;
}

/** What a question about a service is answered, given these instances. */
function resolve(
  instances: readonly CheckedInstance[],
  asked: Partial<DnsQuestion> = {},
  dns: Partial<DnsConfig> = {},
): DnsAnswer {
  const reads = readsOf({}, dns);
  // Nothing moves in the shuffle.
  reads.script('dns-shuffle', ...instances.map(() => 0.999_999));
  reads.deliver(DNS_QUERY, CLIENT, question(WEB, asked));
  answerCall(reads, [...instances]);
  return answerTo(reads);
}

const many = (count: number): CheckedInstance[] =>
  Array.from({ length: count }, (_, at) =>
    instance(`w${at + 1}`, 'passing', `10.0.${at >> 8}.${at & 255}`),
  );

describe('names', () => {
  test.each([
    ['web.service.consul', { kind: 'service', service: 'web', tag: '' }],
    ['Blue.Web.service.DC1.consul.', { kind: 'service', service: 'web', tag: 'blue' }],
    ['_web._tcp.service.consul', { kind: 'service', service: 'web', tag: '' }],
    ['_web._blue.service.consul', { kind: 'service', service: 'web', tag: 'blue' }],
    ['n-1.node.consul', { kind: 'node', node: 'n-1' }],
    ['0a000107.addr.dc1.consul', { kind: 'address', address: '10.0.1.7' }],
    ['near.query.consul', { kind: 'query', query: 'near' }],
    ['web.service.dc9.consul', { kind: 'elsewhere' }],
    ['web.consul', { kind: 'unknown' }],
    ['_web._tcp.consul', { kind: 'unknown' }],
    ['example.com', { kind: 'foreign' }],
  ])('%s', (name, lookup) => {
    expect(parseName(name, 'A', 'dc1')).toEqual(lookup);
  });

  test(ref('agents 3.5 #1', 'forms of names; for SRV the word service may be left out'), () => {
    const short = parseName('_web._tcp.consul', 'SRV', 'dc1');
    expect(short).toEqual({ kind: 'service', service: 'web', tag: '' });
  });

  test('what is asked of the servers', () => {
    const reads = readsOf();
    for (const name of [WEB, 'n-1.node.consul', 'near.query.consul']) {
      reads.deliver(DNS_QUERY, CLIENT, question(name));
    }
    expect(calls(reads).map(({ request }) => request)).toMatchObject([
      { endpoint: HEALTH_SERVICE_NODES, mode: 'stale', maxStaleMicros: 87_600 * HOUR },
      { endpoint: CATALOG_NODE_SERVICES, input: { node: 'n-1' } },
      { endpoint: QUERY_EXECUTE, input: { query: 'near', agent: 'a1' } },
    ]);
  });
});

describe('answers about a service', () => {
  test(
    ref('agents 3.5 #2', 'critical instances are left out, with only_passing warnings too'),
    () => {
      const all = [instance('w1'), instance('w2', 'warning'), instance('w3', 'critical')];
      const addresses = (answer: DnsAnswer) => answer.answers.map(({ address }) => address);
      expect(addresses(resolve(all))).toEqual(['10.0.0.1', '10.0.0.2']);
      expect(addresses(resolve(all, {}, { onlyPassing: true }))).toEqual(['10.0.0.1']);
    },
  );

  test(ref('agents 3.5 #3', 'they are shuffled for each question'), () => {
    const reads = readsOf();
    const seen = new Set<string>();
    for (const draws of [
      [0, 0],
      [0.999, 0.999],
    ]) {
      reads.script('dns-shuffle', ...draws);
      reads.deliver(DNS_QUERY, CLIENT, question(WEB));
      answerCall(reads, many(3));
      seen.add(answerTo(reads).answers[0]!.address);
    }
    expect(seen.size).toBe(2);
  });

  test(
    ref('agents 3.5 #4', 'an address comes once, an SRV record once for node, address and port'),
    () => {
      const twins = [instance('w1', 'passing', '10.0.0.7'), instance('w2', 'passing', '10.0.0.7')];
      expect(resolve(twins).answers).toHaveLength(1);
      const { answers, additional } = resolve(twins, { type: 'SRV' });
      expect(answers).toMatchObject([
        { name: 'n-w1.node.dc1.consul', port: 8080, weight: 1 },
        { name: 'n-w2.node.dc1.consul' },
      ]);
      expect(additional).toMatchObject([
        { type: 'A', name: 'n-w1.node.dc1.consul' },
        { type: 'A' },
      ]);
    },
  );

  test(
    ref('agents 3.5 #5', 'without EDNS three answers in 512 bytes, with it as many as fit'),
    () => {
      expect(resolve(many(10)).answers).toHaveLength(3);
      expect(resolve(many(10), { ednsBytes: 512 }).answers).toHaveLength(3);
      expect(resolve(many(10), { ednsBytes: 4096 }).answers).toHaveLength(10);
      expect(resolve(many(20), {}, { udpAnswerLimit: 20 }).answers).toHaveLength(8);
      const large = resolve(many(100), { ednsBytes: 1232 });
      // 12 + 20 + 4 bytes, and 16 for each; 8 are kept free.
      expect(large.answers).toHaveLength(Math.floor((1232 - 8 - 36) / 16));
      expect(large.bytes).toBe(messageBytes({ name: WEB, ...large }));
      const names = resolve(many(100), { type: 'SRV', ednsBytes: 600 });
      expect(names.answers.length).toBeGreaterThan(1);
      expect(names.bytes).toBeLessThanOrEqual(592);
      expect(names.additional).toHaveLength(names.answers.length);
    },
  );

  test(ref('agents 3.5 #5', 'sizes are those of the wire, with names once or in full'), () => {
    const plain = { address: '10.0.0.1', port: 80, weight: 1, ttlMicros: 0 };
    const srv: DnsRecord = { type: 'SRV', name: 'a1.node.dc1.consul', ...plain };
    const a: DnsRecord = { type: 'A', name: 'a1.node.dc1.consul', ...plain };
    const bytes = (answers: DnsRecord[], additional: DnsRecord[], authority = false) =>
      [true, false].map((compressed) =>
        messageBytes({ name: WEB, answers, additional, authority }, compressed),
      );
    // Header 12, name 18 + 2, question 4.
    expect(bytes([], [])).toEqual([36, 36]);
    expect(bytes([], [], true)).toEqual([96, 96]);
    // Pointer 2 or name 20, then 10 and an address of 4.
    expect(bytes([a], [])).toEqual([36 + 16, 36 + 34]);
    // Target 18 + 2 behind 6 bytes of its own; the additional record is the target's.
    expect(bytes([srv], [])).toEqual([36 + 38, 36 + 56]);
    expect(bytes([srv], [a])).toEqual([36 + 38 + 16, 36 + 56 + 34]);
  });

  test(
    ref('agents 3.5 #6', 'that something was left out is said with enable_truncate only'),
    () => {
      expect(resolve(many(10)).truncated).toBe(false);
      expect(resolve(many(10), {}, { enableTruncate: true }).truncated).toBe(true);
      expect(resolve(many(3), {}, { enableTruncate: true }).truncated).toBe(false);
    },
  );

  test(
    ref('agents 3.5 #7', 'a_record_limit goes for every answer, before what a datagram carries'),
    () => {
      expect(resolve(many(10), { ednsBytes: 4096 }, { aRecordLimit: 4 }).answers).toHaveLength(4);
      expect(resolve(many(10), {}, { aRecordLimit: 2 }).answers).toHaveLength(2);
      expect(resolve(many(10), {}, { aRecordLimit: 1 }).answers).toHaveLength(1);
    },
  );

  test(ref('agents 3.5 #8', 'by TCP there is room for 4096 addresses'), () => {
    const reads = readsOf();
    const exchange = reads.ask(DNS_TCP_QUERY, CLIENT, question(WEB));
    answerCall(reads, many(5000));
    // 65 523 bytes hold fewer.
    const { answers } = reads.answerOf(exchange) as DnsAnswer;
    expect(answers).toHaveLength(Math.min(4096, Math.floor((65_523 - 8 - 36) / 16)));
  });

  test(ref('agents 3.5 #9', 'TTLs by exact name, then by the longest beginning'), () => {
    const ttls = { 'w*': 1, 'we*': 2, web: 3, '*': 4 };
    expect(['web', 'webs', 'wall', 'db'].map((name) => serviceTtl(ttls, name))).toEqual([
      3, 2, 1, 4,
    ]);
    expect(serviceTtl({}, 'web')).toBe(0);
    const { answers } = resolve(many(1), {}, { serviceTtlMicros: { web: 30 * SECOND } });
    expect(answers[0]!.ttlMicros).toBe(30 * SECOND);
  });
});

describe('what cannot be answered', () => {
  test(ref('agents 3.5 #10', 'nobody there is NXDOMAIN with an authority section'), () => {
    expect(resolve([])).toMatchObject({ code: 'NXDOMAIN', authority: true, answers: [] });
    expect(resolve([instance('w1', 'critical')])).toMatchObject({ code: 'NXDOMAIN' });
  });

  test('a known node without a record of that type is NOERROR and nothing', () => {
    const reads = readsOf();
    reads.deliver(DNS_QUERY, CLIENT, question('n-1.node.consul', { type: 'SRV' }));
    answerCall(reads, { node: { address: '10.0.0.7' }, services: [] });
    expect(answerTo(reads)).toMatchObject({ code: 'NOERROR', authority: true, answers: [] });
    reads.deliver(DNS_QUERY, CLIENT, question('n-9.node.consul'));
    answerCall(reads, null);
    expect(answerTo(reads)).toMatchObject({ code: 'NXDOMAIN' });
  });

  test(
    ref(
      'agents 3.5 #11',
      'errors are SERVFAIL, unknown queries and datacenters NXDOMAIN, others refused',
    ),
    () => {
      const reads = readsOf();
      const codes = ['example.com', 'web.service.dc9.consul'].map((name) => {
        reads.deliver(DNS_QUERY, CLIENT, question(name));
        return answerTo(reads).code;
      });
      const failing: [string, string][] = [
        [WEB, 'no'],
        ['near.query.consul', 'Query not found'],
      ];
      for (const [name, error] of failing) {
        reads.deliver(DNS_QUERY, CLIENT, question(name));
        reads.answer(calls(reads)[0]!.effect, definite(error), ErrorCause.remote);
        codes.push(answerTo(reads).code);
      }
      expect(codes).toEqual(['REFUSED', 'NXDOMAIN', 'SERVFAIL', 'NXDOMAIN']);
    },
  );
});

test(ref('agents 3.5 #12', 'with use_cache questions are answered from the cache'), () => {
  const reads = readsOf({}, { useCache: true });
  reads.deliver(DNS_QUERY, CLIENT, question(WEB));
  answerCall(reads, many(1));
  expect(answerTo(reads).answers).toHaveLength(1);
  const [{ request }] = calls(reads);
  expect(request.minIndex).toBe(7);
  reads.deliver(DNS_QUERY, CLIENT, question(WEB, { id: 2 }));
  expect(answerTo(reads)).toMatchObject({ id: 2, code: 'NOERROR' });
  expect(calls(reads)).toHaveLength(1);
});

test(ref('agents 3.5 #13', 'a prepared query keeps its order'), () => {
  const reads = readsOf();
  reads.deliver(DNS_QUERY, CLIENT, question('near.query.consul'));
  answerCall(reads, { service: 'web', instances: [instance('w2'), instance('w1')], failovers: 0 });
  expect(answerTo(reads).answers.map(({ address }) => address)).toEqual(['10.0.0.2', '10.0.0.1']);
});
