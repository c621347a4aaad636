/**
 * The agent's cache (reference: agents §3.4; `consul:agent/cache/cache.go`, `agent/cache-types`): entries
 * that keep themselves up to date by blocking queries one after the other, as stale as may be, for 72 h
 * after the last reader.
 *
 * Known deviations: all types here refresh themselves; prepared queries, which would not, are not cached.
 */
import type { Outbox } from '../../../core/machine.ts';
import {
  CATALOG_NODE_SERVICES,
  CATALOG_SERVICES,
  CATALOG_SERVICE_NODES,
  CONNECT_ROOTS,
  HEALTH_SERVICE_NODES,
  INTENTION_MATCH,
} from '../../requests/endpoints.ts';
import { request } from '../../requests/request.ts';
import type { ServerAnswer, ServerRequest } from '../../requests/request.ts';
import { beginCall } from '../rpc.ts';
import type { RpcResult } from '../rpc.ts';
import { FREE_FAILURES, drawBackoff } from './backoff.ts';
import { deliver } from './deliver.ts';
import { start } from './goroutines.ts';
import { ENTRY_EXPIRY, FETCH_TIMER } from './inputs.ts';
import type { Entry, Outcome, Reader, ReadsState } from './state.ts';
import { takeBelow, takeOne, wait } from './waiters.ts';
import { ReadNote } from './vocabulary.ts';

export const CACHED_ENDPOINTS: readonly number[] = [
  HEALTH_SERVICE_NODES,
  CATALOG_SERVICE_NODES,
  CATALOG_SERVICES,
  CATALOG_NODE_SERVICES,
  CONNECT_ROOTS,
  INTENTION_MATCH,
];

/** What a fetch waits for a change, and how long an entry outlives its last reader. */
const FETCH_WAIT_MICROS = 600_000_000;
const ENTRY_MICROS = 72 * 3600 * 1_000_000;
const TOKEN = 1_000_000;

export function readCache(
  state: ReadsState,
  reader: Reader,
  wanted: ServerRequest,
  out: Outbox,
): void {
  const entry = entryOf(state, wanted, out);
  out.timer(ENTRY_EXPIRY, entry.number, ENTRY_MICROS);
  const { minIndex, waitMicros } = wanted;
  if (entry.answer !== null && (minIndex === 0 || minIndex < entry.index)) {
    deliver(state, reader, outcomeOf(entry, true, out), out);
  } else {
    wait(state, entry, reader, minIndex, waitMicros, out);
  }
}

function outcomeOf(entry: Entry, hit: boolean, out: Outbox): Outcome {
  const { answer, lostMicros } = entry;
  const ageMicros = hit && lostMicros >= 0 ? out.now() - lostMicros : 0;
  return { answer, error: answer === null ? entry.error : null, hit, ageMicros };
}

function entryOf(state: ReadsState, { endpoint, input }: ServerRequest, out: Outbox): Entry {
  const key = JSON.stringify([endpoint, input]);
  const known = state.entryByKey.get(key);
  if (known !== undefined) return state.entries.get(known)!;
  const number = ++state.last;
  const entry: Entry = {
    number,
    key,
    request: request(endpoint, input, 'stale'),
    answer: null,
    index: 0,
    error: null,
    failures: 0,
    retryMicros: 0,
    lostMicros: -1,
    tokens: state.config.fetchBurst * TOKEN,
    countedMicros: out.now(),
    waiters: [],
  };
  state.entries.set(number, entry);
  state.entryByKey.set(key, number);
  maybeFetch(state, entry, out);
  return entry;
}

/** Fetches now, or when `entry_fetch_rate` allows it. */
function maybeFetch(state: ReadsState, entry: Entry, out: Outbox): void {
  const { fetchRate, fetchBurst } = state.config;
  if (fetchRate !== Infinity) {
    const elapsed = out.now() - entry.countedMicros;
    entry.countedMicros = out.now();
    entry.tokens = Math.min(fetchBurst * TOKEN, entry.tokens + Math.floor(elapsed * fetchRate));
    if (entry.tokens < TOKEN) {
      out.timer(FETCH_TIMER, entry.number, Math.ceil((TOKEN - entry.tokens) / fetchRate));
      return;
    }
    entry.tokens -= TOKEN;
  }
  const { endpoint, input } = entry.request;
  const wanted = request(endpoint, input, 'stale', entry.index, FETCH_WAIT_MICROS);
  start(state, { rpc: beginCall(wanted, false, out), reader: null, entry: entry.number }, out);
}

export function onFetchTimer(state: ReadsState, number: number, out: Outbox): void {
  const entry = state.entries.get(number);
  if (entry !== undefined) maybeFetch(state, entry, out);
}

export function onFetched(
  state: ReadsState,
  number: number,
  result: NonNullable<RpcResult>,
  out: Outbox,
): void {
  const entry = state.entries.get(number);
  if (entry === undefined) return;
  if ('answer' in result) {
    onAnswer(state, entry, result.answer, out);
    maybeFetch(state, entry, out);
    return;
  }
  entry.error = result.error;
  entry.failures++;
  if (entry.lostMicros < 0) entry.lostMicros = out.now();
  out.note(ReadNote.fetched, number, entry.index, entry.failures);
  for (const { reader } of takeBelow(state, entry, Infinity, out)) {
    deliver(state, reader, { answer: null, error: result.error, hit: null, ageMicros: 0 }, out);
  }
  // P13 (consul#8980): the loop of fetches ends, and what is there stays for good.
  if (state.config.bugs.P13 && entry.failures > FREE_FAILURES) return;
  const micros = drawBackoff(entry.failures, () => out.draw('cache-retry'));
  entry.retryMicros = out.now() + micros;
  if (micros === 0) maybeFetch(state, entry, out);
  else out.timer(FETCH_TIMER, number, micros);
}

function onAnswer(state: ReadsState, entry: Entry, answer: ServerAnswer, out: Outbox): void {
  entry.answer = answer;
  entry.index = Math.max(answer.index, 1);
  entry.error = null;
  entry.failures = 0;
  entry.lostMicros = -1;
  out.note(ReadNote.fetched, entry.number, entry.index, 0);
  for (const { reader } of takeBelow(state, entry, entry.index, out)) {
    deliver(state, reader, outcomeOf(entry, false, out), out);
  }
}

/** Its time is up: what there is, is the answer. */
export function onEntryWaitOver(
  state: ReadsState,
  entry: Entry,
  number: number,
  out: Outbox,
): void {
  const { reader } = takeOne(state, entry, number);
  deliver(state, reader, outcomeOf(entry, false, out), out);
}

/** Nobody has read it for long: a fetch under way ends without it. */
export function onEntryExpiry(state: ReadsState, number: number, out: Outbox): void {
  const entry = state.entries.get(number)!;
  state.entries.delete(number);
  state.entryByKey.delete(entry.key);
  out.cancel(FETCH_TIMER, number);
}
