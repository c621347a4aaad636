/**
 * What the leader's autopilot does about the state: votes for stable servers, and dead ones out of the
 * way (`hashicorp/raft-autopilot:reconcile.go, stable_promoter.go`; reference: consul §2.10).
 */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { ChangeCommand } from '../../protocol/raft/configuration.ts';
import type { ConfigurationChange } from '../../protocol/raft/configuration.ts';
import { ApplyError, proposerTag } from '../../protocol/raft/types.ts';
import { CHANGE } from '../../protocol/raft/vocabulary.ts';
import { FORCE_LEAVE } from '../../protocol/serf/vocabulary.ts';
import { forceLeaveWan } from '../wan/route.ts';
import { LEADER_MACHINE } from '../leader/vocabulary.ts';
import type { LeaderState } from '../leader/state.ts';
import { MemberStatus, isUp } from '../membership/members.ts';
import { knownMembers, membershipOf, raftOf } from '../membership/server.ts';
import type { AutopilotState, Change, Removal } from './state.ts';
import { AUTOPILOT_MACHINE, AutopilotNote, GO_ON, RECONCILE_TICK } from './vocabulary.ts';

/** `consul:agent/consul/config.go (AutopilotInterval)`. */
export const RECONCILE_MICROS = 10_000_000;

function reconciles(out: Outbox): boolean {
  return (out.sibling(LEADER_MACHINE) as LeaderState).reconciles;
}

export function onReconcileTick(state: AutopilotState, out: Outbox): void {
  out.timer(RECONCILE_TICK, 0, RECONCILE_MICROS);
  if (!reconciles(out)) return;
  state.changes = promotions(state, out);
  state.removals = [];
  state.promoting = true;
  work(state, out);
}

/** A server has joined: perhaps it takes the place of a dead one. */
export function onPrune(state: AutopilotState, out: Outbox): void {
  if (!reconciles(out)) return;
  state.changes = [];
  state.promoting = true;
  work(state, out);
}

/** One change at a time; once the promotions are done comes what is dead. */
export function work(state: AutopilotState, out: Outbox): void {
  const change = state.changes.shift();
  if (change !== undefined) {
    ask(state, change, out);
    return;
  }
  if (state.promoting) {
    state.promoting = false;
    prune(state, out);
    work(state, out);
    return;
  }
  const { removals } = state;
  state.removals = [];
  for (const removal of removals) leave(removal, out);
}

function ask(state: AutopilotState, { command, server }: Change, out: Outbox): void {
  if (command === ChangeCommand.addVoter) out.note(AutopilotNote.promote, server, 0, 0);
  state.calling = true;
  const tag = proposerTag(AUTOPILOT_MACHINE, ++state.calls);
  const change: ConfigurationChange = { command, server, previousIndex: 0, tag };
  out.park(GO_ON, 0);
  out.post(CHANGE, 0, 0, change);
}

/** A change that fails ends its pass. */
export function onChanged(state: AutopilotState, out: Outbox): void {
  if (state.answer!.error !== ApplyError.none) {
    state.changes = [];
    if (!state.promoting) state.removals = [];
  }
  work(state, out);
}

function promotions(state: AutopilotState, out: Outbox): Change[] {
  if (state.leader < 0) return [];
  const now = out.now();
  const { serverStabilizationMicros } = state.config.settings;
  // While this program is younger than that, whoever is healthy counts as stable.
  const young = now - state.firstMicros <= serverStabilizationMicros;
  const stableMicros = young ? 0 : serverStabilizationMicros;
  return state.servers
    .filter(({ voter, healthy, stableSinceMicros }) => {
      return !voter && healthy && now - stableSinceMicros >= stableMicros;
    })
    .map(({ server }) => ({ command: ChangeCommand.addVoter, server }));
}

/**
 * Failed servers without a vote go first, then those that Serf does not know, then failed voters; never
 * so many that the rest could be outvoted, nor so many that fewer than `min_quorum` stay.
 */
function prune(state: AutopilotState, out: Outbox): void {
  const { cleanupDeadServers, minQuorum } = state.config.settings;
  if (!cleanupDeadServers) return;
  const { servers } = raftOf(out).latest;
  const status = statusBy(out);
  let voters = servers.filter(({ voter }) => voter).length;
  let removable = Math.floor((voters - 1) / 2);
  const take = (server: ProcessIndex): boolean => {
    if (voters - 1 < minQuorum || removable < 1) {
      out.note(AutopilotNote.spare, server, voters, 0);
      return false;
    }
    removable--;
    voters--;
    return true;
  };
  const byId = [...servers].sort((a, b) => a.id - b.id);
  const isFailed = (id: ProcessIndex): boolean => status.get(id) === 'failed';
  const isStale = (id: ProcessIndex): boolean => !status.has(id);
  const removal = (server: ProcessIndex, voter: boolean): Removal => {
    return { server, voter, voters };
  };
  for (const { id, voter } of byId) if (!voter && isFailed(id)) leave(removal(id, false), out);
  const stale = byId.filter(({ id }) => isStale(id));
  state.changes = [
    ...stale.filter(({ voter }) => !voter),
    ...stale.filter(({ id, voter }) => voter && take(id)),
  ].map(({ id }) => ({ command: ChangeCommand.removeServer, server: id }));
  state.removals = byId
    .filter(({ id, voter }) => voter && isFailed(id))
    .flatMap(({ id }) => {
      const before = removal(id, true);
      return take(id) ? [before] : [];
    });
}

/** Servers that Serf knows; one that has left counts as failed too (NodeStatus). */
function statusBy(out: Outbox): Map<ProcessIndex, 'alive' | 'failed'> {
  return new Map(
    knownMembers(membershipOf(out)!)
      .filter(({ spec }) => spec.server)
      .map(({ spec, member }) => [spec.process, isUp(member) ? 'alive' : 'failed']),
  );
}

/** Serf lets it leave, and the leader loop hears of that. */
function leave({ server, voter, voters }: Removal, out: Outbox): void {
  const pool = membershipOf(out)!;
  const place = pool.config.members.findIndex(({ process }) => process === server);
  if (pool.members[place].status === MemberStatus.left) return;
  out.note(AutopilotNote.prune, server, voters, voter ? 1 : 0);
  out.post(FORCE_LEAVE, 0, place, null);
  forceLeaveWan(server, out);
}
