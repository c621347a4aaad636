/** Instances that are told to stop: they take themselves out, serve on, and end when nothing is left. */
import { describe, expect, test } from 'vitest';
import { ProgramNote } from '../../sim/client/program.ts';
import { listCheckedInstances } from '../../sim/consul/state/catalog-queries.ts';
import type { Store } from '../../sim/consul/state/store.ts';
import { KernelNote } from '../../sim/core/observer.ts';
import { Role } from '../../sim/protocol/raft/types.ts';
import type { Execution } from '../../sim/run/execution.ts';
import { advance, begin, parse, run } from '../run/kit.ts';
import { ref } from '../support/reference.ts';

const SECOND = 1_000_000;

const scenarioOf = (shutdown: string, fault: string, more = '') => `
duration: 70s
settle: 5s
known_issues: fix
cluster: { datacenters: { dc1: { servers: 1 } }, raft: { alone: true } }
services:
  web:
    instances: 2
    service_time: 20ms
    register: {}
    check: { http: /health, interval: 10s, timeout: 2s }
    ${shutdown}
    ${more}
load: { buy: { kind: call, service: web, rate: 30/s, timeout: 1s, discover: { by: health }, balance: round-robin } }
faults: [${fault}]
`;
const DRAIN = 'shutdown: { drain: 3s }';

function registered({ simulation }: Execution): string[] {
  const { process } = simulation.servers.find(
    (one) => simulation.raft(one.process)?.role === Role.leader,
  )!;
  const store = simulation.raft(process)!.fsm as Store;
  return listCheckedInstances(store, 'web', null).instances.map(({ service }) => service.id);
}

/** Seconds at which processes noted that. */
function times({ world }: Execution, kind: number, name: string): number[] {
  const { notes, trace, processes } = world;
  const found: number[] = [];
  for (let row = 0; row < notes.rows; row++) {
    if (notes.kind(row) !== kind || processes[notes.process(row)].name !== name) continue;
    found.push(trace.time(notes.event(row)) / SECOND);
  }
  return found;
}

describe(ref('agents 8.1 A7', 'an instance that is told to stop'), () => {
  test('leaves the catalog at once, and ends when its time is over and nothing is left', () => {
    const execution = begin(
      parse(scenarioOf(DRAIN, '{ at: 20s, for: 20s, crash: web-1, how: terminate }')),
    );
    advance(execution, 20.5 * SECOND);
    expect(registered(execution)).toEqual(['web-2']);
    expect(execution.world.processes.find(({ name }) => name === 'web-1')!.status).toBe('running');
    advance(execution, 30 * SECOND);
    expect(times(execution, ProgramNote.stopping, 'web-1')).toEqual([20]);
    const [ended] = times(execution, KernelNote.crashed, 'web-1');
    expect(ended).toBeGreaterThanOrEqual(23);
    expect(ended).toBeLessThan(23.3);
    advance(execution, 60 * SECOND);
    expect(registered(execution)).toEqual(['web-1', 'web-2']);
  });

  test('and without shutdown ends at once and stays in the catalog', () => {
    const execution = begin(
      parse(scenarioOf('', '{ at: 20s, for: 20s, crash: web-1, how: terminate }')),
    );
    advance(execution, 25 * SECOND);
    expect(times(execution, KernelNote.crashed, 'web-1')).toEqual([20]);
    expect(registered(execution)).toEqual(['web-1', 'web-2']);
  });

  test('is ended after the grace period with what is left in it', () => {
    const shutdown = 'shutdown: { drain: 1s, grace: 6s, deregister: false }';
    const hung = 'behaviour: { web-1: { hung: true, at: 19s } }';
    const scenario = parse(
      scenarioOf(shutdown, '{ at: 20s, for: 20s, crash: web-1, how: terminate }', hung),
    );
    const execution = begin(scenario);
    advance(execution, 30 * SECOND);
    expect(times(execution, KernelNote.crashed, 'web-1')).toEqual([26]);
    const { metrics } = run(scenario).result;
    expect((metrics['instance.cut-off'] as { value: number }).value).toBeGreaterThan(0);
  });
});

describe('a rolling deployment that waits for passing', () => {
  const ROLLING = '{ at: 20s, restart: service:web, one_by_one: true, wait: passing }';

  test('goes on when the instance before is found again, and loses no call', () => {
    const scenario = parse(scenarioOf(DRAIN, ROLLING));
    const execution = begin(scenario);
    advance(execution, 69 * SECOND);
    const [second] = times(execution, ProgramNote.stopping, 'web-2');
    expect(second).toBeGreaterThan(times(execution, KernelNote.started, 'web-1')[1]);
    const { metrics } = run(scenario).result;
    expect(metrics['buy.availability']).toMatchObject({ value: 1 });
    expect(metrics['instance.drain']).toMatchObject({ count: 2 });
    expect(metrics['instance.cut-off']).toMatchObject({ value: 0 });
  });

  test('saved in the middle of it a run goes on the same', () => {
    const execution = begin(parse(scenarioOf(DRAIN, ROLLING)));
    advance(execution, 21 * SECOND);
    const saved = execution.world.save();
    advance(execution, 40 * SECOND);
    const fingerprint = execution.world.fingerprint.hex();
    execution.world.restore(saved);
    advance(execution, 40 * SECOND);
    expect(execution.world.fingerprint.hex()).toBe(fingerprint);
  });
});
