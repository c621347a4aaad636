/**
 * hashicorp/raft as Consul runs it (v1.7.3): roles, elections with pre-vote, replication, lease,
 * commit, persistence, membership, transfer and snapshots (reference: raft §1.2 to §1.17).
 *
 * Known deviations: timers are drawn in whole microseconds (the original: nanoseconds); applying takes
 * no virtual time, so that the FSM thread's channel never fills; the sender of a pipeline leaves it at
 * its first wake after the decoder has (the original's select may send once more before it does); a
 * snapshot is written to disk when all of it has come (the original writes as it comes), and the restore
 * at a start takes no time.
 */
import { UNKNOWN_LANE } from '../../core/machine.ts';
import type { Machine, Outbox, View } from '../../core/machine.ts';
import { onAppend, onAppendStored, onAppendTermStored, onHeartbeat } from './append-entries.ts';
import { armBootstrap, onBootstrap, onBootstrapped } from './bootstrap.ts';
import {
  enterCandidate,
  leaveCandidate,
  onCandidateTermStored,
  onCandidateVoteStored,
  onPreVoteResult,
  onTermAdopted,
  onVoteResult,
} from './candidate.ts';
import { applyRaftWrite, createRaftDurable, loseUnsynced, saveRaftDurable } from './durable.ts';
import { enterFollower, leaveFollower, onFollowerTimer, refuseProposal } from './follower.ts';
import { onFsmApply, processLogs } from './fsm.ts';
import {
  onForceHeartbeat,
  onHeartbeatAnswer,
  onHeartbeatStop,
  onHeartbeatTimer,
} from './heartbeat.ts';
import {
  enterLeader,
  leaveLeader,
  onChangeRequest,
  onCommit,
  onLogsStored,
  onProposal,
  onStable,
} from './leader.ts';
import type { ConfigurationChange } from './configuration.ts';
import { onLeaseTimer } from './lease.ts';
import { armSnapshotTimer } from './snapshot.ts';
import { onSnapshotInput, onSnapshotResume } from './snapshot-thread.ts';
import { onPipelineAnswer, onPipelineOpened, onPipelineRoom } from './pipeline.ts';
import {
  onBackoffOver,
  onReplicateAnswer,
  onReplicateCatchUp,
  onReplicateWake,
} from './replicate.ts';
import {
  onCaughtUp,
  onTimeoutNow,
  onTimeoutNowAnswered,
  onTransfer,
  onTransferBegun,
  onTransferDone,
  onTransferLeft,
  onTransferStop,
  onTransferTimer,
} from './transfer.ts';
import {
  commitConfiguration,
  createRaftState,
  setCommitIndex,
  setLastContact,
  setLeader,
  setRole,
} from './state.ts';
import * as Step from './steps.ts';
import { ROLE_NAMES, Role } from './types.ts';
import type {
  AppendRequest,
  AppendResponse,
  Configuration,
  Proposal,
  RaftDurable,
  RaftState,
  TimeoutNowRequest,
  VoteRequest,
  VoteResponse,
} from './types.ts';
import { onVerified, onVerify } from './verify.ts';
import * as Kind from './vocabulary.ts';
import { onPreVote, onVote, onVoteStored, onVoteTermStored } from './vote.ts';

// What is imported is read through a cell at every use; what a module has of its own is folded into
// the code. These come with every entry, so that they are asked for first.
const { APPEND, APPLY, COMMIT, COMMIT_TIMER, FOLLOWER_TIMER, FSM_APPLY } = Kind;
const { HEARTBEAT, HEARTBEAT_TIMER, PIPELINE_ANSWER, TRIGGER } = Kind;
const { APPEND_STORED, HEARTBEAT_ANSWERED, LOGS_STORED, PIPELINE_ROOM } = Step;

