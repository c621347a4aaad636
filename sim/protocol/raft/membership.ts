/**
 * Membership changes on the leader: when one is accepted, and what follows from its entry, which is
 * in force as soon as it is appended (`hashicorp/raft:raft.go (configurationChangeChIfStable,
 * appendConfigurationEntry, startStopReplication)`; reference: raft §1.13).
 */
import type { Outbox } from '../../core/machine.ts';
import { advanceCommit } from './commitment.ts';
import { nextConfiguration } from './configuration.ts';
import type { ConfigurationChange } from './configuration.ts';
import { respond } from './fsm.ts';
import { removeReplication, startReplication } from './replicate.ts';
import { setLatestConfiguration } from './state.ts';
import { ApplyError, EntryType, NO_LIMIT, Role, isMember } from './types.ts';
import type { Configuration, LeaderState, Proposal, RaftState } from './types.ts';
import { CHANGE_READY } from './vocabulary.ts';

/** At most one uncommitted configuration, and none before the leader's Noop is committed (B3). */
export function isStable(state: RaftState): boolean {
  if (state.latestIndex !== state.committedIndex) return false;
  return state.commitIndex >= state.leaderState!.startIndex || state.config.bugs.B3;
}

/** Returns what is to be dispatched; a leader that is not stable lets the request wait. */
export function onChange(
  state: RaftState,
  change: ConfigurationChange,
  out: Outbox,
): Proposal | null {
  if (state.loop !== Role.leader || state.leaderState === null) {
    respond(state, change.tag, ApplyError.notLeader, 0, null, out);
    return null;
  }
  state.changes.push(change);
  return onChangeReady(state, out);
}

/** The oldest request that waits, if its time has come. */
export function onChangeReady(state: RaftState, out: Outbox): Proposal | null {
  const leader = state.leaderState;
  if (state.loop !== Role.leader || leader === null || !isStable(state)) return null;
  const change = state.changes.shift();
  if (change === undefined) return null;
  if (state.transfer !== null) {
    respond(state, change.tag, ApplyError.transferInProgress, 0, null, out);
    wakeChanges(state, out);
    return null;
  }
  const { latest, latestIndex } = state;
  const next = nextConfiguration(latest, latestIndex, change);
  if (next === null) {
    respond(state, change.tag, ApplyError.configuration, 0, null, out);
    wakeChanges(state, out);
    return null;
  }
  leader.change = next;
  return {
    type: EntryType.configuration,
    data: next,
    tag: change.tag,
    enqueueByMicros: NO_LIMIT,
  };
}

/** Go's select looks at the channel of requests again once the configuration is stable. */
export function wakeChanges(state: RaftState, out: Outbox): void {
  if (state.changes.length > 0 && isStable(state)) out.post(CHANGE_READY, 0, 0, null);
}

/** The loop that follows refuses whoever waits. */
export function refuseChanges(state: RaftState, out: Outbox): void {
  const { changes } = state;
  state.changes = [];
  for (const { tag } of changes) respond(state, tag, ApplyError.notLeader, 0, null, out);
}

/** The entry has been handed to the log store, which may have failed: the original does not ask. */
export function enforceChange(state: RaftState, index: number, out: Outbox): void {
  const leader = state.leaderState!;
  const next = leader.change!;
  leader.change = null;
  setLatestConfiguration(state, next, index, out);
  setVoters(leader, next);
  advanceCommit(state, out);
  startStopReplication(state, leader, out);
}

/** Match indexes of those who keep their vote stay; others begin at 0. */
export function setVoters(leader: LeaderState, { servers }: Configuration): void {
  const { voters, match } = leader;
  leader.voters = servers.filter(({ voter }) => voter).map(({ id }) => id);
  leader.match = leader.voters.map((id) => {
    const at = voters.indexOf(id);
    return at < 0 ? 0 : match[at];
  });
}

/** Starts a replicator for every other server that has none, and lets go of those that left. */
export function startStopReplication(state: RaftState, leader: LeaderState, out: Outbox): void {
  const { latest, replications } = state;
  const peers = leader.replications.map((id) => replications[id]!.peer);
  for (const { id } of latest.servers) {
    if (id === state.self || peers.includes(id)) continue;
    leader.replications.push(startReplication(state, id, out));
  }
  const left = leader.replications.filter((id) => !isMember(latest, replications[id]!.peer));
  if (left.length === 0) return;
  leader.replications = leader.replications.filter((id) => !left.includes(id));
  for (const id of left) removeReplication(state, id, out);
}
