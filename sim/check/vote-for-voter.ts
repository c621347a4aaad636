/**
 * `raft.vote-for-voter`: whoever has left, or was never given a vote, may have a newer term and a long
 * log, and would lead a cluster that does not count it, or depose its leader again and again.
 */
import { isVoter } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

class VoteForVoter implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.voted];
  /** Votes for others by servers that know a configuration. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, term: number, candidate: ProcessIndex): void {
    if (candidate === process) return;
    const { name, raft, report } = this.context;
    const { latest } = raft(process)!;
    if (latest.servers.length === 0) return;
    this.exercised++;
    if (isVoter(latest, candidate)) return;
    const what = `${name(process)} votes in term ${term} for ${name(candidate)}`;
    report(`${what}, which has no vote in its configuration`, [process, candidate]);
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const voteForVoter: Invariant = {
  name: 'raft.vote-for-voter',
  expectation: 'always',
  statement: 'Servers vote for those that have a vote in the configuration that they know.',
  source: 'hashicorp/raft:raft.go (requestVote); raft#476, raft#524, raft#526',
  occasional: true,
  create: (context) => new VoteForVoter(context),
};
