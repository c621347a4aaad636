/**
 * A program that keeps its configuration as the store has it: it reads a key, or all keys below a prefix,
 * and watches them by blocking queries one after the other (reference: agents §8.2 B5 to B11, consul
 * §2.5; `plan.ts` has the duties of every watcher). Absence has an index, too. It keeps the last
 * configuration through errors, and never takes an older one for it.
 *
 * The plants W5 to W10 break one of the steps B5 to B10 of agents §8.2 each; bugs called B are others.
 *
 * Known deviation: in the place of a whole store that an older snapshot has replaced it keeps what it
 * has, until the indexes come that far again.
 */
import { ErrorCause } from '../core/machine.ts';
import type { Outbox, ProcessIndex } from '../core/machine.ts';
import { KVS_GET, KVS_LIST } from '../consul/requests/endpoints.ts';
import { onPlanAnswered, onPlanFailed } from './plan.ts';
import type { Plan } from './plan.ts';
import { request } from '../consul/requests/request.ts';
import type { ReadMode, ServerAnswer } from '../consul/requests/request.ts';
import type { KvEntry } from '../consul/state/rows.ts';
import { askStore } from './road.ts';
import type { Road } from './road.ts';

export const WATCH_ANSWERED = 0x304;
export const WATCH_RETRY = 0x305;

/** Observers find the rest in the watcher's state. */
export const WatchNote = {
  /** a: how long the answer took, b: its index, c: the index that was waited for. */
  answered: 0x305,
  /** a: failures in a row, b: wait before the next attempt in microseconds. */
  failed: 0x306,
} as const;

/** Plants. */
export interface WatchBugs {
  /** An index that goes back does not begin anew. */
  readonly P9: boolean;
  /** Of a key that is not there the index is forgotten. */
  readonly W5: boolean;
  /** After a change the index is read once more, and not the value. */
  readonly W6: boolean;
  /** An older answer counts like a newer one. */
  readonly W8: boolean;
  /** An error leaves it without a configuration. */
  readonly W9: boolean;
  /** It asks again at once. */
  readonly W10: boolean;
}

export interface WatchConfig {
  /** A key, or the beginning of keys. */
  readonly subject: string;
  readonly whole: 'key' | 'prefix';
  readonly mode: ReadMode;
  /** What a query asks to wait; 0 leaves it to the server. */
  readonly waitMicros: number;
  /** It gives up after that. */
  readonly patienceMicros: number;
  readonly via: Road['via'];
  /** After an answer it waits up to so long. */
  readonly spreadMicros: number;
  readonly bugs: WatchBugs;
}

export interface WatchState extends Plan {
  readonly config: WatchConfig;
  /** Local time at which that began. */
  askedMicros: number;
  server: ProcessIndex;
  /** It waits out an error. */
  resting: boolean;
  answer: ServerAnswer | null;
  /** Its configuration: what is there, by key; null: it has none yet. */
  held: readonly KvEntry[] | null;
  /** Index that it came with. */
  heldIndex: number;
  /** Plant W6: the query under way is about the index alone. */
  peeking: boolean;
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
    held: null,
    heldIndex: 0,
    peeking: false,
  };
}

export function ask(watch: WatchState, server: ProcessIndex, out: Outbox): void {
  const { subject, whole, mode, waitMicros, patienceMicros, via } = watch.config;
  watch.server = server;
  watch.askedMicros = out.now();
  watch.resting = false;
  const index = watch.peeking ? 0 : watch.index;
  const body =
    whole === 'key'
      ? request(KVS_GET, { key: subject }, mode, index, waitMicros)
      : request(KVS_LIST, { prefix: subject }, mode, index, waitMicros);
  askStore({ to: server, via }, body, false, patienceMicros, WATCH_ANSWERED, 0, out);
}

/** The next query goes out to that server, now or after a rest. */
export function onWatchAnswered(
  watch: WatchState,
  next: ProcessIndex,
  body: unknown,
  out: Outbox,
): void {
  const { bugs, spreadMicros } = watch.config;
  if (out.error !== ErrorCause.none) {
    onFailed(watch, out);
    return;
  }
  const answer = body as ServerAnswer;
  const asked = watch.index;
  if (watch.peeking) {
    watch.peeking = false;
    watch.index = answer.index;
    ask(watch, next, out);
    return;
  }
  watch.answer = answer;
  hold(watch, answer);
  onPlanAnswered(watch, answer.index, bugs.P9);
  if (bugs.W5 && answer.value === null) watch.index = 0;
  out.note(WatchNote.answered, out.now() - watch.askedMicros, answer.index, asked);
  watch.peeking = bugs.W6 && asked > 0;
  if (spreadMicros === 0 || bugs.W10) ask(watch, next, out);
  else out.timer(WATCH_RETRY, 0, out.draw('watch-spread').below(spreadMicros));
}

function hold(watch: WatchState, { value, index }: ServerAnswer): void {
  if (index < watch.heldIndex && !watch.config.bugs.W8) return;
  watch.heldIndex = index;
  if (watch.config.whole === 'prefix') watch.held = value as readonly KvEntry[];
  else watch.held = value === null ? [] : [value as KvEntry];
}

function onFailed(watch: WatchState, out: Outbox): void {
  watch.resting = true;
  watch.peeking = false;
  if (watch.config.bugs.W9) watch.held = null;
  const wait = onPlanFailed(watch);
  out.timer(WATCH_RETRY, 0, wait);
  out.note(WatchNote.failed, watch.failures, wait, 0);
}
