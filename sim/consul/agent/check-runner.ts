/**
 * How checks are run (reference: agents §2.1, §2.2; `consul:agent/checks/check.go`): each is a
 * goroutine that sleeps, asks, and sleeps again, so that a period is the interval and what the run
 * took. A check that is told (`ttl`) has a timer instead, and an alias looks at its neighbours.
 */
import { ERROR_NAMES, ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { countResult, createCounters } from './check-handler.ts';
import type { CheckStatus } from '../state/rows.ts';
import { worstOf } from './definitions.ts';
import { HEALTH_CHECK } from '../../service/vocabulary.ts';
import type { HealthAnswer } from '../../service/vocabulary.ts';
import { RUN_LANE, Step, TTL_TIMER } from './inputs.ts';
import { leaveQueue } from './lock.ts';
import { drawStagger } from './scale.ts';
import type { AgentState, CheckSpec, CheckRun, Runner } from './state.ts';
import { spawn } from './sync.ts';

/** An interval below is raised to it (`consul:agent/checks/check.go (MinInterval)`). */
const INTERVAL_MICROS_MIN = 1_000_000;

export function startRunner(state: AgentState, definition: CheckSpec, out: Outbox): void {
  stopRunner(state, definition.id, out);
  const runner: Runner = {
    definition,
    number: numberOf(state, definition.id),
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

function numberOf({ checkIds }: AgentState, id: string): number {
  const known = checkIds.indexOf(id);
  return known >= 0 ? known : checkIds.push(id) - 1;
}

/** The goroutine ends wherever it is; a result on its way reaches nobody. */
export function stopRunner(state: AgentState, id: string, out: Outbox): void {
  const runner = state.runners.get(id);
  if (runner === undefined) return;
  state.runners.delete(id);
  out.cancel(TTL_TIMER, runner.number);
  if (runner.run === 0) return;
  leaveQueue(state, runner.run);
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

export function askTarget({ definition }: Runner, out: Outbox): void {
  const { target, timeoutMicros } = definition;
  out.call(target, HEALTH_CHECK, null, timeoutMicros, Step.checked, 0);
}

const TOO_MANY_REQUESTS = 429;

/** Status by the kind of the check (reference: agents §2.1). */
export function resultOf(
  { kind, path }: CheckSpec,
  answer: HealthAnswer | undefined,
  cause: ErrorCause,
): { readonly status: CheckStatus; readonly output: string } {
  const asked = kind === 'http' ? `HTTP GET ${path}` : kind;
  if (cause !== ErrorCause.none || answer === undefined) {
    return { status: 'critical', output: `${asked}: ${ERROR_NAMES[cause]}` };
  }
  const { code, text } = answer;
  const output = `${asked}: ${code} ${text}`;
  if (code >= 200 && code < 300) return { status: 'passing', output };
  const warns = kind === 'http' && code === TOO_MANY_REQUESTS;
  return { status: warns ? 'warning' : 'critical', output };
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
export function aliasStatus({ local }: AgentState, { alias }: CheckSpec): CheckStatus {
  if (local.services.get(alias)?.deleted !== false) return 'critical';
  const statuses = [...local.checks.values()].flatMap(({ check, deleted }) => {
    const counts = check !== null && !deleted;
    return counts && (check.serviceId === alias || check.serviceId === '') ? [check.status] : [];
  });
  return worstOf(statuses);
}
