/**
 * `raft.write-recovers`: a leader that everybody follows may still be unable to commit (a stalled
 * disk, a stuck replication). Only a write that succeeds shows that the cluster is back, or one that is
 * committed after its client has given up.
 *
 * A server outside the leader's configuration never hears of a leader, and refuses what its clients
 * ask for as long as nobody adds it: such a write shows nothing about the cluster.
 */
import { EntryType, isMember } from '../protocol/raft/types.ts';
import type { Command } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { inSeconds } from './invariant.ts';
import { leaderOf } from './leader.ts';

/** Times are virtual microseconds, -1 before the first. */
interface State {
  lastAttempt: number;
  lastSuccess: number;
  lastElection: number;
  /** Last commit on a leader. */
  lastCommit: number;
  /** Digests of writes sent, and writes acknowledged, since recovery may be expected. */
  readonly attempts: number[];
  successes: number;
}

class WriteRecovers implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader];
  private state: State = {
    lastAttempt: -1,
    lastSuccess: -1,
    lastElection: -1,
    lastCommit: -1,
    attempts: [],
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
      onAttempt: (to, digest) => this.onAttempt(to, digest, context.world.now),
      onWithdrawn: (digest) => {
        const { attempts } = this.state;
        const at = attempts.lastIndexOf(digest);
        if (at >= 0) attempts.splice(at, 1);
      },
      onAcknowledged: () => this.onSuccess(context.world.now),
    });
  }

  /** Writes that could show whether the cluster is back. */
  get exercised(): number {
    return Math.max(this.state.attempts.length, this.state.successes);
  }

  private onAttempt(to: ProcessIndex, digest: number, now: number): void {
    // Attempts before that are of interest only where one of those that count comes later.
    const counts = now >= this.expectedMicros;
    if (counts && this.isOutside(to)) return;
    this.state.lastAttempt = now;
    if (counts) this.state.attempts.push(digest);
  }

  private isOutside(process: ProcessIndex): boolean {
    if (!this.context.isServer(process)) return false;
    const leader = leaderOf(this.context);
    return leader !== undefined && !isMember(leader.state.latest, process);
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

  /** One of the writes that count was committed, whatever its client was told. */
  private isCommitted(): boolean {
    const { log } = this.context.committed;
    const wanted = new Set(this.state.attempts);
    for (let index = log.lastIndex; index >= log.firstIndex; index--) {
      const entry = log.entry(index);
      if (entry?.type !== EntryType.command) continue;
      if (wanted.has((entry.data as Command).digest)) return true;
    }
    return false;
  }

  pending(): string | null {
    const { attempts, successes, lastSuccess } = this.state;
    if (successes > 0 || attempts.length === 0) return null;
    if (this.leaderCommits() || this.isCommitted()) return null;
    const since = lastSuccess < 0 ? 'in the whole run' : `since ${inSeconds(lastSuccess)}`;
    const tried = attempts.length === 1 ? 'one was tried' : `${attempts.length} were tried`;
    return `No write has succeeded ${since}; ${tried} after ${inSeconds(this.expectedMicros)}`;
  }

  save(): unknown {
    return { ...this.state, attempts: this.state.attempts.slice() };
  }

  restore(state: unknown): void {
    const saved = state as State;
    this.state = { ...saved, attempts: saved.attempts.slice() };
  }
}

export const writeRecovers: Invariant = {
  name: 'raft.write-recovers',
  expectation: 'eventually',
  statement: 'When all faults have healed, writes succeed again.',
  source: 'Raft paper, §5.6 (a steady leader makes progress)',
  create: (context) => new WriteRecovers(context),
};
