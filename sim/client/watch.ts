/**
 * A watcher of a key or of all keys below a prefix: blocking queries one after the other, with the
 * duties of a client (reference: consul §2.5; `plan.ts`).
 */
import { ErrorCause } from '../core/machine.ts';
import type { Outbox, ProcessIndex } from '../core/machine.ts';
import { KVS_GET, KVS_LIST } from '../consul/requests/endpoints.ts';
import { RPC_BLOCKING, RPC_READ } from '../consul/requests/inputs.ts';
import { onPlanAnswered, onPlanFailed } from './plan.ts';
import type { Plan } from './plan.ts';
import { request } from '../consul/requests/request.ts';
import type { ReadMode, ServerAnswer } from '../consul/requests/request.ts';

export const WATCH_ANSWERED = 0x304;
export const WATCH_RETRY = 0x305;

/** Observers find the rest in the watcher's state. */
export const WatchNote = {
  /** a: how long the answer took, b: its index, c: the index that was waited for. */
  answered: 0x305,
  /** a: failures in a row, b: wait before the next attempt in microseconds. */
  failed: 0x306,
} as const;

export interface WatchConfig {
  /** A key, or the beginning of keys. */
  readonly subject: string;
  readonly whole: 'key' | 'prefix';
  readonly mode: ReadMode;
  /** What a query asks to wait; 0 leaves it to the server. */
  readonly waitMicros: number;
  /** The agent gives up after that. */
  readonly patienceMicros: number;
  /** Plant P9: an index that goes back does not begin anew. */
  readonly keepsIndex: boolean;
}

export interface WatchState extends Plan {
  readonly config: WatchConfig;
  /** Local time at which that began. */
  askedMicros: number;
  server: ProcessIndex;
  /** It waits out an error. */
  resting: boolean;
  answer: ServerAnswer | null;
}

export function createWatch(config: WatchConfig): WatchState {
  return {
    config,
    index: 0,
    askedMicros: 0,
    server: -1,
    failures: 0,
    resting: false,
    answer: null,
  };
}

export function ask(watch: WatchState, server: ProcessIndex, out: Outbox): void {
  const { subject, whole, mode, waitMicros, patienceMicros } = watch.config;
  watch.server = server;
  watch.askedMicros = out.now();
  watch.resting = false;
  const body =
    whole === 'key'
      ? request(KVS_GET, { key: subject }, mode, watch.index, waitMicros)
      : request(KVS_LIST, { prefix: subject }, mode, watch.index, waitMicros);
  const input = watch.index > 0 ? RPC_BLOCKING : RPC_READ;
  out.request(server, input, body, patienceMicros, WATCH_ANSWERED, 0);
}

/** True: the next query may go out now; false: after a rest. */
export function onWatchAnswered(watch: WatchState, body: unknown, out: Outbox): boolean {
  if (out.error !== ErrorCause.none) {
    watch.resting = true;
    const wait = onPlanFailed(watch);
    out.timer(WATCH_RETRY, 0, wait);
    out.note(WatchNote.failed, watch.failures, wait, 0);
    return false;
  }
  const answer = body as ServerAnswer;
  const asked = watch.index;
  watch.answer = answer;
  onPlanAnswered(watch, answer.index, watch.config.keepsIndex);
  out.note(WatchNote.answered, out.now() - watch.askedMicros, answer.index, asked);
  return true;
}
