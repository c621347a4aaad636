/**
 * Why a run fails: what led to it, which of its faults it needs, which rule was broken, what the hosts
 * involved looked like before and after, and from which event on it could hardly be avoided.
 */
import { stringify } from 'yaml';
import { loadScenario } from '../../../scenarios/load.ts';
import type { Config } from '../../../scenarios/load.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import { INVARIANTS } from '../../check/registry.ts';
import type { View } from '../../core/machine.ts';
import { formatFaults } from '../../faults/format.ts';
import { runScenario } from '../../run/run.ts';
import type { Probe } from '../../run/run.ts';
import { Session } from '../../run/session.ts';
import { failureOf } from '../search/failure.ts';
import type { Failure } from '../search/failure.ts';
import { attempt } from '../shrink/attempt.ts';
import type { Case } from '../shrink/attempt.ts';
import { faultsOf } from '../shrink/simpler.ts';
import { storyOf } from '../story.ts';
import { turningPoint } from './turning-point.ts';
import type { TurningPoint } from './turning-point.ts';

export interface Rule {
  readonly invariant: string;
  readonly statement: string;
  readonly source: string;
}

/** A fault of the scenario, and whether the run fails the same way without it. */
export interface FaultNeed {
  readonly fault: string;
  readonly needed: boolean;
}

/** What a machine shows of itself, where the event of the violation changed it or its host is involved. */
export interface Change {
  readonly process: string;
  readonly machine: string;
  readonly before: View;
  readonly after: View;
}

export interface Explanation {
  readonly failure: Failure;
  /** Null of a threshold. */
  readonly rule: Rule | null;
  readonly story: readonly string[];
  readonly faults: readonly FaultNeed[];
  readonly changes: readonly Change[];
  /** Null where no moment stands out, or nothing but a threshold was missed. */
  readonly turningPoint: TurningPoint | null;
}

/** Null where the case does not fail. */
export function explain(failing: Case, probe: Probe): Explanation | null {
  const loaded = loadScenario(stringify(failing.config), { file: 'explained.yaml' });
  if (!loaded.ok) return null;
  const { scenario } = loaded;
  const { seed } = failing;
  const run = { seed, command: '', overrides: {}, strict: false, probe };
  const { result, world } = runScenario(scenario, run);
  const failure = failureOf(result);
  if (failure === null) return null;
  const isViolation = failure.kind === 'violation';
  return {
    failure,
    rule: isViolation ? ruleOf(failure.invariant) : null,
    story: storyOf(world, result),
    faults: needsOf(failing, failure, scenario, probe),
    changes: isViolation ? changesOf(scenario, seed, failure) : [],
    turningPoint: isViolation
      ? turningPoint(scenario, seed, failure.invariant, failure.event)
      : null,
  };
}

function ruleOf(invariant: string): Rule {
  const { statement, source } = INVARIANTS[invariant as InvariantName];
  return { invariant, statement, source };
}

function needsOf(
  failing: Case,
  { invariant }: Failure,
  { faults: items }: Scenario,
  probe: Probe,
): FaultNeed[] {
  const faults = faultsOf(failing.config);
  const lines = items.map((item) => formatFaults([item], 0).trim().replace(/^- /, ''));
  return faults.map((_, at) => {
    const config: Config = { ...failing.config, faults: faults.toSpliced(at, 1) };
    const without = attempt({ ...failing, config }, probe);
    return { fault: lines[at] ?? '', needed: without?.failure.invariant !== invariant };
  });
}

function changesOf(scenario: Scenario, seed: number, { event, hosts }: Failure): Change[] {
  const session = new Session(scenario, seed);
  session.seekEvent(Math.max(0, event - 1));
  const before = session.views();
  session.seekEvent(event);
  const changes: Change[] = [];
  for (const [at, { name, machines }] of session.views().entries()) {
    for (const [place, { machine, view }] of machines.entries()) {
      const earlier = before[at]!.machines[place]!.view;
      const changed = JSON.stringify(earlier) !== JSON.stringify(view);
      const involved = hosts.includes(name) && machine === 'raft';
      if (changed || involved)
        changes.push({ process: name, machine, before: earlier, after: view });
    }
  }
  return changes;
}
