/**
 * Leadership transfer (`hashicorp/raft:raft.go (leaderLoop, leadershipTransfer, pickServer)`;
 * reference: raft §1.14). One goroutine brings the target up to date and tells it to campaign now;
 * another watches the time and leadership, and keeps writes out until both have come to an end.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { respond } from './fsm.ts';
import { setRole } from './state.ts';
import { TIMEOUT_NOW_ANSWERED } from './steps.ts';
import { ApplyError, Role } from './types.ts';
import type { RaftState, Replication, TimeoutNowRequest, Transfer } from './types.ts';
import {
  CATCH_UP,
  RaftNote,
  TIMEOUT_NOW,
  TRANSFER_BEGIN,
  TRANSFER_DONE,
  TRANSFER_LEFT,
  TRANSFER_STOP,
  TRANSFER_TIMER,
} from './vocabulary.ts';

/** `target` is -1 for whoever has the longest log. */
export function onTransfer(state: RaftState, tag: number, target: ProcessIndex, out: Outbox): void {
  const leader = state.leaderState;
  if (state.loop !== Role.leader || leader === null) {
    respond(state, tag, ApplyError.notLeader, 0, null, out);
    return;
  }
  if (state.transfer !== null) {
    respond(state, tag, ApplyError.transferInProgress, 0, null, out);
    return;
  }
  const replication = target < 0 ? pickServer(state) : replicationTo(state, target);
  if (replication === undefined) {
    respond(state, tag, ApplyError.transferFailed, 0, null, out);
    return;
  }
  const { id, peer } = replication;
  const { number: leadership } = leader;
  const number = ++state.transfers;
  state.transfer = { number, tag, peer, replication: id, leadership, phase: 'asking' };
  out.post(TRANSFER_BEGIN, 0, 0, null);
}

function replicationTo(state: RaftState, peer: ProcessIndex): Replication | undefined {
  const id = state.leaderState!.replications.find((one) => state.replications[one]!.peer === peer);
  return id === undefined ? undefined : state.replications[id];
}

/** The voter with the highest next index; the first in the configuration's order on ties. */
function pickServer(state: RaftState): Replication | undefined {
  let pick: Replication | undefined;
  for (const { id, voter } of state.latest.servers) {
    const replication = voter && id !== state.self ? replicationTo(state, id) : undefined;
    if (replication === undefined) continue;
    if (pick === undefined || replication.nextIndex > pick.nextIndex) pick = replication;
  }
  return pick;
}

/** A replication round for this transfer has ended; one that failed ends the transfer. */
export function onCaughtUp(state: RaftState, number: number, failed: boolean, out: Outbox): void {
  const transfer = state.transfer;
  if (transfer?.number !== number || transfer.phase !== 'asking') return;
  if (failed) out.post(TRANSFER_DONE, 0, 1, null);
  else catchUp(state, transfer, out);
}

/** Round by round, until the target has all that we have; then it is told to campaign. */
function catchUp(state: RaftState, transfer: Transfer, out: Outbox): void {
  const replication = ownReplication(state, transfer);
  // Without its replicator it waits for nothing but the end of leadership, which has come.
  if (replication === undefined) return;
  if (replication.nextIndex <= state.lastIndex) {
    out.post(CATCH_UP, replication.id, transfer.number, null);
    return;
  }
  const request: TimeoutNowRequest = { term: replication.term };
  const { transportMicros } = state.config;
  out.note(RaftNote.handingOver, transfer.peer, replication.term, 0);
  out.call(transfer.peer, TIMEOUT_NOW, request, transportMicros, TIMEOUT_NOW_ANSWERED, 0);
}

function ownReplication(
  state: RaftState,
  { replication: id, peer, leadership }: Transfer,
): Replication | undefined {
  const replication = state.replications[id];
  return replication?.peer === peer && replication.leadership === leadership
    ? replication
    : undefined;
}

export function onTimeoutNowAnswered(out: Outbox): void {
  out.post(TRANSFER_DONE, 0, out.error === ErrorCause.none ? 0 : 1, null);
}

/** From here on the time is watched: one election timeout for all of it. */
export function onTransferBegun(state: RaftState, out: Outbox): void {
  out.timer(TRANSFER_TIMER, 0, state.config.electionMicros);
  if (state.transfer !== null) catchUp(state, state.transfer, out);
}

export function onTransferTimer(state: RaftState, out: Outbox): void {
  const transfer = state.transfer;
  if (transfer === null) return;
  if (transfer.phase === 'waiting') end(state, transfer, ApplyError.transferFailed, out);
  else abandon(state, transfer, ApplyError.transferFailed, out);
}

/** Leadership is over, which is what was wanted. */
export function onTransferLeft(state: RaftState, out: Outbox): void {
  const transfer = state.transfer;
  if (transfer === null || transfer.phase === 'draining') return;
  if (transfer.phase === 'waiting') end(state, transfer, ApplyError.none, out);
  else abandon(state, transfer, ApplyError.none, out);
}

/** The answer is out, but writes stay out until a TimeoutNow that hangs has returned. */
function abandon(state: RaftState, transfer: Transfer, error: ApplyError, out: Outbox): void {
  out.cancel(TRANSFER_TIMER, 0);
  respond(state, transfer.tag, error, 0, null, out);
  state.transfer = { ...transfer, phase: 'draining' };
  out.post(TRANSFER_STOP, 0, 0, null);
}

export function onTransferDone(state: RaftState, failed: boolean, out: Outbox): void {
  const transfer = state.transfer;
  if (transfer === null) return;
  if (transfer.phase === 'draining') {
    state.transfer = null;
    return;
  }
  if (!failed) out.note(RaftNote.handedOver, transfer.peer, 0, 0);
  if (failed || state.config.bugs.B22) {
    end(state, transfer, failed ? ApplyError.transferFailed : ApplyError.none, out);
  } else {
    state.transfer = { ...transfer, phase: 'waiting' };
    out.timer(TRANSFER_TIMER, 0, state.config.electionMicros);
  }
}

function end(state: RaftState, transfer: Transfer, error: ApplyError, out: Outbox): void {
  out.cancel(TRANSFER_TIMER, 0);
  respond(state, transfer.tag, error, 0, null, out);
  state.transfer = null;
}

/** The goroutine that brings the target up to date is told to stop; in a call it does not hear it. */
export function onTransferStop(state: RaftState, out: Outbox): void {
  if (state.transfer?.phase === 'draining') out.post(TRANSFER_DONE, 0, 0, null);
}

export function leaveTransfer(state: RaftState, out: Outbox): void {
  if (state.transfer !== null) out.post(TRANSFER_LEFT, 0, 0, null);
}

/**
 * TimeoutNow at the target: no term, no sender and no vote is checked, so that one that comes late
 * starts an election against whoever leads by then (B23).
 */
export function onTimeoutNow(
  state: RaftState,
  exchange: number,
  request: TimeoutNowRequest,
  out: Outbox,
): void {
  const late = request.term < state.term;
  if (late && !state.config.bugs.B23) {
    out.reply(exchange, null);
    return;
  }
  if (late) out.mark('B23');
  setRole(state, Role.candidate, out);
  state.transferCandidate = true;
  out.reply(exchange, null);
}
