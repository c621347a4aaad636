/** Nodes, services and checks: identity, cascades, and the index of every query. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import {
  isHealthy,
  listCheckedInstances,
  listChecksInState,
  listNodeChecks,
  listNodeServices,
  listNodes,
  listServiceChecks,
  listServiceNodes,
  listServices,
} from '../../../sim/consul/state/catalog-queries.ts';
import type { WatchSet } from '../../../sim/consul/state/watches.ts';
import { Driver, checkOf, nodeOf, serviceOf } from './driver.ts';

let store: Driver;
beforeEach(() => {
  store = new Driver();
});

const nodes = () => listNodes(store.store, null);
const health = (service: string) => listCheckedInstances(store.store, service, null);
const names = () => nodes().nodes.map(({ node }) => node);

describe('a registration', () => {
  test(ref('consul 3.4 #1', 'is all or nothing, and writes nothing that is there already'), () => {
    const orphan = checkOf('c', { serviceId: 'nope' });
    expect(store.register('n1', serviceOf('w1', 'web'), [orphan])).toEqual({
      error: 'failed inserting check on node "n1": Missing service registration',
    });
    expect(names()).toEqual([]);
    expect(store.store.services.size).toBe(0);
    expect(nodes().index).toBe(0);
    const whole = () => store.register('n1', serviceOf('w1', 'web'), [checkOf('c')]);
    expect(whole()).toBeNull();
    listNodes(store.store, []);
    expect(whole()).toBeNull();
    expect(store.store.touches).toEqual([]);
    expect(health('web').index).toBe(2);
    expect(nodes().nodes[0]).toMatchObject({ createIndex: 2, modifyIndex: 2 });
  });

  test(ref('consul 3.4 #2', 'of a check with another output is a write'), () => {
    store.register('n1', null, [checkOf('c', { output: 'a' })]);
    store.register('n1', null, [checkOf('c', { output: 'b' })]);
    expect(listNodeChecks(store.store, 'n1', null)).toMatchObject({
      index: 2,
      checks: [{ output: 'b', createIndex: 1, modifyIndex: 2 }],
    });
  });

  test(ref('consul 3.4 #3', 'a node is known by its ID: a new name takes the old one away'), () => {
    store.register(nodeOf('old', { id: 'u1' }), serviceOf('w1', 'web'), [checkOf('c')]);
    store.session('s', 'old');
    store.register(nodeOf('new', { id: 'u1' }));
    expect(nodes().nodes).toMatchObject([{ node: 'new', createIndex: 1, modifyIndex: 3 }]);
    const { services, checks, sessions } = store.store;
    expect([services.size, checks.size, sessions.size]).toEqual([0, 0, 0]);
  });

  test(
    ref('consul 3.4 #4', 'a name is reserved while the serfHealth of who has it is not critical'),
    () => {
      store.register(nodeOf('n1', { id: 'u1' }), null, [checkOf('serfHealth')]);
      expect(store.register(nodeOf('N1', { id: 'u2' }))).toEqual({
        error:
          'failed inserting node: Error while renaming Node ID: "u2": Node name N1 is reserved by ' +
          'node u1 with name n1 (10.0.0.1)',
      });
      store.register(nodeOf('n1', { id: 'u1' }), null, [
        checkOf('serfHealth', { status: 'critical' }),
      ]);
      expect(store.register(nodeOf('n1', { id: 'u2' }))).toBeNull();
      expect(nodes().nodes).toMatchObject([{ id: 'u2' }]);
      expect(store.store.nodesById.size).toBe(1);
      // Who has no ID may get one; who has one may not take a name without.
      store.register(nodeOf('n2'), null, [checkOf('serfHealth')]);
      expect(store.register(nodeOf('n2', { id: 'u2' }))).toHaveProperty('error');
      expect(store.register(nodeOf('n2', { id: 'u3' }))).toBeNull();
      expect(names()).toEqual(['n1', 'n2']);
    },
  );

  test(ref('consul 3.4 #5', 'may leave the node as it is'), () => {
    store.register(nodeOf('n1', { address: 'a' }));
    store.register(nodeOf('n1', { address: 'b' }), null, [checkOf('c')], true);
    expect(nodes().nodes).toMatchObject([{ address: 'a' }]);
    store.register(nodeOf('n2', { address: 'b' }), null, [], true);
    expect(names()).toEqual(['n1', 'n2']);
  });
});

describe('a deregistration', () => {
  beforeEach(() => {
    store.register('n1', serviceOf('w1', 'web'), [
      checkOf('node'),
      checkOf('w1', { serviceId: 'w1' }),
    ]);
    store.apply({
      op: 'coordinates',
      digest: 1,
      updates: ['n1', 'gone'].map((node) => {
        return { node, segment: '', vector: [0], error: 1, adjustment: 0, height: 0 };
      }),
    });
  });

  test(ref('consul 3.4 #6', 'is of a service first, then of a check, then of the node'), () => {
    store.deregister('n1', 'w1', 'node');
    expect(listNodeChecks(store.store, 'n1', null).checks.map(({ id }) => id)).toEqual(['node']);
    expect(listNodeServices(store.store, 'n1', null)).toMatchObject({ index: 3, services: [] });
    store.deregister('n1', '', 'node');
    expect(listNodeChecks(store.store, 'n1', null).checks).toEqual([]);
    store.deregister('n1');
    expect(names()).toEqual([]);
  });

  test(
    ref('consul 3.4 #7', 'of a node takes services, checks, coordinates and sessions along'),
    () => {
      store.session('s');
      expect(store.store.coordinates.size).toBe(1);
      store.deregister('n1');
      const { services, checks, checksByStatus, coordinates, sessions } = store.store;
      const sizes = [services, checks, checksByStatus, coordinates, sessions].map(
        ({ size }) => size,
      );
      expect(sizes).toEqual([0, 0, 0, 0, 0]);
      expect(store.deregister('n1')).toBeNull();
      expect(nodes().index).toBe(4);
    },
  );
});

describe('health', () => {
  test(ref('consul 3.4 #8', 'is that of the worst check of an instance or of its node'), () => {
    store.register('n1', serviceOf('w1', 'web'), [
      checkOf('node', { status: 'warning' }),
      checkOf('w1', { serviceId: 'w1' }),
    ]);
    store.register('n1', serviceOf('db', 'db'), [
      checkOf('db', { serviceId: 'db', status: 'critical' }),
    ]);
    const [web] = health('web').instances;
    expect(web.checks.map(({ id }) => id)).toEqual(['node', 'w1']);
    expect([isHealthy(web, false), isHealthy(web, true)]).toEqual([true, false]);
    expect(isHealthy(web, true, ['node'])).toBe(true);
    expect(isHealthy(health('db').instances[0], false)).toBe(false);
  });
});

describe('the index of', () => {
  test(ref('consul 3.4 #9', 'the nodes is that of their table, which services raise too'), () => {
    store.register('n1');
    expect(nodes().index).toBe(1);
    store.register('n1', serviceOf('w1', 'web'));
    expect(nodes().index).toBe(2);
    store.register('n1', null, [checkOf('c')]);
    expect(nodes().index).toBe(2);
    expect(listServices(store.store, null)).toMatchObject({
      index: 2,
      services: [{ service: 'web', tags: [] }],
    });
  });

  test(
    ref('consul 3.4 #10', 'one node is its own; of an absent one that of the last to vanish'),
    () => {
      store.register('n1', serviceOf('w1', 'web'));
      store.register('n2', serviceOf('w2', 'web'));
      expect(listNodeServices(store.store, 'n1', null).index).toBe(1);
      expect(listNodeServices(store.store, 'n3', null).index).toBe(0);
      store.deregister('n1');
      expect(listNodeServices(store.store, 'n3', null).index).toBe(3);
      expect(listNodeServices(store.store, 'n1', null)).toMatchObject({ index: 3, services: [] });
    },
  );

  test(
    ref('consul 3.4 #11', 'a service is its own: of its instances, their checks and their nodes'),
    () => {
      store.register('n1', serviceOf('w1', 'web'));
      store.register('n1', serviceOf('d1', 'db'));
      expect(health('web').index).toBe(1);
      store.register('n1', null, [checkOf('w1', { serviceId: 'w1' })]);
      expect([health('web').index, health('db').index]).toEqual([3, 2]);
      store.register('n1', null, [checkOf('node')]);
      expect([health('web').index, health('db').index]).toEqual([4, 4]);
      store.register(nodeOf('n1', { address: 'b' }));
      expect([health('web').index, health('db').index]).toEqual([5, 5]);
      store.deregister('n1', '', 'node');
      expect([health('web').index, health('db').index]).toEqual([6, 6]);
      store.register('n2', serviceOf('w2', 'web'));
      store.deregister('n1', 'w1');
      expect([health('web').index, health('db').index]).toEqual([8, 6]);
      expect(listServiceNodes(store.store, 'web', null).index).toBe(8);
    },
  );

  test(
    ref('consul 3.4 #12', 'an absent service is that of the last one to vanish, or of the catalog'),
    () => {
      store.register('n1', serviceOf('w1', 'web'));
      store.register('n1', null, [checkOf('c')]);
      expect(health('nope').index).toBe(2);
      expect(listServiceNodes(store.store, 'nope', null).index).toBe(1);
      store.deregister('n1', 'w1');
      store.register('n1', serviceOf('d1', 'db'));
      expect(health('nope').index).toBe(3);
      expect(health('web').index).toBe(3);
      expect(listServiceNodes(store.store, 'nope', null).index).toBe(3);
    },
  );

  test(ref('consul 3.4 #13', 'checks is that of their table, whatever they are asked by'), () => {
    store.register('n1', serviceOf('w1', 'web'), [checkOf('c', { serviceId: 'w1' })]);
    store.register('n2', null, [checkOf('d', { status: 'critical' })]);
    const lists = [
      listNodeChecks(store.store, 'n1', null),
      listServiceChecks(store.store, 'web', null),
      listChecksInState(store.store, 'passing', null),
      listChecksInState(store.store, 'critical', null),
      listChecksInState(store.store, 'any', null),
    ];
    expect(lists.map(({ index }) => index)).toEqual([2, 2, 2, 2, 2]);
    const found = lists.map(({ checks }) => checks.map(({ id }) => id));
    expect(found).toEqual([['c'], ['c'], ['c'], ['d'], ['c', 'd']]);
    store.register('n2', null, [checkOf('d')]);
    expect(listChecksInState(store.store, 'critical', null).checks).toEqual([]);
  });
});

test(
  ref(
    'consul 3.4 #14',
    'a health query with instances watches one channel, however many there are',
  ),
  () => {
    for (const at of [1, 2, 3]) store.register(`n${at}`, serviceOf('w', 'web'), [checkOf('c')]);
    const set: WatchSet = [];
    listCheckedInstances(store.store, 'web', set);
    expect(set).toHaveLength(1);
    const others: WatchSet = [];
    listServiceNodes(store.store, 'web', others);
    expect(others).toHaveLength(4);
    store.register('n4', serviceOf('d', 'db'));
    expect([store.wakes(set), store.wakes(others)]).toEqual([false, false]);
    store.register('n2', null, [checkOf('c', { output: 'new' })]);
    expect([store.wakes(set), store.wakes(others)]).toEqual([true, false]);
  },
);
