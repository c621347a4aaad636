/**
 * Becoming leader, the leader loop's proposals and commits, and leaving (`hashicorp/raft:raft.go
 * (runLeader, leaderLoop, dispatchLogs)`; reference: raft §1.8, §1.12).
 */
import { takeFirst } from '../../core/fifo.ts';
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { matchSelf } from './commitment.ts';
import { makeEntry, prefixAt, writeEntries } from './durable.ts';
import { maybeExpire, processLogs, respond } from './fsm.ts';
import { armLease } from './lease.ts';
import type { ConfigurationChange } from './configuration.ts';
import {
  enforceChange,
  onChange,
  onChangeReady,
  refuseChanges,
  setVoters,
  startStopReplication,
  wakeChanges,
} from './membership.ts';
import { stopReplication } from './replicate.ts';
import {
  commitConfiguration,
  setCommitIndex,
  setLastContact,
  setLastLog,
  setLeader,
  setRole,
} from './state.ts';
import { LOGS_STORED } from './steps.ts';
import { ApplyError, EntryType, Role, isVoter } from './types.ts';
import type { Entry, LeaderState, Proposal, RaftState } from './types.ts';
import { leaveTransfer } from './transfer.ts';
import { abandonVerifies } from './verify.ts';
import { APPLY, COMMIT, LEASE_TIMER, RaftNote, STEP_DOWN, TRIGGER } from './vocabulary.ts';

/** The Noop that every leader begins with (`hashicorp/raft:raft.go (runLeader)`). */
const NOOP: readonly Proposal[] = [];

export function enterLeader(state: RaftState, out: Outbox): void {
  notifyLeadership(state, 1, out);
  const leader: LeaderState = {
    number: ++state.leaderships,
    startIndex: state.lastIndex + 1,
    replications: [],
    voters: [],
    match: [],
    commitIndex: 0,
    inflight: [],
    dispatching: null,
    dispatchLast: 0,
    dispatchTerm: 0,
    change: null,
  };
  state.leaderState = leader;
  setVoters(leader, state.latest);
  startStopReplication(state, leader, out);
  dispatchLogs(state, NOOP, out);
}

/**
 * NotifyCh of the configuration. Known deviation: its ten places never fill, since whoever listens
 * waits for nothing but answers that the end of leadership brings.
 */
function notifyLeadership({ config }: RaftState, leads: 0 | 1, out: Outbox): void {
  if (config.leadership !== undefined) out.post(config.leadership, 0, leads, null);
}

/** Stores first, replicates afterwards: the leader's disk is not parallel to its followers'. */
function dispatchLogs(state: RaftState, proposals: readonly Proposal[], out: Outbox): void {
  const leader = state.leaderState!;
  // Whatever term the server has now: with B1 a heartbeat may have raised it beside this loop.
  const { term } = state;
  const before = state.lastIndex;
  const prefix = prefixAt(state.durable, before);
  const entries: readonly Entry[] =
    proposals === NOOP
      ? [makeEntry(prefix, before + 1, term, EntryType.noop, null)]
      : proposedEntries(proposals, before, prefix, term);
  const index = before + entries.length;
  if (proposals === NOOP) leader.inflight.push({ index, tag: -1 });
  for (let i = 0; i < proposals.length; i++) {
    leader.inflight.push({ index: before + 1 + i, tag: proposals[i].tag });
  }
  leader.dispatching = proposals;
  leader.dispatchLast = index;
  leader.dispatchTerm = term;
  out.note(RaftNote.dispatched, state.lastIndex + 1, index, term);
  out.write([writeEntries(entries)], LOGS_STORED, 0);
}

function proposedEntries(
  proposals: readonly Proposal[],
  before: number,
  prefixBefore: number,
  term: number,
): Entry[] {
  const entries = new Array<Entry>(proposals.length);
  let prefix = prefixBefore;
  for (let i = 0; i < proposals.length; i++) {
    const { type, data } = proposals[i];
    const entry = makeEntry(prefix, before + 1 + i, term, type, data);
    prefix = entry.prefix;
    entries[i] = entry;
  }
  return entries;
}

