/**
 * Views of a service that a stream of changes keeps up to date (reference: agents §3.3;
 * `consul:agent/submatview/materializer.go`, `store.go`): one for each service and filter, shared by all
 * who ask, kept for 20 minutes after the last of them.
 *
 * Known deviations: a rebalance of the server list does not forget which servers' streams have failed.
 */
import { ErrorCause, ERROR_NAMES } from '../../../core/machine.ts';
import type { Outbox, ProcessIndex } from '../../../core/machine.ts';
import { NEXT_EVENT, SUBSCRIBE } from '../../requests/inputs.ts';
import { hasTags } from '../../requests/catalog-endpoints.ts';
import type { ServiceInput } from '../../requests/catalog-endpoints.ts';
import { definite } from '../../requests/request.ts';
import type { ServerAnswer, ServerError, ServerRequest } from '../../requests/request.ts';
import { STREAM_PING_MICROS } from '../../requests/streams.ts';
import type { StreamError, StreamEvent, Subscribe } from '../../requests/streams.ts';
import { isHealthy } from '../../state/catalog-queries.ts';
import type { CheckedInstance } from '../../state/catalog-queries.ts';
import { AGENT_MACHINE } from '../inputs.ts';
import { NO_SERVERS } from '../rpc.ts';
import type { AgentState } from '../state.ts';
import { deliver } from './deliver.ts';
import { RESUBSCRIBE_TIMER, STREAMED, VIEW_EXPIRY } from './inputs.ts';
import type { Reader, ReadsState, View } from './state.ts';
import { takeBelow, takeOne, wait } from './waiters.ts';
import { ReadNote } from './vocabulary.ts';

/** What a reader waits that does not say, and the longest that it may say: no jitter here. */
const WAIT_MICROS = 300_000_000;
const WAIT_MICROS_MAX = 600_000_000;
const IDLE_MICROS = 20 * 60 * 1_000_000;
/** gRPC's keep-alive: a ping each 30 s, and 10 s for its answer. */
const SILENCE_MICROS = STREAM_PING_MICROS + 10_000_000;
/** `consul:lib/retry/retry.go (Waiter)` as the materializer has it. */
const RETRY_MICROS = 200_000;
const RETRY_MICROS_MAX = 60_000_000;
const LIST_BYTES = 100;
const INSTANCE_BYTES = 1200;

export function readView(
  state: ReadsState,
  reader: Reader,
  { input, minIndex, waitMicros }: ServerRequest,
  out: Outbox,
): void {
  const view = viewOf(state, input as ServiceInput, out);
  out.timer(VIEW_EXPIRY, view.number, IDLE_MICROS);
  if (view.index > minIndex) {
    deliver(state, reader, { answer: answerOf(view), error: null, hit: true, ageMicros: 0 }, out);
    return;
  }
  const asked = waitMicros > 0 ? Math.min(waitMicros, WAIT_MICROS_MAX) : WAIT_MICROS;
  wait(state, view, reader, minIndex, asked, out);
}

function viewOf(state: ReadsState, input: ServiceInput, out: Outbox): View {
  const key = JSON.stringify([input.service, input.passing, input.tags]);
  const known = state.viewByKey.get(key);
  if (known !== undefined) return state.views.get(known)!;
  const number = ++state.last;
  const view: View = {
    number,
    key,
    input,
    index: 0,
    instances: new Map(),
    server: -1,
    failures: 0,
    retryMicros: 0,
    waiters: [],
  };
  state.views.set(number, view);
  state.viewByKey.set(key, number);
  subscribe(state, view, out);
  return view;
}

/** By node, then by service (`consul:agent/rpcclient/health/view.go (sortCheckServiceNodes)`). */
function answerOf({ index, instances, server }: View): ServerAnswer {
  const keys = [...instances.keys()].sort();
  return {
    value: keys.map((key) => instances.get(key)!),
    applied: true,
    index: Math.max(index, 1),
    logIndex: 0,
    lastContactMicros: 0,
    // consul#9776.
    knownLeader: false,
    server,
    appliedIndex: index,
    bytes: LIST_BYTES + INSTANCE_BYTES * keys.length,
  };
}

function subscribe(state: ReadsState, view: View, out: Outbox): void {
  view.server = pinned(state, out);
  if (view.server < 0) {
    onBroken(state, view, NO_SERVERS, out);
    return;
  }
  const body: Subscribe = { service: view.input.service, index: view.index };
  out.request(view.server, SUBSCRIBE, body, SILENCE_MICROS, STREAMED, view.number);
}

