/** `mesh:` in the language: defaults, and what is refused. */
import { describe, expect, test } from 'vitest';
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';

const API = 'services: { api: { service_time: 1ms, sidecar: true } }';
const CALL = 'load: { c: { kind: call, service: api, rate: 1/s, as: web } }';

function load(text: string): Scenario {
  const loaded = loadScenario(`duration: 60s\n${text}`, { file: 's.yaml' });
  if (loaded.ok) return loaded.scenario;
  throw new Error(loaded.issues.map((issue) => formatIssue(issue)).join('\n'));
}

function problem(text: string): string {
  const loaded = loadScenario(`duration: 60s\n${text}`, { file: 's.yaml' });
  if (loaded.ok) throw new Error('the scenario is right');
  return loaded.issues.map((issue) => formatIssue(issue).split('\n')[0]!).join('; ');
}

test("has Consul's defaults", () => {
  const { mesh, calls } = load(`mesh: {}\n${API}\n${CALL}`);
  const hour = 3600 * 1e6;
  expect(mesh).toEqual({
    leafCertTtlMicros: 72 * hour,
    csrMaxPerSecond: 50,
    csrMaxConcurrent: 0,
    signMicros: 2000,
    allowsByDefault: true,
    intentions: [],
    leafAgeMicros: [0, 43.2 * hour],
  });
  expect(calls[0]!.as).toBe('web');
  expect(load('start: cold').mesh).toBeNull();
});

describe('refuses', () => {
  const rule = '{ source: web, destination: api, action: deny }';
  test.each([
    [
      'lives of less than an hour',
      `mesh: { ca_config: { leaf_cert_ttl: 30m } }\n${API}`,
      '2:37 must lie from 1h to 2920h',
    ],
    ['a mesh without proxies', 'mesh: {}', 'no service has a proxy; write sidecar: true with one'],
    ['calls through proxies without a mesh', `${API}\n${CALL}`, 'write mesh: {}'],
    [
      'calls through proxies to who has none',
      `mesh: {}\nservices: { api: { service_time: 1ms, sidecar: true }, db: { service_time: 1ms } }
load: { c: { kind: call, service: db, rate: 1/s, as: web } }`,
      'db has no proxy; write sidecar: true with it',
    ],
    [
      'faults of a mesh that is not there',
      `faults: [{ at: 1s, rotate_ca: true }]`,
      'write mesh: {}',
    ],
    ['its plants without it', `${API}\nplant: [M1]`, 'write mesh: {}'],
    [
      'intentions about nobody',
      `mesh: { intentions: [${rule}] }\n${API}`,
      'nobody calls as "web" through a proxy',
    ],
    [
      'intentions in faults about nobody',
      `mesh: {}\n${API}\n${CALL}\nfaults: [{ at: 1s, intention: ${rule.replace('api', 'db')} }]`,
      '"db" is no service with sidecar: true',
    ],
    [
      'two limits of signing',
      `mesh: { ca_config: { csr_max_concurrent: 2 } }\n${API}`,
      'counts with csr_max_per_second: 0 only',
    ],
    [
      'ages beyond the lifetime',
      `mesh: { ca_config: { leaf_cert_ttl: 1h }, leaf_age: 50m..70m }\n${API}`,
      'lies outside the lifetime',
    ],
    [
      'servers that are Raft alone',
      `cluster: { raft: { alone: true } }\nmesh: {}\n${API}`,
      'the authority is built on Raft',
    ],
  ])('%s', (_name, text, message) => {
    expect(problem(text)).toContain(message);
  });
});
