/**
 * Pipelined replication: own connection, two requests in flight; any error or rejection ends it
 * (`hashicorp/raft:replication.go (pipelineReplicate, pipelineSend, pipelineDecode)`,
 * `hashicorp/raft:net_transport.go (netPipeline)`; reference: raft §1.11).
 */
import { takeFirst } from '../../core/fifo.ts';
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import {
  answerDeferred,
  armCommitTimer,
  backToSelect,
  makeAppend,
  maybeLastRound,
  onStaleTerm,
  replicationOf,
  touch,
  updateLastAppended,
} from './replicate.ts';
import { PIPELINE_OPENED, PIPELINE_ROOM } from './steps.ts';
import type { AppendResponse, RaftState, Replication } from './types.ts';
import {
  APPEND,
  CATCH_UP,
  PIPELINE_ANSWER,
  PIPELINE_FINISHED,
  REPLICATE_LANE,
} from './vocabulary.ts';

/** `hashicorp/raft:net_transport.go (rpcMaxPipeline)`, MaxRPCsInFlight. */
const IN_FLIGHT_MAX = 2;

export function openPipeline(state: RaftState, replication: Replication, out: Outbox): void {
  out.openPipeline(replication.peer, APPEND, state.config.transportMicros, PIPELINE_OPENED);
}

export function onPipelineOpened(state: RaftState, body: unknown, out: Outbox): void {
  const replication = replicationOf(state, out.key);
  if (out.error !== ErrorCause.none) {
    backToSelect(state, replication, out);
    return;
  }
  replication.pipeline = body as number;
  replication.pipelineNext = replication.nextIndex;
  replication.decoding = true;
  replication.sent = [];
  replication.sentSince = [];
  armCommitTimer(state, replication.id, out);
}

/** The select in pipeline mode. */
export function onPipelineWake(
  state: RaftState,
  replication: Replication,
  stop: boolean,
  out: Outbox,
): void {
  const last = stop && maybeLastRound(replication);
  if ((stop && !last) || !replication.decoding) {
    // The request of a transfer stays in its channel.
    const { deferred } = replication;
    if (deferred > 0) out.post(CATCH_UP, replication.id, deferred, null);
    replication.deferred = 0;
    endPipeline(state, replication, out);
    return;
  }
  const index = last ? replication.targetIndex : state.lastIndex;
  const request = makeAppend(state, replication, replication.pipelineNext, index);
  if (request === null) {
    answerDeferred(replication, true, out);
    endPipeline(state, replication, out);
    return;
  }
  replication.sent.push(request);
  replication.sentSince.push(out.now());
  const { transportMicros } = state.config;
  const { pipeline, id } = replication;
  out.pipeline(pipeline, APPEND, request, transportMicros, PIPELINE_ANSWER, 0, id);
  const { entries } = request;
  if (entries.length > 0) replication.pipelineNext = entries[entries.length - 1].index + 1;
  // The bytes are out before the hand-over to the decoder blocks: so two are in flight.
  if (replication.sent.length >= IN_FLIGHT_MAX) out.park(PIPELINE_ROOM, 0);
  else afterSend(state, replication, out);
}

export function onPipelineRoom(state: RaftState, out: Outbox): void {
  afterSend(state, replicationOf(state, out.key), out);
}

function afterSend(state: RaftState, replication: Replication, out: Outbox): void {
  answerDeferred(replication, false, out);
  if (replication.lastRound) endPipeline(state, replication, out);
  else armCommitTimer(state, replication.id, out);
}

function endPipeline(state: RaftState, replication: Replication, out: Outbox): void {
  out.closePipeline(replication.pipeline);
  replication.pipeline = 0;
  replication.decoding = false;
  replication.sent = [];
  replication.sentSince = [];
  backToSelect(state, replication, out);
}

/** The decoder. A failed request counts as contact: its empty response passes the term test. */
export function onPipelineAnswer(
  state: RaftState,
  body: AppendResponse | undefined,
  out: Outbox,
): void {
  const replication = replicationOf(state, out.key);
  if (!replication.decoding) return;
  const request = takeFirst(replication.sent)!;
  const since = takeFirst(replication.sentSince)!;
  const failed = body === undefined || out.error !== ErrorCause.none;
  if (!failed && body.term > request.term) {
    onStaleTerm(state, replication, out);
    finish(replication, out);
    return;
  }
  touch(replication, since, out);
  if (failed || !body.success) {
    finish(replication, out);
    return;
  }
  updateLastAppended(state, replication, request, since, out);
  out.unpark(REPLICATE_LANE, replication.id);
}

/** The decoder is done; the sender sees it at its next select. */
function finish(replication: Replication, out: Outbox): void {
  replication.decoding = false;
  out.unpark(REPLICATE_LANE, replication.id);
  out.post(PIPELINE_FINISHED, replication.id, 0, null);
}
