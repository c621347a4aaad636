/** `services:` and loads of kind `call` in the language: what they become, and what is refused. */
import { describe, expect, test } from 'vitest';
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

const BASE = `duration: 60s
cluster: { datacenters: { dc1: { servers: 3, zones: [a, b] } } }
`;

function load(text: string): Scenario {
  const loaded = loadScenario(BASE + text, { file: 's.yaml' });
  if (loaded.ok) return loaded.scenario;
  throw new Error(loaded.issues.map((issue) => formatIssue(issue)).join('\n'));
}

function problem(text: string): string {
  const loaded = loadScenario(BASE + text, { file: 's.yaml' });
  if (loaded.ok) throw new Error('the scenario is right');
  return loaded.issues.map((issue) => formatIssue(issue).split('\n')[0]!.slice(7)).join('; ');
}

const service = (more: string): string => `services: { web: { service_time: 5ms, ${more} } }`;
const call = (more: string): string =>
  `${service('instances: 3')}\nload: { c: { kind: call, service: web, rate: 1/s, ${more} } }`;

describe('services', () => {
  test('have instances, dealt to the zones, each with a host of its own', () => {
    const { hosts, services } = load(service('instances: 3'));
    expect(services[0]!.instances).toEqual(['web-1', 'web-2', 'web-3']);
    expect(hosts.slice(-3)).toMatchObject([
      { kind: 'instance', name: 'web-1', service: 'web', zone: 'a' },
      { name: 'web-2', zone: 'b' },
      { name: 'web-3', zone: 'a' },
    ]);
  });

  test('give weights and behaviours to the instances that are named', () => {
    const more = `instances: 3, weights: { web-2..web-3: 5 },
      behaviour: { web-1: { slow: 4x, at: 10s, for: 5s }, web-1..web-2: [{ hung: true }] }`;
    const { weights, behaviours } = load(service(more)).services[0]!;
    expect(weights).toEqual([1, 5, 5]);
    const hung = { kind: 'hung', fromMicros: 0, untilMicros: Infinity };
    const slow = { kind: 'slow', factor: 4, fromMicros: 10e6, untilMicros: 15e6 };
    expect(behaviours).toEqual([[slow, hung], [hung], []]);
  });

  test.each([
    ['weights: { web-4: 2 }', /unknown host "web-4"/],
    ['weights: { s1: 2 }', /"s1" is no instance of a service/],
    ['behaviour: { web-1: { slow: 2x, hung: true } }', /has slow and hung; write two entries/],
    ['behaviour: { web-1: { at: 5s } }', /a behaviour is one of slow, service_time, hung/],
    ['behaviour: { web-1: { slow: 2x, at: 90s } }', /"90s" is not before the end of the run/],
    ['calls: [{ service: web }]', /come back to the service itself/],
    ['calls: [{ service: wep }]', /unknown service "wep", did you mean "web"\?/],
    ['service_times: 4ms', /unknown field "service_times", did you mean "service_time"\?/],
    ['check: {}', /names nothing to ask by; write one of http, tcp, udp,/],
    ['check: { http: /a, grpc: true }', /names http and grpc to ask by/],
    ['check: { http: health }', /expected a path such as \/health/],
    [
      'check: { http: /a, failures_before_warning: 3, failures_before_critical: 2 }',
      /can't be higher than failures_before_critical/,
    ],
    ['check: { ttl: 10s, interval: 5s }', /nobody runs a check of a ttl/],
    ['check: { docker: true, timeout: 5s }', /no time limit/],
    ['check: { tcp: true, heartbeat: 5s }', /acts on a ttl/],
    ['check: [{ udp: true, dependencies: true, timeout: 1s }]', /no time limit/],
    ['denied: [other]', /"other" is none of its names; write one of web/],
    ['health_text: time', /acts on checks/],
  ])('%s is refused', (more, message) => {
    expect(problem(service(more))).toMatch(message);
  });

  test('have checks with the defaults of agents', () => {
    const [plain, script] = ['http: /health', 'script: true, failures_before_critical: 3'].map(
      (given) => load(service(`check: { ${given} }`)).services[0]!.checks[0]!,
    );
    expect(plain).toEqual({
      kind: 'http',
      ofNode: false,
      path: '/health',
      ttlMicros: 0,
      heartbeatMicros: 1,
      intervalMicros: 10_000_000,
      timeoutMicros: 10_000_000,
      status: 'critical',
      successBeforePassing: 0,
      failuresBeforeWarning: 0,
      failuresBeforeCritical: 0,
      deregisterAfterMicros: 0,
      dependencies: false,
    });
    expect(script).toMatchObject({
      kind: 'script',
      timeoutMicros: 30_000_000,
      failuresBeforeWarning: 3,
    });
    expect(load(service('instances: 1')).services[0]!.checks).toEqual([]);
  });

  test('have names that leave room for numbers', () => {
    expect(problem('services: { Web: { service_time: 5ms } }')).toMatch(/no name of a service/);
    expect(problem('services: { web2: { service_time: 5ms } }')).toMatch(/no name of a service/);
  });
});