/** Between two inputs the main thread looks at the state and changes its loop accordingly. */
function followRole(state: RaftState, out: Outbox): void {
  while (state.role !== state.loop && !out.blocked) {
    leaveLoop(state, out);
    enterLoop(state, out);
  }
}

function leaveLoop(state: RaftState, out: Outbox): void {
  if (state.loop === Role.follower) leaveFollower(out);
  else if (state.loop === Role.candidate) leaveCandidate(state, out);
  else leaveLeader(state, out);
}

function enterLoop(state: RaftState, out: Outbox): void {
  state.loop = state.role;
  if (state.loop === Role.follower) enterFollower(state, out);
  else if (state.loop === Role.candidate) enterCandidate(state, out);
  else enterLeader(state, out);
}

/** The main thread's select. */
function onMain(state: RaftState, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case APPEND:
      onAppend(state, from, body as AppendRequest, out);
      break;
    case APPLY:
      if (state.loop === Role.leader && state.transfer === null)
        onProposal(state, body as Proposal, out);
      else refuseProposal(state, body as Proposal, out);
      break;
    case COMMIT:
      onCommit(state, out);
      break;
    case FOLLOWER_TIMER:
      onFollowerTimer(state, out);
      break;
    default:
      onSeldomMain(state, input, from, body, out);
  }
  followRole(state, out);
}

function onSeldomMain(
  state: RaftState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.VOTE:
      onVote(state, from, body as VoteRequest, out);
      break;
    case Kind.PRE_VOTE:
      if (state.config.knowsPreVote === false) {
        out.fail(from, undefined);
        break;
      }
      onPreVote(state, from, body as VoteRequest, out);
      break;
    case Kind.STEP_DOWN:
      setRole(state, Role.follower, out);
      break;
    case Kind.VOTE_RESULT:
      if (state.loop === Role.candidate) onVoteResult(state, from, body as VoteResponse, out);
      break;
    case Kind.PRE_VOTE_RESULT:
      if (state.loop === Role.candidate) onPreVoteResult(state, from, body as VoteResponse, out);
      break;
    case Kind.ELECTION_TIMER:
      if (state.role !== Role.candidate) break;
      leaveCandidate(state, out);
      enterCandidate(state, out);
      break;
    case Kind.LEASE_TIMER:
      onLeaseTimer(state, out);
      break;
    case Kind.TRANSFER:
      onTransfer(state, from, body as number, out);
      break;
    case Kind.TIMEOUT_NOW:
      onTimeoutNow(state, from, body as TimeoutNowRequest, out);
      break;
    case Kind.CHANGE:
      onChangeRequest(state, body as ConfigurationChange, out);
      break;
    case Kind.CHANGE_READY:
      onStable(state, out);
      break;
    case Kind.VERIFY:
      onVerify(state, from, out);
      break;
    case Kind.VERIFIED:
      onVerified(state, from, out);
      break;
    case Kind.BOOTSTRAP:
      onBootstrap(state, (body as Configuration | null) ?? state.config.bootstrap, out);
      break;
    case Kind.INSTALL:
    case Kind.CONFIGURATIONS:
      onSnapshotInput(state, input, from, body, out);
      break;
  }
}

function onInput(state: RaftState, input: number, from: number, body: unknown, out: Outbox): void {
  switch (input) {
    case PIPELINE_ANSWER:
      onPipelineAnswer(state, body as AppendResponse | undefined, out);
      return;
    case TRIGGER:
    case COMMIT_TIMER:
      onReplicateWake(state, false, out);
      return;
    case FSM_APPLY:
      onFsmApply(state, body, out);
      return;
    case HEARTBEAT:
      onHeartbeat(state, from, body as AppendRequest, out);
      return;
    case HEARTBEAT_TIMER:
      onHeartbeatTimer(state, out);
      return;
    case APPEND:
    case APPLY:
    case COMMIT:
      onMain(state, input, from, body, out);
      return;
    default:
      onSeldomInput(state, input, from, body, out);
  }
}

