/**
 * A client that learns of instances from the health endpoint of its agent (reference: agents §3.1,
 * §3.2, §8.1; `consul:api/watch/plan.go (Run)`): blocking queries one after the other, or plain ones
 * with time in between. An index that goes back starts anew from 0; after an error it keeps the list
 * it has, and waits min(5 s x failures^2, 180 s).
 */
import { READ } from '../consul/agent/inputs.ts';
import { HEALTH_SERVICE_NODES } from '../consul/requests/endpoints.ts';
import type { ServiceInput } from '../consul/requests/catalog-endpoints.ts';
import { request } from '../consul/requests/request.ts';
import type { ServerAnswer } from '../consul/requests/request.ts';
import type { CheckedInstance } from '../consul/state/catalog-queries.ts';
import { ErrorCause } from '../core/machine.ts';
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import type { Endpoint } from '../service/vocabulary.ts';
import { CallerInput } from './call/state.ts';

export const DISCOVERY_MACHINE = 0x11;
const ANSWERED = 0x1101;
const AGAIN = 0x1102;

export const DiscoveryNote = {
  /** a: upstream, b: instances, c: index. */
  learnt: 0x1101,
  /** a: upstream, b: failures in a row, c: wait in microseconds. */
  failed: 0x1102,
} as const;

/** What a blocking query asks to wait, and how much longer the client has patience. */
const WAIT_MICROS = 300_000_000;
const PATIENCE_MICROS = 60_000_000;
const RETRY_MICROS = 5_000_000;
const RETRY_MICROS_MAX = 180_000_000;

export interface WatchedService {
  /** Place among the upstreams of the caller beside it. */
  readonly upstream: number;
  readonly service: string;
  readonly passing: boolean;
  /** Time between two plain queries; null: blocking ones. */
  readonly intervalMicros: number | null;
}

export interface HealthDiscoveryConfig {
  /** Process of the agent. */
  readonly agent: number;
  readonly services: readonly WatchedService[];
  /** Where an instance is to be reached, by the ID under which it is registered. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}

interface Watched {
  index: number;
  failures: number;
  instances: number;
}

interface HealthDiscoveryState {
  readonly config: HealthDiscoveryConfig;
  readonly watched: Watched[];
}

const LANES: readonly LaneSpec[] = [
  { name: 'discovery', channels: [{ name: 'events', capacity: 0 }] },
];
const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'answered', lane: 0, channel: 0 },
  { name: 'again', lane: 0, channel: 0 },
];
const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'instances', detail: 1, text: (_, count, index) => `count=${count} index=${index}` },
  { name: 'discovery failed', text: (_, failures, wait) => `failures=${failures} wait=${wait}` },
];

function ask({ config, watched }: HealthDiscoveryState, at: number, out: Outbox): void {
  const { service, passing, intervalMicros } = config.services[at];
  const input: ServiceInput = { service, tags: [], passing };
  const { index } = watched[at];
  const blocks = intervalMicros === null && index > 0;
  const waitMicros = blocks ? WAIT_MICROS : 0;
  const query = request(HEALTH_SERVICE_NODES, input, 'default', blocks ? index : 0, waitMicros);
  const timeoutMicros = 2 * waitMicros + PATIENCE_MICROS;
  out.request(config.agent, READ, query, timeoutMicros, ANSWERED, at);
}

function onAnswered(state: HealthDiscoveryState, at: number, body: unknown, out: Outbox): void {
  const watched = state.watched[at];
  const { upstream, intervalMicros } = state.config.services[at];
  if (out.error !== ErrorCause.none) {
    watched.failures++;
    watched.index = 0;
    const wait = Math.min(RETRY_MICROS * watched.failures * watched.failures, RETRY_MICROS_MAX);
    out.note(DiscoveryNote.failed, upstream, watched.failures, wait);
    out.timer(AGAIN, at, wait);
    return;
  }
  const { value, index } = body as ServerAnswer;
  watched.failures = 0;
  watched.index = index < watched.index ? 0 : index;
  learn(state, at, value as readonly CheckedInstance[], out);
  if (intervalMicros === null) ask(state, at, out);
  else out.timer(AGAIN, at, intervalMicros);
}

function learn(
  { config, watched }: HealthDiscoveryState,
  at: number,
  instances: readonly CheckedInstance[],
  out: Outbox,
): void {
  const { upstream } = config.services[at];
  const endpoints = instances.flatMap(({ service }) => config.endpoints.get(service.id) ?? []);
  watched[at].instances = endpoints.length;
  out.note(DiscoveryNote.learnt, upstream, endpoints.length, watched[at].index);
  out.post(CallerInput.instances, 0, upstream, endpoints);
}

function view({ watched }: HealthDiscoveryState): View {
  const instances = watched.reduce((sum, one) => sum + one.instances, 0);
  const failures = watched.reduce((sum, one) => sum + one.failures, 0);
  return { watched: watched.length, instances, failures };
}

export const healthDiscoveryMachine: Machine<HealthDiscoveryState, null> = {
  name: 'discovery',
  number: DISCOVERY_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create: (config: HealthDiscoveryConfig) => ({
    config,
    watched: config.services.map(() => ({ index: 0, failures: 0, instances: 0 })),
  }),
  onStart: (state, out) => state.watched.forEach((_, at) => ask(state, at, out)),
  onInput: (state, input, from, body, out) => {
    if (input === ANSWERED) onAnswered(state, from, body, out);
    else ask(state, from, out);
  },
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({ ...state, watched: state.watched.map((one) => ({ ...one })) }),
  saveDurable: () => null,
};
