/**
 * The agent's DNS server (reference: agents §3.5; `consul:agent/dns.go`): it asks the servers for each
 * question, unless the cache may answer.
 *
 * Known deviations: no zone transfers, no reverse names, no recursors, and no CNAME records: addresses
 * of services are addresses of version 4. What a recursor would be asked is refused. Weights of SRV
 * records are 1: rows of the catalog have none here.
 */
import type { Outbox } from '../../../core/machine.ts';
import {
  CATALOG_NODE_SERVICES,
  HEALTH_SERVICE_NODES,
  QUERY_EXECUTE,
} from '../../requests/endpoints.ts';
import { request } from '../../requests/request.ts';
import type { ServerRequest } from '../../requests/request.ts';
import { beginCall } from '../rpc.ts';
import { readCache } from './cache.ts';
import { recordA, respond } from './dns-answer.ts';
import { parseName } from './dns-names.ts';
import { start } from './goroutines.ts';
import type { Asked, ReadsState } from './state.ts';
import type { DnsQuestion, DnsRecord, ResponseCode } from './vocabulary.ts';

/** `from` a datagram came, or -1 and the exchange of a question by TCP. */
export function onQuestion(
  state: ReadsState,
  question: DnsQuestion,
  from: number,
  exchange: number,
  out: Outbox,
): void {
  const { datacenter, dns } = state.config;
  const lookup = parseName(question.name, question.type, datacenter);
  const asked: Asked = { question, lookup, from, exchange };
  const wanted = requestOf(state, asked);
  if (wanted === null) {
    respond(state, asked, ...withoutServers(asked), out);
  } else if (dns.useCache && wanted.endpoint !== QUERY_EXECUTE) {
    readCache(state, { kind: 'dns', asked }, wanted, out);
  } else {
    const rpc = beginCall(wanted, false, out);
    start(state, { rpc, reader: { kind: 'dns', asked }, entry: 0 }, out);
  }
}

/** Null: the name says it all. */
function requestOf({ config }: ReadsState, { lookup }: Asked): ServerRequest | null {
  const { allowStale, maxStaleMicros } = config.dns;
  const mode = allowStale ? 'stale' : 'default';
  const ask = (endpoint: number, input: unknown): ServerRequest =>
    request(endpoint, input, mode, 0, 0, allowStale ? maxStaleMicros : -1);
  switch (lookup.kind) {
    case 'service': {
      const tags = lookup.tag === '' ? [] : [lookup.tag];
      return ask(HEALTH_SERVICE_NODES, { service: lookup.service, tags, passing: false });
    }
    case 'node':
      return ask(CATALOG_NODE_SERVICES, { node: lookup.node });
    case 'query':
      return ask(QUERY_EXECUTE, { query: lookup.query, limit: 0, agent: config.node });
    default:
      return null;
  }
}

function withoutServers({ lookup, question }: Asked): [ResponseCode, DnsRecord[]] {
  if (lookup.kind === 'foreign') return ['REFUSED', []];
  if (lookup.kind !== 'address') return ['NXDOMAIN', []];
  return ['NOERROR', question.type === 'A' ? [recordA(question.name, lookup.address, 0)] : []];
}
