/** The certificate authority of a running cluster, and the agents that ask it. */
import { describe, expect, test } from 'vitest';
import type { MeshState } from '../../../sim/consul/agent/mesh/state.ts';
import { MESH_MACHINE, MeshNote } from '../../../sim/consul/agent/mesh/vocabulary.ts';
import { CA_MACHINE, CaNote, REACHABLE, ROTATE } from '../../../sim/consul/connect/vocabulary.ts';
import type { CaState } from '../../../sim/consul/connect/state.ts';
import { listRoots } from '../../../sim/consul/state/connect.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import type { NoteKind } from '../../../sim/core/machine.ts';
import { Role } from '../../../sim/protocol/raft/types.ts';
import type { Execution } from '../../../sim/run/execution.ts';
import { PROXY_MACHINE } from '../../../sim/service/proxy.ts';
import type { ProxyState } from '../../../sim/service/proxy.ts';
import { advance, begin, parse } from '../../run/kit.ts';
import { ref } from '../../support/reference.ts';

const SECOND = 1_000_000;

interface Seen {
  readonly kind: NoteKind;
  readonly micros: number;
  readonly process: number;
  readonly b: number;
}

/** A cluster with as many proxies of a service, and its notes. */
function meshOf(
  mesh: string,
  more = '',
  { instances = 2, start = 'formed', servers = 1, hours = 0, agent = '' } = {},
): { execution: Execution; seen: Seen[] } {
  const execution = begin(
    parse(`
name: mesh
start: ${start}
duration: ${hours > 0 ? `${hours}h` : '10m'}
settle: 10s
limits: { events: 10M }
cluster: { datacenters: { dc1: { servers: ${servers} } }, agent: { ${agent} } }
mesh: { ${mesh} }
services: { api: { instances: ${instances}, service_time: 1ms, sidecar: true } }
${more}`),
    1,
    { trace: 'off', observers: false },
  );
  const seen: Seen[] = [];
  const { world } = execution;
  world.observe({
    wants: [...Object.values(CaNote), MeshNote.requested, MeshNote.renewed, MeshNote.rotating],
    onNote: (kind, process, _a, b) => seen.push({ kind, micros: world.now, process, b }),
  });
  return { execution, seen };
}

function of(seen: readonly Seen[], kind: NoteKind): Seen[] {
  return seen.filter((one) => one.kind === kind);
}

function leader({ simulation }: Execution): number {
  return simulation.servers.find(({ process }) => simulation.raft(process)?.role === Role.leader)!
    .process;
}

function tell(execution: Execution, input: number, from = 0): void {
  const { world } = execution;
  const process = world.processes[leader(execution)]!;
  world.offer(process, input, 0, from, null, ErrorCause.none);
}

function roots(execution: Execution): { id: string; active: boolean }[] {
  const store = execution.simulation.raft(leader(execution))!.fsm as Store;
  return listRoots(store, null).roots.map(({ id, active }) => ({ id, active }));
}

function agents({ world }: Execution): MeshState[] {
  return world.processes.flatMap(({ slotByNumber }) => {
    const state = slotByNumber[MESH_MACHINE]?.state;
    return state === undefined ? [] : [state as MeshState];
  });
}

/** All certificates are in the last tenth of their lives: agents ask at the beginning. */
const DUE = 'leaf_age: 55m..56m';