function onSeldomInput(
  state: RaftState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.PIPELINE_FINISHED:
      onReplicateWake(state, false, out);
      return;
    case Kind.REPLICATE_STOP:
      onReplicateWake(state, true, out);
      return;
    case Kind.HEARTBEAT_STOP:
      onHeartbeatStop(state, out);
      return;
    case Kind.CATCH_UP:
      onReplicateCatchUp(state, from, out);
      return;
    case Kind.TRANSFER_BEGIN:
      onTransferBegun(state, out);
      return;
    case Kind.CAUGHT_UP:
      onCaughtUp(state, from, body as boolean, out);
      return;
    case Kind.TRANSFER_STOP:
      onTransferStop(state, out);
      return;
    case Kind.TRANSFER_TIMER:
      onTransferTimer(state, out);
      return;
    case Kind.TRANSFER_DONE:
      onTransferDone(state, from !== 0, out);
      return;
    case Kind.TRANSFER_LEFT:
      onTransferLeft(state, out);
      return;
    case Kind.FORCE_HEARTBEAT:
      onForceHeartbeat(state, out);
      return;
    case Kind.SNAPSHOT_TIMER:
    case Kind.FSM_SNAPSHOT:
    case Kind.FSM_RESTORE:
    case Kind.INSTALL_ANSWER:
      onSnapshotInput(state, input, from, body, out);
      return;
    default:
      onMain(state, input, from, body, out);
  }
}

function onResume(
  state: RaftState,
  step: number,
  argument: number,
  body: unknown,
  out: Outbox,
): void {
  switch (step) {
    case APPEND_STORED:
      onAppendStored(state, argument, out);
      break;
    case LOGS_STORED:
      onLogsStored(state, out);
      break;
    case PIPELINE_ROOM:
      onPipelineRoom(state, out);
      break;
    case HEARTBEAT_ANSWERED:
      onHeartbeatAnswer(state, body as AppendResponse | undefined, out);
      break;
    default:
      onSeldomResume(state, step, argument, body, out);
  }
  if (state.role !== state.loop && out.lane === Kind.MAIN_LANE) followRole(state, out);
}

function onSeldomResume(
  state: RaftState,
  step: number,
  argument: number,
  body: unknown,
  out: Outbox,
): void {
  switch (step) {
    case Step.APPEND_TERM_STORED:
      onAppendTermStored(state, argument, out);
      break;
    case Step.VOTE_TERM_STORED:
      onVoteTermStored(state, argument, out);
      break;
    case Step.VOTE_STORED:
      onVoteStored(state, argument, out);
      break;
    case Step.PLANTED_VOTE_STORED:
      setLastContact(state, out);
      break;
    case Step.TERM_ADOPTED:
      onTermAdopted(state, argument, out);
      break;
    case Step.CANDIDATE_TERM_STORED:
      onCandidateTermStored(state, argument, out);
      break;
    case Step.CANDIDATE_VOTE_STORED:
      onCandidateVoteStored(state, argument, out);
      break;
    case Step.REPLICATE_BACKOFF:
      onBackoffOver(state, out);
      break;
    case Step.REPLICATE_ANSWERED:
      onReplicateAnswer(state, body as AppendResponse | undefined, out);
      break;
    case Step.PIPELINE_OPENED:
      onPipelineOpened(state, body, out);
      break;
    case Step.TIMEOUT_NOW_ANSWERED:
      onTimeoutNowAnswered(out);
      break;
    case Step.BOOTSTRAPPED:
      onBootstrapped(state, out);
      break;
    default:
      onSnapshotResume(state, step, argument, body, out);
  }
}

function followCommitted(state: RaftState, out: Outbox): void {
  const index = state.durable.formedCommit;
  setCommitIndex(state, index, out);
  if (state.latestIndex <= index) commitConfiguration(state);
  processLogs(state, index, out);
}

