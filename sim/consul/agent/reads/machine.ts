/**
 * What an agent asks its servers for the programs on its host (reference: agents §3; `consul:agent/http.go`,
 * `agent/kvs_endpoint.go`, `agent/health_endpoint.go`, `agent/rpcclient/health/health.go`,
 * `agent/dns.go`): by a plain RPC, from a stream of changes, from its cache, or as an answer to a DNS question.
 */
import type {
  InputSpec,
  LaneSpec,
  Machine,
  NoteSpec,
  Outbox,
  View,
} from '../../../core/machine.ts';
import { ErrorCause } from '../../../core/machine.ts';
import type { ServiceInput } from '../../requests/catalog-endpoints.ts';
import { HEALTH_SERVICE_NODES } from '../../requests/endpoints.ts';
import { definite } from '../../requests/request.ts';
import type { ServerAnswer, ServerError } from '../../requests/request.ts';
import { AGENT_MACHINE, Step } from '../inputs.ts';
import { attempt, beginCall, longestMicros, onAnswered } from '../rpc.ts';
import type { RpcResult } from '../rpc.ts';
import type { AgentState } from '../state.ts';
import {
  CACHED_ENDPOINTS,
  onEntryExpiry,
  onEntryWaitOver,
  onFetchTimer,
  onFetched,
  readCache,
} from './cache.ts';
import { deliver } from './deliver.ts';
import { onQuestion } from './dns.ts';
import { RESPONSE_CODES } from './dns-answer.ts';
import { GOROUTINE_LANE, MAIN_LANE, start } from './goroutines.ts';
import * as Input from './inputs.ts';
import { createReads, saveReads } from './state.ts';
import type { Goroutine, ReadsConfig, ReadsState } from './state.ts';
import {
  DNS_QUERY,
  DNS_TCP_QUERY,
  LOCAL_QUERY,
  QUERY,
  READS_MACHINE,
  ReadNote,
} from './vocabulary.ts';
import type { AgentQuery, DnsAnswer, DnsQuestion, LocalQuery } from './vocabulary.ts';
import { onResubscribe, onStreamed, onViewExpiry, onViewWaitOver, readView } from './views.ts';

const LANES: readonly LaneSpec[] = [
  { name: 'reads', channels: [{ name: 'events', capacity: 0 }] },
  { name: 'goroutine', channels: [{ name: 'start', capacity: 0 }], keyed: true },
];

const REQUEST_BYTES = 200;
const QUESTION_BYTES = 50;

const timer = (name: string): InputSpec => ({ name, lane: MAIN_LANE, channel: 0 });

const DNS = { lane: MAIN_LANE, channel: 0, messageClass: 'dns', size: QUESTION_BYTES } as const;

const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  {
    ...timer('query'),
    messageClass: 'http.api',
    pool: 'pooled',
    size: REQUEST_BYTES,
    answerSize: (answer: ServerAnswer | ServerError) =>
      'bytes' in answer ? answer.bytes : REQUEST_BYTES,
  },
  { ...DNS, name: 'DNS question' },
  {
    ...DNS,
    name: 'DNS question by TCP',
    pool: 'fresh',
    answerSize: ({ bytes }: DnsAnswer) => bytes,
  },
  { name: 'start', lane: GOROUTINE_LANE, channel: 0 },
  timer('stream'),
  timer('resubscribe'),
  timer('view expires'),
  timer('wait is over'),
  timer('fetch'),
  timer('entry expires'),
  timer('local query'),
];

const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'stream', detail: 1, text: (_, index, count) => `index=${index} instances=${count}` },
  { name: 'stream broken', text: (_, failures, wait) => `failures=${failures} wait=${wait}` },
  { name: 'fetched', detail: 1, text: (_, index, failures) => `index=${index} failed=${failures}` },
  { name: 'answered', detail: 1, text: (hit, index) => `hit=${hit} index=${index}` },
  {
    name: 'resolved',
    detail: 1,
    text: (sent, all, code) => `${RESPONSE_CODES[code]} answers=${sent}/${all}`,
  },
  { name: 'gave up waiting', text: (micros, may) => `after=${micros} server-may-take=${may}` },
];

const BAD_REQUEST = definite('Cannot specify consistent with cached');

