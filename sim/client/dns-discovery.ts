/**
 * A client that resolves the name of a service at the DNS server of its agent (reference: agents §3.5),
 * keeps the answer for its TTL or longer, and takes the addresses as instances. It asks by UDP, once
 * more after 5 s, as resolv.conf(5) has it; what was truncated it asks for again by TCP.
 *
 * Known deviations: it asks again when it has forgotten the answer, not when the next call needs it.
 */
import { DNS_ANSWER, DNS_QUERY, DNS_TCP_QUERY } from '../consul/agent/reads/vocabulary.ts';
import type { DnsAnswer, DnsQuestion, RecordType } from '../consul/agent/reads/vocabulary.ts';
import { ErrorCause } from '../core/machine.ts';
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import { RESOLVER_MACHINE, ResolverNote } from '../service/vocabulary.ts';
import type { Endpoint } from '../service/vocabulary.ts';
import { CallerInput } from './call/state.ts';

const AGAIN = 0x1302;
const UNANSWERED = 0x1303;
const TCP_ANSWERED = 0x1304;

/** `options timeout:5 attempts:2` of resolv.conf(5). */
const TIMEOUT_MICROS = 5_000_000;
const ATTEMPTS = 2;
/** How long a client keeps that there is nothing (`networkaddress.cache.negative.ttl` of Java). */
const NEGATIVE_MICROS = 10_000_000;

export interface ResolvedService {
  /** Place among the upstreams of the caller beside it. */
  readonly upstream: number;
  readonly service: string;
  readonly record: RecordType;
  readonly ednsBytes: number;
  readonly cacheMicros: number;
  readonly sorted: boolean;
  readonly firstOnly: boolean;
}

export interface ResolverConfig {
  /** Process of the agent. */
  readonly agent: number;
  /** Of the client's own host. */
  readonly address: string;
  readonly services: readonly ResolvedService[];
  /** Who is to be reached at an address. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}

export interface Resolved {
  /** Of the question under way. */
  id: number;
  attempts: number;
  failures: number;
  instances: readonly Endpoint[];
}

export interface ResolverState {
  readonly config: ResolverConfig;
  readonly resolved: Resolved[];
  questions: number;
}

const LANES: readonly LaneSpec[] = [
  { name: 'resolver', channels: [{ name: 'events', capacity: 0 }] },
];
const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  {
    name: 'DNS answer',
    lane: 0,
    channel: 0,
    messageClass: 'dns',
    size: ({ bytes }: DnsAnswer) => bytes,
  },
  { name: 'forgotten', lane: 0, channel: 0 },
  { name: 'unanswered', lane: 0, channel: 0 },
  { name: 'DNS answer by TCP', lane: 0, channel: 0 },
];
const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'instances', detail: 1, text: (_, count, micros) => `count=${count} for=${micros}` },
  { name: 'resolution failed', text: (_, failures) => `failures=${failures}` },
];

function questionOf({ config, resolved }: ResolverState, at: number): DnsQuestion {
  const { service, record, ednsBytes } = config.services[at];
  return { id: resolved[at].id, name: `${service}.service.consul`, type: record, ednsBytes };
}

function ask(state: ResolverState, at: number, out: Outbox): void {
  const one = state.resolved[at];
  one.id = state.questions++ * state.resolved.length + at;
  one.attempts++;
  out.datagram(state.config.agent, DNS_QUERY, questionOf(state, at));
  out.timer(UNANSWERED, at, TIMEOUT_MICROS);
}

function onAnswer(state: ResolverState, answer: DnsAnswer, out: Outbox): void {
  const at = answer.id % state.resolved.length;
  // Of an earlier question, or of this one a second time.
  if (answer.id !== state.resolved[at].id || state.resolved[at].attempts === 0) return;
  out.cancel(UNANSWERED, at);
  if (answer.truncated) {
    const { agent } = state.config;
    out.request(agent, DNS_TCP_QUERY, questionOf(state, at), TIMEOUT_MICROS, TCP_ANSWERED, at);
  } else {
    take(state, at, answer, out);
  }
}