describe('the authority', () => {
  test('of a cluster that starts makes a root, and signs for every proxy', () => {
    const { execution, seen } = meshOf('', '', { start: 'bootstrap', servers: 3 });
    advance(execution, 60 * SECOND);
    expect(roots(execution)).toEqual([{ id: 'root-001', active: true }]);
    expect(of(seen, CaNote.issued)).toHaveLength(2);
    for (const { services } of agents(execution)) expect(services[0]!.leaf!.root).toBe('root-001');
    const proxies = execution.world.processes.flatMap(
      ({ slotByNumber }) => (slotByNumber[PROXY_MACHINE]?.state as ProxyState | undefined) ?? [],
    );
    expect(proxies.map(({ config }) => config?.trusted)).toEqual([['root-001'], ['root-001']]);
  });

  test(
    ref('agents 5 #7', 'the rate of signing has a limit, with half a second of patience'),
    () => {
      const config = 'ca_config: { leaf_cert_ttl: 1h, csr_max_per_second: 4 }';
      const { execution, seen } = meshOf(`${config}, ${DUE}`, '', { instances: 12 });
      advance(execution, SECOND);
      // One at once and two that wait for a quarter and for half a second.
      expect(of(seen, CaNote.issued).length).toBeLessThanOrEqual(4);
      const limited = of(seen, CaNote.refused).filter(({ b }) => b === 1);
      expect(limited.length).toBeGreaterThanOrEqual(8);
      advance(execution, 120 * SECOND);
      expect(of(seen, CaNote.issued)).toHaveLength(12);
      // Refusals end no sooner than they must, and come in rounds of half a minute.
      const asked = of(seen, MeshNote.requested).map(({ micros }) => micros);
      expect(
        asked.filter((micros) => micros > SECOND && micros < 31 * SECOND).length,
      ).toBeGreaterThan(6);
    },
  );

  test('serves so many at a time where that is the limit, and keeps others for half a second', () => {
    const limit = 'csr_max_per_second: 0, csr_max_concurrent: 2';
    const config = `ca_config: { leaf_cert_ttl: 1h, ${limit} }, sign_time: 150ms`;
    const { execution, seen } = meshOf(`${config}, ${DUE}`, '', { instances: 8 });
    const state = (): CaState =>
      execution.world.processes[0]!.slotByNumber[CA_MACHINE]!.state as CaState;
    advance(execution, Math.floor(0.3 * SECOND));
    expect(state().places).toBe(2);
    expect(state().queue.length).toBeGreaterThan(0);
    advance(execution, SECOND);
    expect(of(seen, CaNote.refused).some(({ b }) => b === 1)).toBe(true);
    advance(execution, 120 * SECOND);
    expect(of(seen, CaNote.issued)).toHaveLength(8);
    expect(state()).toMatchObject({ places: 0, queue: [], holder: 0, locked: [] });
  });

  test('out of reach is asked again with growing waits, and by all that need it', () => {
    const { execution, seen } = meshOf(`ca_config: { leaf_cert_ttl: 1h }, ${DUE}`);
    tell(execution, REACHABLE, 0);
    advance(execution, 100 * SECOND);
    const first = of(seen, MeshNote.requested).filter(
      ({ process }) => process === seen.find(({ kind }) => kind === MeshNote.requested)!.process,
    );
    const gaps = first.slice(1).map(({ micros }, at) => micros - first[at]!.micros);
    // The first was at the very beginning.
    expect(gaps.slice(0, 2).every((gap) => gap < SECOND)).toBe(true);
    expect(gaps[2]).toBeGreaterThan(2 * SECOND);
    expect(gaps[3]).toBeGreaterThan(4 * SECOND);
    tell(execution, REACHABLE, 1);
    advance(execution, 230 * SECOND);
    expect(of(seen, CaNote.issued)).toHaveLength(2);
  });

  test('is taken up by the next leader', () => {
    const more = 'faults: [{ at: 2s, crash: leader, how: kill }, { at: 30s, rotate_ca: true }]';
    const { execution, seen } = meshOf('', more, { servers: 3 });
    advance(execution, 100 * SECOND);
    expect(of(seen, CaNote.ready).length).toBeGreaterThan(1);
    expect(roots(execution)).toHaveLength(2);
    expect(agents(execution).map(({ services }) => services[0]!.leaf!.root)).toEqual([
      'root-002',
      'root-002',
    ]);
  });
});

describe('a rotation', () => {
  test(ref('agents 5 #8', 'all certificates are made anew, spread over half a minute'), () => {
    const { execution, seen } = meshOf('', '', { instances: 20 });
    advance(execution, SECOND);
    tell(execution, ROTATE);
    advance(execution, 33 * SECOND);
    const times = of(seen, MeshNote.renewed).map(({ micros }) => micros / SECOND - 1);
    expect(times).toHaveLength(20);
    expect(Math.max(...times)).toBeLessThan(30.5);
    expect(Math.max(...times)).toBeGreaterThan(20);
    expect(Math.min(...times)).toBeLessThan(8);
    expect(roots(execution)).toEqual([
      { id: 'root-001', active: false },
      { id: 'root-002', active: true },
    ]);
  });

  test(
    ref('agents 5 #9', 'the old root goes when no certificate can be left that it signed'),
    () => {
      const { execution } = meshOf('ca_config: { leaf_cert_ttl: 1h }', '', {
        instances: 1,
        hours: 4,
        agent: 'gossip_lan: { probe_interval: 1m, gossip_interval: 1m }',
      });
      advance(execution, SECOND);
      tell(execution, ROTATE);
      advance(execution, 2 * 3600 * SECOND);
      expect(roots(execution)).toHaveLength(2);
      // Looked at each hour: two lifetimes are over at the third look.
      advance(execution, 3.1 * 3600 * SECOND);
      expect(roots(execution)).toEqual([{ id: 'root-002', active: true }]);
    },
    30_000,
  );
});
