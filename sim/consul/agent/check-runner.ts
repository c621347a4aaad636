/**
 * How checks are run (reference: agents §2.1, §2.2; `consul:agent/checks/check.go`): each is a
 * goroutine that sleeps, asks, and sleeps again, so that a period is the interval and what the run
 * took. A check that is told (`ttl`) has a timer instead, and an alias looks at its neighbours.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { countResult, createCounters } from './check-handler.ts';
import type { CheckStatus } from '../state/rows.ts';
import { worstOf } from './definitions.ts';
import { H2_PING, HEALTH_CHECK } from '../../service/vocabulary.ts';
import type { HealthRequest } from '../../service/vocabulary.ts';
import type { CheckResult } from './check-results.ts';
import { RUN_LANE, Step, TTL_TIMER } from './inputs.ts';
import { leaveQueue } from './lock.ts';
import { drawStagger } from './scale.ts';
import { numberOf } from './state.ts';
import type { AgentState, CheckSpec, CheckRun, Runner } from './state.ts';
import { spawn } from './sync.ts';

/** An interval below is raised to it (`consul:agent/checks/check.go (MinInterval)`). */
const INTERVAL_MICROS_MIN = 1_000_000;

export function startRunner(state: AgentState, definition: CheckSpec, out: Outbox): void {
  stopRunner(state, definition.id, out);
  const runner: Runner = {
    definition,
    number: numberOf(state.checkIds, definition.id),
    run: 0,
    counters: createCounters(definition.thresholds),
    lastOutput: '',
  };
  state.runners.set(definition.id, runner);
  if (definition.kind === 'ttl') {
    out.timer(TTL_TIMER, runner.number, definition.ttlMicros);
  } else if (definition.kind !== 'alias') {
    const run: CheckRun = { kind: 'check', check: definition.id, status: 'critical', output: '' };
    runner.run = spawn(state, run, out);
  }
}

/** The goroutine ends wherever it is; a result on its way reaches nobody. */
export function stopRunner(state: AgentState, id: string, out: Outbox): void {
  const runner = state.runners.get(id);
  if (runner === undefined) return;
  state.runners.delete(id);
  out.cancel(TTL_TIMER, runner.number);
  if (runner.run === 0) return;
  leaveQueue(state.lock, runner.run);
  state.runs.delete(runner.run);
  out.reap(RUN_LANE, runner.run);
}

/** A new goroutine sleeps for a random part of its interval. */
export function beginCheck({ definition }: Runner, out: Outbox): void {
  const intervalMicros = Math.max(definition.intervalMicros, INTERVAL_MICROS_MIN);
  out.sleep(drawStagger(out.draw('check-stagger'), intervalMicros), Step.due, 0);
}

export function sleepUntilNext({ definition }: Runner, out: Outbox): void {
  out.sleep(Math.max(definition.intervalMicros, INTERVAL_MICROS_MIN), Step.due, 0);
}

/** Time for an answer where the real program sets none. */
const NO_LIMIT_MICROS = 30 * 86_400_000_000;

export function askTarget({ definition }: Runner, out: Outbox): void {
  const { kind, target, timeoutMicros, deep } = definition;
  if (kind === 'tcp') {
    // Whether somebody accepts is all it asks; the system does so for a program that stands still.
    out.openPipeline(target, HEALTH_CHECK, timeoutMicros, Step.connected);
    return;
  }
  const limit = kind === 'udp' || kind === 'docker' ? NO_LIMIT_MICROS : timeoutMicros;
  const input = kind === 'h2ping' ? H2_PING : HEALTH_CHECK;
  out.call(target, input, { deep } satisfies HealthRequest, limit, Step.checked, 0);
}

/** The status to report, or null: what was reported stays. */
export function judge(
  { definition, counters }: Runner,
  status: CheckStatus,
  cause: ErrorCause,
): CheckStatus | null {
  // A script that takes too long is critical, whatever the thresholds are.
  if (definition.kind === 'script' && cause === ErrorCause.timeout) return 'critical';
  return countResult(counters, definition.thresholds, status);
}

/** An alias is as bad as the worst check of its service or of the node. */
export function aliasResult({ local }: AgentState, { alias }: CheckSpec): CheckResult {
  if (local.services.get(alias)?.deleted !== false) {
    return { status: 'critical', output: `Service ${alias} could not be found` };
  }
  const checks = [...local.checks.values()].flatMap(({ check, deleted }) => {
    const counts = check !== null && !deleted;
    return counts && (check.serviceId === alias || check.serviceId === '') ? [check] : [];
  });
  if (checks.length === 0) return { status: 'passing', output: 'No checks found.' };
  const status = worstOf(checks.map((check) => check.status));
  if (status === 'passing') return { status, output: 'All checks passing.' };
  const worst = checks.find((check) => check.status === status)!;
  return { status, output: `Aliased check "${worst.name}" failing: ${worst.output}` };
}
