/**
 * One run from start to verdict: the program to read first. Build the world, let it run in slices
 * between which limits are looked at, judge, and say what happened.
 */
import { INVARIANTS } from '../check/registry.ts';
import type { History } from '../client/history.ts';
import { LimitReached } from '../core/limits.ts';
import type { TraceMode } from '../core/trace.ts';
import type { World } from '../core/world.ts';
import type { FaultSpec, Scenario } from '../../scenarios/scenario.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { missedDecisions } from './decisions.ts';
import type { Missed } from './decisions.ts';
import { Execution } from './execution.ts';
import { manifestOf } from './manifest.ts';
import type { FaultResult, InvariantResult, RunResult, Verdict, Violation } from './result.ts';
import { judgeThresholds, missedForGood } from './thresholds.ts';
import { judge } from './verdict.ts';

/** Events between two looks at the wall clock, the memory and Ctrl-C. */
const SLICE_EVENTS = 16_384;
/** The same where a threshold may end the run: that should come soon after it was missed. */
const SLICE_EVENTS_ABORT = 512;

/** Named where a history could not be judged within the steps or memory that this may take. */
const CHECKER_LIMIT = 'checker';

/** How a run came to its end; only a complete one shows what comes true in the end. */
type End = 'complete' | 'interrupted' | 'aborted' | 'limit';

/** What the outside world knows and a simulation must not ask for. */
export interface Probe {
  wallSeconds(): number;
  residentBytes(): number;
}

export interface RunOptions {
  readonly seed: number;
  /** The command that reproduces the run. */
  readonly command: string;
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly maxEvents?: number;
  readonly trace?: TraceMode;
  readonly probe?: Probe;
  interrupted?(): boolean;
  /** Sees the run before it starts: for more observers, and for decisions. */
  prepare?(execution: Execution): void;
}

export interface RunOutcome {
  readonly result: RunResult;
  readonly world: World;
  readonly history: History;
  /** What went wrong, swarm draws included. */
  readonly plan: readonly FaultSpec[];
  /** Decisions of the scenario that did not have their say. */
  readonly missed: readonly Missed[];
}

export function runScenario(given: Scenario, options: RunOptions): RunOutcome {
  const scenario = withLimit(given, options.maxEvents);
  const { probe } = options;
  const began = probe?.wallSeconds() ?? 0;
  const trace = options.trace ?? 'full';
  const execution = new Execution(scenario, options.seed, { trace, observers: true });
  options.prepare?.(execution);
  const limits: string[] = [];
  const end = runSlices(execution, options, began, limits);
  execution.finish(end === 'complete');
  if (execution.checks!.undecided().length > 0) limits.push(CHECKER_LIMIT);
  const wallSeconds = (probe?.wallSeconds() ?? 0) - began;
  const result = resultOf(execution, options, limits, end, wallSeconds);
  const { world, history, faults } = execution;
  const missed = missedDecisions(scenario, execution.decisions);
  return { result, world, history, plan: faults.plan(), missed };
}

function withLimit(scenario: Scenario, maxEvents: number | undefined): Scenario {
  if (maxEvents === undefined) return scenario;
  return { ...scenario, limits: { ...scenario.limits, events: maxEvents } };
}

/** A limit that is reached is put on the list. */
function runSlices(
  execution: Execution,
  options: RunOptions,
  began: number,
  limits: string[],
): End {
  const { scenario, world } = execution;
  const { thresholds } = scenario;
  const slice = thresholds.some(({ abort }) => abort) ? SLICE_EVENTS_ABORT : SLICE_EVENTS;
  try {
    execution.start();
    for (;;) {
      for (let i = 0; i < slice; i++) if (!execution.step()) return 'complete';
      if (options.interrupted?.() === true) return 'interrupted';
      if (missedForGood(thresholds, world.metrics)) return 'aborted';
      const { probe } = options;
      if (probe === undefined) continue;
      if ((probe.wallSeconds() - began) * 1e6 > scenario.limits.wallMicros) {
        throw new LimitReached('wall', world.now);
      }
      if (probe.residentBytes() > scenario.limits.memoryBytes) {
        throw new LimitReached('memory', world.now);
      }
    }
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    limits.push(error.limit);
    return 'limit';
  }
}

function resultOf(
  execution: Execution,
  options: RunOptions,
  limits: readonly string[],
  end: End,
  wallSeconds: number,
): RunResult {
  const { scenario, world } = execution;
  const violations = execution.checks!.violations();
  const invariants = invariantResults(execution, end !== 'complete');
  const faults = execution.faults.results();
  const thresholds = judgeThresholds(scenario.thresholds, world.metrics);
  const unexercised = unexercisedOf(invariants, faults);
  const interrupted = end === 'interrupted';
  const findings = { violations, limits, unexercised, thresholds, interrupted };
  const { verdict, exitCode } = judge(scenario.expect, scenario.bugs, options.strict, findings);
  return {
    schema: 'lictor.result/1',
    verdict,
    exitCode,
    scenario: scenario.name,
    seed: options.seed,
    fingerprint: world.fingerprint.hex(),
    simulatedSeconds: world.now / 1e6,
    wallSeconds,
    events: world.event,
    eventsPerSecond: wallSeconds > 0 ? Math.round(world.event / wallSeconds) : 0,
    invariants,
    violations,
    faults,
    unexercised,
    limits,
    thresholds,
    metrics: world.metrics.summaries(),
    manifest: manifestOf(scenario, options.command, options.overrides),
  };
}

/** A run that was cut short has not shown that what must come true in the end does. */
function invariantResults(execution: Execution, cut: boolean): InvariantResult[] {
  return execution.checks!.summaries().map((summary) => {
    const { name, expectation, exercised, violations, undecided } = summary;
    const failed = violations.some(({ status }: Violation) => status !== 'allowed');
    let verdict: Verdict = failed ? 'fail' : 'pass';
    const open = exercised === 0 || undecided !== null || (cut && expectation === 'eventually');
    if (!failed && open) verdict = 'unknown';
    return { name, expectation, verdict, exercised };
  });
}

function unexercisedOf(
  invariants: readonly InvariantResult[],
  faults: readonly FaultResult[],
): string[] {
  return [
    ...invariants
      .filter(
        ({ name, exercised }) =>
          exercised === 0 && INVARIANTS[name as InvariantName].occasional !== true,
      )
      .map(({ name }) => name),
    ...faults.filter(({ inert }) => inert).map(({ name }) => name),
  ];
}
