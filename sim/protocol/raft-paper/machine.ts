/**
 * Raft as its literature tells it: the extended paper (Ongaro and Ousterhout, "In Search of an
 * Understandable Consensus Algorithm", figure 2), with the pre-vote round of Ongaro's dissertation
 * (§9.6) where that is asked for. It exists for comparison with hashicorp/raft (`protocol/raft`), and
 * for published experiments, which assume it.
 *
 * Known deviations: no membership changes, hence not the rule of §6 by which voters that hear a leader
 * disregard vote requests; no log compaction; requests and answers are single messages that a heartbeat
 * interval later are sent again; a follower's rejection says no more than that (the optional hints of
 * §5.3 are left out); the leader stores an entry before it sends it.
 */
import type { Machine, Outbox, ProcessIndex } from '../../core/machine.ts';
import { onFsmApply, processLogs } from '../raft/fsm.ts';
import { raftMachine } from '../raft/machine.ts';
import {
  commitConfiguration,
  createRaftState,
  setCommitIndex,
  setLastContact,
  setLeader,
  setTerm,
} from '../raft/state.ts';
import { Role } from '../raft/types.ts';
import type { Proposal, RaftDurable } from '../raft/types.ts';
import * as Kind from '../raft/vocabulary.ts';
import { finishAppend, onAppendEntries } from './append.ts';
import { askAgain, onCampaignStored, onElectionTimeout, onVoteAnswer } from './election.ts';
import {
  becomeLeader,
  onAppendAnswer,
  onHeartbeatDue,
  onProposal,
  onProposalsStored,
} from './leader.ts';
import { resetElectionTimer, stored } from './roles.ts';
import type {
  AppendAnswer,
  AppendEntries,
  PaperConfig,
  PaperState,
  RequestVote,
  VoteAnswer,
} from './types.ts';
import { APPEND_RESULT, PAPER_INPUTS, PAPER_LANES } from './vocabulary.ts';
import { finishVote, onPreVoteRequest, onVoteRequest } from './vote.ts';

function create(config: PaperConfig, self: ProcessIndex, durable: RaftDurable): PaperState {
  return {
    ...createRaftState(config, self, durable),
    config,
    progress: [],
    inflight: [],
    preVoting: false,
    asking: 0,
    granted: [],
    answered: [],
    continuation: null,
  };
}

/** A formed cluster begins at the moment its leader has won. */
function onStart(state: PaperState, out: Outbox): void {
  const { formedLeader, formedCommit } = state.durable;
  state.durable.formedLeader = -1;
  if (formedLeader >= 0) {
    setLastContact(state, out);
    setLeader(state, formedLeader, out);
    setCommitIndex(state, formedCommit, out);
    if (state.latestIndex <= formedCommit) commitConfiguration(state);
    processLogs(state, formedCommit, out);
  }
  if (formedLeader === state.self) becomeLeader(state, out);
  else resetElectionTimer(state, out);
}

function onInput(state: PaperState, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case Kind.HEARTBEAT:
    case Kind.APPEND:
      onAppendEntries(state, from, body as AppendEntries, out);
      return;
    case APPEND_RESULT:
      onAppendAnswer(state, from, body as AppendAnswer, out);
      return;
    case Kind.VOTE:
      onVoteRequest(state, from, body as RequestVote, out);
      return;
    case Kind.PRE_VOTE:
      onPreVoteRequest(state, from, body as RequestVote, out);
      return;
    case Kind.VOTE_RESULT:
    case Kind.PRE_VOTE_RESULT:
      onVoteAnswer(state, from, body as VoteAnswer, input === Kind.PRE_VOTE_RESULT, out);
      return;
    case Kind.APPLY:
      onProposal(state, body as Proposal, out);
      return;
    case Kind.ELECTION_TIMER:
      onElectionTimeout(state, out);
      return;
    case Kind.HEARTBEAT_TIMER:
      if (state.role === Role.leader) onHeartbeatDue(state, out);
      else if (state.role === Role.candidate) askAgain(state, out);
      return;
    case Kind.FSM_APPLY:
      onFsmApply(state, body, out);
  }
}

/** The disk has stored what the handler before asked for. */
function onResume(state: PaperState, _: number, __: number, ___: unknown, out: Outbox): void {
  const after = stored(state, out);
  switch (after?.kind) {
    case 'adopted':
      setTerm(state, after.term, out);
      return;
    case 'campaign':
      onCampaignStored(state, out);
      return;
    case 'vote':
      finishVote(state, after.from, after.request, after.rule, out);
      return;
    case 'append':
      finishAppend(state, after.from, after.request, after.firstNew, out);
      return;
    case 'proposals':
      onProposalsStored(state, after.last, out);
  }
}

function copied(state: PaperState, durable: RaftDurable): PaperState {
  return {
    ...state,
    ...raftMachine.save(state, durable),
    config: state.config,
    progress: state.progress.map((one) => ({ ...one })),
    inflight: state.inflight.slice(),
    granted: state.granted.slice(),
    answered: state.answered.slice(),
  };
}

export const paperMachine: Machine<PaperState, RaftDurable> = {
  ...raftMachine,
  lanes: PAPER_LANES,
  inputs: PAPER_INPUTS,
  create,
  onStart,
  onInput,
  onResume,
  view: (state) => ({ ...raftMachine.view(state), preVoting: state.preVoting }),
  save: copied,
  restore: copied,
};