export function onLogsStored(state: RaftState, out: Outbox): void {
  const leader = state.leaderState!;
  const proposals = leader.dispatching!;
  leader.dispatching = null;
  state.logFailed = out.error !== ErrorCause.none;
  if (state.logFailed) {
    for (const { tag } of proposals) respond(state, tag, ApplyError.store, 0, null, out);
    // They stay in flight in the real program too; their second answer reaches nobody.
    leader.inflight = leader.inflight.filter(({ index }) => index <= state.lastIndex);
    if (leader.change !== null) enforceChange(state, leader.dispatchLast, out);
    setRole(state, Role.follower, out);
    return;
  }
  const first = state.lastIndex + 1;
  const last = leader.dispatchLast;
  // The commitment learns of the leader's own copy before the cached tail moves.
  matchSelf(state, last, out);
  setLastLog(state, last, leader.dispatchTerm);
  out.note(RaftNote.appended, first, last, 1);
  for (const id of leader.replications) out.post(TRIGGER, id, 0, null);
  if (proposals === NOOP) armLease(state, state.config.leaseMicros, out);
  if (leader.change !== null) enforceChange(state, last, out);
}

export function onChangeRequest(state: RaftState, change: ConfigurationChange, out: Outbox): void {
  const proposal = onChange(state, change, out);
  if (proposal !== null) dispatchLogs(state, [proposal], out);
}

export function onStable(state: RaftState, out: Outbox): void {
  const proposal = onChangeReady(state, out);
  if (proposal !== null) dispatchLogs(state, [proposal], out);
}

/** Group commit: this proposal and up to MaxAppendEntries more that already wait. */
export function onProposal(state: RaftState, first: Proposal, out: Outbox): void {
  const proposals: Proposal[] = [];
  let next: Proposal | undefined = first;
  for (let i = 0; next !== undefined; i++) {
    if (!maybeExpire(state, next, out)) proposals.push(next);
    if (i === state.config.maxAppendEntries) break;
    next = out.receive(APPLY) as Proposal | undefined;
  }
  if (proposals.length > 0) dispatchLogs(state, proposals, out);
}

/** The commit index has advanced: the FSM gets what is committed of our own proposals. */
export function onCommit(state: RaftState, out: Outbox): void {
  const leader = state.leaderState!;
  const old = state.commitIndex;
  const index = leader.commitIndex;
  setCommitIndex(state, index, out);
  let leaves = false;
  if (state.latestIndex > old && state.latestIndex <= index) {
    commitConfiguration(state);
    leaves = !isVoter(state.committed, state.self);
  }
  let ready = 0;
  const { inflight } = leader;
  while (ready < inflight.length && inflight[ready].index <= index) ready++;
  if (ready > 0) {
    processLogs(state, inflight[ready - 1].index, out, inflight);
    if (ready === 1) takeFirst(inflight);
    else inflight.splice(0, ready);
  }
  if (leaves) setRole(state, Role.follower, out);
  else wakeChanges(state, out);
}

/** What runLeader defers: the contact counts from now, and nobody knows what becomes of proposals. */
export function leaveLeader(state: RaftState, out: Outbox): void {
  const leader = state.leaderState!;
  setLastContact(state, out);
  for (const id of leader.replications) stopReplication(state, id, out);
  for (const { index, tag } of leader.inflight) {
    respond(state, tag, ApplyError.leadershipLost, index, null, out);
  }
  abandonVerifies(state, out);
  refuseChanges(state, out);
  leaveTransfer(state, out);
  state.leaderState = null;
  out.cancel(LEASE_TIMER, 0);
  // These channels belong to this leadership: what waits in them goes with it.
  out.receive(COMMIT);
  out.receive(STEP_DOWN);
  if (state.leader === state.self) setLeader(state, -1, out);
  notifyLeadership(state, 0, out);
}
