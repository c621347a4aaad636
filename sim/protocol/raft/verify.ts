/**
 * VerifyLeader: a quorum must still answer well before a leader may say that it leads
 * (`hashicorp/raft:raft.go (verifyLeader)`, `hashicorp/raft:future.go (vote)`; reference: raft §1.12).
 * Any answer counts, of servers without a vote too (B11) and to requests from before (B10).
 *
 * Known deviation: the channel of votes, of 64 places in the original, never fills here.
 */
import type { Outbox } from '../../core/machine.ts';
import { respond } from './fsm.ts';
import { setRole } from './state.ts';
import { ApplyError, Role, isVoter, quorumSize } from './types.ts';
import type { RaftState, Replication, Verify } from './types.ts';
import { FORCE_HEARTBEAT, RaftNote, VERIFIED } from './vocabulary.ts';

/** Followers and candidates refuse; there is no timeout but the lease's. */
export function onVerify(state: RaftState, tag: number, out: Outbox): void {
  const leader = state.leaderState;
  if (state.loop !== Role.leader || leader === null) {
    respond(state, tag, ApplyError.notLeader, 0, null, out);
    return;
  }
  const quorum = quorumSize(state.latest);
  if (quorum === 1) {
    respond(state, tag, ApplyError.none, 0, null, out);
    return;
  }
  const verify = {
    id: ++state.verifyCount,
    tag,
    quorum,
    sinceMicros: out.now(),
    votes: 1,
    early: 0,
    nonVoters: 0,
    decided: false,
    answered: false,
  };
  state.verifies.push(verify);
  out.note(RaftNote.verifying, verify.id, state.term, 0);
  for (const id of leader.replications) {
    const replication = state.replications[id]!;
    const { B11 } = state.config.bugs;
    if (B11 || isVoter(state.latest, replication.peer)) replication.notify.push(verify.id);
    out.post(FORCE_HEARTBEAT, id, 0, null);
  }
}

/** The peer has answered what was sent at that time: each verification that waits gets its vote. */
export function notifyAll(
  state: RaftState,
  replication: Replication,
  leads: boolean,
  sentMicros: number,
  out: Outbox,
): void {
  const { notify } = replication;
  if (notify.length === 0) return;
  replication.notify = [];
  for (const id of notify) {
    const verify = state.verifies.find((one) => one.id === id);
    if (verify === undefined || verify.decided) continue;
    const early = sentMicros < verify.sinceMicros;
    if (leads && early && !state.config.bugs.B10) replication.notify.push(id);
    else vote(state, verify, replication, leads, early, out);
  }
}

function vote(
  state: RaftState,
  verify: Verify,
  replication: Replication,
  leads: boolean,
  early: boolean,
  out: Outbox,
): void {
  if (leads) {
    verify.votes++;
    if (early) verify.early++;
    else if (!isVoter(state.latest, replication.peer)) verify.nonVoters++;
    if (verify.votes < verify.quorum) return;
  }
  verify.decided = true;
  out.post(VERIFIED, 0, verify.id, null);
}

/** A quorum has agreed, or a single peer has not: then a new leader must have been elected. */
export function onVerified(state: RaftState, id: number, out: Outbox): void {
  const verify = state.verifies.find((one) => one.id === id);
  if (verify === undefined) return;
  forget(state, id);
  if (verify.votes < verify.quorum) {
    if (state.loop === Role.leader) setRole(state, Role.follower, out);
    answer(state, verify, ApplyError.notLeader, out);
    return;
  }
  if (state.loop !== Role.leader) {
    answer(state, verify, ApplyError.notLeader, out);
    return;
  }
  if (verify.votes - verify.early < verify.quorum) out.mark('B10');
  if (verify.votes - verify.nonVoters < verify.quorum) out.mark('B11');
  out.note(RaftNote.verified, id, 0, 0);
  answer(state, verify, ApplyError.none, out);
}

function forget(state: RaftState, id: number): void {
  state.verifies = state.verifies.filter((one) => one.id !== id);
  for (const replication of state.replications) {
    if (replication === undefined || replication.notify.length === 0) continue;
    replication.notify = replication.notify.filter((one) => one !== id);
  }
}

/** Leaving leadership answers whoever waits; replicators that linger may still bring votes. */
export function abandonVerifies(state: RaftState, out: Outbox): void {
  for (const verify of state.verifies) answer(state, verify, ApplyError.leadershipLost, out);
}

function answer(state: RaftState, verify: Verify, error: ApplyError, out: Outbox): void {
  if (verify.answered) return;
  verify.answered = true;
  respond(state, verify.tag, error, 0, null, out);
}

/** Those that were answered and wait for nobody any more. */
export function pruneVerifies(state: RaftState): void {
  if (state.verifies.length === 0) return;
  state.verifies = state.verifies.filter(
    ({ id, answered, decided }) =>
      !answered || decided || state.replications.some((one) => one?.notify.includes(id) === true),
  );
}
