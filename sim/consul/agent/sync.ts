/**
 * A sync (reference: agents §1.4, §1.5; `consul:agent/local/state.go (SyncFull, updateSyncState,
 * SyncChanges)`): read what the catalog holds, mark what differs, push it. Node first, then services,
 * then checks, each kind in random order; the lock is held from the first to the last push.
 */
import type { Outbox } from '../../core/machine.ts';
import { catalogNode, deregister, nodeChecks, nodeServices, register } from './catalog.ts';
import type { CheckDefinition } from '../state/rows.ts';
import { DEFER_TIMER, RUN, RUN_LANE } from './inputs.ts';
import { checksToPush, compare, endDeferral, isDue, onPushed } from './local-state.ts';
import type { Push } from './local-state.ts';
import { maybeLock, unlock } from './lock.ts';
import type { Lock } from './lock.ts';
import { PERMISSION_DENIED } from '../requests/request.ts';
import type { ServerError } from '../requests/request.ts';
import { attempt, beginCall } from './rpc.ts';
import type { RpcResult } from './rpc.ts';
import { AgentNote } from './specs.ts';
import { numberOf } from './state.ts';
import type { AgentState, Run, SyncRun } from './state.ts';

/** Starts a goroutine; returns its number. */
export function spawn(state: AgentState, run: Run, out: Outbox): number {
  const number = state.nextRun++;
  state.runs.set(number, run);
  out.spawn(RUN_LANE, number);
  out.post(RUN, number, 0, null);
  return number;
}

export function syncRun(full: boolean, exchange: number): SyncRun {
  return {
    kind: 'sync',
    full,
    exchange,
    rpc: null,
    stage: 'begin',
    remote: null,
    services: [],
    checks: [],
    push: null,
    service: null,
    riders: [],
    failed: false,
    unreached: false,
  };
}

/** Over, with success or without; or waiting. */
export type SyncProgress = 'waits' | 'succeeded' | 'failed';

export function beginSync(state: AgentState, run: SyncRun, out: Outbox): SyncProgress {
  if (!run.full) return lockFor(state, run, 'push', out);
  return read(state, run, 'read-services', out);
}

function read(
  state: AgentState,
  run: SyncRun,
  stage: 'read-services' | 'read-checks',
  out: Outbox,
): SyncProgress {
  const { node } = state.config;
  run.stage = stage;
  run.rpc = beginCall(
    stage === 'read-services' ? nodeServices(node) : nodeChecks(node),
    false,
    out,
  );
  return onResult(state, run, attempt(state, run.rpc, out), out);
}

function lockFor(
  state: AgentState,
  run: SyncRun,
  stage: 'compare' | 'push',
  out: Outbox,
): SyncProgress {
  run.stage = stage;
  const lock = stage === 'push' ? pushLock(state) : state.lock;
  return maybeLock(lock, out.key, out) ? onLocked(state, run, out) : 'waits';
}

/** What is held from the first to the last RPC: the local state as a whole, or pushes alone. */
function pushLock({ config, lock, pushes }: AgentState): Lock {
  return config.bugs.P2 ? lock : pushes;
}

/** Between the marks and the push others get at the state: a registration may slip in. */
export function onLocked(state: AgentState, run: SyncRun, out: Outbox): SyncProgress {
  if (run.stage === 'compare') {
    compare(state.local, run.remote, state.config.checkUpdateMicros === 0);
    unlock(state.lock, out);
    return lockFor(state, run, 'push', out);
  }
  const { services, checks, nodeInSync } = state.local;
  run.services = shuffled([...services.keys()], out);
  run.checks = shuffled([...checks.keys()], out);
  if (!nodeInSync) return send(state, run, { kind: 'node' }, out);
  return pushNext(state, run, out);
}

/** Go's order of maps. */
function shuffled(ids: string[], out: Outbox): string[] {
  out.draw('push-order').shuffle(ids);
  return ids;
}

function pushNext(state: AgentState, run: SyncRun, out: Outbox): SyncProgress {
  for (const kind of ['service', 'check'] as const) {
    const ids = kind === 'service' ? run.services : run.checks;
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
      const push = isDue(state.local, kind, id);
      if (push !== null) return send(state, run, push, out);
    }
  }
  return finish(state, run, out);
}

