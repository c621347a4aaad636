/**
 * Goroutines of an agent: syncs, runs of checks, handlers of its API, reads for programs. Each is a
 * record in the agent's memory with a lane of its own, which waits where the real one does.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import { GOSSIP_MACHINE } from '../../protocol/gossip/vocabulary.ts';
import { serfOf } from '../../protocol/serf/state.ts';
import type { HealthAnswer } from '../../service/vocabulary.ts';
import { API_OK, applyRequest, isQuestion } from './api.ts';
import type { ApiError, CheckReport } from './api.ts';
import { resultOf } from './check-results.ts';
import { askTarget, beginCheck, judge, sleepUntilNext } from './check-runner.ts';
import { beginCoordinate, endCoordinate } from './coordinates.ts';
import { CHECK_STATUSES } from './definitions.ts';
import { Step, UPDATE_CHECK } from './inputs.ts';
import { maybeLockState, unlock } from './lock.ts';
import { purgeService } from './persistence.ts';
import { deregisterService, reportStatus, servicesToReap } from './register.ts';
import { attempt, onAnswered } from './rpc.ts';
import { AgentNote } from './specs.ts';
import { numberOf } from './state.ts';
import type { AgentState, AgentWrite, ApiRun, CheckRun, Run, Runner } from './state.ts';
import { beginSync, onLocked, onResult, spawn, syncRun } from './sync.ts';
import type { SyncProgress } from './sync.ts';
import { onSyncDone, pause, resume, triggerChanges } from './syncer.ts';
import type { PoolSize, SyncWork } from './syncer.ts';

/** As many as serf knows, whatever their status (`consul:agent/agent.go (LANMembersInAgentPartition)`). */
export function poolOf({ config }: AgentState, out: Outbox): PoolSize {
  const member = config.hasPool ? out.sibling(GOSSIP_MACHINE) : undefined;
  return { nodes: member === undefined ? config.poolNodes : serfOf(member as Member).count };
}

export function perform(state: AgentState, work: SyncWork, out: Outbox): void {
  if (work !== 'none') spawn(state, syncRun(work === 'full', 0), out);
}

/** A goroutine begins; one whose check has gone meanwhile does not. */
export function begin(state: AgentState, run: Run | undefined, out: Outbox): void {
  switch (run?.kind) {
    case 'sync':
      after(state, beginSync(state, run, out), out);
      return;
    case 'check':
      beginCheck(state.runners.get(run.check)!, out);
      return;
    case 'api':
      if (run.input === UPDATE_CHECK) noteTold(state, run.body as CheckReport, out);
      pause(state.syncer);
      if (maybeLockState(state, out.key, out)) locked(state, run, out);
      return;
    case 'coordinate':
      if (beginCoordinate(state, run, out)) end(state, out);
      return;
    case 'report':
    case 'reap':
      if (maybeLockState(state, out.key, out)) locked(state, run, out);
      return;
  }
}

function noteTold({ runners }: AgentState, { check, status }: CheckReport, out: Outbox): void {
  const number = runners.get(check)?.number;
  if (number !== undefined) out.note(AgentNote.told, number, CHECK_STATUSES.indexOf(status), 0);
}

export function onResume(
  state: AgentState,
  step: number,
  _argument: number,
  body: unknown,
  out: Outbox,
): void {
  const run = state.runs.get(out.key);
  if (run === undefined) return;
  switch (step) {
    case Step.answered:
      if (run.kind === 'sync') {
        after(state, onResult(state, run, onAnswered(state, run.rpc!, body, out), out), out);
      } else if (run.kind === 'coordinate') {
        if (endCoordinate(state, onAnswered(state, run.rpc!, body, out), out)) end(state, out);
      }
      return;
    case Step.retried:
      if (run.kind === 'sync') {
        after(state, onResult(state, run, attempt(state, run.rpc!, out), out), out);
      } else if (run.kind === 'coordinate') {
        if (endCoordinate(state, attempt(state, run.rpc!, out), out)) end(state, out);
      }
      return;
    case Step.locked:
      locked(state, run, out);
      return;
    case Step.due:
      if (run.kind === 'check') askTarget(state.runners.get(run.check)!, out);
      return;
    case Step.checked:
      if (run.kind === 'check') onChecked(state, run, body as HealthAnswer | undefined, out);
      return;
    case Step.connected:
      if (run.kind !== 'check') return;
      if (out.error === ErrorCause.none) out.closePipeline(body as number);
      onChecked(state, run, undefined, out);
      return;
    case Step.persisted:
      if (run.kind === 'api') afterChange(state, run, out);
      else end(state, out);
  }
}

