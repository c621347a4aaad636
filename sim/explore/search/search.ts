/**
 * A search for failures: which trials come next, what is known so far. It owns the policy and no
 * means. Trials come in batches, and what a batch has brought is taken in by the order of its trials:
 * so what comes of a search does not depend on how many threads ran it, or which was quicker.
 */
import type { Scenario } from '../../../scenarios/scenario.ts';
import { Streams } from '../../core/draws.ts';
import type { Draws } from '../../core/draws.ts';
import type { ExitCode } from '../../run/result.ts';
import { EXIT } from '../../run/result.ts';
import { failureKey } from './failure.ts';
import type { Failure } from './failure.ts';
import { mutate } from './mutate.ts';
import type { SearchPlan } from './plan.ts';
import { swarmOf, withSwarm } from './plan.ts';
import { roundOf, turnOf } from './turns.ts';
import type { Schedule, Trial, TrialRecord } from './trial.ts';

/** Trials between two looks at what is known, and fewer where what is known changes no trial. */
const BATCH = 64;
const BATCH_INDEPENDENT = 16;
/** Share of the trials of a search by coverage that change a schedule that is known. */
const MUTATED = 0.7;
/** Schedules that are kept to be changed; the oldest go first. */
const CORPUS_MAX = 512;

/** Failures of one kind: the run that shows it with the fewest events. */
export interface Finding {
  readonly key: string;
  readonly failure: Failure;
  /** Runs that showed it. */
  readonly count: number;
  /** Trials before the first that showed it, itself included. */
  readonly firstIndex: number;
  readonly source: number;
  readonly seed: number;
  readonly events: number;
  readonly scenario: string;
}

/** A schedule that reached states which no trial before it had reached. */
export interface CorpusEntry {
  readonly source: number;
  readonly schedule: Schedule;
  readonly seed: number;
  readonly news: number;
}

/** Everything a search knows; plain data, to be kept on disk. */
export interface SearchState {
  /** Index of the first trial that has not been run. */
  readonly next: number;
  readonly runs: number;
  readonly events: number;
  readonly simulatedSeconds: number;
  /** Runs by exit code. */
  readonly codes: Readonly<Record<string, number>>;
  readonly states: readonly number[];
  readonly findings: readonly Finding[];
  readonly corpus: readonly CorpusEntry[];
}

export const NOTHING: SearchState = {
  next: 0,
  runs: 0,
  events: 0,
  simulatedSeconds: 0,
  codes: {},
  states: [],
  findings: [],
  corpus: [],
};

export class Search {
  readonly plan: SearchPlan;
  /** As it is written, of each scenario of the plan: what a changed schedule is drawn for. */
  private readonly scenarioOf: (source: number, clusterSeed: number) => Scenario;
  private known: SearchState;
  private readonly states: Set<number>;
  private readonly round: readonly number[];

  constructor(
    plan: SearchPlan,
    scenarioOf: (source: number, clusterSeed: number) => Scenario,
    state: SearchState = NOTHING,
  ) {
    this.plan = plan;
    this.scenarioOf = scenarioOf;
    this.known = state;
    this.states = new Set(state.states);
    this.round = roundOf(plan.sources.map((_, at) => scenarioOf(at, plan.firstSeed)));
  }

  /** What is known after the batches that are complete. */
  get state(): SearchState {
    return { ...this.known, states: [...this.states] };
  }

  /** How much of it there is. */
  get figures(): { readonly states: number; readonly findings: number } {
    return { states: this.states.size, findings: this.known.findings.length };
  }

  /** The trials that come next; none at the end. */
  nextBatch(): Trial[] {
    const { trials, part, parts } = this.plan;
    const last = Math.min(trials, this.known.next + this.batch);
    const batch: Trial[] = [];
    for (let index = this.known.next; index < last; index++) {
      if (index % parts === part) batch.push(this.trialOf(index));
    }
    return batch;
  }

  /** Trials of a batch, those of other parts counted in. */
  private get batch(): number {
    const { strategy, parts } = this.plan;
    return parts * (strategy === 'coverage' ? BATCH : BATCH_INDEPENDENT);
  }

