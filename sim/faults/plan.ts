/** The faults of a run, swarms drawn, in one list; an edit made by hand is appended to it. */
import type { FaultAction, FaultItem, FaultSpec, Scenario } from '../../scenarios/scenario.ts';
import type { World } from '../core/world.ts';
import { describeAction } from './label.ts';
import { drawSwarm } from './swarm.ts';

/** As long as a fault of a file waits that does not say otherwise. */
const PATIENCE_MICROS = 10_000_000;

export interface Plan {
  /** Faults by their place: those of the file, then those of swarms, then edits. */
  readonly specs: readonly FaultSpec[];
  /** Place of the fault that follows in its sequence, or -1. */
  readonly next: readonly number[];
  /** The same as items of a scenario, each swarm replaced by what it has become. */
  readonly items: readonly FaultItem[];
}

/** Draws from the stream `swarm` if there is a swarm, and only then. */
export function makePlan(scenario: Scenario, world: World): Plan {
  const specs: FaultSpec[] = [];
  const next: number[] = [];
  const items: FaultItem[] = [];
  for (const item of scenario.faults) {
    if (item.kind === 'swarm') continue;
    items.push(item);
    const steps = item.kind === 'fault' ? [item] : item.steps;
    steps.forEach((step, index) => {
      specs.push(step);
      next.push(index + 1 < steps.length ? specs.length : -1);
    });
  }
  for (const item of scenario.faults) {
    if (item.kind !== 'swarm') continue;
    const drawn = drawSwarm(item, scenario, specs.length + 1, world.streams.stream('swarm'));
    specs.push(...drawn);
    items.push(...drawn);
    for (const _ of drawn) next.push(-1);
  }
  return { specs, next, items };
}

export function appended(plan: Plan, spec: FaultSpec): Plan {
  return {
    specs: [...plan.specs, spec],
    next: [...plan.next, -1],
    items: [...plan.items, spec],
  };
}

/** An action made by hand, as the fault it would be at the end of the file. */
export function editOf(
  action: FaultAction,
  plan: Plan,
  atMicros: number,
  lastsMicros: number | null,
): FaultSpec {
  return {
    kind: 'fault',
    label: describeAction(action),
    number: plan.specs.length + 1,
    origin: 'edit',
    trigger: { kind: 'at', atMicros },
    lasts: lastsMicros === null ? null : { kind: 'constant', micros: lastsMicros },
    patienceMicros: PATIENCE_MICROS,
    action,
  };
}
