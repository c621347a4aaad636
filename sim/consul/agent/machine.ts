/**
 * A Consul agent as programs on its host see it: it keeps their services and checks, runs the checks,
 * and makes the catalog follow (reference: agents §1, §2; `consul:agent/agent.go`).
 *
 * Known deviations: a check is answered by the process of its instance without DNS, TLS or HTTP in
 * between; UDP, docker and operating-system checks, checks of a whole node by programs and
 * maintenance mode are not modelled.
 */
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../../core/machine.ts';
import type { HealthAnswer } from '../../service/vocabulary.ts';
import { applyRequest, API_OK } from './api.ts';
import { askTarget, beginCheck, judge, resultOf, sleepUntilNext } from './check-runner.ts';
import { CHECK_STATUSES } from './definitions.ts';
import * as Input from './inputs.ts';
import { Step } from './inputs.ts';
import { copyLocalState, createLocalState, markAllInSync } from './local-state.ts';
import { maybeLock, unlock } from './lock.ts';
import { onDeferTimer, registerService, reportStatus } from './register.ts';
import { deregisterService, servicesToReap } from './register.ts';
import { attempt, beginCall, onAnswered } from './rpc.ts';
import type { RpcResult } from './rpc.ts';
import type { ServerAnswer, ServerError, ServerRequest } from '../requests/request.ts';
import { createServerList, drawRebalance, shuffleServers } from './servers.ts';
import type {
  AgentConfig,
  AgentState,
  CheckRun,
  Run,
  ReadRun,
  Runner,
  ServiceSpec,
} from './state.ts';
import { beginSync, onLocked, onResult, spawn, syncRun } from './sync.ts';
import type { SyncProgress } from './sync.ts';
import {
  createSyncer,
  onNextFullTimer,
  onRetryTimer,
  onSpreadTimer,
  onSyncDone,
  pause,
  resume,
  startSyncer,
  triggerChanges,
  triggerFull,
} from './syncer.ts';
import type { PoolSize, SyncWork } from './syncer.ts';

/** check_reap_interval, and the first rebalance of the servers. */
const REAP_MICROS = 30_000_000;
const FIRST_REBALANCE_MICROS = 120_000_000;

/** A formed cluster has been running for a while; its programs start at the very beginning. */
const FORMED_MICROS = 1_000_000;

/** Notes of agents. a: number of the check, or as told. */
export const AgentNote = {
  /** b: status (its place in CHECK_STATUSES). */
  checked: 0x1001,
  /** A service is removed because this check of it has been critical for too long. */
  reaped: 0x1002,
  /** a: 1 for a full sync, b: 1 if it succeeded. */
  synced: 0x1003,
} as const;

const LANES: readonly LaneSpec[] = [
  { name: 'agent', channels: [{ name: 'events', capacity: 0 }] },
  { name: 'goroutine', channels: [{ name: 'start', capacity: 0 }], keyed: true },
];

/** Bytes of a registration by HTTP (reference: consul §4.2), and of the short ones. */
const REGISTER_BYTES = 700;
const SHORT_BYTES = 200;

function api(name: string, size: number): InputSpec {
  return {
    name,
    lane: Input.MAIN_LANE,
    channel: 0,
    messageClass: 'http.api',
    pool: 'pooled',
    size,
    answerSize: SHORT_BYTES,
  };
}

function timer(name: string): InputSpec {
  return { name, lane: Input.MAIN_LANE, channel: 0 };
}

const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  api('register service', REGISTER_BYTES),
  api('deregister service', SHORT_BYTES),
  api('update check', SHORT_BYTES),
  { name: 'run', lane: Input.RUN_LANE, channel: 0 },
  timer('next full sync'),
  timer('retry full sync'),
  timer('spread full sync'),
  timer('TTL'),
  timer('deferred output'),
  timer('reap'),
  timer('rebalance'),
  timer('trigger'),
  {
    ...api('read', SHORT_BYTES),
    answerSize: (answer: ServerAnswer | ServerError) =>
      'bytes' in answer ? answer.bytes : SHORT_BYTES,
  },
];

const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'check', text: (check, status) => `check=${check} ${CHECK_STATUSES[status]}` },
  { name: 'service reaped', text: (check) => `check=${check}` },
  { name: 'sync', detail: 1, text: (full, ok) => `${full ? 'full' : 'changes'} ok=${ok === 1}` },
];

function create(config: AgentConfig): AgentState {
  return {
    config,
    local: createLocalState(),
    syncer: createSyncer(),
    servers: createServerList(),
    runs: new Map(),
    nextRun: 1,
    lockedBy: 0,
    lockQueue: [],
    runners: new Map(),
    checkIds: [],
  };
}

