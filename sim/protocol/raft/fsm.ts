/**
 * Handing committed entries to the FSM thread, and that thread (`hashicorp/raft:raft.go
 * (processLogs)`, `hashicorp/raft:fsm.go (runFSM)`; reference: raft §1.12).
 */
import { assert } from '../../core/assert.ts';
import type { Outbox } from '../../core/machine.ts';
import { entryAt } from './durable.ts';
import { ApplyError, EntryType } from './types.ts';
import type { ApplyError as ApplyErrorType, Entry, Inflight, RaftState } from './types.ts';
import { FSM_APPLY, RaftNote } from './vocabulary.ts';

/**
 * The real main thread waits when 128 batches stand before the FSM thread. Here applying takes no
 * virtual time, so that this could never be; but one handler may hand over a whole log, and so puts
 * it into this many batches at most.
 */
const BATCHES_MAX = 16;

interface Batch {
  readonly entries: readonly Entry[];
  /** Tag of each entry's proposer, or -1. */
  readonly tags: readonly number[];
}

export function respond(
  state: RaftState,
  tag: number,
  error: ApplyErrorType,
  index: number,
  value: unknown,
  out: Outbox,
): void {
  if (tag >= 0) out.post(state.config.applied, 0, tag, { error, index, value });
}

/**
 * Hands entries up to `index` to the FSM thread in batches; `lastApplied` moves at the hand-over.
 * `futures` are the leader's own proposals, ascending.
 */
export function processLogs(
  state: RaftState,
  index: number,
  out: Outbox,
  futures: readonly Inflight[] = [],
): void {
  if (index <= state.lastApplied) return;
  const count = index - state.lastApplied;
  const batchEntries = Math.max(state.config.maxAppendEntries, Math.ceil(count / BATCHES_MAX));
  let entries: Entry[] = [];
  let tags: number[] = [];
  let future = 0;
  for (let at = state.lastApplied + 1; at <= index; at++) {
    const entry = entryAt(state.durable, at);
    assert(entry !== undefined, `committed entry ${at} is missing from the log store`);
    while (future < futures.length && futures[future].index < at) future++;
    const tag = futures[future]?.index === at ? futures[future].tag : -1;
    entries.push(entry);
    tags.push(tag);
    if (entries.length < batchEntries) continue;
    hand(entries, tags, out);
    entries = [];
    tags = [];
  }
  if (entries.length > 0) hand(entries, tags, out);
  state.lastApplied = index;
}

function hand(entries: readonly Entry[], tags: readonly number[], out: Outbox): void {
  const batch: Batch = { entries, tags };
  const taken = out.post(FSM_APPLY, 0, 0, batch);
  assert(taken, 'the FSM thread fell 128 batches behind');
}

/** The FSM thread: one entry at a time (Consul's FSM does not batch). */
export function onFsmApply(state: RaftState, body: unknown, out: Outbox): void {
  const { entries, tags } = body as Batch;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    let value: unknown = null;
    if (entry.type === EntryType.command) value = state.config.fsm.apply(state.fsm, entry);
    state.fsmIndex = entry.index;
    out.note(RaftNote.applied, entry.index, entry.prefix, entry.term);
    respond(state, tags[i], ApplyError.none, entry.index, value, out);
  }
}
