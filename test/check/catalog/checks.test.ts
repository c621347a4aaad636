/** Each invariant of the catalog and of checks: what corrupts it is seen, health is not, and what was saved goes on. */
import { describe, expect, test } from 'vitest';
import { AGENT_MACHINE } from '../../../sim/consul/agent/inputs.ts';
import { removeService } from '../../../sim/consul/agent/local-state.ts';
import { AgentNote } from '../../../sim/consul/agent/specs.ts';
import type { AgentState } from '../../../sim/consul/agent/state.ts';
import { deregisterCommand } from '../../../sim/consul/state/commands.ts';
import type { Execution } from '../../../sim/run/execution.ts';
import { applyCommand } from '../../../sim/consul/state/fsm.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import { advance, begin, parse } from '../../run/kit.ts';
import { ref } from '../../support/reference.ts';

const SECOND = 1_000_000;

function executionOf(service = '', more = ''): Execution {
  const check = '{ http: /health, interval: 5s, deregister_critical_service_after: 1m }';
  return begin(
    parse(`
name: catalog
duration: 10m
settle: 10s
cluster: { datacenters: { dc1: { servers: 1 } } }
services: { web: { instances: 2, service_time: 5ms, register: {}, check: ${check}, ${service} } }
${more}`),
  );
}

function until(execution: Execution, seconds: number): Execution {
  advance(execution, seconds * SECOND);
  return execution;
}

function agentOf({ world }: Execution): AgentState {
  const { slotByNumber } = world.processes.find(({ name }) => name === 'web-1/agent')!;
  return slotByNumber[AGENT_MACHINE]!.state as AgentState;
}

function agentProcess({ world }: Execution): number {
  return world.processes.find(({ name }) => name === 'web-1/agent')!.index;
}

/** Takes a service out of the catalog behind everybody's back. */
function steal({ simulation }: Execution, id = 'web-1'): void {
  const { fsm, lastIndex } = simulation.raft(0)!;
  applyCommand(
    fsm as Store,
    {
      index: lastIndex + 1,
      data: deregisterCommand('web-1', id, ''),
    } as never,
  );
}

function messages({ checks }: Execution, name: InvariantName): string[] {
  const { violations } = checks!.summaries().find((one) => one.name === name)!;
  return violations.map(({ message }) => message);
}

function exercised({ checks }: Execution, name: InvariantName): number {
  return checks!.summaries().find((one) => one.name === name)!.exercised;
}

const NAMES: readonly InvariantName[] = [
  'catalog.converges',
  'catalog.in-sync',
  'catalog.discoverable',
  'catalog.no-resurrection',
  'catalog.unready-hidden',
  'check.threshold',
  'check.reap',
  'check.runners',
];

describe('a healthy cluster', () => {
  test.each(NAMES)('%s says nothing over deaths, removals and restarts', (name) => {
    const faults =
      'faults: [{ at: 20s, for: 100s, crash: web-2 }, { at: 60s, for: 9s, crash: web-1, agent: true }, { at: 90s, for: 20s, crash: s1 }]';
    const execution = until(executionOf('', `start: bootstrap\n${faults}`), 400);
    expect(messages(execution, name)).toEqual([]);
    expect(exercised(execution, name)).toBeGreaterThan(0);
  });
});

