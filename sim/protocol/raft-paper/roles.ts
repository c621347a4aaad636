/** Changing roles and terms, and the one election timer that they share. */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox, ProcessIndex, Write } from '../../core/machine.ts';
import { writeTerm } from '../raft/durable.ts';
import { respond } from '../raft/fsm.ts';
import { setRole } from '../raft/state.ts';
import { ApplyError, Role } from '../raft/types.ts';
import { ELECTION_TIMER, HEARTBEAT_TIMER } from '../raft/vocabulary.ts';
import type { Continuation, PaperState } from './types.ts';

/** Where the machine goes on after a write. */
export const STORED = 1;

export function resetElectionTimer(state: PaperState, out: Outbox): void {
  const { electionMicrosMin, electionMicrosMax } = state.config;
  const draws = out.draw('election-timer');
  const delay = draws.between(electionMicrosMin, electionMicrosMax + 1);
  out.timer(ELECTION_TIMER, 0, delay);
}

/** Blocks the machine until all is stored; with nothing to store the caller goes on itself. */
export function store(
  state: PaperState,
  writes: readonly Write[],
  continuation: Continuation,
  out: Outbox,
): void {
  state.continuation = continuation;
  out.write(writes, STORED, 0);
}

/** A server that cannot store what it must remember stops, as the paper's fail-stop servers do. */
export function stored(state: PaperState, out: Outbox): Continuation | null {
  const { continuation } = state;
  state.continuation = null;
  if (out.error === ErrorCause.none) return continuation;
  out.panic('failed to write to stable storage');
  return null;
}

/**
 * Back to follower. A candidate's election timer runs on: only contact with a leader and a granted
 * vote reset it. A leader has none and gets one.
 */
export function becomeFollower(state: PaperState, out: Outbox): void {
  const led = state.role === Role.leader;
  setRole(state, Role.follower, out);
  out.cancel(HEARTBEAT_TIMER, 0);
  state.preVoting = false;
  if (!led) return;
  for (const { index, tag } of state.inflight) {
    respond(state, tag, ApplyError.leadershipLost, index, null, out);
  }
  state.inflight = [];
  resetElectionTimer(state, out);
}

/** A newer term in any request or answer makes a follower, and is remembered first of all. */
export function adoptTerm(state: PaperState, term: number, out: Outbox): void {
  becomeFollower(state, out);
  store(state, [writeTerm(term)], { kind: 'adopted', term }, out);
}

export function othersOf(state: PaperState): ProcessIndex[] {
  const voters = state.latest.servers.filter(({ voter }) => voter);
  return voters.map(({ id }) => id).filter((id) => id !== state.self);
}