function poolOf({ config }: AgentState): PoolSize {
  return { nodes: config.poolNodes };
}

function onStart(state: AgentState, out: Outbox): void {
  const { config, local, servers, syncer } = state;
  servers.servers = config.servers;
  shuffleServers(servers, out.draw('servers'));
  // Whoever starts later begins anew, with the statuses of the configuration.
  const formed = config.formed && out.now() < FORMED_MICROS;
  for (const one of config.services) registerService(state, formed ? passing(one) : one, out);
  if (formed) markAllInSync(local);
  out.timer(Input.REAP_TIMER, 0, REAP_MICROS);
  out.timer(Input.REBALANCE_TIMER, 0, FIRST_REBALANCE_MICROS);
  perform(state, startSyncer(syncer, poolOf(state), out), out);
}

function passing({ service, checks }: ServiceSpec): ServiceSpec {
  return { service, checks: checks.map((check) => ({ ...check, initialStatus: 'passing' })) };
}

function perform(state: AgentState, work: SyncWork, out: Outbox): void {
  if (work !== 'none') spawn(state, syncRun(work === 'full', 0), out);
}

function onInput(state: AgentState, input: number, from: number, body: unknown, out: Outbox): void {
  const { syncer } = state;
  const pool = poolOf(state);
  switch (input) {
    case Input.REGISTER_SERVICE:
    case Input.DEREGISTER_SERVICE:
    case Input.UPDATE_CHECK:
      spawn(state, { kind: 'api', exchange: from, input, body }, out);
      return;
    case Input.READ: {
      const rpc = beginCall(body as ServerRequest, false, out);
      spawn(state, { kind: 'read', exchange: from, rpc }, out);
      return;
    }
    case Input.RUN:
      begin(state, state.runs.get(out.key), out);
      return;
    case Input.NEXT_FULL_TIMER:
      perform(state, onNextFullTimer(syncer, pool, out), out);
      return;
    case Input.RETRY_TIMER:
      perform(state, onRetryTimer(syncer, pool, out), out);
      return;
    case Input.SPREAD_TIMER:
      perform(state, onSpreadTimer(syncer, pool, out), out);
      return;
    case Input.TTL_TIMER:
      onTtlTimer(state, from, out);
      return;
    case Input.DEFER_TIMER:
      if (onDeferTimer(state, from)) perform(state, triggerChanges(syncer, pool, out), out);
      return;
    case Input.REAP_TIMER:
      out.timer(Input.REAP_TIMER, 0, REAP_MICROS);
      spawn(state, { kind: 'reap' }, out);
      return;
    case Input.REBALANCE_TIMER:
      onRebalance(state, out);
      return;
    case Input.TRIGGER:
      perform(
        state,
        from === 1 ? triggerFull(syncer, pool, out) : triggerChanges(syncer, pool, out),
        out,
      );
  }
}

/** `TTL expired`, once: nothing more comes until somebody says something. */
function onTtlTimer(state: AgentState, number: number, out: Outbox): void {
  const check = state.checkIds[number];
  const { lastOutput } = state.runners.get(check)!;
  const output =
    lastOutput === ''
      ? 'TTL expired'
      : `TTL expired (last output before timeout follows): ${lastOutput}`;
  spawn(state, { kind: 'report', check, status: 'critical', output }, out);
}

/** Known deviation: the ping of the server at the front always succeeds. */
function onRebalance({ config, servers }: AgentState, out: Outbox): void {
  const draws = out.draw('servers');
  shuffleServers(servers, draws);
  const delay = drawRebalance(draws, config.poolNodes, servers.servers.length);
  out.timer(Input.REBALANCE_TIMER, 0, delay);
}

/** A goroutine begins; one whose check has gone meanwhile does not. */
function begin(state: AgentState, run: Run | undefined, out: Outbox): void {
  switch (run?.kind) {
    case 'sync':
      after(state, beginSync(state, run, out), out);
      return;
    case 'check':
      beginCheck(state.runners.get(run.check)!, out);
      return;
    case 'api':
      pause(state.syncer);
      if (maybeLock(state, out.key, out)) locked(state, run, out);
      return;
    case 'report':
    case 'reap':
      if (maybeLock(state, out.key, out)) locked(state, run, out);
      return;
    case 'read':
      onReadResult(state, run, attempt(state, run.rpc, out), out);
  }
}

/** The servers have answered, or will not; the agent adds no retries of its own to an error. */
function onReadResult(state: AgentState, run: ReadRun, result: RpcResult, out: Outbox): void {
  if (result === null) return;
  if ('answer' in result) out.reply(run.exchange, result.answer);
  else out.fail(run.exchange, result.error);
  end(state, out);
}

