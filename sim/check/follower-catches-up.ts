/**
 * `raft.follower-catches-up`: a majority is enough to go on, so nobody misses a follower that stays
 * behind for ever; the next crash does. Once faults have healed, every member must hold what the
 * leader had committed a moment ago.
 */
import { Role, isMember } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

/** A follower learns of a commit with the next append: what is younger is on its way. */
const MOMENT_SECONDS = 2;

interface State {
  readonly exercised: number;
  readonly recent: readonly number[];
}

class FollowerCatchesUp implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.committed];
  /** Commits of followers. */
  exercised = 0;
  /** Highest commit index of any server by second, the oldest first. */
  private recent: number[] = [];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    if (this.context.raft(process)?.role === Role.follower) this.exercised++;
  }

  onSecond(): void {
    const { raft, servers } = this.context;
    const indexes = servers.map(({ process }) => raft(process)?.commitIndex ?? 0);
    this.recent = [...this.recent.slice(-MOMENT_SECONDS), Math.max(...indexes)];
  }

  pending(): string | null {
    const { name, raft, servers, world } = this.context;
    const [expected = 0] = this.recent;
    const leader = servers.find(({ process }) => raft(process)?.role === Role.leader);
    if (leader === undefined) return null;
    const { latest } = raft(leader.process)!;
    for (const { process } of servers) {
      const state = raft(process);
      if (world.processes[process].status !== 'running' || state === undefined) continue;
      if (!isMember(latest, process) || state.fsmIndex >= expected) continue;
      const how = `has applied ${state.fsmIndex} of ${expected} entries`;
      return `${name(process)} does not catch up: it ${how} that were committed long ago`;
    }
    return null;
  }

  save(): unknown {
    return { exercised: this.exercised, recent: this.recent } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, recent } = state as State;
    this.exercised = exercised;
    this.recent = recent.slice();
  }
}

export const followerCatchesUp: Invariant = {
  name: 'raft.follower-catches-up',
  expectation: 'eventually',
  statement: 'When all faults have healed, every member that runs holds what was committed.',
  source: 'Raft paper, §5.3 and §7 (a slow follower is brought up to date)',
  create: (context) => new FollowerCatchesUp(context),
};
