/** Small changes of a schedule of faults that went somewhere new, to see what lies beside it. */
import type { FaultSpec, Scenario, SwarmSpec } from '../../../scenarios/scenario.ts';
import type { Draws } from '../../core/draws.ts';
import { drawFault } from '../../faults/swarm.ts';

type Change = (faults: readonly FaultSpec[], context: Context) => readonly FaultSpec[];

interface Context {
  readonly scenario: Scenario;
  readonly swarm: SwarmSpec;
  /** Faults of another schedule for the same cluster. */
  readonly other: readonly FaultSpec[];
  readonly draws: Draws;
}

const STEPS_MAX = 3;
const MILLISECOND_MICROS = 1000;

/** One to three changes; there is always a fault left. */
export function mutate(faults: readonly FaultSpec[], context: Context): readonly FaultSpec[] {
  const { draws } = context;
  let changed = faults;
  for (let steps = draws.between(1, STEPS_MAX + 1); steps > 0; steps--) {
    const change = draws.pick(changed.length === 0 ? [insert] : CHANGES);
    changed = change(changed, context);
  }
  return changed.length > 0 ? changed : insert(changed, context);
}

const remove: Change = (faults, { draws }) => faults.toSpliced(draws.below(faults.length), 1);

const insert: Change = (faults, { scenario, swarm, draws }) => [
  ...faults,
  drawFault(swarm, scenario, draws),
];

/** Something else at the same moment. */
const replace: Change = (faults, { scenario, swarm, draws }) => {
  const at = draws.below(faults.length);
  const { trigger } = faults[at]!;
  return faults.with(at, { ...drawFault(swarm, scenario, draws), trigger });
};

/** To another moment, mostly one nearby. */
const shift: Change = (faults, { scenario, draws }) => {
  const at = draws.below(faults.length);
  const fault = faults[at]!;
  const reach = draws.pick([10, 100, 1_000, 10_000]) * MILLISECOND_MICROS;
  const by = draws.between(-reach, reach + 1);
  if (fault.trigger.kind !== 'at') return faults;
  const wanted = fault.trigger.atMicros + by;
  const last = scenario.durationMicros - 1;
  const atMicros = Math.max(scenario.warmupMicros, Math.min(last, wanted));
  return faults.with(at, { ...fault, trigger: { kind: 'at', atMicros } });
};

const stretch: Change = (faults, { draws }) => {
  const at = draws.below(faults.length);
  const fault = faults[at]!;
  const factor = draws.pick([0.1, 0.5, 2, 5]);
  if (fault.lasts?.kind !== 'constant') return faults;
  const micros = Math.max(MILLISECOND_MICROS, Math.round(fault.lasts.micros * factor));
  return faults.with(at, { ...fault, lasts: { kind: 'constant', micros } });
};

/** The beginning of one schedule and the end of another. */
const splice: Change = (faults, { other, scenario, draws }) => {
  const cut = draws.between(scenario.warmupMicros, scenario.durationMicros);
  const before = (fault: FaultSpec): boolean =>
    fault.trigger.kind === 'at' && fault.trigger.atMicros < cut;
  return [...faults.filter(before), ...other.filter((fault) => !before(fault))];
};

const CHANGES: readonly Change[] = [remove, insert, insert, replace, shift, shift, stretch, splice];
