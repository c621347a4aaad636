/**
 * How much of an answer a datagram carries (reference: agents §3.5; `consul:agent/dns.go
 * (trimUDPResponse)`). Sizes are those of the wire format, with the owner's name written once where the
 * message is compressed.
 */
import type { DnsRecord } from './vocabulary.ts';

export interface Message {
  readonly name: string;
  answers: readonly DnsRecord[];
  additional: readonly DnsRecord[];
  authority: boolean;
}

const HEADER_BYTES = 12;
/** Type and class of a question; with TTL and length, of a record. */
const QUESTION_BYTES = 4;
const RECORD_BYTES = 10;
const POINTER_BYTES = 2;
const A_BYTES = 4;
/** Priority, weight and port. */
const SRV_BYTES = 6;
/** An SOA record, compressed. */
const AUTHORITY_BYTES = 60;

export const UDP_BYTES = 512;
const UDP_BYTES_MAX = 65_467;
const UDP_ANSWERS_MAX = 8;
const TCP_BYTES_MAX = 65_523;
const TCP_ANSWERS_MAX = { A: 4096, SRV: 1024 } as const;
const RESERVE_BYTES = 8;
const SEARCH_BYTES = 100;

function nameBytes(name: string): number {
  return name.length + 2;
}

function recordBytes(owner: string, record: DnsRecord, compressed: boolean): number {
  const ownerBytes = compressed ? POINTER_BYTES : nameBytes(owner);
  const data = record.type === 'A' ? A_BYTES : SRV_BYTES + nameBytes(record.name);
  return ownerBytes + RECORD_BYTES + data;
}

export function messageBytes(message: Message, compressed = true): number {
  const { name, answers, additional, authority } = message;
  const own = answers.reduce((sum, one) => sum + recordBytes(name, one, compressed), 0);
  const more = additional.reduce((sum, one) => sum + recordBytes(one.name, one, compressed), 0);
  const soa = authority ? AUTHORITY_BYTES : 0;
  return HEADER_BYTES + nameBytes(name) + QUESTION_BYTES + own + more + soa;
}

/** Leaves the first `count` answers, and of the additional ones those that belong to them. */
function cut(message: Message, count: number): void {
  message.answers = message.answers.slice(0, count);
  const targets = new Set(message.answers.map(({ name }) => name));
  message.additional = message.additional.filter(({ name }) => targets.has(name));
}

/**
 * The limit on answers goes for 512 bytes exactly, with EDNS or without; only then is the size that of
 * the uncompressed message. True: something was left out.
 */
export function trimUdp(message: Message, ednsBytes: number, answerLimit: number): boolean {
  const whole = message.answers.length;
  const size = Math.min(Math.max(UDP_BYTES, ednsBytes), UDP_BYTES_MAX);
  const limit = Math.min(UDP_ANSWERS_MAX, answerLimit);
  const limited = size === UDP_BYTES && whole > limit;
  if (limited) cut(message, limit);
  const bytes = (): number => messageBytes(message, !limited);
  while (message.answers.length > 1 && bytes() > size - RESERVE_BYTES) {
    message.authority = false;
    if (bytes() <= size - RESERVE_BYTES) break;
    const tooMany = bytes() - size > SEARCH_BYTES;
    cut(message, tooMany ? fitting(message, size, !limited) : message.answers.length - 1);
  }
  return message.answers.length < whole;
}

/** How many answers fit, found by halves; one at least. */
function fitting(message: Message, size: number, compressed: boolean): number {
  let low = 1;
  let high = message.answers.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const shorter = { ...message };
    cut(shorter, middle);
    if (messageBytes(shorter, compressed) <= size - RESERVE_BYTES) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function trimTcp(message: Message): boolean {
  const whole = message.answers.length;
  if (whole === 0) return false;
  const limit = TCP_ANSWERS_MAX[message.answers[0].type];
  if (whole > limit) cut(message, limit);
  if (messageBytes(message) > TCP_BYTES_MAX) cut(message, fitting(message, TCP_BYTES_MAX, true));
  return message.answers.length < whole;
}
