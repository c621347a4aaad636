/**
 * The state that every server computes every two seconds (`hashicorp/raft-autopilot:state.go`,
 * `consul:agent/consul/stats_fetcher.go`; reference: consul §2.10).
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { NEVER, Role } from '../../protocol/raft/types.ts';
import type { Server } from '../../protocol/raft/types.ts';
import { MemberStatus, isUp } from '../membership/members.ts';
import { knownMembers, membershipOf, raftOf } from '../membership/server.ts';
import { NO_STATS } from './state.ts';
import type { AutopilotState, RaftStats, ServerHealth } from './state.ts';
import { AutopilotNote, FETCH_DEADLINE, RAFT_STATS, STATS, UPDATE_TICK } from './vocabulary.ts';

/** `consul:agent/consul/config.go`: time between two states; half of it is for the stats. */
export const UPDATE_MICROS = 2_000_000;
/** Read deadline of an RPC; the fetch does not wait for it. */
const RPC_MICROS = 60_000_000;

/** Status.RaftStats. A leader, and a server that never heard one, have contact for sure. */
export function statsOf(out: Outbox): RaftStats {
  const { role, lastContact, lastLogTerm, lastLogIndex } = raftOf(out);
  const silent = role === Role.leader || lastContact === NEVER;
  return {
    lastContactMicros: silent ? 0 : out.now() - lastContact,
    lastTerm: lastLogTerm,
    lastIndex: lastLogIndex,
  };
}

export function onUpdateTick(state: AutopilotState, out: Outbox): void {
  out.timer(UPDATE_TICK, 0, UPDATE_MICROS);
  const raft = raftOf(out);
  state.lastIndex = raft.lastIndex;
  state.lastTerm = raft.lastLogTerm;
  state.leads = raft.role === Role.leader;
  state.fetched = [];
  state.awaited = 0;
  for (const { spec, member } of knownMembers(membershipOf(out)!)) {
    const { process } = spec;
    if (!spec.server || member.status === MemberStatus.left) continue;
    if (process === state.self) {
      state.fetched.push([process, statsOf(out)]);
      continue;
    }
    if (state.outstanding.includes(process)) continue;
    state.outstanding.push(process);
    state.awaited++;
    out.request(process, RAFT_STATS, null, RPC_MICROS, STATS, process);
  }
  out.timer(FETCH_DEADLINE, 0, UPDATE_MICROS / 2);
  maybeFinish(state, out);
}

export function onStats(
  state: AutopilotState,
  server: ProcessIndex,
  stats: RaftStats,
  out: Outbox,
): void {
  state.outstanding = state.outstanding.filter((one) => one !== server);
  if (state.awaited < 0) return;
  state.awaited--;
  if (out.error === ErrorCause.none) state.fetched.push([server, stats]);
  maybeFinish(state, out);
}

function maybeFinish(state: AutopilotState, out: Outbox): void {
  if (state.awaited > 0) return;
  out.cancel(FETCH_DEADLINE, 0);
  finishFetch(state, out);
}

/** Whoever has not answered by now keeps the stats it had. */
export function finishFetch(state: AutopilotState, out: Outbox): void {
  state.awaited = -1;
  const raft = raftOf(out);
  const leader = state.leads ? state.self : raft.leader;
  const stats = state.fetched.find(([server]) => server === leader)?.[1];
  const lastTerm = state.leads ? state.lastTerm : (stats?.lastTerm ?? 0);
  const lastIndex = state.leads ? state.lastIndex : (stats?.lastIndex ?? 0);
  state.leader = leader;
  state.servers = raft.latest.servers.map((server) =>
    healthOf(state, server, lastTerm, lastIndex, out),
  );
  state.fetched = [];
}

function healthOf(
  state: AutopilotState,
  { id, voter }: Server,
  lastTerm: number,
  lastIndex: number,
  out: Outbox,
): ServerHealth {
  const known = state.servers.find(({ server }) => server === id);
  const fetched = state.fetched.find(([server]) => server === id)?.[1];
  const stats = fetched ?? known?.stats ?? NO_STATS;
  const healthy = isAlive(id, out) && isHealthy(state, stats, lastTerm, lastIndex);
  const same = known !== undefined && known.healthy === healthy;
  if (!same) out.note(AutopilotNote.health, id, healthy ? 1 : 0, 0);
  const stableSinceMicros = same ? known.stableSinceMicros : out.now();
  return { server: id, voter, stats, healthy, stableSinceMicros };
}

function isAlive(server: ProcessIndex, out: Outbox): boolean {
  const { config, members } = membershipOf(out)!;
  const place = config.members.findIndex(({ process }) => process === server);
  return place >= 0 && isUp(members[place]);
}

function isHealthy(
  { config: { settings } }: AutopilotState,
  stats: RaftStats,
  lastTerm: number,
  lastIndex: number,
): boolean {
  if (lastTerm === 0) return false;
  if (stats.lastContactMicros > settings.lastContactThresholdMicros) return false;
  return stats.lastTerm === lastTerm && stats.lastIndex + settings.maxTrailingLogs >= lastIndex;
}