function onResume(
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
      } else if (run.kind === 'read') {
        onReadResult(state, run, onAnswered(state, run.rpc, body, out), out);
      }
      return;
    case Step.retried:
      if (run.kind === 'sync') {
        after(state, onResult(state, run, attempt(state, run.rpc!, out), out), out);
      } else if (run.kind === 'read') {
        onReadResult(state, run, attempt(state, run.rpc, out), out);
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
  }
}

function onChecked(
  state: AgentState,
  run: CheckRun,
  answer: HealthAnswer | undefined,
  out: Outbox,
): void {
  const runner = state.runners.get(run.check)!;
  const { status, output } = resultOf(runner.definition, answer, out.error);
  const reported = judge(runner, status, out.error);
  if (reported === null) {
    sleepUntilNext(runner, out);
    return;
  }
  run.status = reported;
  run.output = output;
  if (maybeLock(state, out.key, out)) locked(state, run, out);
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
      if (runner === undefined) unlock(state, out);
      else report(state, run, runner, out);
      end(state, out);
      return;
    }
    case 'reap':
      reap(state, out);
      return;
    case 'api': {
      const error = applyRequest(state, run, out);
      unlock(state, out);
      perform(state, resume(state.syncer, poolOf(state), out), out);
      if (error !== null) {
        out.fail(run.exchange, error);
        end(state, out);
        return;
      }
      const sync = syncRun(false, run.exchange);
      state.runs.set(out.key, sync);
      after(state, beginSync(state, sync, out), out);
    }
  }
}

function report(
  state: AgentState,
  { check, status, output }: Pick<CheckRun, 'check' | 'status' | 'output'>,
  { number }: Runner,
  out: Outbox,
): void {
  const before = state.local.checks.get(check)?.check?.status;
  const changed = reportStatus(state, check, status, output, out);
  unlock(state, out);
  if (before !== status) out.note(AgentNote.checked, number, CHECK_STATUSES.indexOf(status), 0);
  if (changed) perform(state, triggerChanges(state.syncer, poolOf(state), out), out);
}

function reap(state: AgentState, out: Outbox): void {
  const due = servicesToReap(state, out.now());
  for (const [service, check] of due) {
    out.note(AgentNote.reaped, state.runners.get(check)!.number, 0, 0);
    deregisterService(state, service, out);
  }
  unlock(state, out);
  if (due.size > 0) {
    perform(state, triggerChanges(state.syncer, poolOf(state), out), out);
  }
  end(state, out);
}

/** A sync has ended, or waits. */
function after(state: AgentState, progress: SyncProgress, out: Outbox): void {
  if (progress === 'waits') return;
  const run = state.runs.get(out.key);
  if (run?.kind !== 'sync') return;
  const succeeded = progress === 'succeeded';
  out.note(AgentNote.synced, run.full ? 1 : 0, succeeded ? 1 : 0, 0);
  if (run.exchange !== 0) out.reply(run.exchange, API_OK);
  end(state, out);
  if (run.exchange === 0) {
    perform(state, onSyncDone(state.syncer, succeeded, poolOf(state), out), out);
  }
}

function end(state: AgentState, out: Outbox): void {
  state.runs.delete(out.key);
  out.exit();
}

function view({ local, syncer, servers, runners }: AgentState): View {
  const dirty = [...local.services.values(), ...local.checks.values()];
  return {
    syncer: syncer.phase,
    server: servers.servers[0]?.name ?? '',
    services: local.services.size,
    checks: runners.size,
    unsynced: dirty.filter(({ inSync }) => !inSync).length,
  };
}

function save(state: AgentState): AgentState {
  const { local, syncer, servers, runs, runners } = state;
  const copyRun = (run: Run): Run => {
    if (run.kind === 'read') return { ...run, rpc: { ...run.rpc } };
    if (run.kind !== 'sync') return { ...run };
    const rpc = run.rpc && { ...run.rpc };
    return { ...run, rpc, services: run.services.slice(), checks: run.checks.slice() };
  };
  return {
    ...state,
    local: copyLocalState(local),
    syncer: { ...syncer },
    servers: { ...servers },
    runs: new Map([...runs].map(([key, run]) => [key, copyRun(run)])),
    lockQueue: state.lockQueue.slice(),
    checkIds: state.checkIds.slice(),
    runners: new Map(
      [...runners].map(([id, runner]) => [id, { ...runner, counters: { ...runner.counters } }]),
    ),
  };
}

export const agentMachine: Machine<AgentState, null> = {
  name: 'agent',
  number: Input.AGENT_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create,
  onStart,
  onInput,
  onResume,
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save,
  saveDurable: () => null,
};
