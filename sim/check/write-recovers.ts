/**
 * `raft.write-recovers`: a leader that everybody follows may still be unable to commit (a stalled
 * disk, a stuck replication). Only a write that succeeds shows that the cluster is back.
 */
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind } from './invariant.ts';
import { inSeconds } from './invariant.ts';

/** Times are virtual microseconds, -1 before the first. */
interface State {
  lastAttempt: number;
  lastSuccess: number;
  lastElection: number;
  /** Last commit on a leader. */
  lastCommit: number;
  /** Writes sent, and writes acknowledged, since recovery may be expected. */
  attempts: number;
  successes: number;
}

class WriteRecovers implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader];
  private state: State = {
    lastAttempt: -1,
    lastSuccess: -1,
    lastElection: -1,
    lastCommit: -1,
    attempts: 0,
    successes: 0,
  };
  private readonly context: CheckContext;
  /** From here on writes should succeed: half of the time for which the load goes on in settle. */
  private readonly expectedMicros: number;

  constructor(context: CheckContext) {
    const { fromMicros, loadUntilMicros } = context.settle;
    this.context = context;
    this.expectedMicros = fromMicros + Math.floor((loadUntilMicros - fromMicros) / 2);
    context.commits.onLeader(() => (this.state.lastCommit = context.world.now));
    context.acknowledged.listen({
      onAttempt: () => this.onAttempt(context.world.now),
      onAcknowledged: () => this.onSuccess(context.world.now),
    });
  }

  /** Writes that could show whether the cluster is back. */
  get exercised(): number {
    return Math.max(this.state.attempts, this.state.successes);
  }

  private onAttempt(now: number): void {
    this.state.lastAttempt = now;
    if (now >= this.expectedMicros) this.state.attempts++;
  }

  private onSuccess(now: number): void {
    this.state.lastSuccess = now;
    if (now >= this.expectedMicros) this.state.successes++;
  }

  onNote(): void {
    this.state.lastElection = this.context.world.now;
  }

  /** Where nobody has tried since the last election, that leader's commit of its Noop has to do. */
  private leaderCommits(): boolean {
    const { lastAttempt, lastElection, lastCommit } = this.state;
    return lastElection > lastAttempt && lastCommit >= lastElection;
  }

  pending(): string | null {
    const { attempts, successes, lastSuccess } = this.state;
    if (successes > 0 || attempts === 0 || this.leaderCommits()) return null;
    const since = lastSuccess < 0 ? 'in the whole run' : `since ${inSeconds(lastSuccess)}`;
    const tried = attempts === 1 ? 'one was tried' : `${attempts} were tried`;
    return `No write has succeeded ${since}; ${tried} after ${inSeconds(this.expectedMicros)}`;
  }

  save(): unknown {
    return { ...this.state };
  }

  restore(state: unknown): void {
    this.state = { ...(state as State) };
  }
}

export const writeRecovers: Invariant = {
  name: 'raft.write-recovers',
  expectation: 'eventually',
  statement: 'When all faults have healed, writes succeed again.',
  source: 'Raft paper, §5.6 (a steady leader makes progress)',
  create: (context) => new WriteRecovers(context),
};
