/** Runs a search on this machine: threads or not, a time, Ctrl-C, what is known on disk. */
import { SearchProgress } from '../../reports/search/progress.ts';
import type { SearchFigures } from '../../reports/search/progress.ts';
import type { SearchStore } from '../../reports/search/store.ts';
import { readEnvironment } from '../../reports/environment.ts';
import type { ColourMode } from '../../reports/environment.ts';
import type { Verbosity } from '../../reports/reporter.ts';
import { INTERNAL } from '../explore/search/failure.ts';
import type { SearchPlan } from '../explore/search/plan.ts';
import { SearchRunner } from '../explore/search/runner.ts';
import type { SearchJob, SearchResult, ShrunkCase } from '../explore/search/runner.ts';
import type { Finding, Search, SearchState } from '../explore/search/search.ts';
import { brokenRecord } from '../explore/search/trial-runner.ts';
import type { Trial, TrialRecord } from '../explore/search/trial.ts';
import { WallTimeReached, Workers } from '../explore/workers.ts';
import { EXIT } from '../run/result.ts';
import type { Troubles } from './executing.ts';
import type { Host } from './host.ts';
import { threadProbe } from './probe.ts';
import { workerProgram } from './running.ts';

/** A thread that is at one job for longer is ended: the run's own limits should have come first. */
const JOB_SECONDS = 120;
const JOB_MEBIBYTES = 2048;
/** Findings of one search that are made simpler; there is seldom more to be learned from more. */
const SHRUNK_MAX = 12;

export interface SearchingOptions {
  readonly jobs: number;
  /** Wall time after which no run begins. */
  readonly seconds: number;
  readonly verbosity: Verbosity;
  readonly colour: ColourMode;
  readonly maxFindings: number;
}

export interface Searched {
  readonly state: SearchState;
  readonly shrunk: ReadonlyMap<string, ShrunkCase>;
  readonly interrupted: boolean;
  readonly wallSeconds: number;
  readonly runsNow: number;
  readonly simulatedNow: number;
}

type Execute = (job: SearchJob) => Promise<SearchResult>;

export async function runSearch(
  host: Host,
  search: Search,
  store: SearchStore,
  troubles: Troubles,
  options: SearchingOptions,
): Promise<Searched> {
  const { plan } = search;
  const workers =
    options.jobs > 1
      ? new Workers<SearchJob, SearchResult>(plan, options.jobs, workerProgram('search-worker'), {
          wallSeconds: JOB_SECONDS,
          heapMebibytes: JOB_MEBIBYTES,
        })
      : null;
  const execute: Execute = workers === null ? inThisThread(host, plan) : (job) => workers.run(job);
  const searching = new Searching(host, search, store, troubles, options, execute);
  try {
    return await searching.run();
  } finally {
    await workers?.close();
  }
}

function inThisThread(host: Host, plan: SearchPlan): Execute {
  const runner = new SearchRunner(plan, threadProbe());
  return async (job) => {
    // Signals are only noticed between two jobs.
    await host.breathe();
    return runner.run(job);
  };
}

class Searching {
  private readonly host: Host;
  private readonly search: Search;
  private readonly store: SearchStore;
  private readonly troubles: Troubles;
  private readonly options: SearchingOptions;
  private readonly execute: Execute;
  private readonly progress: SearchProgress;
  private readonly began: number;
  private interrupted = false;
  private runsNow = 0;
  private eventsNow = 0;
  private simulatedNow = 0;

  constructor(
    host: Host,
    search: Search,
    store: SearchStore,
    troubles: Troubles,
    options: SearchingOptions,
    execute: Execute,
  ) {
    this.host = host;
    this.search = search;
    this.store = store;
    this.troubles = troubles;
    this.options = options;
    this.execute = execute;
    const environment = readEnvironment(host.variables, host.stderr, options.colour);
    this.progress = new SearchProgress(host.stderr, environment, host.now);
    this.began = host.now();
  }

