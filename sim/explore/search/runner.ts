/** What a thread of a search can do: run a trial, or make a failing scenario simpler. */
import { parse, stringify } from 'yaml';
import type { Config } from '../../../scenarios/load.ts';
import type { Probe } from '../../run/run.ts';
import { shrink } from '../shrink/shrink.ts';
import type { Failure } from './failure.ts';
import type { SearchPlan } from './plan.ts';
import { TrialRunner } from './trial-runner.ts';
import type { Trial, TrialRecord } from './trial.ts';

/** A failure to be made simpler. */
export interface ShrinkJob {
  readonly kind: 'shrink';
  readonly scenario: string;
  readonly seed: number;
}

export interface ShrunkRecord {
  readonly kind: 'shrunk';
  /** Null where the failure did not show again. */
  readonly shrunk: ShrunkCase | null;
}

export interface ShrunkCase {
  readonly scenario: string;
  readonly seed: number;
  readonly failure: Failure;
  readonly events: number;
  readonly runs: number;
  readonly done: boolean;
}

export type SearchJob = ({ readonly kind: 'trial' } & Trial) | ShrinkJob;
export type SearchResult = ({ readonly kind: 'trial' } & TrialRecord) | ShrunkRecord;

export class SearchRunner {
  private readonly trials: TrialRunner;
  private readonly plan: SearchPlan;
  private readonly probe: Probe;

  constructor(plan: SearchPlan, probe: Probe) {
    this.plan = plan;
    this.probe = probe;
    this.trials = new TrialRunner(plan, probe);
  }

  run(job: SearchJob): SearchResult {
    if (job.kind === 'trial') {
      const { kind, ...trial } = job;
      return { kind, ...this.trials.run(trial) };
    }
    const config = parse(job.scenario) as Config;
    const found = shrink(
      { config, seed: job.seed },
      { runs: this.plan.shrinkRuns, probe: this.probe },
    );
    if (found === null) return { kind: 'shrunk', shrunk: null };
    const { config: simpler, ...rest } = found;
    const scenario = stringify(simpler, { lineWidth: 100 });
    return { kind: 'shrunk', shrunk: { ...rest, scenario } };
  }
}
