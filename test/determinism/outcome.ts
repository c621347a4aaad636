/** All that a run lets the outside see, in a form that travels between threads and compares. */
import { createHash } from 'node:crypto';
import type { Scenario } from '../../scenarios/scenario.ts';
import { Execution } from '../../sim/run/execution.ts';
import type { ExecutionOptions } from '../../sim/run/execution.ts';

export interface Outcome {
  readonly fingerprint: string;
  readonly events: number;
  /** The rest is there only where somebody observed. */
  readonly metrics?: string;
  readonly violations?: string;
  /** Names of invariants and how often each was exercised. */
  readonly exercised?: string;
  /** SHA-256 of all lines. */
  readonly history?: string;
  readonly faults: string;
}

export const OBSERVED: ExecutionOptions = { trace: 'full', observers: true };

/** The run is over or as far as it shall go: writes its last figures and reads everything. */
export function finish(execution: Execution): Outcome {
  const { world, checks, history, faults } = execution;
  execution.finish(true);
  const base = {
    fingerprint: world.fingerprint.hex(),
    events: world.event,
    faults: JSON.stringify(faults.results()),
  };
  if (checks === null) return base;
  const exercised = checks.summaries().map((summary) => `${summary.name} ${summary.exercised}`);
  return {
    ...base,
    metrics: JSON.stringify(world.metrics.summaries()),
    violations: JSON.stringify(checks.violations()),
    exercised: exercised.join(', '),
    history: createHash('sha256').update(history.lines().join('\n')).digest('hex'),
  };
}

export function runToEnd(execution: Execution): Outcome {
  while (execution.step());
  return finish(execution);
}

export function straight(scenario: Scenario, seed: number, options = OBSERVED): Outcome {
  const execution = new Execution(scenario, seed, options);
  execution.start();
  return runToEnd(execution);
}

/** What is left of an outcome where nobody observes. */
export function unobserved({ fingerprint, events, faults }: Outcome): Outcome {
  return { fingerprint, events, faults };
}
