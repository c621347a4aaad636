/**
 * One goroutine per peer that brings its log up to date, synchronously until it answers well, then
 * through a pipeline (`hashicorp/raft:replication.go (replicate, replicateTo)`; reference: raft §1.9).
 */
import { fail } from '../../core/assert.ts';
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { match } from './commitment.ts';
import { entryAt } from './durable.ts';
import { startHeartbeat } from './heartbeat.ts';
import { entriesBetween } from './log.ts';
import { onPipelineWake, openPipeline } from './pipeline.ts';
import { REPLICATE_ANSWERED, REPLICATE_BACKOFF } from './steps.ts';
import { FAILURE_SCALE_MAX, FAILURE_WAIT_MICROS, backoffMicros, drawTimeout } from './timing.ts';
import type { AppendRequest, AppendResponse, Entry, RaftState, Replication } from './types.ts';
import { maybeSendSnapshot } from './send-snapshot.ts';
import { notifyAll, pruneVerifies } from './verify.ts';
import {
  APPEND,
  CAUGHT_UP,
  COMMIT_TIMER,
  DECODE_LANE,
  HEARTBEAT_LANE,
  HEARTBEAT_STOP,
  RaftNote,
  REPLICATE_LANE,
  REPLICATE_STOP,
  STEP_DOWN,
  TRIGGER,
} from './vocabulary.ts';

const NO_ENTRIES: readonly Entry[] = [];

/** Returns the id of the new replication, which is the key of its lanes. */
export function startReplication(state: RaftState, peer: ProcessIndex, out: Outbox): number {
  let id = state.replications.indexOf(undefined);
  if (id < 0) id = state.replications.length;
  const replication: Replication = {
    id,
    peer,
    leadership: state.leaderState!.number,
    term: state.term,
    nextIndex: state.lastIndex + 1,
    lastContact: out.now(),
    contactSent: out.now(),
    failures: 0,
    allowPipeline: false,
    stopped: false,
    stopIndex: 0,
    lastRound: false,
    deferred: 0,
    targetIndex: 0,
    sending: null,
    sendingSince: 0,
    pipeline: 0,
    pipelineNext: 0,
    decoding: false,
    sent: [],
    sentSince: [],
    heartbeatFailures: 0,
    heartbeatBacksOff: false,
    heartbeatForced: false,
    heartbeatSince: 0,
    notify: [],
    sendingSnapshot: null,
    lanes: 2,
  };
  state.replications[id] = replication;
  out.spawn(REPLICATE_LANE, id);
  out.spawn(HEARTBEAT_LANE, id);
  out.spawn(DECODE_LANE, id);
  startHeartbeat(state, replication, out);
  armCommitTimer(state, id, out);
  out.post(TRIGGER, id, 0, null);
  return id;
}

/** Closes the stop channel; a goroutine that is busy sees it only afterwards. */
export function stopReplication(state: RaftState, id: number, out: Outbox): void {
  const replication = replicationOf(state, id);
  replication.stopped = true;
  if (replication.lanes === 0) remove(state, id);
  else out.post(REPLICATE_STOP, id, 0, null);
}

/** The peer has left the configuration: one best effort to tell it, then nothing more. */
export function removeReplication(state: RaftState, id: number, out: Outbox): void {
  const replication = replicationOf(state, id);
  replication.stopIndex = state.lastIndex;
  stopReplication(state, id, out);
}

/** False for one that has outlived the leadership it belongs to. */
export function isCurrent(state: RaftState, replication: Replication): boolean {
  return state.leaderState !== null && state.leaderState.number === replication.leadership;
}

export function replicationOf(state: RaftState, id: number): Replication {
  const replication = state.replications[id];
  if (replication === undefined) fail(`replication ${id} is gone but its lane runs`);
  return replication;
}

/** The peer has answered what was sent at that time: now is what the lease counts (B10). */
export function touch(replication: Replication, sentMicros: number, out: Outbox): void {
  replication.lastContact = out.now();
  replication.contactSent = Math.max(replication.contactSent, sentMicros);
}

