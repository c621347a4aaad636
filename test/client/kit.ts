/** Runs of services and their clients, and what an observer can count of them. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { MetricSummary } from '../../sim/core/metrics.ts';
import type { NoteKind } from '../../sim/core/machine.ts';
import type { Observer } from '../../sim/core/observer.ts';
import type { Execution } from '../../sim/run/execution.ts';
import type { InstanceState } from '../../sim/service/instance.ts';
import { INSTANCE_MACHINE } from '../../sim/service/vocabulary.ts';
import { begin, parse } from '../run/kit.ts';

/** A scenario of these services and loads, in a network whose delays do not matter. */
export function callScenario(text: string, seconds = 60): Scenario {
  return parse(
    [
      'name: calls',
      `duration: ${seconds}s`,
      'settle: 10s',
      text.includes('cluster:')
        ? ''
        : 'cluster: { datacenters: { dc1: { servers: 1 } }, raft: { alone: true } }',
      text.includes('network:')
        ? ''
        : 'network: { lan: { latency: 0s }, zone: { latency: 0s }, loopback: { latency: 0s } }',
      text,
    ].join('\n'),
  );
}

export interface Ran {
  readonly execution: Execution;
  metric(name: string): MetricSummary;
  value(name: string): number;
  instance(name: string): InstanceState;
}

/** Runs to the end; `watch` joins before the start. */
export function runCalls(
  scenario: Scenario,
  seed = 1,
  watch?: (execution: Execution) => Observer,
): Ran {
  const execution = begin(scenario, seed, { trace: 'off', observers: true, history: false });
  if (watch !== undefined) execution.world.observe(watch(execution));
  while (execution.step());
  execution.finish(true);
  const metric = (name: string): MetricSummary =>
    execution.world.metrics.summary(name) ?? { unit: '1', value: 0 };
  return {
    execution,
    metric,
    value: (name) => metric(name).value ?? 0,
    instance: (name) => instanceOf(execution, name),
  };
}

export function instanceOf({ world }: Execution, name: string): InstanceState {
  const process = world.processes.find((one) => one.name === name)!;
  return process.slotByNumber[INSTANCE_MACHINE]!.state as InstanceState;
}

/** One note as it was made. */
export interface Seen {
  readonly kind: NoteKind;
  readonly micros: number;
  readonly process: string;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Keeps all notes of these kinds. */
export function recorder(kinds: readonly NoteKind[], into: Seen[]) {
  return ({ world }: Execution): Observer => ({
    wants: kinds,
    onNote: (kind, process, a, b, c) => {
      const { name } = world.processes[process]!;
      into.push({ kind, micros: world.now, process: name, a, b, c });
    },
  });
}
