/**
 * Client agents with instances of services on their hosts: full gossip, every check, anti-entropy, three
 * servers that keep the catalog. Useful work is runs of checks.
 */
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { AgentNote } from '../../sim/consul/agent/specs.ts';
import type { Observer } from '../../sim/core/observer.ts';
import { Execution } from '../../sim/run/execution.ts';
import type { Bench, BenchCase, Runner } from './harness.ts';

interface Case {
  readonly name: string;
  readonly agents: number;
  /** Instances on each agent, each of a service of its own. */
  readonly each: number;
  readonly observers: boolean;
}

const SECOND_MICROS = 1_000_000;

function scenarioOf({ agents, each }: Case): Scenario {
  const service = {
    on: 'agents',
    service_time: '5ms',
    check: { http: '/health', interval: '10s', timeout: '2s' },
  };
  const services = Array.from({ length: each }, (_, at) => [`web-${letter(at)}`, service]);
  const text = JSON.stringify({
    duration: '8000h',
    settle: '1s',
    cluster: { datacenters: { dc1: { servers: 3, agents } } },
    services: Object.fromEntries(services),
    limits: { events: 1e15, trace: '32MiB' },
    known_issues: 'fix',
  });
  const loaded = loadScenario(text, { file: 'bench.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return loaded.scenario;
}

function letter(at: number): string {
  return String.fromCharCode(97 + at);
}

/** Runs of checks that have ended. */
class Results implements Observer {
  readonly wants = [AgentNote.result];
  count = 0;

  onNote(): void {
    this.count++;
  }

  save(): unknown {
    return this.count;
  }

  restore(state: unknown): void {
    this.count = state as number;
  }
}

function runnerOf(one: Case): Runner {
  const options = { trace: 'ring', observers: one.observers, history: false } as const;
  const execution = new Execution(scenarioOf(one), 1, options);
  const { world } = execution;
  const results = new Results();
  world.observe(results);
  execution.start();
  world.runUntil(2 * SECOND_MICROS);
  const slice = one.agents >= 3000 ? SECOND_MICROS / 4 : SECOND_MICROS;
  return () => {
    const [events, checks] = [world.event, results.count];
    world.runUntil(world.now + slice);
    return {
      events: world.event - events,
      simulatedSeconds: slice / SECOND_MICROS,
      useful: results.count - checks,
    };
  };
}

function caseOf(one: Case): BenchCase {
  const { name, observers, ...params } = one;
  return {
    name,
    params: { ...params, observers: observers ? 'on' : 'off' },
    usefulUnit: 'checks/s',
    subject: () => runnerOf(one),
  };
}

export const bench: Bench = {
  name: 'agents',
  title: 'client agents with instances, their checks and anti-entropy',
  cases: [
    { name: 'agents', agents: 1000, each: 5, observers: true },
    { name: 'agents', agents: 1000, each: 5, observers: false },
    { name: 'agents', agents: 10_000, each: 17, observers: false },
  ].map(caseOf),
};
