/**
 * `raft.vote-recorded`: a vote is a pair, a term and a candidate. A crash that leaves the new term beside
 * the candidate of an older one gives that candidate a vote it never asked for, and its log is compared
 * with nothing.
 */
import { KernelNote } from '../core/observer.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

interface Found {
  readonly process: ProcessIndex;
  readonly candidate: ProcessIndex;
  readonly term: number;
}

interface State {
  readonly found: readonly Found[];
  readonly elections: readonly string[];
  readonly exercised: number;
}

class VoteRecorded implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.election, KernelNote.started];
  /** Votes that restarted servers have found on their disks. */
  exercised = 0;
  /** `candidate/term` of every election begun, and of votes that were there at the beginning. */
  private elections = new Set<string>();
  /** What servers have found that started since the last look. */
  private found: readonly Found[] = [];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    for (const { process } of context.servers) this.elections.add(this.voteOf(process));
  }

  private voteOf(process: ProcessIndex): string {
    const { lastVoteCandidate, lastVoteTerm } = this.context.durable(process);
    return `${lastVoteCandidate}/${lastVoteTerm}`;
  }

  onNote(kind: NoteKind, process: ProcessIndex, term: number): void {
    if (kind === RaftNote.election) this.elections.add(`${process}/${term}`);
    else if (this.context.isServer(process)) this.onStarted(process);
  }

  private onStarted(process: ProcessIndex): void {
    const { lastVoteCandidate: candidate, lastVoteTerm: term } = this.context.durable(process);
    if (candidate < 0 || term === 0) return;
    this.exercised++;
    if (this.elections.has(this.voteOf(process))) return;
    this.found = [...this.found, { process, candidate, term }];
  }

  /** Later than what the server says itself of what it has found. */
  onSecond(): void {
    const { found } = this;
    if (found.length === 0) return;
    this.found = [];
    const { name, report } = this.context;
    for (const { process, candidate, term } of found) {
      const what = `a vote for ${name(candidate)} in term ${term}`;
      const message = `${name(process)} has stored ${what}, for which it did not stand`;
      report(message, [process, candidate]);
    }
  }

  save(): unknown {
    const { elections, exercised, found } = this;
    return { elections: [...elections], exercised, found } satisfies State;
  }

  restore(state: unknown): void {
    const { elections, exercised, found } = state as State;
    this.found = found;
    this.elections = new Set(elections);
    this.exercised = exercised;
  }
}

export const voteRecorded: Invariant = {
  name: 'raft.vote-recorded',
  expectation: 'always',
  statement: 'The vote that a server has stored is for a candidate of its term.',
  source: 'Raft paper, figure 2 (votedFor); raft#661',
  occasional: true,
  create: (context) => new VoteRecorded(context),
};