  async run(): Promise<Searched> {
    const release = this.host.onInterrupt(() => this.onInterrupt());
    try {
      const state = await this.searchAll();
      const wallSeconds = this.host.now() - this.began;
      const shrunk = await this.shrinkAll(state.findings);
      const { interrupted, runsNow, simulatedNow } = this;
      return { state, shrunk, interrupted, wallSeconds, runsNow, simulatedNow };
    } finally {
      release();
      this.progress.clear();
    }
  }

  private onInterrupt(): void {
    if (this.interrupted) return this.host.exit(EXIT.interrupted);
    this.interrupted = true;
    this.say('Interrupted: the runs under way are finished first. Ctrl-C again stops now.');
  }

  private get over(): boolean {
    return this.interrupted || this.host.now() - this.began >= this.options.seconds;
  }

  private async searchAll(): Promise<SearchState> {
    const { search, troubles, store, options } = this;
    for (;;) {
      const batch = search.nextBatch();
      if (batch.length === 0) return search.state;
      const records = await this.runBatch(batch);
      if (records.length < batch.length) {
        const told = search.breakOff(records);
        troubles.attempt(() => store.write(search.state));
        return told;
      }
      for (const finding of search.finishBatch(records)) this.tell(finding);
      troubles.attempt(() => store.write(search.state));
      this.progress.onBatch(this.figures());
      if (search.figures.findings >= options.maxFindings) return search.state;
    }
  }

  /** Fewer records than trials: it was broken off. */
  private async runBatch(batch: readonly Trial[]): Promise<TrialRecord[]> {
    const records: TrialRecord[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < batch.length && !this.over) {
        const record = await this.runTrial(batch[next++]!);
        records.push(record);
        this.runsNow++;
        this.eventsNow += record.events;
        this.simulatedNow += record.simulatedSeconds;
        this.progress.onFinished(this.figures());
      }
    };
    await Promise.all(Array.from({ length: this.options.jobs }, worker));
    return records;
  }

  /** What ends a thread costs the trial that it ran, and nothing else. */
  private async runTrial(trial: Trial): Promise<TrialRecord> {
    try {
      const result = await this.execute({ kind: 'trial', ...trial });
      if (result.kind === 'trial') return result;
      throw new Error('a trial was answered with something else');
    } catch (error) {
      const broken = brokenRecord(trial, error);
      if (!(error instanceof WallTimeReached)) return broken;
      return { ...broken, exitCode: EXIT.unknown, failure: null };
    }
  }

  private async shrinkAll(findings: readonly Finding[]): Promise<Map<string, ShrunkCase>> {
    const shrunk = new Map<string, ShrunkCase>();
    const { shrinkRuns } = this.search.plan;
    const wanted = findings
      .filter(({ scenario, failure }) => scenario !== '' && failure.invariant !== INTERNAL)
      .slice(0, shrinkRuns > 0 ? SHRUNK_MAX : 0);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < wanted.length && !this.interrupted) {
        const { key, failure, scenario, seed } = wanted[next++]!;
        this.progress.onFinished(this.figures());
        const result = await this.execute({ kind: 'shrink', scenario, seed }).catch(() => null);
        if (result?.kind !== 'shrunk' || result.shrunk === null) {
          this.say(`${failure.invariant} was not made simpler: it did not show again.`);
        } else shrunk.set(key, result.shrunk);
      }
    };
    await Promise.all(Array.from({ length: this.options.jobs }, worker));
    return shrunk;
  }

  private tell({ failure, seed, source }: Finding): void {
    const { name } = this.search.plan.sources[source]!;
    this.say(`found ${failure.invariant} with ${name}, seed ${seed}: ${failure.message}`);
  }

  private say(text: string): void {
    if (this.options.verbosity >= 0) this.progress.say(text);
  }

  private figures(): SearchFigures {
    return {
      runs: this.runsNow,
      planned: this.search.plan.trials,
      events: this.eventsNow,
      ...this.search.figures,
    };
  }
}