describe('what is otherwise than agents say', () => {
  test(ref('agents 10 I1', 'for longer than a full sync takes is seen'), () => {
    const execution = until(executionOf(), 10);
    // The agent believes all is well, and its full syncs see nothing.
    for (let seconds = 11; seconds < 400; seconds++) {
      steal(execution);
      until(execution, seconds);
    }
    expect(messages(execution, 'catalog.converges')).toContainEqual(
      expect.stringMatching(/^web-1: service web-1 has not been in the catalog for/),
    );
  });

  test('though they take it for in sync is seen within seconds', () => {
    const execution = until(executionOf(), 10);
    steal(execution);
    until(execution, 20);
    expect(messages(execution, 'catalog.in-sync')).toContainEqual(
      expect.stringMatching(/^web-1: service web-1 counts as in sync, and has not been/),
    );
  });

  test(ref('agents 10 I2', 'because it was taken out is seen when it returns'), () => {
    const execution = until(executionOf(), 10);
    const agent = agentOf(execution);
    agent.serviceIds.push('ghost');
    execution.world.note(agentProcess(execution), AgentNote.deregistered, 0, 0, 0);
    until(execution, 300);
    expect(messages(execution, 'catalog.no-resurrection')).toEqual([
      'web-1 is in the catalog, though it was taken out of it for 163.000 s',
    ]);
  });

  test('of an instance that lives is seen', () => {
    const execution = until(executionOf(), 10);
    removeService(agentOf(execution).local, 'web-1');
    until(execution, 300);
    expect(messages(execution, 'catalog.discoverable')).toEqual([
      'nobody finds web-1, which lives and passes its checks for 163.000 s',
    ]);
  });
});

describe('what checks say', () => {
  test(ref('agents 10 I4', 'without results is seen'), () => {
    const execution = until(executionOf(), 12);
    const process = agentProcess(execution);
    execution.world.note(process, AgentNote.checked, 0, 2, 0);
    expect(messages(execution, 'check.threshold')).toEqual([
      expect.stringMatching(
        /^service:web-1 is critical after \d successes and 0 failures in a row$/,
      ),
    ]);
  });

  test('of runs that count and are not counted is seen', () => {
    const sick = 'behaviour: { web-1: { refusing: true, at: 20s } }';
    const execution = until(executionOf(sick), 19);
    const agent = agentOf(execution);
    for (let seconds = 20; seconds < 60; seconds++) {
      until(execution, seconds);
      const entry = agent.local.checks.get('service:web-1')!;
      const check = { ...entry.check!, status: 'passing' as const };
      agent.local.checks.set('service:web-1', { ...entry, check });
    }
    expect(messages(execution, 'check.threshold')).toContain(
      'service:web-1 is still passing, not critical',
    );
  });

  test(ref('agents 10 I5', 'removes a service in its window, and nothing else does'), () => {
    const execution = until(executionOf(), 20);
    execution.world.note(agentProcess(execution), AgentNote.reaped, 0, 0, 0);
    expect(messages(execution, 'check.reap')).toEqual([
      'a service is removed because of service:web-1, which gives no reason to',
    ]);
    const late = until(executionOf('behaviour: { web-1: { refusing: true, at: 20s } }'), 30);
    const agent = agentOf(late);
    for (let seconds = 31; seconds < 200; seconds++) {
      const entry = agent.local.checks.get('service:web-1')!;
      agent.local.checks.set('service:web-1', {
        ...entry,
        criticalMicros: agent.config.formed ? 1e12 : 0,
      });
      until(late, seconds);
    }
    expect(messages(late, 'check.reap')).toContainEqual(
      expect.stringMatching(/^service:web-1 has been critical for 92\.\d+ s, and its service/),
    );
  });

  test('is run for what is not registered is seen', () => {
    const execution = until(executionOf(), 10);
    agentOf(execution).local.checks.delete('service:web-1');
    until(execution, 12);
    expect(messages(execution, 'check.runners')).toEqual([
      'service:web-1 is run, and is not registered',
    ]);
  });
});

test('checks that were saved go on where they were', () => {
  const faults = 'faults: [{ at: 20s, for: 120s, crash: web-2 }]';
  const execution = until(executionOf('', faults), 60);
  const saved = execution.world.save();
  const ends = [0, 1].map(() => {
    execution.world.restore(saved);
    execution.world.runUntil(200 * SECOND);
    return execution.checks!.summaries().filter(({ name }) => NAMES.includes(name));
  });
  expect(ends[1]).toEqual(ends[0]);
});
