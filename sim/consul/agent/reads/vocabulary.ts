/** What programs ask the agent beside them to find out, and numbers that all parts agree on. */
import type { InputKind } from '../../../core/machine.ts';
import type { ServerAnswer, ServerRequest } from '../../requests/request.ts';

/** Machine of the agent's process that answers reads: HTTP, cache, streams, DNS. */
export const READS_MACHINE = 0x12;

/** A read by HTTP. */
export const QUERY = 0x1201;
/** A question by UDP, and one by TCP. */
export const DNS_QUERY = 0x1202;
export const DNS_TCP_QUERY = 0x1203;
/** A read of another part of the agent, through the cache; `from`: its tag. */
export const LOCAL_QUERY = 0x120b;
/** Input of whoever asks by UDP, which the answer goes to. */
export const DNS_ANSWER = 0x1301;

/** What the HTTP handler is asked. */
export interface AgentQuery {
  readonly request: ServerRequest;
  /** `?cached`. */
  readonly cached: boolean;
  /** A PUT or DELETE, which goes to the leader and is not sent again once it may have arrived. */
  readonly writes?: boolean;
}

/** `answer`: input that gets an `Outcome`, with the tag as its sender. */
export interface LocalQuery {
  readonly request: ServerRequest;
  readonly answer: InputKind;
}

export interface AgentAnswer extends ServerAnswer {
  /** `X-Cache`: answered without waiting; null: the cache had no part in it. */
  readonly hit: boolean | null;
  /** `Age`: how long the servers have not been heard of, for a hit. */
  readonly ageMicros: number;
}

export type RecordType = 'A' | 'SRV';

export interface DnsQuestion {
  /** Of the client's own. */
  readonly id: number;
  readonly name: string;
  readonly type: RecordType;
  /** UDP size that EDNS offers; 0: no EDNS. */
  readonly ednsBytes: number;
}

export interface DnsRecord {
  readonly type: RecordType;
  /** Of an A record its owner; of an SRV record its target. */
  readonly name: string;
  /** Of an A record. */
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly ttlMicros: number;
}

export type ResponseCode = 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';

export interface DnsAnswer {
  readonly id: number;
  readonly code: ResponseCode;
  readonly answers: readonly DnsRecord[];
  /** Addresses of the targets of SRV records. */
  readonly additional: readonly DnsRecord[];
  /** An authority section says how long there is nothing. */
  readonly authority: boolean;
  readonly truncated: boolean;
  readonly bytes: number;
}

export const ReadNote = {
  /** A stream brought something. a: number of the view, b: index, c: instances that pass its filter. */
  streamed: 0x1201,
  /** A stream has failed. a: number of the view, b: failures in a row, c: wait in microseconds. */
  broken: 0x1202,
  /** The cache has fetched. a: number of the entry, b: index, c: failures in a row. */
  fetched: 0x1203,
  /** An answer to a program. a: 1 for a hit, 0 for a miss, -1 where the cache had no part; b: index. */
  answered: 0x1204,
  /** A question was answered. a: answers that were sent, b: that there were, c: code. */
  resolved: 0x1205,
  /** The patience of a blocking query has ended. a: how long it took, b: what the server may take. */
  impatient: 0x1206,
} as const;