describe('calls', () => {
  test('have settings with every default filled in', () => {
    const { calls, hosts } = load(call('clients: 2, balance: p2c, retry: {}'));
    expect(calls[0]).toMatchObject({
      name: 'c',
      clients: ['c#1', 'c#2'],
      arrival: { kind: 'open', ratePerSecond: 1 },
      timeoutMicros: 1_000_000,
      deadlineMicros: null,
      balance: { policy: 'p2c', locality: 'none', panic: 0.5, overprovisioning: 1.4 },
      retry: { attempts: 2, backoff: { kind: 'envoy', baseMicros: 25_000, capMicros: 250_000 } },
      hedge: null,
    });
    expect(hosts.filter(({ kind }) => kind === 'client').map(({ zone }) => zone)).toEqual([
      'a',
      'b',
    ]);
  });

  test.each([
    ['balance: { choices: 3 }', /"choices": only least-request looks at it|only least-request/],
    ['balance: { policy: maglev, table: 65536 }', /65536 is no prime/],
    ['balance: { policy: p2c, zone_weights: { a: 2 } }', /acts with locality: weighted/],
    ['balance: { locality: weighted, zone_weights: { c: 2 } }', /unknown zone "c"/],
    ['balance: least', /unknown word "least"/],
    ['retry: { backoff: soon }', /"soon" is no backoff; write a formula/],
    ['retry: { backoff: full-jitter 50ms..25ms }', /no more than the cap/],
    ['retry: { backoff: fixed 50ms..60ms }', /has no fitting times/],
    ['retry: { budget: { kind: grpc, cap: 5 } }', /does nothing with kind: grpc/],
    ['outliers: { variant: grpc, consecutive_5xx: 3 }', /is unknown to variant: grpc/],
    ['breaker: hysterix', /unknown word "hysterix", did you mean "hystrix"\?/],
    ['discover: { by: consul }', /unknown word "consul"/],
    ['discover: { by: dns, passing: true }', /write cluster\.agent\.dns_config\.only_passing/],
    ['discover: { by: query, refresh: watch }', /"watch"/],
    ['discover: { by: health, edns: 512 }', /it belongs to by: dns/],
    ['keys: 0', /outside 1..1000000/],
    ['mix: { get: 100% }', /unknown field "mix"/],
  ])('%s is refused', (more, message) => {
    expect(problem(call(more))).toMatch(message);
  });

  test('have metrics of their own', () => {
    const thresholds = (line: string) => `${call('clients: 1')}\nthresholds: { ${line} }`;
    const ok = 'c.amplification: "<1.2", "c.share{web-1}": "<50%", "c.errors{timeout}": ==0';
    expect(load(thresholds(ok)).thresholds).toHaveLength(3);
    expect(problem(thresholds('c.share: "<50%"'))).toMatch(/needs an instance, as share\{web-1\}/);
    expect(problem(thresholds('"c.errors{late}": ==0'))).toMatch(/needs the name of an error/);
    expect(problem(thresholds('"c.latency{put}": p99<1s'))).toMatch(/no kinds of operations/);
    const kv = `load: { k: { kind: kv, rate: 1/s } }\nthresholds: { k.amplification: "<2" }`;
    expect(problem(kv)).toMatch(/only loads of kind: call have it/);
  });
});

describe('what agents find out', () => {
  const told = (agent: string, discover: string) =>
    loadScenario(
      `duration: 60s
cluster: { datacenters: { dc1: { servers: 1 } }, agent: { ${agent} } }
${call(`discover: ${discover}`)}`,
      { file: 's.yaml' },
    );

  test("has Consul's defaults, and what is written instead", () => {
    const loaded = told('dns_config: { udp_answer_limit: 5 }', '{ by: dns }');
    expect(loaded.ok && loaded.scenario.agentReads).toMatchObject({
      streaming: true,
      fetchRate: null,
      fetchBurst: 2,
      dns: { allowStale: true, onlyPassing: false, udpAnswerLimit: 5, enableTruncate: false },
    });
  });

  test.each([
    ['dns_config: { only_passing: true }', '{ by: health }', /acts where .* by: dns/],
    ['use_streaming_backend: false', '{ by: dns }', /acts where .* by: health/],
  ])('%s with discover: %s is refused', (agent, discover, message) => {
    const loaded = told(agent, discover);
    expect(loaded.ok ? '' : formatIssue(loaded.issues[0]!)).toMatch(message);
  });
});
