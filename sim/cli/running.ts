/** Runs a plan on this machine: threads or not, progress, Ctrl-C. */
import { readEnvironment } from '../../reports/environment.ts';
import type { ColourMode } from '../../reports/environment.ts';
import { Progress } from '../../reports/progress.ts';
import type { Verbosity } from '../../reports/reporter.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { Campaign } from '../explore/campaign.ts';
import type { Job } from '../explore/campaign.ts';
import { JobRunner } from '../explore/job.ts';
import { runCount } from '../explore/plan.ts';
import type { Plan } from '../explore/plan.ts';
import { pump } from '../explore/pump.ts';
import type { Execute } from '../explore/pump.ts';
import { Keeper } from '../explore/keeper.ts';
import type { JobRecord } from '../explore/record.ts';
import type { Pool } from '../explore/statistics/pool.ts';
import { Workers } from '../explore/workers.ts';
import { EXIT } from '../run/result.ts';
import { estimate } from '../run/estimate.ts';
import type { Host } from './host.ts';
import { threadProbe } from './probe.ts';

/** From this many runs on, threads are worth their start. */
const RUNS_FOR_THREADS = 9;
/** A run that takes longer goes to a thread, so that Ctrl-C and progress stay alive. */
const LONG_SECONDS = 2;

/** Records of an earlier attempt, which need not be made again. */
export interface Known {
  get(job: Job): JobRecord | undefined;
  has(record: JobRecord): boolean;
}

export interface RunningOptions {
  readonly jobs: number | undefined;
  readonly verbosity: Verbosity;
  readonly colour: ColourMode;
  /** So many runs that did not pass end the campaign. */
  readonly maxFailures: number;
  readonly known?: Known;
}

export interface Finished {
  readonly records: readonly JobRecord[];
  /** Distributions over all runs, by the place of the scenario in the plan. */
  readonly pools: readonly Pool[];
  readonly interrupted: boolean;
  readonly wallSeconds: number;
}

/** Runs everything; `onRecord` gets each record in the order of scenarios and seeds. */
export async function runCampaign(
  host: Host,
  plan: Plan,
  options: RunningOptions,
  onRecord: (record: JobRecord) => void,
): Promise<Finished> {
  const total = runCount(plan);
  const environment = readEnvironment(host.variables, host.stderr, options.colour);
  const progress = new Progress(host.stderr, environment, total, host.now);
  const keeper = new Keeper(plan);
  const loud = options.verbosity >= 0 && total > 1;
  let failures = 0;
  const campaign: Campaign = new Campaign(plan, {
    onFinished: (record) => {
      if (record.exitCode !== EXIT.pass && ++failures >= options.maxFailures) campaign.stop();
      if (loud) progress.onFinished(record);
    },
    onRecord: (record) => {
      // Only transcripts are printed before the end.
      if (options.verbosity > 0) progress.clear();
      onRecord(record);
      keeper.add(record);
    },
  });
  const began = host.now();
  const threads = threadsFor(host, plan, options.jobs);
  const workers =
    threads > 0 ? new Workers<Job, JobRecord>(plan, threads, workerProgram('worker')) : null;
  let interrupted = false;
  const release = host.onInterrupt(() => {
    if (interrupted) return host.exit(EXIT.interrupted);
    interrupted = true;
    campaign.stop();
    progress.say('Interrupted: the runs under way are finished first. Ctrl-C again stops now.');
  });
  try {
    const execute = workers === null ? inThisThread(host, plan) : onWorkers(workers);
    const fromMemory: Execute = (job) => options.known?.get(job) ?? execute(job);
    await pump(campaign, fromMemory, Math.max(1, threads));
  } finally {
    release();
    progress.clear();
    await workers?.close();
  }
  return {
    records: keeper.records,
    pools: keeper.pools,
    interrupted,
    wallSeconds: host.now() - began,
  };
}

/** 0: this thread does it. */
function threadsFor(host: Host, plan: Plan, jobs: number | undefined): number {
  const total = runCount(plan);
  const wanted = jobs ?? (total >= RUNS_FOR_THREADS ? host.cores : 1);
  if (wanted > 1 && total > 1) return Math.min(wanted, total);
  return plan.sources.some(isLong) ? 1 : 0;
}

function isLong({ text, file, overrides }: Plan['sources'][number]): boolean {
  const loaded = loadScenario(text, { file, overrides });
  return loaded.ok && estimate(loaded.scenario).wallSeconds > LONG_SECONDS;
}

function inThisThread(host: Host, plan: Plan): Execute {
  const runner = new JobRunner(plan, threadProbe());
  return async (job) => {
    // Signals are only noticed between two runs.
    await host.breathe();
    return runner.run(job);
  };
}

function onWorkers(workers: Workers<Job, JobRecord>): Execute {
  return (job) => workers.run(job);
}

/** Sources run as they are; a package holds them compiled. */
export function workerProgram(name: 'worker' | 'search-worker'): URL {
  const { url } = import.meta;
  const compiled = url.endsWith('.js');
  if (name === 'worker') return new URL(compiled ? './worker.js' : './worker.ts', url);
  return new URL(compiled ? './search-worker.js' : './search-worker.ts', url);
}
