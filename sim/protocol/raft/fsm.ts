/**
 * Handing committed entries to the FSM thread, and that thread (`hashicorp/raft:raft.go
 * (processLogs)`, `hashicorp/raft:fsm.go (runFSM)`; reference: raft §1.12).
 */
import { assert } from '../../core/assert.ts';
import type { Outbox } from '../../core/machine.ts';
import { entriesBetween } from './log.ts';
import { ApplyError, EntryType, proposerNumber, proposerOf } from './types.ts';
import type { ApplyResult, Entry, Fsm, Inflight, Proposal, RaftState } from './types.ts';
import { FSM_APPLY, RaftNote } from './vocabulary.ts';

/**
 * The real main thread waits when 128 batches stand before the FSM thread. Here applying takes no
 * virtual time, so that this could never be; but one handler may hand over a whole log, and so puts
 * it into this many batches at most.
 */
const BATCHES_MAX = 16;

interface Batch {
  readonly entries: readonly Entry[];
  /** Tag of each entry's proposer, or -1; null: none of them is ours. */
  readonly tags: readonly number[] | null;
}

/** Machines that propose take answers at this input of theirs. */
const ANSWER_INPUT = 1;

const NO_FUTURES: readonly Inflight[] = [];

/** State of the FSM from the image of a snapshot. */
export function stateOfImage(fsm: Fsm, image: unknown): unknown {
  return fsm.restore === undefined ? fsm.save(image) : fsm.restore(image);
}

export function respond(
  state: RaftState,
  tag: number,
  error: ApplyError,
  index: number,
  value: unknown,
  out: Outbox,
): void {
  if (tag < 0) return;
  const machine = proposerOf(tag);
  const answer: ApplyResult = { error, index, value };
  if (machine === 0) out.post(state.config.applied, 0, tag, answer);
  else out.post((machine << 8) | ANSWER_INPUT, 0, proposerNumber(tag), answer);
}

/** The proposer has given up before the main thread came to it (ErrEnqueueTimeout). */
export function maybeExpire(state: RaftState, proposal: Proposal, out: Outbox): boolean {
  const machine = proposerOf(proposal.tag);
  if (machine === 0) state.proposalsTaken += proposal.tag < 0 ? 0 : 1;
  else state.proposalsTakenOf[machine] = (state.proposalsTakenOf[machine] ?? 0) + 1;
  if (out.now() <= proposal.enqueueByMicros) return false;
  respond(state, proposal.tag, ApplyError.enqueueTimeout, 0, null, out);
  return true;
}

/**
 * Hands entries up to `index` to the FSM thread in batches; `lastApplied` moves at the hand-over.
 * `futures` are the leader's own proposals, ascending.
 */
export function processLogs(
  state: RaftState,
  index: number,
  out: Outbox,
  futures = NO_FUTURES,
): void {
  if (index <= state.lastApplied) return;
  const count = index - state.lastApplied;
  const batchEntries = Math.max(state.config.maxAppendEntries, Math.ceil(count / BATCHES_MAX));
  const { log } = state.durable;
  for (let at = state.lastApplied; at < index; at += batchEntries) {
    const until = Math.min(at + batchEntries, index);
    const tags = futures.length === 0 ? null : tagsOf(futures, at + 1, until);
    const entries = entriesBetween(log, at + 1, until);
    if (entries === null) {
      out.panic(`failed to get log at index ${at + 1}`);
      return;
    }
    hand({ entries, tags }, out);
  }
  state.lastApplied = index;
}

/** Tags of the entries first..last: ours are among `futures`. */
function tagsOf(futures: readonly Inflight[], first: number, last: number): number[] {
  const tags: number[] = [];
  for (let index = first; index <= last; index++) tags.push(-1);
  for (let i = 0; i < futures.length && futures[i].index <= last; i++) {
    const at = futures[i].index - first;
    if (at >= 0 && tags[at] < 0) tags[at] = futures[i].tag;
  }
  return tags;
}

function hand(batch: Batch, out: Outbox): void {
  const taken = out.post(FSM_APPLY, 0, 0, batch);
  assert(taken, 'the FSM thread fell 128 batches behind');
}

/** A snapshot ends with what the FSM has seen: Noops and configurations pass it by. */
function countForCapture(state: RaftState, { type, index, term, prefix }: Entry): void {
  if (type === EntryType.noop || type === EntryType.configuration) return;
  state.captureIndex = index;
  state.captureTerm = term;
  state.capturePrefix = prefix;
}

/** The FSM thread: one entry at a time (Consul's FSM does not batch). */
export function onFsmApply(state: RaftState, body: unknown, out: Outbox): void {
  const { entries, tags } = body as Batch;
  const { fsm } = state.config;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    let value: unknown = null;
    if (entry.type === EntryType.command) value = fsm.apply(state.fsm, entry);
    state.fsmIndex = entry.index;
    countForCapture(state, entry);
    out.note(RaftNote.applied, entry.index, entry.prefix, entry.term);
    if (fsm.onApplied !== undefined) fsm.onApplied(state.fsm, out);
    if (tags !== null) respond(state, tags[i], ApplyError.none, entry.index, value, out);
  }
}
