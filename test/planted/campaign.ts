/** One bundled scenario over many seeds, with a bug planted or without. */
import type { RunResult } from '../../sim/run/result.ts';
import { bundled, run } from '../run/kit.ts';

export interface Catch {
  readonly seed: number;
  readonly exitCode: number;
  /** Invariants in the order of their first violations. */
  readonly invariants: readonly string[];
}

export interface Sweep {
  readonly runs: number;
  /** Runs that did not pass. */
  readonly caught: readonly Catch[];
}

/** Which bug is shown by which scenario, and the invariants it may break. */
export const PLANTED = [
  {
    bug: 'B2',
    scenario: 'swarm/leader-churn',
    breaks: ['raft.leader-completeness', 'raft.state-machine-safety'],
  },
  { bug: 'B4', scenario: 'swarm/voter-crash', breaks: ['raft.vote-once', 'raft.election-safety'] },
] as const;

/** Runs seeds 1.. up to `seeds`; with `first` no further than to the first that does not pass. */
export function sweep(
  scenario: string,
  plant: string | null,
  seeds: number,
  { first = false } = {},
): Sweep {
  const loaded = bundled(scenario, plant === null ? [] : [`plant=[${plant}]`]);
  const caught: Catch[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { result } = run(loaded, { seed, trace: 'off' });
    if (result.exitCode === 0) continue;
    caught.push({ seed, exitCode: result.exitCode, invariants: invariantsOf(result) });
    if (first) return { runs: seed, caught };
  }
  return { runs: seeds, caught };
}

/** Stale answers that are allowed come with any new leader. */
function invariantsOf({ violations }: RunResult): string[] {
  const real = violations.filter(({ status }) => status !== 'allowed');
  return [...new Set(real.map(({ invariant }) => invariant))];
}
