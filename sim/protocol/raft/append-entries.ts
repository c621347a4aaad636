/**
 * AppendEntries at the receiver (`hashicorp/raft:raft.go (appendEntries)`; reference: raft §1.7).
 * Heartbeats come through here too, but on the goroutine of their connection, beside the main thread.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { deleteSuffix, entryAt, writeEntries, writeTerm } from './durable.ts';
import { processLogs } from './fsm.ts';
import { lastIndexOf } from './log.ts';
import {
  adoptConfiguration,
  commitConfiguration,
  rollBackConfiguration,
  setCommitIndex,
  setLastContact,
  setLastLog,
  setLeader,
  setRole,
  setTerm,
  takePending,
  termAt,
} from './state.ts';
import { APPEND_STORED, APPEND_TERM_STORED } from './steps.ts';
import { Role } from './types.ts';
import type { AppendRequest, AppendResponse, PendingRequest, RaftState } from './types.ts';
import { APPEND, RaftNote } from './vocabulary.ts';

export function appendResponse(
  term: number,
  lastLog: number,
  success: boolean,
  noRetryBackoff: boolean,
): AppendResponse {
  return { term, lastLog, success, noRetryBackoff };
}

/** Runs on the connection's goroutine. With B1 fixed, what would change state goes to main. */
export function onHeartbeat(
  state: RaftState,
  exchange: number,
  request: AppendRequest,
  out: Outbox,
): void {
  const changes = request.term > state.term || fallsBack(state);
  if (changes && request.term >= state.term) {
    if (!state.config.bugs.B1) {
      out.post(APPEND, 0, exchange, request);
      return;
    }
    if (state.loop !== Role.follower) out.mark('B1');
  }
  onAppend(state, exchange, request, out);
}

/** A candidate by leadership transfer stands by its candidacy (raft#487; B22). */
function fallsBack({ role, transferCandidate, config }: RaftState): boolean {
  return role !== Role.follower && (!transferCandidate || config.bugs.B22);
}

export function onAppend(
  state: RaftState,
  exchange: number,
  request: AppendRequest,
  out: Outbox,
): void {
  const lastLog = state.lastIndex;
  if (request.term < state.term) {
    out.reply(exchange, appendResponse(state.term, lastLog, false, false));
    return;
  }
  if (request.term > state.term || fallsBack(state)) {
    setRole(state, Role.follower, out);
    state.pending.push({ exchange, request, term: state.term, lastLog, firstNew: 0 });
    out.write([writeTerm(request.term)], APPEND_TERM_STORED, exchange);
    return;
  }
  continueAppend(state, exchange, request, state.term, lastLog, out);
}

/** Failing to store the term panics the program (reference: raft §1.17). */
export function onAppendTermStored(state: RaftState, exchange: number, out: Outbox): void {
  const pending = takePending(state, exchange);
  if (out.error !== 0) {
    out.panic('failed to save current term');
    return;
  }
  const request = pending.request as AppendRequest;
  setTerm(state, request.term, out);
  continueAppend(state, exchange, request, request.term, pending.lastLog, out);
}

/** `term` and `lastLog` of the response are those that the handler began with. */
function continueAppend(
  state: RaftState,
  exchange: number,
  request: AppendRequest,
  term: number,
  lastLog: number,
  out: Outbox,
): void {
  setLeader(state, request.leader, out);
  if (!agreesBefore(state, request)) {
    out.reply(exchange, appendResponse(term, lastLog, false, true));
    return;
  }
  // Most appends bring nothing, and need no record of what they wait for.
  if (request.entries.length > 0) {
    const pending: PendingRequest = { exchange, request, term, lastLog, firstNew: 0 };
    if (storeNewEntries(state, exchange, pending, out)) return;
  }
  finishAppend(state, exchange, request, term, lastLog, out);
}

/**
 * Only the log is asked: where it begins behind the end of our snapshot, every append that begins before
 * is refused, and the leader sends snapshots for ever, older ones than ours too (B6). Once fixed, what
 * our snapshot covers agrees: it is committed.
 */
