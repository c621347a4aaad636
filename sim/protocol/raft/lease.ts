/**
 * The leader lease, checked on the main thread against the time at which answers were received
 * (`hashicorp/raft:raft.go (checkLeaderLease)`; reference: raft §1.8).
 */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { setRole } from './state.ts';
import { LEASE_CHECK_MICROS_MIN } from './timing.ts';
import { Role, quorumSize } from './types.ts';
import type { RaftState, Replication } from './types.ts';
import { LEASE_TIMER, RaftNote } from './vocabulary.ts';

export function armLease(state: RaftState, micros: number, out: Outbox): void {
  if (state.leaderState !== null) out.timer(LEASE_TIMER, 0, micros);
}

function replicationTo(state: RaftState, peer: ProcessIndex): Replication | undefined {
  for (const id of state.leaderState!.replications) {
    const replication = state.replications[id]!;
    if (replication.peer === peer) return replication;
  }
  return undefined;
}

export function onLeaseTimer(state: RaftState, out: Outbox): void {
  const { leaseMicros } = state.config;
  const now = out.now();
  let contacted = 0;
  /** Whose answers are to requests of within the lease. */
  let recent = 0;
  let ageMax = 0;
  for (const { id, voter } of state.latest.servers) {
    if (!voter) continue;
    if (id === state.self) {
      contacted++;
      recent++;
      continue;
    }
    const replication = replicationTo(state, id);
    if (replication === undefined) continue;
    const age = now - replication.lastContact;
    const requestAge = now - replication.contactSent;
    if (age <= leaseMicros) contacted++;
    if (requestAge <= leaseMicros) recent++;
    const counted = state.config.bugs.B10 ? age : requestAge;
    if (counted <= leaseMicros) ageMax = Math.max(ageMax, counted);
  }
  const quorum = quorumSize(state.latest);
  if (contacted >= quorum && recent < quorum && state.config.bugs.B10) out.mark('B10');
  if ((state.config.bugs.B10 ? contacted : recent) < quorum) {
    out.note(RaftNote.leaseLost, contacted, quorum, 0);
    setRole(state, Role.follower, out);
  }
  armLease(state, Math.max(leaseMicros - ageMax, LEASE_CHECK_MICROS_MIN), out);
}