  private trialOf(index: number): Trial {
    const { firstSeed, strategy } = this.plan;
    const { source, nth } = turnOf(this.round, index);
    const seed = firstSeed + nth;
    const plain: Trial = { index, source, seed, schedule: null };
    if (strategy !== 'coverage') return plain;
    const draws = new Streams(firstSeed).stream(`search/${index}`);
    const corpus = this.known.corpus.filter((entry) => entry.source === source);
    if (!draws.chance(MUTATED) || corpus.length === 0) return plain;
    return { ...plain, ...this.changed(source, seed, corpus, draws) };
  }

  private changed(
    source: number,
    seed: number,
    corpus: readonly CorpusEntry[],
    draws: Draws,
  ): Pick<Trial, 'seed' | 'schedule'> {
    const parent = draws.pick(corpus);
    const { clusterSeed, faults } = parent.schedule;
    const scenario = withSwarm(this.scenarioOf(source, clusterSeed), 'coverage');
    const same = corpus.filter((entry) => entry.schedule.clusterSeed === clusterSeed);
    const other = draws.pick(same).schedule.faults;
    const swarm = swarmOf(scenario);
    const sameDraws = draws.chance(0.5);
    return {
      seed: sameDraws ? parent.seed : seed,
      schedule: { clusterSeed, faults: mutate(faults, { scenario, swarm, other, draws }) },
    };
  }

  /** Takes in what a whole batch has brought, in any order; returns the findings that are new. */
  finishBatch(records: readonly TrialRecord[]): Finding[] {
    const next = Math.min(this.plan.trials, this.known.next + this.batch);
    const news = this.take(records);
    this.known = { ...this.known, next };
    return news;
  }

  /** Takes in a batch that was broken off. It is run again, so that nothing else of it is kept. */
  breakOff(records: readonly TrialRecord[]): SearchState {
    const before = this.known;
    this.take(records);
    const told = this.state;
    this.known = { ...before, findings: this.known.findings };
    return told;
  }

  private take(records: readonly TrialRecord[]): Finding[] {
    const news: Finding[] = [];
    for (const record of [...records].sort((a, b) => a.trial.index - b.trial.index)) {
      const { events, simulatedSeconds, exitCode } = record;
      this.known = {
        ...this.known,
        runs: this.known.runs + 1,
        events: this.known.events + events,
        simulatedSeconds: this.known.simulatedSeconds + simulatedSeconds,
        codes: counted(this.known.codes, exitCode),
        corpus: this.grown(record),
      };
      const found = this.takeFailure(record);
      if (found !== null) news.push(found);
    }
    return news;
  }

  private grown({ trial, states, faults }: TrialRecord): readonly CorpusEntry[] {
    let news = 0;
    for (const state of states) {
      if (this.states.has(state)) continue;
      this.states.add(state);
      news++;
    }
    const { corpus } = this.known;
    if (news === 0 || this.plan.strategy !== 'coverage') return corpus;
    const { source, seed, schedule } = trial;
    const clusterSeed = schedule?.clusterSeed ?? seed;
    return [...corpus, { source, seed, schedule: { clusterSeed, faults }, news }].slice(
      -CORPUS_MAX,
    );
  }

  /** Null where such a failure is known already. */
  private takeFailure({ trial, failure, events, scenario }: TrialRecord): Finding | null {
    if (failure === null) return null;
    const { findings } = this.known;
    const key = failureKey(failure);
    const at = findings.findIndex((finding) => finding.key === key);
    const { index, source, seed } = trial;
    const found = { key, failure, source, seed, events, scenario };
    if (at < 0) {
      const finding: Finding = { ...found, count: 1, firstIndex: index };
      this.known = { ...this.known, findings: [...findings, finding] };
      return finding;
    }
    const before = findings[at]!;
    const count = before.count + 1;
    const firstIndex = Math.min(before.firstIndex, index);
    const better = events > 0 && events < before.events ? found : before;
    const joined = { ...better, count, firstIndex };
    this.known = { ...this.known, findings: findings.with(at, joined) };
    return null;
  }
}

function counted(codes: SearchState['codes'], code: ExitCode): Record<string, number> {
  return { ...codes, [code]: (codes[code] ?? 0) + 1 };
}

/** Runs that showed neither a failure nor that there is none. */
export function undecided({ codes }: SearchState): number {
  return codes[EXIT.unknown] ?? 0;
}