function agreesBefore(state: RaftState, { prevIndex, prevTerm }: AppendRequest): boolean {
  if (prevIndex === 0 || termAt(state, prevIndex) === prevTerm) return true;
  return isCovered(state, prevIndex);
}

function isCovered({ config, snapshotIndex }: RaftState, index: number): boolean {
  return !config.bugs.B6 && index <= snapshotIndex;
}

/** True when the lane now waits for the log store, or the answer has been given. */
function storeNewEntries(
  state: RaftState,
  exchange: number,
  pending: PendingRequest,
  out: Outbox,
): boolean {
  const { entries } = pending.request as AppendRequest;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    if (isCovered(state, entry.index)) continue;
    pending.firstNew = i;
    if (entry.index > state.lastLogIndex) return store(state, exchange, pending, -1, out);
    const stored = entryAt(state.durable, entry.index);
    if (stored === undefined) {
      out.reply(exchange, appendResponse(pending.term, pending.lastLog, false, false));
      return true;
    }
    if (entry.term !== stored.term || state.config.bugs.B24) {
      return store(state, exchange, pending, entry.index, out);
    }
  }
  return false;
}

/** Two transactions when a conflicting suffix goes first: a crash between them loses just that. */
function store(
  state: RaftState,
  exchange: number,
  pending: PendingRequest,
  deleteFrom: number,
  out: Outbox,
): boolean {
  const { entries } = pending.request as AppendRequest;
  const fresh = pending.firstNew === 0 ? entries : entries.slice(pending.firstNew);
  const append = writeEntries(fresh);
  state.pending.push(pending);
  const writes = deleteFrom < 0 ? [append] : [deleteSuffix(deleteFrom), append];
  if (deleteFrom >= 0) out.note(RaftNote.truncated, deleteFrom, state.lastIndex, 0);
  out.write(writes, APPEND_STORED, exchange);
  return true;
}

export function onAppendStored(state: RaftState, exchange: number, out: Outbox): void {
  const pending = takePending(state, exchange);
  const { entries } = pending.request as AppendRequest;
  const first = entries[pending.firstNew];
  // The suffix went first: what it held of configurations is rolled back even if the append failed.
  const truncated = first.index <= state.lastLogIndex;
  if (truncated && (out.error === 0 || lastIndexOf(state.durable.log) < first.index)) {
    rollBackConfiguration(state, first.index);
  }
  state.logFailed = out.error !== ErrorCause.none;
  if (state.logFailed) {
    out.reply(exchange, appendResponse(pending.term, pending.lastLog, false, false));
    return;
  }
  for (let i = pending.firstNew; i < entries.length; i++) adoptConfiguration(state, entries[i]);
  const last = entries[entries.length - 1];
  setLastLog(state, last.index, last.term);
  out.note(RaftNote.appended, first.index, last.index, 0);
  const request = pending.request as AppendRequest;
  finishAppend(state, exchange, request, pending.term, pending.lastLog, out);
}

/** Rule 7: up to our own last index (the paper: up to the last new entry; D1, B27). */
function finishAppend(
  state: RaftState,
  exchange: number,
  request: AppendRequest,
  term: number,
  lastLog: number,
  out: Outbox,
): void {
  const { leaderCommit } = request;
  if (leaderCommit > 0 && leaderCommit > state.commitIndex) {
    const index = commitTo(state, request, out);
    setCommitIndex(state, index, out);
    if (state.latestIndex <= index) commitConfiguration(state);
    processLogs(state, index, out);
  }
  out.reply(exchange, appendResponse(term, lastLog, true, false));
  setLastContact(state, out);
}

function commitTo(state: RaftState, request: AppendRequest, out: Outbox): number {
  const { prevIndex, entries, leaderCommit } = request;
  const own = Math.min(leaderCommit, state.lastIndex);
  const verified = Math.min(leaderCommit, prevIndex + entries.length);
  if (!state.config.bugs.B27) return Math.max(verified, state.commitIndex);
  if (own > verified) out.mark('B27');
  return own;
}
