/**
 * `raft.follower-catches-up`: a majority is enough to go on, so nobody misses a follower that stays
 * behind for ever; the next crash does. Once faults have healed, everybody who has been a member for a
 * moment must hold what the leader had committed a moment ago.
 */
import { isMember } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex, ReportDetails } from './invariant.ts';
import { leaderOf } from './leader.ts';

/** A follower learns of a commit with the next append: what is younger is on its way. */
const MOMENT_SECONDS = 2;

interface State {
  readonly recent: readonly number[];
  readonly installs: ReadonlyMap<ProcessIndex, readonly [number, number]>;
  readonly seconds: ReadonlyMap<ProcessIndex, number>;
}

class FollowerCatchesUp implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.installed];
  /** Highest commit index of any server by second, the oldest first. */
  private recent: number[] = [];
  /** Index of the last snapshot that each server has installed, and of the one before. */
  private installs = new Map<ProcessIndex, readonly [before: number, last: number]>();
  /** For how many seconds each server has been a member. */
  private seconds = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  /** Commits of followers. */
  get exercised(): number {
    return this.context.commits.byFollowers;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, index: number): void {
    this.installs.set(process, [this.installs.get(process)?.[1] ?? 0, index]);
  }

  onSecond(): void {
    const { raft, servers } = this.context;
    const indexes = servers.map(({ process }) => raft(process)?.commitIndex ?? 0);
    this.recent = [...this.recent.slice(-MOMENT_SECONDS), Math.max(...indexes)];
    const leader = leaderOf(this.context)?.state;
    if (leader === undefined) return;
    for (const { process } of servers) {
      const before = this.seconds.get(process) ?? 0;
      this.seconds.set(process, isMember(leader.latest, process) ? before + 1 : 0);
    }
  }

  pending(): string | null {
    const { name, raft } = this.context;
    const process = this.straggler();
    if (process < 0) return null;
    const [expected] = this.recent;
    const how = `has applied ${raft(process)!.fsmIndex} of ${expected} entries`;
    return `${name(process)} does not catch up: it ${how} that were committed long ago`;
  }

  /** The first member that runs and lacks something, or -1. */
  private straggler(): ProcessIndex {
    const { raft, servers, world } = this.context;
    const [expected = 0] = this.recent;
    const latest = leaderOf(this.context)?.state.latest;
    if (latest === undefined) return -1;
    for (const { process } of servers) {
      const state = raft(process);
      if (world.processes[process].status !== 'running' || state === undefined) continue;
      if (!isMember(latest, process) || this.seconds.get(process)! <= MOMENT_SECONDS) continue;
      if (state.fsmIndex < expected) return process;
    }
    return -1;
  }

  /**
   * A follower that gets one newer snapshot after the other loses the race against the trailing entries
   * of the log: a limit that is documented, and to be tuned (B30).
   */
  pendingDetails(): ReportDetails {
    const { marks } = this.context.world;
    const [before, last] = this.installs.get(this.straggler()) ?? [0, 0];
    if (before === 0 || last <= before || marks.has('B6')) return {};
    return { status: 'allowed', reference: 'consul#9609' };
  }

  save(): unknown {
    const { recent, installs, seconds } = this;
    return { recent, installs: new Map(installs), seconds: new Map(seconds) } satisfies State;
  }

  restore(state: unknown): void {
    const { recent, installs, seconds } = state as State;
    this.seconds = new Map(seconds);
    this.installs = new Map(installs);
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
