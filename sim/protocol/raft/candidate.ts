/**
 * The candidate loop: pre-vote round, then the real election (`hashicorp/raft:raft.go
 * (runCandidate, preElectSelf, electSelf)`; reference: raft §1.5).
 */
import type { Outbox } from '../../core/machine.ts';
import { ErrorCause } from '../../core/machine.ts';
import { writeTerm, writeVote } from './durable.ts';
import { setLeader, setRole, setTerm } from './state.ts';
import { CANDIDATE_TERM_STORED, CANDIDATE_VOTE_STORED, TERM_ADOPTED } from './steps.ts';
import { drawTimeout } from './timing.ts';
import { Role, quorumSize } from './types.ts';
import type { RaftState, VoteRequest, VoteResponse } from './types.ts';
import {
  ELECTION_TIMER,
  PRE_VOTE,
  PRE_VOTE_RESULT,
  RaftNote,
  VOTE,
  VOTE_RESULT,
} from './vocabulary.ts';
import { voteResponse } from './vote.ts';

export function enterCandidate(state: RaftState, out: Outbox): void {
  const round = ++state.candidateRounds;
  const direct = !state.config.preVote || state.config.bugs.B15 || state.transferCandidate;
  const preVoting = !direct;
  const votesNeeded = quorumSize(state.latest);
  const term = state.term + 1;
  state.candidate = {
    round,
    term,
    votesNeeded,
    preVoting,
    direct,
    granted: 0,
    refused: 0,
    request: null,
  };
  if (preVoting) {
    preElectSelf(state, out);
    armElectionTimer(state, out);
  } else {
    electSelf(state, out);
  }
}

export function leaveCandidate(state: RaftState, out: Outbox): void {
  out.cancel(ELECTION_TIMER, 0);
  state.candidate.round = ++state.candidateRounds;
  state.transferCandidate = false;
}

function armElectionTimer(state: RaftState, out: Outbox): void {
  const delay = drawTimeout(out, 'election-timer', state.config.electionMicros);
  out.timer(ELECTION_TIMER, 0, delay);
}

function voteRequest(state: RaftState, term: number, leadershipTransfer: boolean): VoteRequest {
  const { self, lastIndex, lastTerm } = state;
  return { candidate: self, term, lastIndex, lastTerm, leadershipTransfer };
}

/** Asks every other voter; nothing is stored and the term is not raised. */
function preElectSelf(state: RaftState, out: Outbox): void {
  const { round, term } = state.candidate;
  out.note(RaftNote.preVote, term, 0, 0);
  const request = voteRequest(state, term, false);
  const { transportMicros } = state.config;
  for (const { id, voter } of state.latest.servers) {
    if (!voter) continue;
    if (id === state.self) out.post(PRE_VOTE_RESULT, 0, round, voteResponse(term, true));
    else out.request(id, PRE_VOTE, request, transportMicros, PRE_VOTE_RESULT, round);
  }
}

/** Stores the new term, then asks in configuration order; see onCandidateTermStored. */
function electSelf(state: RaftState, out: Outbox): void {
  const term = state.term + 1;
  out.write([writeTerm(term)], CANDIDATE_TERM_STORED, term);
}

export function onCandidateTermStored(state: RaftState, term: number, out: Outbox): void {
  if (out.error !== ErrorCause.none) {
    out.panic('failed to save current term');
    return;
  }
  setTerm(state, term, out);
  out.note(RaftNote.election, term, 0, 0);
  state.candidate.request = voteRequest(state, term, state.transferCandidate);
  askFrom(state, 0, out);
}

/**
 * Peers listed before us are asked before our own vote is durable: the loop over the configuration
 * stops at our entry until the vote is stored. Everybody gets the same request, even if a heartbeat
 * raises the term meanwhile (B1).
 */
function askFrom(state: RaftState, from: number, out: Outbox): void {
  const { servers } = state.latest;
  const { round } = state.candidate;
  const request = state.candidate.request!;
  for (let i = from; i < servers.length; i++) {
    const { id, voter } = servers[i];
    if (!voter) continue;
    if (id === state.self) {
      const writes = writeVote(request.term, state.self, !state.config.bugs.B5);
      out.write(writes, CANDIDATE_VOTE_STORED, i);
      return;
    }
    out.request(id, VOTE, request, state.config.transportMicros, VOTE_RESULT, round);
  }
  startCounting(state, out);
}

/** A vote for ourselves that cannot be stored: no answer is counted until the timer expires. */
export function onCandidateVoteStored(state: RaftState, index: number, out: Outbox): void {
  if (out.error !== ErrorCause.none) {
    state.candidate.round = ++state.candidateRounds;
    startCounting(state, out);
    return;
  }
  const { round, request } = state.candidate;
  const { term } = request!;
  out.note(RaftNote.voted, term, state.self, 0);
  out.post(VOTE_RESULT, 0, round, voteResponse(term, true));
  askFrom(state, index + 1, out);
}

/** The timer is drawn after the requests have gone; after a pre-vote round it runs already. */
function startCounting(state: RaftState, out: Outbox): void {
  if (state.candidate.direct) armElectionTimer(state, out);
}

/** An RPC error counts as refused. */
export function onPreVoteResult(
  state: RaftState,
  round: number,
  body: VoteResponse | undefined,
  out: Outbox,
): void {
  const { candidate } = state;
  if (round !== candidate.round || !candidate.preVoting) return;
  if (body !== undefined && body.term > candidate.term) {
    fallBack(state, body.term, out);
    return;
  }
  if (body?.granted === true) candidate.granted++;
  else candidate.refused++;
  if (candidate.granted < candidate.votesNeeded) return;
  candidate.preVoting = false;
  candidate.granted = 0;
  candidate.refused = 0;
  armElectionTimer(state, out);
  electSelf(state, out);
}

export function onVoteResult(
  state: RaftState,
  round: number,
  body: VoteResponse | undefined,
  out: Outbox,
): void {
  const { candidate } = state;
  if (round !== candidate.round || candidate.preVoting) return;
  if (body !== undefined && body.term > state.term) {
    fallBack(state, body.term, out);
    return;
  }
  if (body?.granted === true) candidate.granted++;
  else candidate.refused++;
  if (candidate.granted < candidate.votesNeeded) return;
  setRole(state, Role.leader, out);
  setLeader(state, state.self, out);
}

function fallBack(state: RaftState, term: number, out: Outbox): void {
  setRole(state, Role.follower, out);
  out.write([writeTerm(term)], TERM_ADOPTED, term);
}

export function onTermAdopted(state: RaftState, term: number, out: Outbox): void {
  if (out.error !== ErrorCause.none) out.panic('failed to save current term');
  else setTerm(state, term, out);
}
