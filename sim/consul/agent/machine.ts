/**
 * A Consul agent as programs on its host see it: it keeps their services and checks, runs the checks,
 * and makes the catalog follow (reference: agents §1, §2; `consul:agent/agent.go`).
 *
 * Known deviations: operating-system checks, checks that a program registers apart from its service, and
 * aliases of services of other nodes are not modelled.
 */
import type { Machine, Outbox, ProcessIndex, View } from '../../core/machine.ts';
import { awaitCoordinate } from './coordinates.ts';
import { begin, onResume, perform, poolOf } from './goroutines.ts';
import * as Input from './inputs.ts';
import { copyLocalState, createLocalState, markAllInSync } from './local-state.ts';
import { copyLock, createLock } from './lock.ts';
import { applyWrite, copyDurable, createDurable, restoreAll } from './persistence.ts';
import { onDeferTimer, registerService } from './register.ts';
import {
  addServer,
  createServerList,
  drawRebalance,
  removeServer,
  shuffleServers,
} from './servers.ts';
import type { ServerEntry } from './servers.ts';
import { INPUTS, LANES, NOTES } from './specs.ts';
import type {
  AgentConfig,
  AgentDurable,
  AgentState,
  AgentWrite,
  CheckSpec,
  Run,
  ServiceSpec,
} from './state.ts';
import { spawn } from './sync.ts';
import {
  createSyncer,
  onNextFullTimer,
  onRetryTimer,
  onSpreadTimer,
  startSyncer,
  triggerChanges,
  triggerFull,
} from './syncer.ts';

/** check_reap_interval, and the first rebalance of the servers. */
const REAP_MICROS = 30_000_000;
const FIRST_REBALANCE_MICROS = 120_000_000;

/** A formed cluster has been running for a while; its programs start at the very beginning. */
const FORMED_MICROS = 1_000_000;

function create(config: AgentConfig, _self: ProcessIndex, durable: AgentDurable): AgentState {
  return {
    config,
    local: createLocalState(),
    syncer: createSyncer(),
    servers: createServerList(),
    runs: new Map(),
    nextRun: 1,
    lock: createLock(),
    pushes: createLock(),
    runners: new Map(),
    checkIds: [],
    serviceIds: [],
    denied: new Set(),
    durable,
  };
}

function onStart(state: AgentState, out: Outbox): void {
  const { config, local, servers, syncer } = state;
  // Whoever starts later begins anew, with the statuses of the configuration.
  const formed = config.formed && out.now() < FORMED_MICROS;
  if (formed || !config.hasPool) servers.servers = config.servers;
  shuffleServers(servers, out.draw('servers'));
  for (const one of config.services) registerService(state, formed ? passing(one) : one, out);
  if (formed) for (const one of config.registered) registerService(state, passing(one), out);
  else if (config.persists) restoreAll(state, out);
  if (formed) markAllInSync(local);
  out.timer(Input.REAP_TIMER, 0, REAP_MICROS);
  out.timer(Input.REBALANCE_TIMER, 0, FIRST_REBALANCE_MICROS);
  awaitCoordinate(state, formed, out);
  perform(state, startSyncer(syncer, poolOf(state, out), out), out);
}

function passing(spec: ServiceSpec): ServiceSpec {
  const checks = spec.checks.map((check): CheckSpec => ({ ...check, initialStatus: 'passing' }));
  return { ...spec, checks };
}

function onInput(state: AgentState, input: number, from: number, body: unknown, out: Outbox): void {
  const { syncer } = state;
  const pool = poolOf(state, out);
  switch (input) {
    case Input.REGISTER_SERVICE:
    case Input.DEREGISTER_SERVICE:
    case Input.UPDATE_CHECK:
    case Input.MAINTENANCE:
    case Input.GET_SERVICE:
      spawn(state, { kind: 'api', exchange: from, input, body, writes: [] }, out);
      return;
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
    case Input.POOL_SERVER:
      if (from === 1) addServer(state.servers, body as ServerEntry);
      else removeServer(state.servers, (body as ServerEntry).name);
      return;
    case Input.COORDINATE_TIMER:
      spawn(state, { kind: 'coordinate', rpc: null }, out);
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
function onRebalance(state: AgentState, out: Outbox): void {
  const { servers } = state;
  const draws = out.draw('servers');
  shuffleServers(servers, draws);
  const delay = drawRebalance(draws, poolOf(state, out).nodes, servers.servers.length);
  out.timer(Input.REBALANCE_TIMER, 0, delay);
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

function save(state: AgentState, durable: AgentDurable): AgentState {
  const { local, syncer, servers, runs, runners } = state;
  const copyRun = (run: Run): Run => {
    if (run.kind !== 'sync' && run.kind !== 'coordinate') return { ...run };
    const rpc = run.rpc && { ...run.rpc };
    if (run.kind === 'coordinate') return { ...run, rpc };
    return { ...run, rpc, services: run.services.slice(), checks: run.checks.slice() };
  };
  return {
    ...state,
    local: copyLocalState(local),
    syncer: { ...syncer },
    servers: { ...servers },
    runs: new Map([...runs].map(([key, run]) => [key, copyRun(run)])),
    lock: copyLock(state.lock),
    pushes: copyLock(state.pushes),
    checkIds: state.checkIds.slice(),
    serviceIds: state.serviceIds.slice(),
    denied: new Set(state.denied),
    durable,
    runners: new Map(
      [...runners].map(([id, runner]) => [id, { ...runner, counters: { ...runner.counters } }]),
    ),
  };
}

export const agentMachine: Machine<AgentState, AgentDurable> = {
  name: 'agent',
  number: Input.AGENT_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create,
  onStart,
  onInput,
  onResume,
  createDurable,
  applyWrite: (durable, write) => applyWrite(durable, write as AgentWrite),
  view,
  save,
  saveDurable: copyDurable,
};
