/**
 * The follower loop (`hashicorp/raft:raft.go (runFollower)`; reference: raft §1.4). Its timer is
 * polled: contact never resets it, so an age just under the timeout at one firing is noticed only at
 * the next.
 */
import type { Outbox } from '../../core/machine.ts';
import { maybeExpire, respond } from './fsm.ts';
import { setLeader, setRole } from './state.ts';
import { drawTimeout } from './timing.ts';
import { ApplyError, Role, isVoter } from './types.ts';
import type { Proposal, RaftState } from './types.ts';
import { FOLLOWER_TIMER } from './vocabulary.ts';

/** For how many heartbeat timeouts of silence a server with a failing log lets others go first. */
const YIELDED_TIMEOUTS = 30;

export function enterFollower(state: RaftState, out: Outbox): void {
  armTimer(state, out);
}

export function leaveFollower(out: Outbox): void {
  out.cancel(FOLLOWER_TIMER, 0);
}

function armTimer(state: RaftState, out: Outbox): void {
  const delay = drawTimeout(out, 'heartbeat-timer', state.config.heartbeatMicros);
  out.timer(FOLLOWER_TIMER, 0, delay);
}

export function onFollowerTimer(state: RaftState, out: Outbox): void {
  armTimer(state, out);
  if (out.now() - state.lastContact < state.config.heartbeatMicros) return;
  setLeader(state, -1, out);
  if (state.latestIndex === 0) return;
  const votes = isVoter(state.latest, state.self);
  if (state.latestIndex === state.committedIndex && !votes) return;
  if (votes && !maybeLetOthersLead(state, out)) setRole(state, Role.candidate, out);
}

/**
 * A server that could not write its log stands for election nevertheless (B8). Once fixed it lets the
 * others go first until an append has been stored, but not for ever: there may be no others.
 */
function maybeLetOthersLead(state: RaftState, out: Outbox): boolean {
  if (!state.logFailed) return false;
  if (state.config.bugs.B8) {
    out.mark('B8');
    return false;
  }
  const silentMicros = out.now() - state.lastContact;
  return silentMicros < YIELDED_TIMEOUTS * state.config.heartbeatMicros;
}

/** Followers and candidates refuse proposals at once, and so does a leader that hands over. */
export function refuseProposal(state: RaftState, proposal: Proposal, out: Outbox): void {
  const leads = state.loop === Role.leader;
  if (maybeExpire(state, proposal, out)) return;
  respond(
    state,
    proposal.tag,
    leads ? ApplyError.transferInProgress : ApplyError.notLeader,
    0,
    null,
    out,
  );
}
