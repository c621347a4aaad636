import { describe, expect, test } from 'vitest';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { Recording } from '../../../sim/core/recording.ts';
import { routerMachine } from '../../../sim/consul/wan/router.ts';
import type { RouterConfig } from '../../../sim/consul/wan/state.ts';
import { ROUTER_EVENT, ROUTER_REBALANCE, WAN_MACHINE } from '../../../sim/consul/wan/vocabulary.ts';
import type { SerfEvent } from '../../../sim/protocol/serf/config.ts';
import { ref } from '../../support/reference.ts';

const SECOND = 1_000_000;
/** Of the datacenter in the list of three. */
const DC2 = 2;

function routerOf(bugs: Partial<RouterConfig['bugs']> = {}) {
  const config: RouterConfig = {
    datacenter: 'dc1',
    datacenters: ['dc1', 'dc2', 'dc3'],
    servers: ['dc1', 'dc2', 'dc3'].flatMap((datacenter, at) =>
      [1, 2, 3].map((number) => {
        return { name: `s${number}`, process: 10 * at + number, datacenter };
      }),
    ),
    formed: null,
    bugs: { G8: false, G22: false, ...bugs },
  };
  const router = new Recording(routerMachine, config);
  router.siblings.set(WAN_MACHINE, { application: { count: 9 } });
  router.start();
  return router;
}

type Router = ReturnType<typeof routerOf>;

/** Nodes 3, 4 and 5 are the servers of dc2. */
function tell(router: Router, event: SerfEvent, ...nodes: readonly number[]): void {
  for (const node of nodes) router.deliver(ROUTER_EVENT, node, event);
}

function listOf(router: Router): string[] | undefined {
  return router.state.managers.get('dc2')?.servers.map(({ name }) => name);
}

/** Processes that were pinged. */
function pinged(router: Router): number[] {
  return router.effects.flatMap((effect) => (effect.kind === 'call' ? [effect.to] : []));
}

/** The ping under way ends. */
function answer(router: Router, error: ErrorCause): void {
  const ping = router.effects.findLast((effect) => effect.kind === 'call')!;
  router.answer(ping, null, error);
}

describe('the list of a datacenter', () => {
  test(ref('wan 4.5 #1', 'servers are asked in the order in which they came'), () => {
    const router = routerOf();
    tell(router, 'join', 0, 4, 3, 5, 4);
    expect(listOf(router)).toEqual(['s2', 's1', 's3']);
    expect([...router.state.managers.keys()]).toEqual(['dc2']);
  });

  test(ref('wan 4.5 #2', 'who fails goes to the end, and who leaves goes'), () => {
    const router = routerOf();
    tell(router, 'join', 3, 4, 5);
    tell(router, 'failed', 3);
    expect(listOf(router)).toEqual(['s2', 's3', 's1']);
    tell(router, 'failed', 5);
    expect(listOf(router)).toEqual(['s2', 's3', 's1']);
    tell(router, 'leave', 3);
    tell(router, 'reap', 5);
    expect(listOf(router)).toEqual(['s2']);
  });

  test('with G22 who fails is struck off', () => {
    const router = routerOf({ G22: true });
    tell(router, 'join', 3, 4, 5);
    tell(router, 'failed', 3);
    expect(listOf(router)).toEqual(['s2', 's3']);
  });

  test(ref('wan 4.5 #5', 'the list ends with its last server, and its rebalances with it'), () => {
    const router = routerOf();
    tell(router, 'join', 3);
    router.advance(100 * SECOND);
    tell(router, 'leave', 3);
    expect(router.state.managers.size).toBe(0);
    expect(router.due(ROUTER_REBALANCE, DC2)).toBeUndefined();
    tell(router, 'join', 4);
    expect(router.due(ROUTER_REBALANCE, DC2)).toBe(220 * SECOND);
  });
});

describe('a rebalance', () => {
  test(ref('wan 4.5 #3', 'comes after two minutes, and again after two to three'), () => {
    const router = routerOf();
    tell(router, 'join', 3, 4, 5);
    expect(router.due(ROUTER_REBALANCE, DC2)).toBe(120 * SECOND);
    router.advance(120 * SECOND);
    const again = router.due(ROUTER_REBALANCE, DC2)!;
    expect(again).toBeGreaterThanOrEqual(240 * SECOND);
    expect(again).toBeLessThan(300 * SECOND);
  });

  test(ref('wan 4.5 #4', 'pings each server once from the front, until one answers'), () => {
    const router = routerOf();
    tell(router, 'join', 3, 4, 5);
    router.advance(120 * SECOND);
    const [first] = pinged(router);
    answer(router, ErrorCause.refused);
    const [, second] = pinged(router);
    expect(second).not.toBe(first);
    answer(router, ErrorCause.none);
    expect(router.state.managers.get('dc2')).toMatchObject({ offline: false, tested: null });
    expect(router.state.managers.get('dc2')!.servers[0]!.process).toBe(second);
    expect(router.state.managers.get('dc2')!.servers.at(-1)!.process).toBe(first);
  });

  test(ref('wan 4.5 #4', 'that nobody answers gives the datacenter up until one is added'), () => {
    const router = routerOf();
    tell(router, 'join', 3, 4, 5);
    router.advance(120 * SECOND);
    for (let ping = 0; ping < 3; ping++) {
      answer(router, ErrorCause.dialTimeout);
    }
    expect(new Set(pinged(router))).toEqual(new Set([11, 12, 13]));
    expect(router.state.managers.get('dc2')).toMatchObject({ offline: true, tested: null });
    tell(router, 'update', 4);
    expect(router.state.managers.get('dc2')!.offline).toBe(false);
  });

  test('with G8 pings one and the same server three times', () => {
    const router = routerOf({ G8: true });
    tell(router, 'join', 3, 4, 5);
    router.advance(120 * SECOND);
    for (let ping = 0; ping < 3; ping++) {
      answer(router, ErrorCause.refused);
    }
    expect(new Set(pinged(router)).size).toBe(1);
    expect(router.state.managers.get('dc2')!.offline).toBe(true);
  });

  test('takes nobody back who has left meanwhile, and keeps who has come', () => {
    const router = routerOf();
    tell(router, 'join', 3, 4);
    router.advance(120 * SECOND);
    const [asked] = pinged(router);
    tell(router, 'leave', asked === 11 ? 4 : 3);
    tell(router, 'join', 5);
    answer(router, ErrorCause.none);
    expect(listOf(router)).toEqual([asked === 11 ? 's1' : 's2', 's3']);
  });
});