/** The server whose streams have failed longest ago, or never; the earlier in the list at a tie. */
function pinned({ failedMicros }: ReadsState, out: Outbox): ProcessIndex {
  const { servers } = (out.sibling(AGENT_MACHINE) as AgentState).servers;
  let best = -1;
  for (const { process } of servers) {
    const failed = failedMicros.get(process) ?? -1;
    if (best < 0 || failed < (failedMicros.get(best) ?? -1)) best = process;
  }
  return best;
}

export function onStreamed(state: ReadsState, number: number, body: unknown, out: Outbox): void {
  const view = state.views.get(number);
  if (view === undefined) return;
  if (out.error === ErrorCause.none) {
    onEvent(state, view, body as StreamEvent, out);
  } else if (out.error === ErrorCause.remote && (body as StreamError).aborted) {
    onAborted(state, view, out);
  } else {
    state.failedMicros.set(view.server, out.now());
    onBroken(state, view, definite(`rpc error: Unavailable: ${ERROR_NAMES[out.error]}`), out);
  }
}

function onEvent(state: ReadsState, view: View, event: StreamEvent, out: Outbox): void {
  const { snapshot, updates, index, subscription } = event;
  const isPing = !snapshot && updates.length === 0 && index === view.index;
  if (snapshot) view.instances.clear();
  for (const { key, instance } of updates) {
    if (instance !== null && passes(instance, view.input)) view.instances.set(key, instance);
    else view.instances.delete(key);
  }
  out.request(view.server, NEXT_EVENT, subscription, SILENCE_MICROS, STREAMED, view.number);
  view.failures = 0;
  if (isPing) return;
  view.index = index;
  out.note(ReadNote.streamed, view.number, index, view.instances.size);
  for (const { reader } of takeBelow(state, view, index, out)) {
    deliver(state, reader, { answer: answerOf(view), error: null, hit: false, ageMicros: 0 }, out);
  }
}

function passes(instance: CheckedInstance, { passing, tags }: ServiceInput): boolean {
  return (!passing || isHealthy(instance, true)) && hasTags(instance, tags);
}

/** The view is void; the first time nobody is told. */
function onAborted(state: ReadsState, view: View, out: Outbox): void {
  view.index = 0;
  view.instances.clear();
  if (view.failures > 0) {
    onBroken(state, view, definite('rpc error: Aborted'), out);
  } else {
    view.failures++;
    subscribe(state, view, out);
  }
}

/** All who wait are told at once; what is there stays, and is asked for again. */
function onBroken(state: ReadsState, view: View, error: ServerError, out: Outbox): void {
  view.failures++;
  for (const { reader } of takeBelow(state, view, Infinity, out)) {
    deliver(state, reader, { answer: null, error, hit: null, ageMicros: 0 }, out);
  }
  const micros = view.failures === 1 ? 0 : drawRetry(view.failures, out);
  out.note(ReadNote.broken, view.number, view.failures, micros);
  if (micros === 0 && view.server >= 0) {
    subscribe(state, view, out);
    return;
  }
  const wait = Math.max(micros, RETRY_MICROS);
  view.retryMicros = out.now() + wait;
  out.timer(RESUBSCRIBE_TIMER, view.number, wait);
}

function drawRetry(failures: number, out: Outbox): number {
  const micros = Math.min(RETRY_MICROS * (1 << Math.min(failures - 2, 30)), RETRY_MICROS_MAX);
  return micros + out.draw('stream-retry').below(micros);
}

export function onResubscribe(state: ReadsState, number: number, out: Outbox): void {
  const view = state.views.get(number);
  if (view !== undefined) subscribe(state, view, out);
}

/** Its time is up: what there is, and before the first snapshot nothing, is the answer. */
export function onViewWaitOver(state: ReadsState, view: View, number: number, out: Outbox): void {
  const { reader } = takeOne(state, view, number);
  deliver(state, reader, { answer: answerOf(view), error: null, hit: false, ageMicros: 0 }, out);
}

/** Nobody has asked for a while; whoever waits keeps it. */
export function onViewExpiry(state: ReadsState, number: number, out: Outbox): void {
  const view = state.views.get(number)!;
  if (view.waiters.length > 0) {
    out.timer(VIEW_EXPIRY, number, IDLE_MICROS);
    return;
  }
  state.views.delete(number);
  state.viewByKey.delete(view.key);
  out.cancel(RESUBSCRIBE_TIMER, number);
}
