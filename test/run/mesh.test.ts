/** Calls through the mesh: errors that callers see, and what a call that does not go through it meets. */
import { describe, expect, test } from 'vitest';
import { listNodeServices } from '../../sim/consul/state/catalog-queries.ts';
import type { Store } from '../../sim/consul/state/store.ts';
import { callScenario, runCalls } from '../client/kit.ts';
import type { Ran } from '../client/kit.ts';
import { ref } from '../support/reference.ts';

const CLUSTER = 'cluster: { datacenters: { dc1: { servers: 1 } } }';
const API = 'services: { api: { service_time: 1ms, sidecar: true } }';

function ran(mesh: string, load: string, more = '', seconds = 20): Ran {
  const text = `${CLUSTER}
mesh: { ${mesh} }
${API}
load: { c: { kind: call, service: api, rate: 10/s, ${load} } }
${more}`;
  return runCalls(callScenario(text, seconds));
}

describe('calls', () => {
  test(
    ref('agents 5 #2', 'the proxy of the destination decides, within a second of a change'),
    () => {
      const deny = 'intentions: [{ source: "*", destination: api, action: deny }]';
      const { value, metric } = ran(
        deny,
        'as: web',
        'faults: [{ at: 5s, for: 10s, intention: { source: web, destination: api, action: allow } }]',
      );
      expect(value('c.errors{intention-denied}')).toBeGreaterThan(70);
      // Half of the time; the default does not count where an intention fits.
      expect(value('c.availability')).toBeGreaterThan(0.42);
      expect(value('c.availability')).toBeLessThan(0.58);
      expect(metric('mesh.intention-lag').max).toBeLessThan(1);
    },
  );

  test('without a proxy go to the instance itself, whatever intentions say', () => {
    const deny = 'default_intention_policy: deny';
    expect(ran(deny, 'timeout: 1s').value('c.availability')).toBe(1);
    expect(ran(deny, 'as: web').value('c.availability')).toBe(0);
  });

  test(
    ref('agents 5 #4', 'a certificate is good for its lifetime, by the clock of who judges it'),
    () => {
      // The caller is an hour ahead: to it the certificate of the instance is over, though not its own.
      const { value } = ran(
        'ca_config: { leaf_cert_ttl: 1h }, leaf_age: 30m',
        'as: web',
        'clocks: { c#1: { offset: 40m } }',
      );
      expect(value('c.errors{certificate-expired}')).toBeGreaterThan(150);
      expect(value('c.availability')).toBe(0);
    },
  );
});

test(ref('agents 5 #3', 'a sidecar proxy is registered beside the instance'), () => {
  const { execution } = ran('', 'as: web', '', 5);
  const store = execution.simulation.raft(0)!.fsm as Store;
  const { services } = listNodeServices(store, 'api-1', null);
  expect(services.map(({ id, port }) => [id, port])).toContainEqual([
    'api-1-sidecar-proxy',
    21_000,
  ]);
});
