/** Which entries are committed (`hashicorp/raft:commitment.go`; reference: raft §1.12). */
import type { Outbox, ProcessIndex } from '../../core/machine.ts';
import type { RaftState } from './types.ts';
import { COMMIT } from './vocabulary.ts';

/** A peer holds the log up to `index`. Match indexes never go back. */
export function match(state: RaftState, peer: ProcessIndex, index: number, out: Outbox): void {
  const leader = state.leaderState;
  if (leader === null) return;
  const voter = leader.voters.indexOf(peer);
  if (voter < 0 || leader.match[voter] >= index) return;
  leader.match[voter] = index;
  advanceCommit(state, out);
}

export function matchSelf(state: RaftState, index: number, out: Outbox): void {
  match(state, state.self, index, out);
}

/**
 * Ascending, the quorum's index is element (n - 1) / 2. Counting finds it without a sorted copy, and
 * this is asked for at every answer.
 */
export function quorumIndex(match: readonly number[]): number {
  const place = (match.length - 1) >> 1;
  for (let i = 0; i < match.length; i++) {
    const value = match[i];
    let below = 0;
    let equal = 0;
    for (let j = 0; j < match.length; j++) {
      if (match[j] < value) below++;
      else if (match[j] === value) equal++;
    }
    if (below <= place && place < below + equal) return value;
  }
  return 0;
}

/** Only entries from our own Noop on are committed by counting (Raft paper §5.4.2). */
export function advanceCommit(state: RaftState, out: Outbox): void {
  const leader = state.leaderState!;
  const index = quorumIndex(leader.match);
  if (index <= leader.commitIndex) return;
  if (index < leader.startIndex && !state.config.bugs.B2) return;
  leader.commitIndex = index;
  out.post(COMMIT, 0, 0, null);
}
