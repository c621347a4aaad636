/**
 * InstallSnapshot at the leader: what a peer needs is not in the log any more, so it gets the newest
 * snapshot over a connection of its own, in one piece and from the start each time
 * (`hashicorp/raft:replication.go (sendLatestSnapshot)`, `hashicorp/raft:net_transport.go
 * (InstallSnapshot)`; reference: raft §1.15).
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { match } from './commitment.ts';
import { checkMore, endRound, isCurrent, onStaleTerm, replicationOf, touch } from './replicate.ts';
import type {
  InstallPart,
  InstallRequest,
  InstallResponse,
  SnapshotSending,
} from './snapshot-types.ts';
import { INSTALL_ANSWERED, INSTALL_OPENED, INSTALL_SENT } from './steps.ts';
import type { RaftState, Replication } from './types.ts';
import { notifyAll } from './verify.ts';
import { INSTALL, INSTALL_ANSWER, INSTALL_PART, RaftNote, REPLICATE_LANE } from './vocabulary.ts';

/** `hashicorp/raft:net_transport.go (DefaultTimeoutScale)`: as many bytes have one timeout more. */
const TIMEOUT_SCALE_BYTES = 256 * 1024;
/** What goes to the socket at a time: enough parts to be interrupted between, not too many events. */
const PART_BYTES_MIN = 64 * 1024;
const PARTS_MAX = 32;

/** False: there is none that could be sent. */
export function maybeSendSnapshot(
  state: RaftState,
  replication: Replication,
  out: Outbox,
): boolean {
  const [snapshot] = state.durable.snapshots;
  if (snapshot === undefined || !snapshot.intact) return false;
  replication.sendingSnapshot = {
    snapshot,
    sinceMicros: out.now(),
    connection: 0,
    leftBytes: snapshot.bytes,
    ended: false,
    answer: null,
  };
  out.note(RaftNote.sending, replication.peer, snapshot.index, snapshot.bytes);
  out.openPipeline(replication.peer, INSTALL, state.config.transportMicros, INSTALL_OPENED);
  return true;
}

/** The deadline of the whole exchange grows with the size. */
export function installTimeoutMicros(transportMicros: number, bytes: number): number {
  return transportMicros * Math.max(1, Math.floor(bytes / TIMEOUT_SCALE_BYTES));
}

export function onInstallOpened(state: RaftState, connection: unknown, out: Outbox): void {
  const replication = replicationOf(state, out.key);
  const sending = replication.sendingSnapshot!;
  if (out.error !== ErrorCause.none) {
    finish(state, replication, out);
    return;
  }
  sending.connection = connection as number;
  const { self, config } = state;
  const { snapshot } = sending;
  const request: InstallRequest = { leader: self, term: replication.term, snapshot };
  const timeout = installTimeoutMicros(config.transportMicros, snapshot.bytes);
  out.pipeline(sending.connection, INSTALL, request, timeout, INSTALL_ANSWER, 0, replication.id);
  sendPart(sending, out);
}

function sendPart(sending: SnapshotSending, out: Outbox): void {
  const usual = Math.max(PART_BYTES_MIN, Math.ceil(sending.snapshot.bytes / PARTS_MAX));
  const part: InstallPart = { bytes: Math.min(usual, sending.leftBytes) };
  sending.leftBytes -= part.bytes;
  out.sendPart(sending.connection, INSTALL_PART, part, INSTALL_SENT, 0);
}

/** All of it goes out before the answer is looked at, unless the stream breaks. */
export function onInstallSent(state: RaftState, out: Outbox): void {
  const replication = replicationOf(state, out.key);
  const sending = replication.sendingSnapshot!;
  const broken = out.error !== ErrorCause.none || (sending.ended && sending.answer === null);
  if (broken) finish(state, replication, out);
  else if (sending.leftBytes > 0) sendPart(sending, out);
  else if (sending.ended) finish(state, replication, out);
  else out.park(INSTALL_ANSWERED, 0);
}

export function onInstallAnswer(
  state: RaftState,
  body: InstallResponse | undefined,
  out: Outbox,
): void {
  const { id, sendingSnapshot: sending } = replicationOf(state, out.key);
  if (sending === null) return;
  sending.ended = true;
  if (body !== undefined && out.error === ErrorCause.none) sending.answer = body;
  out.unpark(REPLICATE_LANE, id);
}

export function onInstallAnswered(state: RaftState, out: Outbox): void {
  finish(state, replicationOf(state, out.key), out);
}

function finish(state: RaftState, replication: Replication, out: Outbox): void {
  const { connection, answer, snapshot, sinceMicros } = replication.sendingSnapshot!;
  replication.sendingSnapshot = null;
  if (connection !== 0) out.closePipeline(connection);
  if (answer === null) {
    replication.failures++;
    endRound(state, replication, out);
    return;
  }
  if (answer.term > replication.term) {
    onStaleTerm(state, replication, out);
    checkMore(state, replication, true, out);
    return;
  }
  touch(replication, sinceMicros, out);
  if (answer.success) {
    replication.nextIndex = snapshot.index + 1;
    replication.failures = 0;
    if (isCurrent(state, replication)) match(state, replication.peer, snapshot.index, out);
    notifyAll(state, replication, true, sinceMicros, out);
  } else {
    replication.failures++;
  }
  checkMore(state, replication, replication.stopped, out);
}
