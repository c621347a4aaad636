/**
 * Streams of changes of a service's health to agents (reference: agents §3.3;
 * `consul:agent/consul/stream/event_publisher.go`, `consul:agent/grpc-internal/services/subscribe`): a
 * snapshot of what is there, then every change, from whatever server was asked and as far as that has
 * applied the log.
 *
 * Known deviations: the stream is one request after the other, each answered by the next change; a
 * change that comes while the agent is about to ask is kept for it. A silent peer is noticed by an
 * empty answer every 30 s on each stream, where gRPC pings each connection. What a snapshot costs is
 * paid by every subscriber (the real server keeps one for 10 s), and nothing is resumed without one
 * unless the index is still the same.
 */
import type { Outbox } from '../../core/machine.ts';
import { listCheckedInstances } from '../state/catalog-queries.ts';
import type { CheckedInstance } from '../state/catalog-queries.ts';
import type { Woken } from '../state/fsm.ts';
import type { Store } from '../state/store.ts';
import { addWatch, removeWatch } from '../state/watches.ts';
import type { WatchSet } from '../state/watches.ts';
import { STREAM_TIMER, ServerNote } from './inputs.ts';
import { raftOf } from './state.ts';
import type { RequestState } from './state.ts';

/** What an agent asks for; `index` of what it has already, 0 for nothing. */
export interface Subscribe {
  readonly service: string;
  readonly index: number;
}

/** An instance that has changed, or gone (null). */
export interface StreamUpdate {
  readonly key: string;
  readonly instance: CheckedInstance | null;
}

/** What agents are told: all there is, or what has changed; both may be nothing. */
export interface StreamEvent {
  readonly subscription: number;
  readonly index: number;
  /** It begins anew: what was known before is void. */
  readonly snapshot: boolean;
  readonly updates: readonly StreamUpdate[];
}

export interface StreamError {
  /** The store behind the stream is another one: the agent is to begin anew. */
  readonly aborted: boolean;
  readonly error: string;
}

interface Topic {
  /** Its number among the queries that wait for the store. */
  watch: number;
  index: number;
  instances: ReadonlyMap<string, CheckedInstance>;
  readonly subscribers: Set<number>;
}

interface Subscription {
  readonly service: string;
  /** Where the next event goes; 0 while the agent has not asked. */
  exchange: number;
  events: StreamEvent[];
}

export interface Streams {
  readonly topics: Map<string, Topic>;
  /** Service by the number under which its topic waits. */
  readonly byWatch: Map<number, string>;
  readonly subscriptions: Map<number, Subscription>;
  last: number;
}

/** gRPC's keep-alive (`consul:agent/grpc-internal/client.go`). */
export const STREAM_PING_MICROS = 30_000_000;
/** What an agent may leave behind before it is taken for gone. */
const EVENTS_MAX = 1000;
const ABORTED: StreamError = { aborted: true, error: 'subscription was closed by the server' };

const BYTES = 100;
const INSTANCE_BYTES = 1200;

export function eventBytes(body: StreamEvent | StreamError): number {
  return 'updates' in body ? BYTES + INSTANCE_BYTES * body.updates.length : BYTES;
}

export function createStreams(): Streams {
  return { topics: new Map(), byWatch: new Map(), subscriptions: new Map(), last: 0 };
}

export function onSubscribe(
  state: RequestState,
  exchange: number,
  { service, index }: Subscribe,
  out: Outbox,
): void {
  const { streams, config } = state;
  const topic = streams.topics.get(service) ?? openTopic(state, service, out);
  const subscription = ++streams.last;
  streams.subscriptions.set(subscription, { service, exchange: 0, events: [] });
  // P11 (consul#7128): what changes before the agent asks on is nobody's.
  if (!config.bugs.P11) topic.subscribers.add(subscription);
  const resumes = index > 0 && index === topic.index;
  const updates = resumes ? [] : [...topic.instances].map(([key, instance]) => ({ key, instance }));
  out.reply(exchange, { subscription, index: topic.index, snapshot: !resumes, updates });
  out.timer(STREAM_TIMER, subscription, STREAM_PING_MICROS);
  out.note(ServerNote.subscribed, streams.subscriptions.size, 0, 0);
}

function openTopic(state: RequestState, service: string, out: Outbox): Topic {
  const topic: Topic = { watch: 0, index: 0, instances: new Map(), subscribers: new Set() };
  state.streams.topics.set(service, topic);
  look(state, service, topic, out);
  return topic;
}

/** Reads the service, waits for it to change, and returns what is new. */
function look(state: RequestState, service: string, topic: Topic, out: Outbox): StreamUpdate[] {
  const set: WatchSet = [];
  const found = listCheckedInstances(raftOf(out).fsm as Store, service, set);
  const before = topic.instances;
  topic.instances = new Map(found.instances.map((one) => [keyOf(one), one]));
  topic.index = Math.max(found.index, 1);
  topic.watch = ++state.queries;
  state.streams.byWatch.set(topic.watch, service);
  addWatch(state.watches, topic.watch, set);
  const updates: StreamUpdate[] = [];
  for (const [key, instance] of topic.instances) {
    const known = before.get(key);
    if (known === undefined || !isSame(known, instance)) updates.push({ key, instance });
  }
  for (const key of before.keys()) {
    if (!topic.instances.has(key)) updates.push({ key, instance: null });
  }
  return updates;
}