/** A new U[50, 100) ms at every turn of the select. */
export function armCommitTimer(state: RaftState, id: number, out: Outbox): void {
  out.timer(COMMIT_TIMER, id, drawTimeout(out, 'commit-timer', state.config.commitMicros));
}

/**
 * A lane of the replication ends. The record goes with the last one, but not before the leader loop,
 * which counts contacts by it and may hear of the end only later, has let go of it.
 */
export function leaveReplication(state: RaftState, replication: Replication, out: Outbox): void {
  out.exit();
  replication.lanes--;
  if (replication.lanes === 0 && replication.stopped) remove(state, replication.id);
}

function remove(state: RaftState, id: number): void {
  state.replications[id] = undefined;
  pruneVerifies(state);
}

/** A transfer asks for a round, and for word of its end. */
export function onReplicateCatchUp(state: RaftState, transfer: number, out: Outbox): void {
  replicationOf(state, out.key).deferred = transfer;
  onReplicateWake(state, false, out);
}

export function answerDeferred(replication: Replication, failed: boolean, out: Outbox): void {
  const { deferred } = replication;
  if (deferred === 0) return;
  replication.deferred = 0;
  out.post(CAUGHT_UP, 0, deferred, failed);
}

function exitReplicate(state: RaftState, replication: Replication, out: Outbox): void {
  answerDeferred(replication, true, out);
  out.cancel(COMMIT_TIMER, replication.id);
  out.post(HEARTBEAT_STOP, replication.id, 0, null);
  out.reap(DECODE_LANE, replication.id);
  leaveReplication(state, replication, out);
}

/** The select of the goroutine: triggered, timer fired, or stopped. */
export function onReplicateWake(state: RaftState, stop: boolean, out: Outbox): void {
  const replication = replicationOf(state, out.key);
  if (replication.pipeline !== 0) {
    onPipelineWake(state, replication, stop, out);
    return;
  }
  if (stop && !maybeLastRound(replication)) {
    exitReplicate(state, replication, out);
    return;
  }
  replication.targetIndex = stop ? replication.targetIndex : state.lastIndex;
  replicateTo(state, replication, out);
}

/** A removed peer gets what the log held then, once; a leadership that is over leaves at once. */
export function maybeLastRound(replication: Replication): boolean {
  if (replication.stopIndex === 0) return false;
  replication.targetIndex = replication.stopIndex;
  replication.stopIndex = 0;
  replication.lastRound = true;
  return true;
}

/** START of replicateTo: one attempt, after the backoff that earlier failures call for. */
function replicateTo(state: RaftState, replication: Replication, out: Outbox): void {
  if (replication.failures === 0) {
    sendNext(state, replication, out);
    return;
  }
  const { failures } = replication;
  let delay = backoffMicros(FAILURE_WAIT_MICROS, failures, FAILURE_SCALE_MAX);
  // Heartbeats have this limit, appends have none (B33).
  const cap = Math.floor(state.config.heartbeatMicros / 2);
  if (delay > cap && state.config.bugs.B33) out.mark('B33');
  else delay = Math.min(delay, cap);
  out.note(RaftNote.backoff, replication.peer, delay, 0);
  out.sleep(delay, REPLICATE_BACKOFF, 0);
}

export function onBackoffOver(state: RaftState, out: Outbox): void {
  sendNext(state, replicationOf(state, out.key), out);
}

function sendNext(state: RaftState, replication: Replication, out: Outbox): void {
  const request = makeAppend(state, replication, replication.nextIndex, replication.targetIndex);
  if (request === null) {
    if (!maybeSendSnapshot(state, replication, out)) endRound(state, replication, out);
    return;
  }
  replication.sending = request;
  replication.sendingSince = out.now();
  const { transportMicros } = state.config;
  out.call(replication.peer, APPEND, request, transportMicros, REPLICATE_ANSWERED, 0);
}