function onTcpAnswer(state: ResolverState, at: number, body: unknown, out: Outbox): void {
  if (out.error === ErrorCause.none) take(state, at, body as DnsAnswer, out);
  else onFailed(state, at, out);
}

function onUnanswered(state: ResolverState, at: number, out: Outbox): void {
  if (state.resolved[at].attempts < ATTEMPTS) ask(state, at, out);
  else onFailed(state, at, out);
}

/** It keeps what it has. */
function onFailed({ config, resolved }: ResolverState, at: number, out: Outbox): void {
  const one = resolved[at];
  one.attempts = 0;
  one.failures++;
  out.note(ResolverNote.failed, config.services[at].upstream, one.failures, 0);
  out.timer(AGAIN, at, TIMEOUT_MICROS);
}

function take(state: ResolverState, at: number, answer: DnsAnswer, out: Outbox): void {
  if (answer.code === 'SERVFAIL' || answer.code === 'REFUSED') {
    onFailed(state, at, out);
    return;
  }
  const { config } = state;
  const { upstream, cacheMicros, sorted, firstOnly } = config.services[at];
  const one = state.resolved[at];
  one.attempts = 0;
  one.failures = 0;
  const records = answer.answers;
  const ttl = records.reduce((least, { ttlMicros }) => Math.min(least, ttlMicros), Infinity);
  const micros = records.length === 0 ? NEGATIVE_MICROS : Math.max(cacheMicros, ttl);
  const addresses = records.map(({ address }) => address);
  const ordered = sorted ? sortByPrefix(config.address, addresses) : addresses;
  const taken = firstOnly ? ordered.slice(0, 1) : ordered;
  one.instances = taken.flatMap((address) => config.endpoints.get(address) ?? []);
  out.note(ResolverNote.resolved, upstream, one.instances.length, micros);
  out.post(CallerInput.instances, 0, upstream, one.instances);
  out.timer(AGAIN, at, micros);
}

/** Rule 9 of RFC 6724: the longest prefix in common with the own address first. */
export function sortByPrefix(own: string, addresses: readonly string[]): string[] {
  const placed = addresses.map((address, at) => {
    return { address, at, bits: commonBits(bitsOf(own), bitsOf(address)) };
  });
  placed.sort((a, b) => (a.bits === b.bits ? a.at - b.at : b.bits - a.bits));
  return placed.map(({ address }) => address);
}

function bitsOf(address: string): number {
  return address.split('.').reduce((bits, byte) => (bits << 8) | Number(byte), 0);
}

function commonBits(one: number, other: number): number {
  return Math.clz32(one ^ other);
}

function view({ resolved }: ResolverState): View {
  const instances = resolved.reduce((sum, one) => sum + one.instances.length, 0);
  const failures = resolved.reduce((sum, one) => sum + one.failures, 0);
  return { names: resolved.length, instances, failures };
}

export const resolverMachine: Machine<ResolverState, null> = {
  name: 'resolver',
  number: RESOLVER_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create: (config: ResolverConfig) => ({
    config,
    resolved: config.services.map(() => ({ id: -1, attempts: 0, failures: 0, instances: [] })),
    questions: 0,
  }),
  onStart: (state, out) => state.resolved.forEach((_, at) => ask(state, at, out)),
  onInput: (state, input, from, body, out) => {
    if (input === DNS_ANSWER) onAnswer(state, body as DnsAnswer, out);
    else if (input === UNANSWERED) onUnanswered(state, from, out);
    else if (input === TCP_ANSWERED) onTcpAnswer(state, from, body, out);
    else ask(state, from, out);
  },
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({ ...state, resolved: state.resolved.map((one) => ({ ...one })) }),
  saveDurable: () => null,
};
