/** What a search adds up to: the document `lictor.exploration/1`. */
import { parse } from 'yaml';
import type { Config } from '../../../scenarios/load.ts';
import { EXIT } from '../../run/result.ts';
import type { ExitCode } from '../../run/result.ts';
import { sizeOf } from '../shrink/shrink.ts';
import { combineExitCodes } from '../summary.ts';
import type { Failure } from './failure.ts';
import type { SearchPlan } from './plan.ts';
import type { ShrunkCase } from './runner.ts';
import type { Finding, SearchState } from './search.ts';
import { undecided } from './search.ts';

export interface FindingReport extends Failure {
  readonly key: string;
  readonly count: number;
  /** Runs until it was seen first. */
  readonly runs: number;
  readonly scenario: string;
  readonly seed: number;
  readonly events: number;
  /** Of the run as it was found. */
  readonly size: Size;
  /** Null where it was not made simpler. */
  readonly shrunk: ShrunkReport | null;
  /** Folder with its files; null where it could not be written. */
  readonly written: string | null;
}

export interface Size {
  readonly faults: number;
  readonly hosts: number;
}

export interface ShrunkReport extends Size {
  readonly seed: number;
  readonly events: number;
  readonly runs: number;
  readonly done: boolean;
  readonly time: number;
  readonly message: string;
}

export interface Exploration {
  readonly schema: 'lictor.exploration/1';
  readonly exitCode: ExitCode;
  readonly strategy: string;
  readonly scenarios: readonly string[];
  readonly firstSeed: number;
  readonly planned: number;
  readonly runs: number;
  readonly unknown: number;
  readonly interrupted: boolean;
  readonly events: number;
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  readonly runsPerSecond: number;
  readonly simulatedHoursPerSecond: number;
  /** Abstract states of the cluster that some run came through. */
  readonly states: number;
  readonly findings: readonly FindingReport[];
  readonly version: string;
  readonly node: string;
  readonly command: string;
}

export interface Told {
  readonly finding: Finding;
  readonly shrunk: ShrunkCase | null;
  readonly written: string | null;
}

export interface ExplorationFacts {
  readonly plan: SearchPlan;
  readonly state: SearchState;
  readonly told: readonly Told[];
  readonly interrupted: boolean;
  readonly wallSeconds: number;
  /** Runs of this time; the others were made before. */
  readonly runsNow: number;
  readonly simulatedNow: number;
  readonly version: string;
  readonly node: string;
  readonly command: string;
}

export function reportOf(facts: ExplorationFacts): Exploration {
  const { plan, state, told, interrupted, wallSeconds, runsNow, simulatedNow } = facts;
  const perSecond = (count: number): number =>
    wallSeconds > 0 ? Number((count / wallSeconds).toPrecision(3)) : 0;
  return {
    schema: 'lictor.exploration/1',
    exitCode: exitCodeOf(facts),
    strategy: plan.strategy,
    scenarios: plan.sources.map(({ file }) => file),
    firstSeed: plan.firstSeed,
    planned: plan.trials,
    runs: state.runs,
    unknown: undecided(state),
    interrupted,
    events: state.events,
    simulatedSeconds: state.simulatedSeconds,
    wallSeconds,
    runsPerSecond: perSecond(runsNow),
    simulatedHoursPerSecond: perSecond(simulatedNow / 3600),
    states: state.states.length,
    findings: told.map((one) => findingOf(one, plan)),
    version: facts.version,
    node: facts.node,
    command: facts.command,
  };
}

function findingOf({ finding, shrunk, written }: Told, { sources }: SearchPlan): FindingReport {
  const { failure, key, count, firstIndex, source, seed, events, scenario } = finding;
  return {
    ...failure,
    key,
    count,
    runs: firstIndex + 1,
    scenario: sources[source]!.name,
    seed,
    events,
    size: sizeOfText(scenario),
    shrunk: shrunk === null ? null : shrunkOf(shrunk),
    written,
  };
}

function shrunkOf({ scenario, seed, events, runs, done, failure }: ShrunkCase): ShrunkReport {
  const { time, message } = failure;
  return { ...sizeOfText(scenario), seed, events, runs, done, time, message };
}

function sizeOfText(text: string): Size {
  return text === '' ? { faults: 0, hosts: 0 } : sizeOf({ config: parse(text) as Config });
}

const CODES = {
  violation: EXIT.violation,
  threshold: EXIT.threshold,
  error: EXIT.internal,
} as const;

/** The gravest thing that was seen. */
function exitCodeOf({ state, told, interrupted }: ExplorationFacts): ExitCode {
  const codes = told.map(({ finding }): ExitCode => CODES[finding.failure.kind]);
  if (undecided(state) > 0) codes.push(EXIT.unknown);
  if (interrupted) codes.push(EXIT.interrupted);
  return combineExitCodes(codes);
}