function finish(state: AgentState, { failed }: SyncRun, out: Outbox): SyncProgress {
  unlock(pushLock(state), out);
  return failed ? 'failed' : 'succeeded';
}

function send(state: AgentState, run: SyncRun, push: Push, out: Outbox): SyncProgress {
  run.push = push;
  if (push.kind === 'check') stopDeferral(state, push.id, out);
  run.service = push.kind === 'service' ? state.local.services.get(push.id)!.service : null;
  run.riders = ridersOf(state, push);
  run.rpc = beginCall(requestFor(state, push, run.riders), true, out);
  return onResult(state, run, attempt(state, run.rpc, out), out);
}

/** Checks that an RPC carries. */
function ridersOf({ local, config }: AgentState, push: Push): readonly CheckDefinition[] {
  if (push.kind === 'check') return [local.checks.get(push.id)!.check!];
  return push.kind === 'service' && !config.bugs.P6 ? checksToPush(local, push.id) : [];
}

/** The timer of an output that is pushed by itself has nothing left to do. */
function stopDeferral(state: AgentState, id: string, out: Outbox): void {
  const runner = state.runners.get(id);
  if (runner !== undefined) out.cancel(DEFER_TIMER, runner.number);
  endDeferral(state.local, id);
}

function requestFor(state: AgentState, push: Push, riders: readonly CheckDefinition[]) {
  const { config, local } = state;
  switch (push.kind) {
    case 'node':
      return register(config, null, [], false);
    case 'service': {
      const { service } = local.services.get(push.id)!;
      return register(config, service, riders, local.nodeInSync, state.denied.has(push.id));
    }
    case 'check': {
      const [check] = riders;
      const service = local.services.get(check.serviceId)?.service ?? null;
      const denied = state.denied.has(check.serviceId);
      return register(config, service, [check], local.nodeInSync, denied);
    }
    case 'remove-service':
      return deregister(config, push.id, '');
    case 'remove-check':
      return deregister(config, '', push.id);
  }
}

/** A read or a push has an answer, or there is none; null: it waits for one. */
export function onResult(
  state: AgentState,
  run: SyncRun,
  result: RpcResult,
  out: Outbox,
): SyncProgress {
  if (result === null) return 'waits';
  run.rpc = null;
  if ('error' in result && (result.error.indefinite || result.error.retry !== '')) {
    run.unreached = true;
  }
  if (run.stage === 'read-services' || run.stage === 'read-checks') {
    if ('error' in result) return unread(run);
    run.remote = catalogNode(state.config, run.remote, run.stage, result.answer.value);
    if (run.stage === 'read-services') return read(state, run, 'read-checks', out);
    return lockFor(state, run, 'compare', out);
  }
  const push = run.push!;
  if ('answer' in result || isGoneAlready(push, result.error.error)) {
    onPushed(state.local, push, run.service, run.riders);
    if (push.kind === 'service') {
      out.note(AgentNote.pushed, numberOf(state.serviceIds, push.id), 0, 0);
    }
    return pushNext(state, run, out);
  }
  if (isDenied(result.error) && push.kind !== 'node' && !state.config.bugs.P1) {
    // Nothing to try again until a full sync finds the difference.
    onPushed(state.local, push, run.service, run.riders);
    return pushNext(state, run, out);
  }
  run.failed = true;
  // Without the node's own data nothing else is tried.
  if (push.kind === 'node' || state.config.bugs.P1) return finish(state, run, out);
  return pushNext(state, run, out);
}

/** A read has no refusal of its own: nobody could serve it. */
function unread(run: SyncRun): SyncProgress {
  run.unreached = true;
  return 'failed';
}

function isDenied({ error }: ServerError): boolean {
  return error === PERMISSION_DENIED;
}

function isGoneAlready({ kind }: Push, error: string): boolean {
  if (kind === 'remove-service') return error.includes('Unknown service');
  return kind === 'remove-check' && error.includes('Unknown check');
}