function onChecked(
  state: AgentState,
  run: CheckRun,
  answer: HealthAnswer | undefined,
  out: Outbox,
): void {
  const runner = state.runners.get(run.check)!;
  const result = resultOf(runner.definition, answer, out.error);
  if (result === null) {
    out.park(Step.never, 0);
    return;
  }
  const { status, output } = result;
  const reported = judge(runner, status, out.error);
  const outright = runner.definition.kind === 'script' && out.error === ErrorCause.timeout;
  out.note(AgentNote.result, runner.number, CHECK_STATUSES.indexOf(status), outright ? 1 : 0);
  if (reported === null) {
    sleepUntilNext(runner, out);
    return;
  }
  run.status = reported;
  run.output = output;
  if (maybeLockState(state, out.key, out)) locked(state, run, out);
}

/** The running goroutine has the lock. */
function locked(state: AgentState, run: Run, out: Outbox): void {
  switch (run.kind) {
    case 'sync':
      after(state, onLocked(state, run, out), out);
      return;
    case 'check':
      report(state, run, state.runners.get(run.check)!, out);
      sleepUntilNext(state.runners.get(run.check)!, out);
      return;
    case 'report': {
      const runner = state.runners.get(run.check);
      if (runner === undefined) unlock(state.lock, out);
      else report(state, run, runner, out);
      end(state, out);
      return;
    }
    case 'reap':
      reap(state, out);
      return;
    case 'api': {
      const error = applyRequest(state, run, out);
      unlock(state.lock, out);
      if (error === null && keepsFiles(state, run.writes)) {
        out.write(run.writes, Step.persisted, 0);
        return;
      }
      afterChange(state, run, out, error);
    }
  }
}

function keepsFiles({ config }: AgentState, writes: readonly AgentWrite[]): boolean {
  return writes.length > 0 && config.persists && !config.bugs.P5;
}

/** A handler has done its work on the local state: it pushes, or answers that it could not. */
function afterChange(
  state: AgentState,
  run: ApiRun,
  out: Outbox,
  error: ApiError | null = null,
): void {
  perform(state, resume(state.syncer, poolOf(state, out), out), out);
  if (error !== null || isQuestion(run)) {
    if (error === null) out.reply(run.exchange, API_OK);
    else out.fail(run.exchange, error);
    end(state, out);
    return;
  }
  const sync = syncRun(false, run.exchange);
  state.runs.set(out.key, sync);
  after(state, beginSync(state, sync, out), out);
}

function report(
  state: AgentState,
  { check, status, output }: Pick<CheckRun, 'check' | 'status' | 'output'>,
  { number }: Runner,
  out: Outbox,
): void {
  const known = state.local.checks.get(check);
  const changed = reportStatus(state, check, status, output, out);
  unlock(state.lock, out);
  if (known?.deleted === false && known.check?.status !== status) {
    out.note(AgentNote.checked, number, CHECK_STATUSES.indexOf(status), 0);
  }
  if (changed) perform(state, triggerChanges(state.syncer, poolOf(state, out), out), out);
}

function reap(state: AgentState, out: Outbox): void {
  const due = servicesToReap(state, out.now());
  const writes = [...due.keys()].flatMap((service) => purgeService(state, service));
  for (const [service, check] of due) {
    out.note(AgentNote.reaped, state.runners.get(check)!.number, 0, 0);
    deregisterService(state, service, out);
    out.note(AgentNote.deregistered, numberOf(state.serviceIds, service), 1, 0);
  }
  unlock(state.lock, out);
  if (due.size > 0) {
    perform(state, triggerChanges(state.syncer, poolOf(state, out), out), out);
  }
  if (keepsFiles(state, writes)) out.write(writes, Step.persisted, 0);
  else end(state, out);
}

/** A sync has ended, or waits. */
function after(state: AgentState, progress: SyncProgress, out: Outbox): void {
  if (progress === 'waits') return;
  const run = state.runs.get(out.key);
  if (run?.kind !== 'sync') return;
  const succeeded = progress === 'succeeded';
  out.note(AgentNote.synced, run.full ? 1 : 0, succeeded ? 1 : 0, run.unreached ? 1 : 0);
  if (run.exchange !== 0) out.reply(run.exchange, API_OK);
  end(state, out);
  if (run.exchange === 0) {
    perform(state, onSyncDone(state.syncer, succeeded, poolOf(state, out), out), out);
  }
}

function end(state: AgentState, out: Outbox): void {
  state.runs.delete(out.key);
  out.exit();
}
