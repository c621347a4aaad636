/**
 * The leader lease, checked on the main thread against the time at which answers were received
 * (`hashicorp/raft:raft.go (checkLeaderLease)`; reference: raft §1.8).
 */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import { setRole } from './state.ts';
import { LEASE_CHECK_MICROS_MIN } from './timing.ts';
import { Role, quorumSize } from './types.ts';
import type { RaftState } from './types.ts';
import { LEASE_TIMER, RaftNote } from './vocabulary.ts';

export function armLease(state: RaftState, micros: number, out: Outbox): void {
  if (state.leaderState !== null) out.timer(LEASE_TIMER, 0, micros);
}

function contactOf(state: RaftState, peer: ProcessIndex): number {
  for (const id of state.leaderState!.replications) {
    const replication = state.replications[id]!;
    if (replication.peer === peer) return replication.lastContact;
  }
  return -1;
}

export function onLeaseTimer(state: RaftState, out: Outbox): void {
  const { leaseMicros } = state.config;
  const now = out.now();
  let contacted = 0;
  let ageMax = 0;
  for (const { id, voter } of state.latest.servers) {
    if (!voter) continue;
    if (id === state.self) {
      contacted++;
      continue;
    }
    const age = now - contactOf(state, id);
    if (age > leaseMicros) continue;
    contacted++;
    ageMax = Math.max(ageMax, age);
  }
  const quorum = quorumSize(state.latest);
  if (contacted < quorum) {
    out.note(RaftNote.leaseLost, contacted, quorum, 0);
    setRole(state, Role.follower, out);
  }
  armLease(state, Math.max(leaseMicros - ageMax, LEASE_CHECK_MICROS_MIN), out);
}
