/** AppendEntries at the receiver (Raft paper §5.3, figure 2). */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { deleteSuffix, entryAt, writeEntries, writeTerm } from '../raft/durable.ts';
import { processLogs } from '../raft/fsm.ts';
import {
  adoptConfiguration,
  commitConfiguration,
  rollBackConfiguration,
  setCommitIndex,
  setLastContact,
  setLastLog,
  setLeader,
  setTerm,
} from '../raft/state.ts';
import { Role } from '../raft/types.ts';
import { RaftNote } from '../raft/vocabulary.ts';
import { becomeFollower, resetElectionTimer, store } from './roles.ts';
import type { AppendAnswer, AppendEntries, PaperState } from './types.ts';
import { APPEND_RESULT } from './vocabulary.ts';

function answer(
  state: PaperState,
  to: ProcessIndex,
  request: AppendEntries,
  success: boolean,
  out: Outbox,
): void {
  const { prevIndex, entries } = request;
  const matched = prevIndex + entries.length;
  const body: AppendAnswer = { term: state.term, success, prevIndex, matched };
  out.datagram(to, APPEND_RESULT, body);
}

/** The log holds the entry before the request's, with its term. */
function agrees(state: PaperState, { prevIndex, prevTerm }: AppendEntries): boolean {
  return prevIndex === 0 || entryAt(state.durable, prevIndex)?.term === prevTerm;
}

/** First of the request's entries that is missing or conflicts; their number if none does. */
function firstNewOf(state: PaperState, { entries }: AppendEntries): number {
  const at = entries.findIndex(({ index, term }) => entryAt(state.durable, index)?.term !== term);
  return at < 0 ? entries.length : at;
}

export function onAppendEntries(
  state: PaperState,
  from: ProcessIndex,
  request: AppendEntries,
  out: Outbox,
): void {
  if (request.term < state.term) {
    answer(state, from, request, false, out);
    return;
  }
  const newer = request.term > state.term;
  if (newer || state.role !== Role.follower) becomeFollower(state, out);
  const { entries } = request;
  const firstNew = agrees(state, request) ? firstNewOf(state, request) : entries.length;
  const writes = newer ? [writeTerm(request.term)] : [];
  if (firstNew < entries.length) {
    const { index } = entries[firstNew];
    if (index <= state.lastIndex) {
      out.note(RaftNote.truncated, index, state.lastIndex, 0);
      writes.push(deleteSuffix(index));
    }
    writes.push(writeEntries(entries.slice(firstNew)));
  }
  if (writes.length > 0) store(state, writes, { kind: 'append', from, request, firstNew }, out);
  else finishAppend(state, from, request, firstNew, out);
}

/** All is stored: what the request says of the log takes effect. */
export function finishAppend(
  state: PaperState,
  from: ProcessIndex,
  request: AppendEntries,
  firstNew: number,
  out: Outbox,
): void {
  setTerm(state, request.term, out);
  setLeader(state, from, out);
  setLastContact(state, out);
  resetElectionTimer(state, out);
  const { entries } = request;
  if (firstNew < entries.length) {
    const { index: first } = entries[firstNew];
    const last = entries[entries.length - 1];
    rollBackConfiguration(state, first);
    for (let at = firstNew; at < entries.length; at++) adoptConfiguration(state, entries[at]);
    setLastLog(state, last.index, last.term);
    out.note(RaftNote.appended, first, last.index, 0);
  }
  const success = agrees(state, request);
  if (success)
    commitTo(state, Math.min(request.leaderCommit, request.prevIndex + entries.length), out);
  answer(state, from, request, success, out);
}

/** Up to the last entry that the request has compared, and no further. */
function commitTo(state: PaperState, index: number, out: Outbox): void {
  if (index <= state.commitIndex) return;
  setCommitIndex(state, index, out);
  if (state.latestIndex <= index) commitConfiguration(state);
  processLogs(state, index, out);
}
