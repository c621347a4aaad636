/**
 * Answers to DNS questions: what is critical is left out, the rest shuffled and cut to what a datagram
 * carries (reference: agents §3.5; `consul:agent/dns.go`).
 */
import type { Outbox } from '../../../core/machine.ts';
import type { NodeServiceList } from '../../requests/catalog-endpoints.ts';
import type { Executed } from '../../requests/query-endpoints.ts';
import { isHealthy } from '../../state/catalog-queries.ts';
import type { CheckedInstance } from '../../state/catalog-queries.ts';
import { encodedName, nodeName } from './dns-names.ts';
import { messageBytes, trimTcp, trimUdp } from './dns-size.ts';
import type { Message } from './dns-size.ts';
import type { Asked, Outcome, ReadsState } from './state.ts';
import { DNS_ANSWER, ReadNote } from './vocabulary.ts';
import type { DnsAnswer, DnsQuestion, DnsRecord, ResponseCode } from './vocabulary.ts';

export const RESPONSE_CODES: readonly ResponseCode[] = [
  'NOERROR',
  'NXDOMAIN',
  'SERVFAIL',
  'REFUSED',
];

export function recordA(name: string, address: string, ttlMicros: number): DnsRecord {
  return { type: 'A', name, address, port: 0, weight: 0, ttlMicros };
}

/** The servers, or the cache, have answered. */
export function answerLookup(
  state: ReadsState,
  asked: Asked,
  { answer, error }: Outcome,
  out: Outbox,
): void {
  const { lookup, question } = asked;
  if (answer === null) {
    const unknown = lookup.kind === 'query' && error?.error === 'Query not found';
    respond(state, asked, unknown ? 'NXDOMAIN' : 'SERVFAIL', [], out);
    return;
  }
  if (lookup.kind === 'node') {
    const list = answer.value as NodeServiceList | null;
    const ttl = state.config.dns.nodeTtlMicros;
    const isA = question.type === 'A';
    const records = list !== null && isA ? [recordA(question.name, list.node.address, ttl)] : [];
    respond(state, asked, list === null ? 'NXDOMAIN' : 'NOERROR', records, out);
    return;
  }
  const instances = instancesOf(state, asked, answer.value, out);
  const service = lookup.kind === 'service' ? lookup.service : (answer.value as Executed).service;
  const ttl = serviceTtl(state.config.dns.serviceTtlMicros, service);
  const records = recordsOf(state, question, instances, ttl);
  respond(state, asked, records.length === 0 ? 'NXDOMAIN' : 'NOERROR', records, out);
}

/** Those of a prepared query come in its order; others are shuffled. */
function instancesOf(
  { config }: ReadsState,
  { lookup }: Asked,
  value: unknown,
  out: Outbox,
): readonly CheckedInstance[] {
  if (lookup.kind === 'query') return (value as Executed).instances;
  const { onlyPassing } = config.dns;
  const healthy = (value as CheckedInstance[]).filter((one) => isHealthy(one, onlyPassing));
  out.draw('dns-shuffle').shuffle(healthy);
  return healthy;
}

/** The exact name, then the longest beginning with a star behind it. */
export function serviceTtl(ttls: Readonly<Record<string, number>>, service: string): number {
  if (Object.hasOwn(ttls, service)) return ttls[service];
  let longest = '';
  for (const name of Object.keys(ttls)) {
    const fits = name.endsWith('*') && service.startsWith(name.slice(0, -1));
    if (fits && name.length > longest.length) longest = name;
  }
  return longest === '' ? 0 : ttls[longest];
}

/** The same address once; of SRV records the same node, address and port. */
function recordsOf(
  { config }: ReadsState,
  { type, name }: DnsQuestion,
  instances: readonly CheckedInstance[],
  ttlMicros: number,
): DnsRecord[] {
  const { dns, datacenter } = config;
  const seen = new Set<string>();
  const records = instances.flatMap(({ node, service }): DnsRecord[] => {
    const address = service.address === '' ? node.address : service.address;
    const { port } = service;
    const key = type === 'A' ? address : `${node.node}\0${address}\0${port}`;
    if (seen.has(key)) return [];
    seen.add(key);
    if (type === 'A') return [recordA(name, address, ttlMicros)];
    const own = service.address !== '' && service.address !== node.address;
    const target = own ? encodedName(address, datacenter) : nodeName(node.node, datacenter);
    return [{ type, name: target, address, port, weight: 1, ttlMicros }];
  });
  return type === 'A' && dns.aRecordLimit > 0 ? records.slice(0, dns.aRecordLimit) : records;
}

export function respond(
  { config }: ReadsState,
  { question, from, exchange }: Asked,
  code: ResponseCode,
  records: readonly DnsRecord[],
  out: Outbox,
): void {
  const { dns } = config;
  const isUdp = from >= 0;
  const message: Message = {
    name: question.name,
    answers: records,
    additional: records.flatMap(({ type, name, address, ttlMicros }) =>
      type === 'SRV' ? [recordA(name, address, ttlMicros)] : [],
    ),
    authority: records.length === 0 && code !== 'SERVFAIL' && code !== 'REFUSED',
  };
  const isCut = isUdp ? trimUdp(message, question.ednsBytes, dns.udpAnswerLimit) : trimTcp(message);
  const { answers, additional, authority } = message;
  const answer: DnsAnswer = {
    id: question.id,
    code,
    answers,
    additional,
    authority,
    truncated: isCut && dns.enableTruncate,
    bytes: messageBytes(message),
  };
  out.note(ReadNote.resolved, answers.length, records.length, RESPONSE_CODES.indexOf(code));
  if (isUdp) out.datagram(from, DNS_ANSWER, answer);
  else out.reply(exchange, answer);
}
