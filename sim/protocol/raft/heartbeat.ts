/**
 * One heartbeat goroutine per peer: keeps the follower from electing even when replication is stuck
 * (`hashicorp/raft:replication.go (heartbeat)`; reference: raft §1.10).
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { appendRequest, leaveReplication, onStaleTerm, replicationOf, touch } from './replicate.ts';
import { HEARTBEAT_ANSWERED } from './steps.ts';
import {
  FAILURE_SCALE_MAX,
  FAILURE_WAIT_MICROS,
  cappedBackoffMicros,
  drawTimeout,
} from './timing.ts';
import type { AppendResponse, RaftState, Replication } from './types.ts';
import { notifyAll } from './verify.ts';
import { HEARTBEAT, HEARTBEAT_TIMER } from './vocabulary.ts';

const NO_ENTRIES: readonly never[] = [];

/** The first heartbeat comes only after the first wait. */
export function startHeartbeat(state: RaftState, replication: Replication, out: Outbox): void {
  armWait(state, replication, out);
}

function armWait(state: RaftState, replication: Replication, out: Outbox): void {
  const tenth = Math.floor(state.config.heartbeatMicros / 10);
  out.timer(HEARTBEAT_TIMER, replication.id, drawTimeout(out, 'heartbeat-interval', tenth));
}

export function onHeartbeatTimer(state: RaftState, out: Outbox): void {
  const replication = replicationOf(state, out.key);
  if (replication.heartbeatBacksOff) {
    replication.heartbeatBacksOff = false;
    if (!replication.heartbeatForced) {
      armWait(state, replication, out);
      return;
    }
  }
  sendHeartbeat(state, replication, out);
}

/** A verification wants an answer now; during the backoff nobody listens. */
export function onForceHeartbeat(state: RaftState, out: Outbox): void {
  const replication = replicationOf(state, out.key);
  if (replication.heartbeatBacksOff) {
    replication.heartbeatForced = true;
    return;
  }
  out.cancel(HEARTBEAT_TIMER, replication.id);
  sendHeartbeat(state, replication, out);
}

function sendHeartbeat(state: RaftState, replication: Replication, out: Outbox): void {
  replication.heartbeatForced = false;
  replication.heartbeatSince = out.now();
  const request = appendRequest(state.self, replication.term, 0, 0, NO_ENTRIES, 0);
  const { transportMicros } = state.config;
  out.call(replication.peer, HEARTBEAT, request, transportMicros, HEARTBEAT_ANSWERED, 0);
}

/** The answer's term is not looked at: any answer at all refreshes the contact (B9). */
export function onHeartbeatAnswer(
  state: RaftState,
  body: AppendResponse | undefined,
  out: Outbox,
): void {
  const replication = replicationOf(state, out.key);
  if (body === undefined || out.error !== ErrorCause.none) {
    const cap = Math.floor(state.config.heartbeatMicros / 2);
    const failures = replication.heartbeatFailures++;
    const delay = cappedBackoffMicros(FAILURE_WAIT_MICROS, failures, FAILURE_SCALE_MAX, cap);
    replication.heartbeatBacksOff = true;
    out.timer(HEARTBEAT_TIMER, replication.id, delay);
    return;
  }
  replication.heartbeatFailures = 0;
  if (body.term > replication.term) {
    if (!state.config.bugs.B9) {
      onStaleTerm(state, replication, out);
      armWait(state, replication, out);
      return;
    }
    out.mark('B9');
  }
  touch(replication, replication.heartbeatSince, out);
  notifyAll(state, replication, body.success, replication.heartbeatSince, out);
  armWait(state, replication, out);
}

export function onHeartbeatStop(state: RaftState, out: Outbox): void {
  const replication = replicationOf(state, out.key);
  out.cancel(HEARTBEAT_TIMER, replication.id);
  leaveReplication(state, replication, out);
}