function onQuery(
  state: ReadsState,
  exchange: number,
  { request, cached, writes = false }: AgentQuery,
  out: Outbox,
): void {
  const reader = { kind: 'http', exchange } as const;
  const { endpoint, input, mode, minIndex } = request;
  if (writes) {
    start(state, { rpc: beginCall(request, true, out), reader, entry: 0 }, out);
  } else if (cached && mode === 'consistent') {
    out.fail(exchange, BAD_REQUEST);
  } else if (endpoint === HEALTH_SERVICE_NODES && mayStream(state, input as ServiceInput)) {
    if (cached || minIndex > 0) readView(state, reader, request, out);
    else ask(state, reader, request, out);
  } else if (cached && CACHED_ENDPOINTS.includes(endpoint)) {
    readCache(state, reader, request, out);
  } else {
    ask(state, reader, request, out);
  }
}

/** Who sorts by distance has to ask. */
function mayStream({ config }: ReadsState, { near = '' }: ServiceInput): boolean {
  return config.streaming && near === '';
}

function ask(
  state: ReadsState,
  reader: Goroutine['reader'],
  request: AgentQuery['request'],
  out: Outbox,
): void {
  start(state, { rpc: beginCall(request, false, out), reader, entry: 0 }, out);
}

function onInput(state: ReadsState, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case QUERY:
      onQuery(state, from, body as AgentQuery, out);
      return;
    case DNS_QUERY:
      onQuestion(state, body as DnsQuestion, from, 0, out);
      return;
    case DNS_TCP_QUERY:
      onQuestion(state, body as DnsQuestion, -1, from, out);
      return;
    case LOCAL_QUERY: {
      const { request, answer } = body as LocalQuery;
      readCache(state, { kind: 'local', answer, tag: from }, request, out);
      return;
    }
    case Input.START:
      proceed(state, attempt(agentOf(out), state.goroutines.get(out.key)!.rpc, out), out);
      return;
    case Input.STREAMED:
      onStreamed(state, from, body, out);
      return;
    case Input.RESUBSCRIBE_TIMER:
      onResubscribe(state, from, out);
      return;
    case Input.VIEW_EXPIRY:
      onViewExpiry(state, from, out);
      return;
    case Input.WAIT_TIMER:
      onWaitOver(state, from, out);
      return;
    case Input.FETCH_TIMER:
      onFetchTimer(state, from, out);
      return;
    case Input.ENTRY_EXPIRY:
      onEntryExpiry(state, from, out);
  }
}

/** The servers are the agent's, and so is how it asks them. */
function agentOf(out: Outbox): AgentState {
  return out.sibling(AGENT_MACHINE) as AgentState;
}

function onWaitOver(state: ReadsState, waiter: number, out: Outbox): void {
  const number = state.waiting.get(waiter)!;
  const view = state.views.get(number);
  if (view !== undefined) onViewWaitOver(state, view, waiter, out);
  else onEntryWaitOver(state, state.entries.get(number)!, waiter, out);
}

function onResume(
  state: ReadsState,
  step: number,
  _argument: number,
  body: unknown,
  out: Outbox,
): void {
  const { rpc } = state.goroutines.get(out.key)!;
  const agent = agentOf(out);
  if (step === Step.retried) {
    proceed(state, attempt(agent, rpc, out), out);
    return;
  }
  if (out.error === ErrorCause.timeout && rpc.request.minIndex > 0) {
    out.note(ReadNote.impatient, out.now() - rpc.startedMicros, longestMicros(rpc.request), 0);
  }
  proceed(state, onAnswered(agent, rpc, body, out), out);
}

function proceed(state: ReadsState, result: RpcResult, out: Outbox): void {
  if (result === null) return;
  const { reader, entry } = state.goroutines.get(out.key)!;
  state.goroutines.delete(out.key);
  if (reader === null) {
    onFetched(state, entry, result, out);
  } else {
    const answer = 'answer' in result ? result.answer : null;
    const error = 'error' in result ? result.error : null;
    deliver(state, reader, { answer, error, hit: null, ageMicros: 0 }, out);
  }
  out.exit();
}

function view({ views, entries, waiting, goroutines }: ReadsState): View {
  const broken = [...views.values()].filter(({ failures }) => failures > 0);
  return {
    streams: views.size,
    broken: broken.length,
    cached: entries.size,
    waiting: waiting.size,
    asking: goroutines.size,
  };
}

export const readsMachine: Machine<ReadsState, null> = {
  name: 'reads',
  number: READS_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create: (config: ReadsConfig) => createReads(config),
  onStart: () => {},
  onInput,
  onResume,
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: saveReads,
  saveDurable: () => null,
};
