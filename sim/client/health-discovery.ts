/**
 * A client that learns of instances from its agent (reference: agents §3.1 to §3.4, §3.6, §8.1): from
 * the health endpoint, by blocking queries one after the other or plain ones with time in between, or
 * from a prepared query. After an error it keeps the list it has (`plan.ts`).
 */
import type { ServiceInput } from '../consul/requests/catalog-endpoints.ts';
import { HEALTH_SERVICE_NODES, QUERY_EXECUTE } from '../consul/requests/endpoints.ts';
import type { ExecuteInput, Executed } from '../consul/requests/query-endpoints.ts';
import { request } from '../consul/requests/request.ts';
import type { ReadMode, ServerAnswer, ServerRequest } from '../consul/requests/request.ts';
import { QUERY } from '../consul/agent/reads/vocabulary.ts';
import type { AgentQuery } from '../consul/agent/reads/vocabulary.ts';
import type { CheckedInstance } from '../consul/state/catalog-queries.ts';
import { ErrorCause } from '../core/machine.ts';
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import { DISCOVERY_MACHINE, DiscoveryNote } from '../service/vocabulary.ts';
import type { Endpoint } from '../service/vocabulary.ts';
import { CallerInput } from './call/state.ts';
import { onPlanAnswered, onPlanFailed } from './plan.ts';
import type { Plan } from './plan.ts';

const ANSWERED = 0x1101;
const AGAIN = 0x1102;

/** What a blocking query asks to wait, and how much longer the client has patience. */
const WAIT_MICROS = 300_000_000;
const PATIENCE_MICROS = 60_000_000;

export interface WatchedService {
  /** Place among the upstreams of the caller beside it. */
  readonly upstream: number;
  readonly service: string;
  /** Prepared query that is executed instead; "": the health endpoint is asked. */
  readonly query: string;
  readonly passing: boolean;
  /** Time between two plain queries; null: blocking ones. */
  readonly intervalMicros: number | null;
  readonly mode: ReadMode;
  readonly cached: boolean;
  /** Node that answers are sorted by the distance from; "": they are not. */
  readonly near: string;
  /** The query looks into other datacenters when it finds nobody. */
  readonly failsOver: boolean;
}

export interface HealthDiscoveryConfig {
  /** Process of the agent. */
  readonly agent: number;
  readonly services: readonly WatchedService[];
  /** Where an instance is to be reached, by the ID under which it is registered. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Plant P9: an index that goes back does not begin anew. */
  readonly keepsIndex: boolean;
}

export interface Watched extends Plan {
  instances: readonly Endpoint[];
}

export interface HealthDiscoveryState {
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
  const { intervalMicros, cached } = config.services[at];
  const blocks = intervalMicros === null && watched[at].index > 0;
  const waitMicros = blocks ? WAIT_MICROS : 0;
  const wanted = requestOf(config.services[at], blocks ? watched[at].index : 0, waitMicros);
  const body: AgentQuery = { request: wanted, cached };
  out.request(config.agent, QUERY, body, 2 * waitMicros + PATIENCE_MICROS, ANSWERED, at);
}

function requestOf(
  { service, passing, query, mode, near }: WatchedService,
  minIndex: number,
  waitMicros: number,
): ServerRequest {
  if (query !== '') {
    const input: ExecuteInput = { query, limit: 0, agent: near };
    return request(QUERY_EXECUTE, input, mode);
  }
  const input: ServiceInput = { service, tags: [], passing, ...(near === '' ? {} : { near }) };
  return request(HEALTH_SERVICE_NODES, input, mode, minIndex, waitMicros);
}

function onAnswered(state: HealthDiscoveryState, at: number, body: unknown, out: Outbox): void {
  const watched = state.watched[at];
  const { upstream, intervalMicros, query } = state.config.services[at];
  if (out.error !== ErrorCause.none) {
    const wait = onPlanFailed(watched);
    out.note(DiscoveryNote.failed, upstream, watched.failures, wait);
    out.timer(AGAIN, at, wait);
    return;
  }
  const { value, index } = body as ServerAnswer;
  onPlanAnswered(watched, index, state.config.keepsIndex);
  const list = query === '' ? value : (value as Executed).instances;
  learn(state, at, list as readonly CheckedInstance[], index, out);
  if (intervalMicros === null) ask(state, at, out);
  else out.timer(AGAIN, at, intervalMicros);
}

function learn(
  { config, watched }: HealthDiscoveryState,
  at: number,
  instances: readonly CheckedInstance[],
  index: number,
  out: Outbox,
): void {
  const { upstream } = config.services[at];
  const endpoints = instances.flatMap(({ service }) => config.endpoints.get(service.id) ?? []);
  watched[at].instances = endpoints;
  out.note(DiscoveryNote.learnt, upstream, endpoints.length, index);
  out.post(CallerInput.instances, 0, upstream, endpoints);
}

function view({ watched }: HealthDiscoveryState): View {
  const instances = watched.reduce((sum, one) => sum + one.instances.length, 0);
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
    watched: config.services.map(() => ({ index: 0, failures: 0, instances: [] })),
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
