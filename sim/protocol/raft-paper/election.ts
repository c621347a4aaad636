/** Candidates (Raft paper §5.2; dissertation §9.6 for the pre-vote round). */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { writeTerm, writeVote } from '../raft/durable.ts';
import { setLeader, setRole, setTerm } from '../raft/state.ts';
import { Role, isVoter, quorumSize } from '../raft/types.ts';
import { HEARTBEAT_TIMER, PRE_VOTE, RaftNote, VOTE } from '../raft/vocabulary.ts';
import { becomeLeader } from './leader.ts';
import { adoptTerm, othersOf, resetElectionTimer, store } from './roles.ts';
import type { PaperState, VoteAnswer } from './types.ts';

/** The election timeout has elapsed without a word from a leader or a granted vote. */
export function onElectionTimeout(state: PaperState, out: Outbox): void {
  resetElectionTimer(state, out);
  if (!isVoter(state.latest, state.self)) return;
  setLeader(state, -1, out);
  setRole(state, Role.candidate, out);
  if (!state.config.preVote) {
    campaign(state, out);
    return;
  }
  state.preVoting = true;
  out.note(RaftNote.preVote, state.term + 1, 0, 0);
  begin(state, state.term + 1);
  ask(state, out);
  count(state, out);
}

/** The real election: a new term and a vote for ourselves, stored before anybody is asked. */
function campaign(state: PaperState, out: Outbox): void {
  state.preVoting = false;
  const term = state.term + 1;
  begin(state, term);
  store(state, [writeTerm(term), ...writeVote(term, state.self, true)], { kind: 'campaign' }, out);
}

export function onCampaignStored(state: PaperState, out: Outbox): void {
  setTerm(state, state.asking, out);
  out.note(RaftNote.election, state.term, 0, 0);
  out.note(RaftNote.voted, state.term, state.self, 0);
  ask(state, out);
  count(state, out);
}

function begin(state: PaperState, term: number): void {
  state.asking = term;
  state.granted = [state.self];
  state.answered = [state.self];
}

/** Asks whoever has not answered, and does so again until the election is over (§5.1). */
function ask(state: PaperState, out: Outbox): void {
  const { asking: term, lastIndex, lastTerm } = state;
  const input = state.preVoting ? PRE_VOTE : VOTE;
  for (const peer of othersOf(state)) {
    if (!state.answered.includes(peer)) out.datagram(peer, input, { term, lastIndex, lastTerm });
  }
  out.timer(HEARTBEAT_TIMER, 0, state.config.heartbeatIntervalMicros);
}

export function askAgain(state: PaperState, out: Outbox): void {
  ask(state, out);
}

export function onVoteAnswer(
  state: PaperState,
  from: ProcessIndex,
  answer: VoteAnswer,
  preVote: boolean,
  out: Outbox,
): void {
  if (answer.term > state.term) {
    adoptTerm(state, answer.term, out);
    return;
  }
  if (state.role !== Role.candidate || state.preVoting !== preVote) return;
  if (answer.asked !== state.asking || state.answered.includes(from)) return;
  state.answered.push(from);
  if (answer.granted) state.granted.push(from);
  count(state, out);
}

function count(state: PaperState, out: Outbox): void {
  if (state.granted.length < quorumSize(state.latest)) return;
  if (state.preVoting) {
    resetElectionTimer(state, out);
    campaign(state, out);
  } else {
    becomeLeader(state, out);
  }
}
