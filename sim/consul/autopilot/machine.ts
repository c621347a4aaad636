/**
 * Autopilot as Consul runs it (`hashicorp/raft-autopilot`, `consul:agent/consul/autopilot.go`;
 * reference: consul §2.10): every server computes the health of all servers, and the one whose
 * leadership is established acts on it.
 *
 * Known deviations: a server's ID is its address, so that it never changes the one and keeps the other,
 * and two never share one; no redundancy zones, upgrade migration or read replicas (Enterprise).
 */
import type { Machine, Outbox, ProcessIndex, View } from '../../core/machine.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { UPDATE_MICROS, finishFetch, onStats, onUpdateTick, statsOf } from './health.ts';
import { RECONCILE_MICROS, onChanged, onPrune, onReconcileTick } from './reconcile.ts';
import type { AutopilotConfig, AutopilotState, RaftStats } from './state.ts';
import * as Kind from './vocabulary.ts';

function create(config: AutopilotConfig, self: ProcessIndex): AutopilotState {
  return {
    config,
    self,
    firstMicros: 0,
    servers: [],
    leader: -1,
    outstanding: [],
    fetched: [],
    awaited: -1,
    lastIndex: 0,
    lastTerm: 0,
    leads: false,
    changes: [],
    removals: [],
    promoting: false,
    calls: 0,
    calling: false,
    answer: null,
  };
}

/** Tickers begin with the program; in a formed cluster nobody knows when that was. */
function onStart(state: AutopilotState, out: Outbox): void {
  const { formed, settings } = state.config;
  const now = out.now();
  const old = formed && now < UPDATE_MICROS;
  state.firstMicros = old ? now - settings.serverStabilizationMicros - 1 : now;
  const draws = old ? out.draw('autopilot') : null;
  out.timer(Kind.UPDATE_TICK, 0, draws?.below(UPDATE_MICROS) ?? UPDATE_MICROS);
  out.timer(Kind.RECONCILE_TICK, 0, draws?.below(RECONCILE_MICROS) ?? RECONCILE_MICROS);
}

function onInput(
  state: AutopilotState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.ANSWERED:
      if (!state.calling || from !== state.calls) return;
      state.calling = false;
      state.answer = body as ApplyResult;
      out.unpark(Kind.RECONCILE_LANE, 0);
      return;
    case Kind.RAFT_STATS:
      out.reply(from, statsOf(out));
      return;
    case Kind.STATS:
      onStats(state, from, body as RaftStats, out);
      return;
    case Kind.UPDATE_TICK:
      onUpdateTick(state, out);
      return;
    case Kind.FETCH_DEADLINE:
      finishFetch(state, out);
      return;
    case Kind.RECONCILE_TICK:
      onReconcileTick(state, out);
      return;
    case Kind.PRUNE:
      onPrune(state, out);
  }
}

function view({ servers }: AutopilotState): View {
  const healthy = servers.filter((server) => server.healthy).length;
  const voters = servers.filter(({ voter }) => voter);
  const quorum = Math.floor(voters.length / 2) + 1;
  const healthyVoters = voters.filter((server) => server.healthy).length;
  return {
    servers: servers.length,
    healthy,
    failureTolerance: Math.max(0, healthyVoters - quorum),
  };
}

export const autopilotMachine: Machine<AutopilotState, null> = {
  name: 'autopilot',
  number: Kind.AUTOPILOT_MACHINE,
  lanes: Kind.AUTOPILOT_LANES,
  inputs: Kind.AUTOPILOT_INPUTS,
  notes: Kind.AUTOPILOT_NOTES,
  create,
  onStart,
  onInput,
  onResume: (state, _step, _argument, _body, out) => onChanged(state, out),
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({
    ...state,
    outstanding: state.outstanding.slice(),
    fetched: state.fetched.slice(),
    changes: state.changes.slice(),
  }),
  saveDurable: () => null,
};