/** Up to MaxAppendEntries from `next`; null when the log no longer has what is needed. */
export function makeAppend(
  state: RaftState,
  replication: Replication,
  next: number,
  last: number,
): AppendRequest | null {
  let prevTerm = 0;
  if (next - 1 === state.snapshotIndex) {
    prevTerm = state.snapshotTerm;
  } else if (next > 1) {
    const previous = entryAt(state.durable, next - 1);
    if (previous === undefined) return null;
    prevTerm = previous.term;
  }
  const until = Math.min(next + state.config.maxAppendEntries - 1, last);
  const entries = until < next ? NO_ENTRIES : entriesBetween(state.durable.log, next, until);
  if (entries === null) return null;
  return appendRequest(
    state.self,
    replication.term,
    next - 1,
    prevTerm,
    entries,
    state.commitIndex,
  );
}

export function appendRequest(
  leader: ProcessIndex,
  term: number,
  prevIndex: number,
  prevTerm: number,
  entries: readonly Entry[],
  leaderCommit: number,
): AppendRequest {
  return { leader, term, prevIndex, prevTerm, entries, leaderCommit };
}

export function onReplicateAnswer(
  state: RaftState,
  body: AppendResponse | undefined,
  out: Outbox,
): void {
  const replication = replicationOf(state, out.key);
  const request = replication.sending!;
  replication.sending = null;
  if (body === undefined || out.error !== ErrorCause.none) {
    replication.failures++;
    endRound(state, replication, out);
    return;
  }
  if (body.term > request.term) {
    onStaleTerm(state, replication, out);
    exitReplicate(state, replication, out);
    return;
  }
  touch(replication, replication.sendingSince, out);
  if (body.success) {
    updateLastAppended(state, replication, request, replication.sendingSince, out);
    replication.failures = 0;
    replication.allowPipeline = true;
  } else {
    onRejected(replication, body, out);
  }
  checkMore(state, replication, replication.stopped, out);
}

/** CHECK_MORE of replicateTo. */
export function checkMore(
  state: RaftState,
  replication: Replication,
  stop: boolean,
  out: Outbox,
): void {
  if (stop) exitReplicate(state, replication, out);
  else if (replication.nextIndex <= replication.targetIndex) replicateTo(state, replication, out);
  else endRound(state, replication, out);
}

/** The conflict hint is the follower's last index only (D8). */
function onRejected(replication: Replication, body: AppendResponse, out: Outbox): void {
  const next = Math.max(Math.min(replication.nextIndex - 1, body.lastLog + 1), 1);
  replication.nextIndex = next;
  replication.failures = body.noRetryBackoff ? 0 : replication.failures + 1;
  out.note(RaftNote.rejected, replication.peer, next, 0);
}

export function updateLastAppended(
  state: RaftState,
  replication: Replication,
  request: AppendRequest,
  sentMicros: number,
  out: Outbox,
): void {
  const { entries } = request;
  if (entries.length > 0) {
    const last = entries[entries.length - 1].index;
    replication.nextIndex = last + 1;
    // The commitment belongs to the leadership that started this replication.
    if (isCurrent(state, replication)) match(state, replication.peer, last, out);
  }
  notifyAll(state, replication, true, sentMicros, out);
}

/** A newer term in an answer: the main thread steps down, without learning the term. */
export function onStaleTerm(state: RaftState, replication: Replication, out: Outbox): void {
  notifyAll(state, replication, false, out.now(), out);
  if (isCurrent(state, replication)) out.post(STEP_DOWN, 0, 0, null);
}

/** Back to the select, or into pipeline mode after a good answer. */
export function endRound(state: RaftState, replication: Replication, out: Outbox): void {
  if (replication.lastRound) {
    exitReplicate(state, replication, out);
    return;
  }
  answerDeferred(replication, false, out);
  if (replication.allowPipeline) {
    replication.allowPipeline = false;
    openPipeline(state, replication, out);
  } else {
    backToSelect(state, replication, out);
  }
}

export function backToSelect(state: RaftState, replication: Replication, out: Outbox): void {
  armCommitTimer(state, replication.id, out);
  // A closed stop channel stays readable.
  if (replication.stopped) out.post(REPLICATE_STOP, replication.id, 0, null);
}
