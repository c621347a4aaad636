/** One run of a search: what it is to run, and what it brings back. Plain data: it crosses threads. */
import type { FaultSpec } from '../../../scenarios/scenario.ts';
import type { ExitCode } from '../../run/result.ts';
import type { Failure } from './failure.ts';

export const STRATEGIES = {
  random: 'every seed draws faults of all kinds in the cluster as it is written',
  swarm: 'every seed first draws its own cluster and leaves kinds of faults out',
  coverage: 'schedules of faults that reached new states of the cluster are changed a little',
  pct: 'as swarm, with priorities over messages and lanes that change a few times in a run',
} as const;
export type Strategy = keyof typeof STRATEGIES;
export const STRATEGY_NAMES = Object.keys(STRATEGIES) as Strategy[];

export interface Trial {
  /** Place in the order of trials. */
  readonly index: number;
  /** Which scenario of the search. */
  readonly source: number;
  readonly seed: number;
  /** Faults in the place of what the seed would draw, in the cluster that another seed has drawn. */
  readonly schedule: Schedule | null;
}

export interface Schedule {
  readonly clusterSeed: number;
  readonly faults: readonly FaultSpec[];
}

export interface TrialRecord {
  readonly trial: Trial;
  readonly exitCode: ExitCode;
  readonly failure: Failure | null;
  readonly events: number;
  readonly simulatedSeconds: number;
  /** Hashes of the abstract states that the run came through, ascending. */
  readonly states: readonly number[];
  /** What its faults were. */
  readonly faults: readonly FaultSpec[];
  /** The run as a scenario of its own; "" of one that did not fail. */
  readonly scenario: string;
}
