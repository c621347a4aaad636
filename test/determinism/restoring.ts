/** Runs that are saved on their way and go back: each ends as the straight run does. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { WorldState } from '../../sim/core/world-save.ts';
import { advance, begin } from '../run/kit.ts';
import { OBSERVED, runToEnd } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** Saved half-way, run to the end, restored, run to the end again: both outcomes. */
export function halfWay(scenario: Scenario, seed: number): [Outcome, Outcome] {
  const execution = begin(scenario, seed, OBSERVED);
  advance(execution, Math.floor(execution.endMicros / 2));
  const half = execution.world.save();
  const first = runToEnd(execution);
  execution.world.restore(half);
  return [first, runToEnd(execution)];
}

/**
 * Saved at each of these shares of the run; then restored to the saves in the given order, running
 * to the end after each. Outcomes in that order.
 */
export function anyOrder(
  scenario: Scenario,
  seed: number,
  shares: readonly number[],
  order: readonly number[],
): Outcome[] {
  const execution = begin(scenario, seed, OBSERVED);
  const saves: WorldState[] = shares.map((share) => {
    advance(execution, Math.floor(execution.endMicros * share));
    return execution.world.save();
  });
  return order.map((at) => {
    execution.world.restore(saves[at]!);
    return runToEnd(execution);
  });
}

/** A save is taken, the run goes on for a while, goes back, and so on, all the way to the end. */
export function stumbling(scenario: Scenario, seed: number, parts: number): Outcome {
  const execution = begin(scenario, seed, OBSERVED);
  const part = Math.ceil(execution.endMicros / parts);
  for (let at = 1; at <= parts; at++) {
    const save = execution.world.save();
    advance(execution, (at + 1) * part);
    execution.world.restore(save);
    advance(execution, at * part);
  }
  return runToEnd(execution);
}
