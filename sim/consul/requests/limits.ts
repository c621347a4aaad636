/**
 * Limits on the rate of requests that a server takes (reference: consul §2.12;
 * `consul:agent/consul/rate/handler.go`, golang.org/x/time/rate): one bucket of tokens for reads and
 * one for writes, each as deep as ten seconds of its rate. They are looked at wherever a request
 * comes in, so that a forwarded one is counted by both servers.
 */
import type { Outbox } from '../../core/machine.ts';
import { Role } from '../../protocol/raft/types.ts';
import { RETRY_ELSEWHERE, RETRY_LATER } from './request.ts';
import type { ServerError } from './request.ts';
import { raftOf } from './state.ts';
import type { RequestLimits, RequestState } from './state.ts';

/** Millionths of a token, so that a rate a second times microseconds is an integer. */
const TOKEN = 1_000_000;
const BURST_SECONDS = 10;

export interface Buckets {
  readTokens: number;
  writeTokens: number;
  /** Local time at which they were filled. */
  filledMicros: number;
}

/** Full when the server starts; null where nothing is limited. */
export function createBuckets({ mode, readRate, writeRate }: RequestLimits): Buckets | null {
  if (mode === 'disabled') return null;
  return { readTokens: depth(readRate), writeTokens: depth(writeRate), filledMicros: 0 };
}

function depth(ratePerSecond: number): number {
  return ratePerSecond * BURST_SECONDS * TOKEN;
}

function filled(tokens: number, ratePerSecond: number, elapsedMicros: number): number {
  if (ratePerSecond === Infinity) return Infinity;
  return Math.min(depth(ratePerSecond), tokens + elapsedMicros * ratePerSecond);
}

/** Takes a token; the error for whoever asked, or null where the request may go on. */
export function refusal(state: RequestState, writes: boolean, out: Outbox): ServerError | null {
  const { buckets } = state;
  if (buckets === null) return null;
  const { mode, readRate, writeRate } = state.config.limits;
  const elapsed = out.now() - buckets.filledMicros;
  buckets.filledMicros = out.now();
  buckets.readTokens = filled(buckets.readTokens, readRate, elapsed);
  buckets.writeTokens = filled(buckets.writeTokens, writeRate, elapsed);
  const tokens = writes ? buckets.writeTokens : buckets.readTokens;
  if (tokens >= TOKEN) {
    if (writes) buckets.writeTokens -= TOKEN;
    else buckets.readTokens -= TOKEN;
    return null;
  }
  if (mode === 'permissive') return null;
  return writes && raftOf(out).role === Role.leader ? RETRY_LATER : RETRY_ELSEWHERE;
}
