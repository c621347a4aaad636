/** What a search is to do, and how the cluster of one trial comes about. */
import type { FaultItem, Scenario, SwarmSpec } from '../../../scenarios/scenario.ts';
import { SWARM_KINDS } from '../../../scenarios/vocabulary.ts';
import type { Source } from '../plan.ts';
import type { Strategy } from './trial.ts';

export interface SearchPlan {
  readonly strategy: Strategy;
  /** Trials go round among them. */
  readonly sources: readonly Source[];
  readonly firstSeed: number;
  /** Trials in all. */
  readonly trials: number;
  /** Of every trial those whose index leaves `part` when divided by `parts`. */
  readonly part: number;
  readonly parts: number;
  /** Runs that making one failure simpler may take; 0: it stays as it was found. */
  readonly shrinkRuns: number;
}

const INTENSITY = 0.5;

/** A scenario without a swarm gets one; one that is searched at random leaves no kind out. */
export function withSwarm(scenario: Scenario, strategy: Strategy): Scenario {
  const mix = strategy === 'random' ? 'all' : 'drawn';
  const own: SwarmSpec = {
    kind: 'swarm',
    origin: 'search',
    intensity: INTENSITY,
    kinds: SWARM_KINDS,
    mix,
    untilMicros: null,
  };
  const has = scenario.faults.some(({ kind }) => kind === 'swarm');
  const faults = has
    ? scenario.faults.map((item): FaultItem => (item.kind === 'swarm' ? { ...item, mix } : item))
    : [...scenario.faults, own];
  return { ...scenario, faults };
}

/** Faults that the file names; what swarms draw comes behind them. */
export function writtenFaults({ faults }: Scenario): number {
  return faults.reduce((sum, item) => {
    if (item.kind === 'sequence') return sum + item.steps.length;
    return item.kind === 'fault' ? sum + 1 : sum;
  }, 0);
}

/** The swarm of a scenario that has one. */
export function swarmOf(scenario: Scenario): SwarmSpec {
  return scenario.faults.find((item) => item.kind === 'swarm')!;
}