function keyOf({ node, service }: CheckedInstance): string {
  return `${node.node}\0${service.id}`;
}

/** Rows are replaced when they change, and only then. */
function isSame(one: CheckedInstance, other: CheckedInstance): boolean {
  return (
    one.node === other.node &&
    one.service === other.service &&
    one.checks.length === other.checks.length &&
    one.checks.every((check, at) => check === other.checks[at])
  );
}

/** The agent has what it was told, and waits for more. */
export function onNextEvent(
  state: RequestState,
  exchange: number,
  subscription: number,
  out: Outbox,
): void {
  const { streams } = state;
  const found = streams.subscriptions.get(subscription);
  if (found === undefined) {
    out.fail(exchange, ABORTED);
    return;
  }
  streams.topics.get(found.service)!.subscribers.add(subscription);
  out.timer(STREAM_TIMER, subscription, STREAM_PING_MICROS);
  const event = found.events.shift();
  if (event === undefined) found.exchange = exchange;
  else out.reply(exchange, event);
}

/** Nothing has changed for a while: the peer learns that this server is there, or is forgotten. */
export function onStreamTimer(state: RequestState, subscription: number, out: Outbox): void {
  const { streams } = state;
  const { service, exchange } = streams.subscriptions.get(subscription)!;
  if (exchange === 0 || out.peerOf(exchange) < 0) {
    drop(state, subscription, out);
    return;
  }
  const { index } = streams.topics.get(service)!;
  send(state, subscription, { subscription, index, snapshot: false, updates: [] }, out);
}

function send(state: RequestState, subscription: number, event: StreamEvent, out: Outbox): void {
  const found = state.streams.subscriptions.get(subscription)!;
  const { exchange, events } = found;
  if (exchange !== 0) {
    found.exchange = 0;
    out.timer(STREAM_TIMER, subscription, STREAM_PING_MICROS);
    out.reply(exchange, event);
  } else if (events.length < EVENTS_MAX) {
    events.push(event);
  } else {
    drop(state, subscription, out);
  }
}

function drop({ streams, watches }: RequestState, subscription: number, out: Outbox): void {
  const { service } = streams.subscriptions.get(subscription)!;
  const topic = streams.topics.get(service)!;
  streams.subscriptions.delete(subscription);
  topic.subscribers.delete(subscription);
  out.cancel(STREAM_TIMER, subscription);
  if (subscriptionsOf(streams, service).length > 0) return;
  streams.topics.delete(service);
  streams.byWatch.delete(topic.watch);
  removeWatch(watches, topic.watch);
}

function subscriptionsOf({ subscriptions }: Streams, service: string): number[] {
  return [...subscriptions].flatMap(([number, one]) => (one.service === service ? [number] : []));
}

/** Services have changed; or the whole store is another one. */
export function onTopicsWoken(state: RequestState, { ids, abandoned }: Woken, out: Outbox): void {
  const { streams } = state;
  if (streams.byWatch.size === 0) return;
  for (const watch of ids) {
    const service = streams.byWatch.get(watch);
    if (service === undefined) continue;
    streams.byWatch.delete(watch);
    const topic = streams.topics.get(service)!;
    // P12 (consul#20642): nobody tells those who listen that their store is gone.
    if (!abandoned) publish(state, service, topic, out);
    else if (!state.config.bugs.P12) abort(state, service, out);
  }
}

function publish(state: RequestState, service: string, topic: Topic, out: Outbox): void {
  const before = topic.index;
  const updates = look(state, service, topic, out);
  const { index } = topic;
  if (updates.length === 0 && index === before) return;
  for (const subscription of topic.subscribers) {
    send(state, subscription, { subscription, index, snapshot: false, updates }, out);
  }
}

function abort({ streams }: RequestState, service: string, out: Outbox): void {
  streams.topics.delete(service);
  for (const subscription of subscriptionsOf(streams, service)) {
    const { exchange } = streams.subscriptions.get(subscription)!;
    streams.subscriptions.delete(subscription);
    out.cancel(STREAM_TIMER, subscription);
    if (exchange !== 0) out.fail(exchange, ABORTED);
  }
}

export function saveStreams({ topics, byWatch, subscriptions, last }: Streams): Streams {
  return {
    topics: new Map(
      [...topics].map(([service, topic]) => [
        service,
        { ...topic, subscribers: new Set(topic.subscribers) },
      ]),
    ),
    byWatch: new Map(byWatch),
    subscriptions: new Map(
      [...subscriptions].map(([number, one]) => [number, { ...one, events: one.events.slice() }]),
    ),
    last,
  };
}
