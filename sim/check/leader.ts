/** Who leads, as invariants see it. */
import type { Store } from '../consul/state/store.ts';
import { Role } from '../protocol/raft/types.ts';
import type { RaftState } from '../protocol/raft/types.ts';
import type { CheckContext, ProcessIndex } from './invariant.ts';

export interface Leading {
  readonly process: ProcessIndex;
  readonly state: RaftState;
}

/** In the highest term: an old leader that has been cut off also believes that it leads. */
export function leaderOf({
  servers,
  raft,
}: Pick<CheckContext, 'servers' | 'raft'>): Leading | undefined {
  let leader: Leading | undefined;
  for (const { process } of servers) {
    const state = raft(process);
    if (state?.role !== Role.leader || state.term <= (leader?.state.term ?? -1)) continue;
    leader = { process, state };
  }
  return leader;
}

/** What it has applied; null while nobody leads, or while whoever leads stands still. */
export function leadersStore(context: CheckContext): Store | null {
  const leader = leaderOf(context);
  if (leader === undefined) return null;
  const { status } = context.world.processes[leader.process];
  return status === 'running' ? (leader.state.fsm as Store) : null;
}
