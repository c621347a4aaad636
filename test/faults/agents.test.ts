/** Faults of agents beside instances: crashes and pauses of them alone, and maintenance mode. */
import { describe, expect, test } from 'vitest';
import { listCheckedInstances } from '../../sim/consul/state/catalog-queries.ts';
import type { Store } from '../../sim/consul/state/store.ts';
import type { Execution } from '../../sim/run/execution.ts';
import { advance, begin, parse } from '../run/kit.ts';

const SECOND = 1_000_000;

function executionOf(...faults: string[]): Execution {
  return begin(
    parse(`
duration: 3m
settle: 10s
cluster: { datacenters: { dc1: { servers: 1 } } }
services: { web: { service_time: 5ms, names: [web-admin], check: { http: /health, interval: 5s } } }
faults: [${faults.map((fault) => `{ ${fault} }`).join(', ')}]`),
  );
}

/** Checks of the instance and of its other name, with their statuses. */
function catalog(execution: Execution, seconds: number): string[] {
  advance(execution, seconds * SECOND);
  const store = execution.simulation.raft(0)!.fsm as Store;
  return ['web', 'web-admin'].map((service) =>
    listCheckedInstances(store, service, null)
      .instances.flatMap(({ checks }) => checks)
      .filter(({ id }) => id !== 'serfHealth')
      .map(({ id, status }) => `${id}=${status}`)
      .join(),
  );
}

describe('maintenance', () => {
  test('of a service is a critical check of it, and ends', () => {
    const execution = executionOf('at: 10s, for: 20s, maintenance: web-1');
    const own = '_service_maintenance:web-1=critical';
    expect(catalog(execution, 12)).toEqual([`${own},service:web-1=passing`, '']);
    expect(catalog(execution, 32)).toEqual(['service:web-1=passing', '']);
  });

  test('of a node is one of all its services', () => {
    const execution = executionOf('at: 10s, maintenance: web-1, of: node');
    const node = '_node_maintenance=critical';
    expect(catalog(execution, 12)).toEqual([`${node},service:web-1=passing`, node]);
  });

  test('by two lasts until the second ends', () => {
    const execution = executionOf(
      'at: 10s, for: 20s, maintenance: web-1',
      'at: 15s, for: 30s, maintenance: web-1',
    );
    expect(catalog(execution, 40)[0]).toMatch('_service_maintenance');
    expect(catalog(execution, 50)[0]).not.toMatch('_service_maintenance');
  });

  test('outlives its agent, which finds it on the disk', () => {
    const execution = executionOf(
      'at: 10s, for: 100s, maintenance: web-1',
      'at: 20s, for: 5s, crash: web-1, agent: true',
    );
    // Long after the agent's first full sync, which removes what it does not know of.
    expect(catalog(execution, 100)[0]).toMatch('_service_maintenance:web-1=critical');
    expect(catalog(execution, 115)[0]).not.toMatch('_service_maintenance');
  });

  test('that was saved goes on', () => {
    const execution = executionOf('at: 10s, for: 20s, maintenance: web-1');
    advance(execution, 12 * SECOND);
    const saved = execution.world.save();
    const ends = [0, 1].map(() => {
      execution.world.restore(saved);
      return [...catalog(execution, 40), execution.world.fingerprint.hex()];
    });
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[0]![0]).toBe('service:web-1=passing');
  });
});

describe('an agent alone', () => {
  const statuses = (execution: Execution): string[] =>
    execution.world.processes
      .filter(({ name }) => name.startsWith('web-1'))
      .map(({ status }) => status);

  test('crashes and starts again, and its instance runs on', () => {
    const execution = executionOf('at: 10s, for: 5s, crash: web-1, agent: true');
    advance(execution, 12 * SECOND);
    expect(statuses(execution)).toEqual(['running', 'down']);
    advance(execution, 16 * SECOND);
    expect(statuses(execution)).toEqual(['running', 'running']);
  });

  test('stands still, and its instance runs on', () => {
    const execution = executionOf('at: 10s, for: 5s, pause: web-1, agent: true');
    advance(execution, 12 * SECOND);
    expect(statuses(execution)).toEqual(['running', 'stopped']);
  });

  test.each(['crash: web-1, how: power, agent: true', 'pause: web-1, kind: suspend, agent: true'])(
    'is not what "%s" concerns',
    (fault) => {
      expect(() => executionOf(`at: 1s, ${fault}`)).toThrow(/concerns the whole host/);
    },
  );
});
