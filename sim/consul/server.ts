/**
 * A Consul server's request path (reference: consul §2.2 to §2.5, §2.12). Each request is a goroutine
 * of its own and blocks nothing else, so this machine needs no lane per request; what a request waits
 * for is in its record (`requests/state.ts`). Endpoints are rows of `requests/endpoints.ts`.
 *
 * Known deviations: a multiplexed session
 * that goes silent is not closed by its keep-alive: a request that was forwarded to a paused leader
 * waits for its 60 s deadline. Writes of more than 512 KiB are not cut into chunks. A leader is ready
 * for consistent reads when it has applied its own Noop; Consul's leader loop says so only after a
 * barrier of its own.
 */
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import type { ApplyResult } from '../protocol/raft/types.ts';
import { onAnsweredAcross } from './requests/across.ts';
import { onApplied, onEnqueueTimer } from './requests/apply.ts';
import { sizeOf } from './requests/endpoint.ts';
import { ENDPOINTS } from './requests/endpoints.ts';
import { onFailedOver } from './requests/failover.ts';
import {
  ANSWERED_ACROSS,
  APPLIED,
  ENQUEUE_TIMER,
  FAILED_OVER,
  FORWARDED,
  HOLD_TIMER,
  LEAVE,
  NEXT_EVENT,
  QUERY_TIMER,
  READY_TIMER,
  RPC_BLOCKING,
  RPC_READ,
  RPC_WRITE,
  SERVER_MACHINE,
  STREAM_TIMER,
  SUBSCRIBE,
  WOKEN,
} from './requests/inputs.ts';
import { createBuckets } from './requests/limits.ts';
import { onForwarded, onHoldTimer, onLeave, onRequest } from './requests/path.ts';
import { onQueryTimer, onReadReadyTimer, onReadVerified, onWoken } from './requests/query.ts';
import type { ServerAnswer, ServerError, ServerRequest } from './requests/request.ts';
import type { Woken } from './state/fsm.ts';
import { Phase, createRequestState, saveRequestState } from './requests/state.ts';
import type { RequestState, ServerConfig } from './requests/state.ts';
import {
  eventBytes,
  onNextEvent,
  onStreamTimer,
  onSubscribe,
  onTopicsWoken,
} from './requests/streams.ts';
import type { Subscribe } from './requests/streams.ts';

const LANES: readonly LaneSpec[] = [
  {
    name: 'requests',
    channels: [
      { name: 'requests', capacity: 0 },
      // Who waits for an answer is a goroutine of its own, and not behind those that begin.
      { name: 'answers', capacity: 0 },
    ],
  },
];

const ERROR_BYTES = 100;

const REQUEST = {
  lane: 0,
  channel: 0,
  pool: 'multiplexed',
  size: ({ endpoint, input }: ServerRequest) => sizeOf(ENDPOINTS[endpoint].bytes, input),
  answerSize: (body: ServerAnswer | ServerError) => ('bytes' in body ? body.bytes : ERROR_BYTES),
} as const;

const STREAM_BYTES = 100;
const STREAM = {
  lane: 0,
  channel: 0,
  messageClass: 'rpc.stream',
  pool: 'multiplexed',
  size: STREAM_BYTES,
  answerSize: eventBytes,
} as const;

const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { ...REQUEST, name: 'write request', messageClass: 'rpc.write' },
  { ...REQUEST, name: 'read request', messageClass: 'rpc.read' },
  { name: 'applied', lane: 0, channel: 1 },
  { name: 'forwarded', lane: 0, channel: 1 },
  { name: 'look whether ready', lane: 0, channel: 0 },
  { name: 'enqueue timeout', lane: 0, channel: 0 },
  { name: 'woken', lane: 0, channel: 1 },
  { name: 'try again', lane: 0, channel: 0 },
  { name: 'leave', lane: 0, channel: 0 },
  { ...REQUEST, name: 'blocking query', messageClass: 'rpc.blocking' },
  { name: 'query timeout', lane: 0, channel: 0 },
  { ...STREAM, name: 'subscribe' },
  { ...STREAM, name: 'next event' },
  { name: 'stream ping', lane: 0, channel: 0 },
  { name: 'answered across', lane: 0, channel: 1 },
  { name: 'failed over', lane: 0, channel: 1 },
];

const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  {
    name: 'held',
    detail: 1,
    text: (_tag, attempts, waitMicros) => `attempt=${attempts} wait=${waitMicros / 1e6}s`,
  },
  { name: 'blocking query', detail: 1, text: (queries) => `queries=${queries}` },
  { name: 'look again', detail: 1 },
  { name: 'subscribe', detail: 1, text: (subscriptions) => `subscriptions=${subscriptions}` },
];

function onInput(
  state: RequestState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case RPC_WRITE:
    case RPC_READ:
    case RPC_BLOCKING:
      onRequest(state, from, body as ServerRequest, out);
      return;
    case APPLIED:
      if (state.pending[from]!.phase === Phase.verifying) {
        onReadVerified(state, from, body as ApplyResult, out);
      } else {
        onApplied(state, from, body as ApplyResult, out);
      }
      return;
    case FORWARDED:
      onForwarded(state, from, body, out);
      return;
    case ANSWERED_ACROSS:
      onAnsweredAcross(state, from, body, out);
      return;
    case FAILED_OVER:
      onFailedOver(state, from, body, out);
      return;
    case READY_TIMER:
      onReadReadyTimer(state, from, out);
      return;
    case ENQUEUE_TIMER:
      onEnqueueTimer(state, out);
      return;
    case HOLD_TIMER:
      onHoldTimer(state, from, out);
      return;
    case WOKEN:
      onWoken(state, body as Woken, out);
      onTopicsWoken(state, body as Woken, out);
      return;
    case SUBSCRIBE:
      onSubscribe(state, from, body as Subscribe, out);
      return;
    case NEXT_EVENT:
      onNextEvent(state, from, body as number, out);
      return;
    case STREAM_TIMER:
      onStreamTimer(state, from, out);
      return;
    case QUERY_TIMER:
      onQueryTimer(state, from, out);
      return;
    case LEAVE:
      onLeave(state, out);
  }
}

function view({ pending, free, ready, blocked, streams }: RequestState): View {
  const count = (phase: Phase): number => pending.filter((one) => one?.phase === phase).length;
  return {
    waiting: pending.length - free.length,
    forwarded: count(Phase.forwarded),
    held: count(Phase.held),
    blocking: blocked.size,
    streams: streams.subscriptions.size,
    ready,
  };
}

export const serverMachine: Machine<RequestState, null> = {
  name: 'server',
  number: SERVER_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create: (config: ServerConfig) => createRequestState(config, createBuckets(config.limits)),
  onStart: () => {},
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: saveRequestState,
  saveDurable: () => null,
};
