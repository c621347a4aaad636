/**
 * RequestVote and RequestPreVote at the voter, in the order of checks of
 * `hashicorp/raft:raft.go (requestVote, requestPreVote)` (reference: raft §1.6).
 */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { writeTerm, writeVote } from './durable.ts';
import { setLastContact, setRole, setTerm, takePending } from './state.ts';
import { PLANTED_VOTE_STORED, VOTE_STORED, VOTE_TERM_STORED } from './steps.ts';
import { Role, isMember, isVoter } from './types.ts';
import type { RaftState, VoteRequest, VoteResponse } from './types.ts';
import { RaftNote } from './vocabulary.ts';

export function voteResponse(term: number, granted: boolean): VoteResponse {
  return { term, granted };
}

/** Refuses by the numbered rule of the reference's table. */
function refuse(
  exchange: number,
  request: VoteRequest,
  term: number,
  rule: number,
  out: Outbox,
): void {
  out.note(RaftNote.refused, request.candidate, request.term, rule);
  out.reply(exchange, voteResponse(term, false));
}

/** Rules 2 to 4: what refuses without adopting the term. 0: none does. */
function refusalBeforeTerm(
  state: RaftState,
  request: VoteRequest,
  address: ProcessIndex,
  transfer: boolean,
): number {
  const { latest } = state;
  const outside = latest.servers.length > 0 && !isMember(latest, request.candidate);
  if (outside && !state.config.bugs.B21) return 2;
  const knowsOther = state.leader >= 0 && state.leader !== address;
  if (knowsOther && !transfer && !state.config.bugs.B15) return 3;
  return request.term < state.term ? 4 : 0;
}

/** Rule 6: the candidate has no vote in our configuration. */
function hasNoVote({ latest, config }: RaftState, { candidate }: VoteRequest): boolean {
  return latest.servers.length > 0 && !isVoter(latest, candidate) && !config.bugs.B21;
}

/** Rule 8: our last entry is newer than the candidate's. */
function logIsNewer(state: RaftState, request: VoteRequest): boolean {
  if (state.lastTerm !== request.lastTerm) return state.lastTerm > request.lastTerm;
  return state.lastIndex > request.lastIndex;
}

export function onVote(
  state: RaftState,
  exchange: number,
  request: VoteRequest,
  out: Outbox,
): void {
  const { term } = state;
  const { candidate, leadershipTransfer } = request;
  const rule = refusalBeforeTerm(state, request, candidate, leadershipTransfer);
  if (rule !== 0) {
    refuse(exchange, request, term, rule, out);
    return;
  }
  if (request.term > term) {
    setRole(state, Role.follower, out);
    state.pending.push({ exchange, request, term, lastLog: 0, firstNew: 0 });
    out.write([writeTerm(request.term)], VOTE_TERM_STORED, exchange);
    return;
  }
  judgeVote(state, exchange, request, out);
}

export function onVoteTermStored(state: RaftState, exchange: number, out: Outbox): void {
  const request = takeRequest(state, exchange);
  if (out.error !== 0) {
    out.panic('failed to save current term');
    return;
  }
  setTerm(state, request.term, out);
  judgeVote(state, exchange, request, out);
}

/** Rules 6 to 9, with the term of the request adopted. */
function judgeVote(state: RaftState, exchange: number, request: VoteRequest, out: Outbox): void {
  const { durable } = state;
  const { term } = request;
  if (hasNoVote(state, request)) {
    refuse(exchange, request, term, 6, out);
    return;
  }
  if (durable.lastVoteTerm === term && durable.lastVoteCandidate >= 0) {
    if (durable.lastVoteCandidate !== request.candidate) {
      refuse(exchange, request, term, 7, out);
      return;
    }
    // A crash between the two writes left the candidate of an earlier term standing here.
    if (durable.lastVoteCandidateTerm !== term) out.mark('B5');
    out.note(RaftNote.voted, term, request.candidate, 0);
    out.reply(exchange, voteResponse(term, true));
    return;
  }
  if (logIsNewer(state, request)) {
    refuse(exchange, request, term, 8, out);
    return;
  }
  const writes = writeVote(term, request.candidate, !state.config.bugs.B5);
  if (state.config.bugs.B4) {
    out.note(RaftNote.voted, term, request.candidate, 0);
    out.reply(exchange, voteResponse(term, true));
    out.write(writes, PLANTED_VOTE_STORED, exchange);
    return;
  }
  state.pending.push({ exchange, request, term, lastLog: 0, firstNew: 0 });
  out.write(writes, VOTE_STORED, exchange);
}

export function onVoteStored(state: RaftState, exchange: number, out: Outbox): void {
  const request = takeRequest(state, exchange);
  if (out.error !== 0) {
    refuse(exchange, request, request.term, 9, out);
    return;
  }
  out.note(RaftNote.voted, request.term, request.candidate, 0);
  out.reply(exchange, voteResponse(request.term, true));
  setLastContact(state, out);
}

function takeRequest(state: RaftState, exchange: number): VoteRequest {
  return takePending(state, exchange).request as VoteRequest;
}

/** Persists nothing, refreshes no contact, and does not look at the last vote. */
export function onPreVote(
  state: RaftState,
  exchange: number,
  request: VoteRequest,
  out: Outbox,
): void {
  let { term } = state;
  const { bugs } = state.config;
  // With raft#606 the address is empty: even the leader itself is "another" than the known one.
  const address = bugs.B16 ? -1 : request.candidate;
  let rule = refusalBeforeTerm(state, request, address, false);
  if (rule === 0) {
    if (request.term > term) term = request.term;
    if (hasNoVote(state, request)) rule = 6;
    else if (logIsNewer(state, request)) rule = 8;
  }
  if (rule !== 0) {
    refuse(exchange, request, term, rule, out);
    return;
  }
  out.reply(exchange, voteResponse(term, true));
  if (bugs.B17) setLastContact(state, out);
}
