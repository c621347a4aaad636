/** RequestVote and the pre-vote request at the receiver (Raft paper §5.2, §5.4.1, figure 2). */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { writeTerm, writeVote } from '../raft/durable.ts';
import { setTerm } from '../raft/state.ts';
import { Role } from '../raft/types.ts';
import { PRE_VOTE_RESULT, RaftNote, VOTE_RESULT } from '../raft/vocabulary.ts';
import { becomeFollower, resetElectionTimer, store } from './roles.ts';
import type { PaperState, RequestVote, VoteAnswer } from './types.ts';

/** §5.4.1: the log with the later last term is newer; of equal terms the longer one. */
function logIsNewer(state: PaperState, request: RequestVote): boolean {
  if (state.lastTerm !== request.lastTerm) return state.lastTerm > request.lastTerm;
  return state.lastIndex > request.lastIndex;
}

function answer(
  state: PaperState,
  to: ProcessIndex,
  input: number,
  request: RequestVote,
  rule: number,
  out: Outbox,
): void {
  if (rule !== 0) out.note(RaftNote.refused, to, request.term, rule);
  const body: VoteAnswer = { term: state.term, asked: request.term, granted: rule === 0 };
  out.datagram(to, input, body);
}

/** Numbers of refusals are those of the vote table of `protocol/raft` (raft §1.6). */
export function onVoteRequest(
  state: PaperState,
  from: ProcessIndex,
  request: RequestVote,
  out: Outbox,
): void {
  const { durable, term } = state;
  if (request.term < term) {
    answer(state, from, VOTE_RESULT, request, 4, out);
    return;
  }
  const newer = request.term > term;
  if (newer) becomeFollower(state, out);
  const voted = durable.lastVoteTerm === request.term && durable.lastVoteCandidate >= 0;
  const again = voted && durable.lastVoteCandidate === from;
  const rule = voted && !again ? 7 : logIsNewer(state, request) ? 8 : 0;
  const granted = rule === 0;
  const writes = newer ? [writeTerm(request.term)] : [];
  if (granted && !again) writes.push(...writeVote(request.term, from, true));
  if (writes.length > 0) {
    store(state, writes, { kind: 'vote', from, request, granted, rule }, out);
  } else {
    finishVote(state, from, request, rule, out);
  }
}

export function finishVote(
  state: PaperState,
  from: ProcessIndex,
  request: RequestVote,
  rule: number,
  out: Outbox,
): void {
  setTerm(state, request.term, out);
  if (rule === 0) {
    // Whoever asks for pre-votes has not raised its term and may still vote in it.
    if (state.role === Role.candidate) becomeFollower(state, out);
    resetElectionTimer(state, out);
    out.note(RaftNote.voted, request.term, from, 0);
  }
  answer(state, from, VOTE_RESULT, request, rule, out);
}

/**
 * Dissertation §9.6: granted if the log is good enough and no leader has been heard of for the minimum
 * election timeout. Nothing is stored, no timer reset.
 */
export function onPreVoteRequest(
  state: PaperState,
  from: ProcessIndex,
  request: RequestVote,
  out: Outbox,
): void {
  const heard = out.now() - state.lastContact < state.config.electionMicrosMin;
  let rule = 0;
  if (request.term < state.term) rule = 4;
  else if (heard || state.role === Role.leader) rule = 3;
  else if (logIsNewer(state, request)) rule = 8;
  answer(state, from, PRE_VOTE_RESULT, request, rule, out);
}
