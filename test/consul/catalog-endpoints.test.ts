/** What the catalog's endpoints make of the state store's answers. */
import { describe, expect, test } from 'vitest';
import {
  catalogDeregister,
  catalogNodeServices,
  catalogRegister,
  catalogServiceNodes,
  healthServiceNodes,
} from '../../sim/consul/requests/catalog-endpoints.ts';
import type { ServiceInput } from '../../sim/consul/requests/catalog-endpoints.ts';
import type { ReadEndpoint } from '../../sim/consul/requests/endpoint.ts';
import type { CheckedInstance } from '../../sim/consul/state/catalog-queries.ts';
import { ref } from '../support/reference.ts';
import { Driver, checkOf, nodeOf, serviceOf } from './state/driver.ts';

const QUERY: ServiceInput = { service: 'web', tags: [], passing: false };

function found({ query }: ReadEndpoint, store: unknown, input: unknown): unknown {
  const ask = query as (store: never, input: never, set: null) => { value: unknown };
  return ask(store as never, input as never, null).value;
}

/** Instances web-1, web-2, ... with a check each. */
function storeOf(...statuses: ('passing' | 'warning' | 'critical')[]): Driver {
  const driver = new Driver();
  statuses.forEach((status, at) => {
    const id = `web-${at + 1}`;
    const checks = [checkOf(`check-${id}`, { serviceId: id, status })];
    driver.register(`n${at + 1}`, serviceOf(id, 'web'), checks);
  });
  return driver;
}

function instances({ store }: Driver, input: Partial<ServiceInput> = {}): string[] {
  const value = found(healthServiceNodes, store, { ...QUERY, ...input });
  return (value as CheckedInstance[]).map(({ service }) => service.id);
}

describe('the health of a service', () => {
  test(ref('agents 3.1 #1', 'is not filtered and not shuffled, in the order of nodes'), () => {
    expect(instances(storeOf('passing', 'critical', 'warning'))).toEqual([
      'web-1',
      'web-2',
      'web-3',
    ]);
  });

  test(
    ref('agents 3.1 #2', 'with passing lets the last one take the place of one left out'),
    () => {
      const store = storeOf('passing', 'critical', 'passing', 'passing');
      expect(instances(store, { passing: true })).toEqual(['web-1', 'web-4', 'web-3']);
      const most = storeOf('warning', 'passing', 'critical', 'critical');
      expect(instances(most, { passing: true })).toEqual(['web-2']);
    },
  );

  test('with passing counts checks of the node, and an instance without checks', () => {
    const store = storeOf('passing');
    store.register('n1', null, [checkOf('disk', { status: 'critical' })]);
    expect(instances(store, { passing: true })).toEqual([]);
    const bare = new Driver();
    bare.register('n1', serviceOf('web-1', 'web'), []);
    expect(instances(bare, { passing: true })).toEqual(['web-1']);
  });

  test(ref('agents 3.1 #3', 'wants every tag, without regard to case'), () => {
    const store = new Driver();
    store.register('n1', serviceOf('web-1', 'web', { tags: ['V1', 'blue'] }), []);
    store.register('n2', serviceOf('web-2', 'web', { tags: ['v1'] }), []);
    expect(instances(store, { tags: ['v1'] })).toEqual(['web-1', 'web-2']);
    expect(instances(store, { tags: ['v1', 'BLUE'] })).toEqual(['web-1']);
    expect(found(catalogServiceNodes, store.store, { ...QUERY, tags: ['blue'] })).toHaveLength(1);
  });

  test(ref('agents 3.1 #4', 'of an unknown service is an empty list'), () => {
    expect(instances(storeOf('passing'), { service: 'db' })).toEqual([]);
  });
});

describe('services of a node', () => {
  test('are null where the catalog does not know it', () => {
    const { store } = storeOf('passing');
    const of = (node: string) => found(catalogNodeServices, store, { node });
    expect(of('n1')).toMatchObject({ node: { node: 'n1' }, services: [{ id: 'web-1' }] });
    expect(of('n9')).toBeNull();
  });
});

describe('a command', () => {
  test('differs in its digest as soon as it says something else', () => {
    const register = (status: 'passing' | 'critical', skipNodeUpdate: boolean) => {
      const checks = [checkOf('c', { status })];
      const input = { node: nodeOf('n1'), skipNodeUpdate, service: null, checks };
      return catalogRegister.command(input as never, null as never) as {
        command: { digest: number };
      };
    };
    const digests = [
      register('passing', true).command.digest,
      register('critical', true).command.digest,
      register('critical', false).command.digest,
    ];
    expect(new Set(digests).size).toBe(3);
    expect(register('passing', true)).toEqual(register('passing', true));
    const remove = (serviceId: string, checkId: string) =>
      catalogDeregister.command({ node: 'n1', serviceId, checkId } as never, null as never);
    expect(remove('a', '')).not.toEqual(remove('', 'a'));
  });

  test('that the store refuses is an error', () => {
    const error = { error: 'Missing service registration' };
    expect(catalogRegister.result(error as never, null as never, null as never)).toMatchObject(
      error,
    );
    expect(catalogRegister.result(null as never, null as never, null as never)).toMatchObject({
      applied: true,
    });
  });
});