/** A formed cluster begins at the moment its leader has won: nothing before that is simulated. */
function onStart(state: RaftState, out: Outbox): void {
  if (state.unusable !== '') {
    out.panic(state.unusable);
    return;
  }
  const { durable } = state;
  const { lastVoteCandidate, lastVoteCandidateTerm, lastVoteTerm } = durable;
  // A crash between the two writes: the vote of this term is for the candidate of an older one.
  if (lastVoteCandidate >= 0 && lastVoteCandidateTerm !== lastVoteTerm) out.mark('B5');
  armSnapshotTimer(state, out);
  armBootstrap(state, out);
  const formed = durable.formedLeader;
  durable.formedLeader = -1;
  if (formed >= 0) setLastContact(state, out);
  if (formed === state.self) setRole(state, Role.leader, out);
  if (formed >= 0) {
    setLeader(state, formed, out);
    followCommitted(state, out);
  }
  enterLoop(state, out);
}

function view(state: RaftState): View {
  return {
    role: ROLE_NAMES[state.role],
    loop: ROLE_NAMES[state.loop],
    term: state.term,
    leader: state.leader,
    lastIndex: state.lastIndex,
    lastTerm: state.lastTerm,
    commitIndex: state.commitIndex,
    appliedIndex: state.fsmIndex,
    snapshotIndex: state.snapshotIndex,
    firstIndex: state.durable.log.firstIndex,
    votedTerm: state.durable.lastVoteTerm,
    votedFor: state.durable.lastVoteCandidate,
    replications: state.replications.filter((entry) => entry !== undefined).length,
  };
}

function save(state: RaftState, durable: RaftDurable): RaftState {
  const leader = state.leaderState;
  return {
    ...state,
    durable,
    candidate: { ...state.candidate },
    leaderState:
      leader === null
        ? null
        : {
            ...leader,
            replications: leader.replications.slice(),
            voters: leader.voters.slice(),
            match: leader.match.slice(),
            inflight: leader.inflight.slice(),
          },
    replications: state.replications.map((replication) =>
      replication === undefined
        ? undefined
        : {
            ...replication,
            sent: replication.sent.slice(),
            sentSince: replication.sentSince.slice(),
            notify: replication.notify.slice(),
            sendingSnapshot:
              replication.sendingSnapshot === null ? null : { ...replication.sendingSnapshot },
          },
    ),
    changes: state.changes.slice(),
    proposalsTakenOf: state.proposalsTakenOf.slice(),
    verifies: state.verifies.map((verify) => ({ ...verify })),
    pending: state.pending.map((pending) => ({ ...pending })),
    capture: state.capture === null ? null : { ...state.capture },
    installation: state.installation === null ? null : { ...state.installation },
    fsm: state.config.fsm.save(state.fsm),
  };
}

/** The library from 1.7.0 on, which has pre-vote. */
export const raftMachine: Machine<RaftState, RaftDurable> = {
  name: 'raft',
  number: Kind.RAFT_MACHINE,
  lanes: Kind.RAFT_LANES,
  inputs: Kind.RAFT_INPUTS,
  notes: Kind.RAFT_NOTES,
  create: createRaftState,
  onStart,
  onInput,
  onResume,
  createDurable: createRaftDurable,
  applyWrite: applyRaftWrite,
  view,
  save,
  losePower: loseUnsynced,
  saveDurable: saveRaftDurable,
};

/**
 * The library before 1.7.0. It does not know the first byte of a pre-vote request and closes the
 * connection (`hashicorp/raft:net_transport.go (handleCommand)`): the sender counts a refusal.
 */
export const raftMachineBeforePreVote: Machine<RaftState, RaftDurable> = {
  ...raftMachine,
  inputs: Kind.RAFT_INPUTS.map((input, number) =>
    input !== undefined && number === (Kind.PRE_VOTE & 255)
      ? { ...input, lane: UNKNOWN_LANE }
      : input,
  ),
};
