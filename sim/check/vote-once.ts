/**
 * `raft.vote-once`: a majority elects one leader only because majorities overlap and nobody in the
 * overlap votes twice. A server that forgets its vote in a crash is about to.
 */
import { KernelNote } from '../core/observer.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

type Votes = Map<number, ProcessIndex>;

interface State {
  readonly votes: readonly (readonly [ProcessIndex, Votes])[];
  readonly exercised: number;
}

function copy(votes: Iterable<readonly [ProcessIndex, Votes]>) {
  return [...votes].map(([process, byTerm]) => [process, new Map(byTerm)] as const);
}

class VoteOnce implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.voted, KernelNote.started];
  /** Votes granted, those for oneself included. */
  exercised = 0;
  /** Candidate by server and term. */
  private votes = new Map<ProcessIndex, Votes>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, term: number, candidate: ProcessIndex): void {
    if (kind === RaftNote.voted) this.onVoted(process, term, candidate);
    else if (this.context.isServer(process)) this.lookAtDisk(process);
  }

  /** Only while the disk is idle: what has been granted may be on its way there. */
  onSecond(): void {
    const { servers, world } = this.context;
    for (const { process, host } of servers) {
      if (world.hosts[host].disk.depth === 0) this.lookAtDisk(process);
    }
  }

  private onVoted(process: ProcessIndex, term: number, candidate: ProcessIndex): void {
    const { name, report } = this.context;
    this.exercised++;
    let byTerm = this.votes.get(process);
    if (byTerm === undefined) this.votes.set(process, (byTerm = new Map()));
    const before = byTerm.get(term);
    if (before === undefined) byTerm.set(term, candidate);
    else if (before !== candidate) {
      const whom = `${name(before)} and ${name(candidate)}`;
      report(`${name(process)} votes for ${whom} in term ${term}`, [process, before, candidate]);
    }
  }

  /** Terms are voted in ascending: the disk must hold the last vote, or be past its term. */
  private lookAtDisk(process: ProcessIndex): void {
    const { durable, name, report } = this.context;
    const byTerm = this.votes.get(process);
    if (byTerm === undefined) return;
    let last = 0;
    for (const term of byTerm.keys()) if (term > last) last = term;
    const { lastVoteTerm, lastVoteCandidate } = durable(process);
    const candidate = byTerm.get(last)!;
    if (lastVoteTerm > last || (lastVoteTerm === last && lastVoteCandidate === candidate)) return;
    const what = `its vote for ${name(candidate)} in term ${last}`;
    report(`${name(process)} has lost ${what}`, [process, candidate]);
  }

  save(): unknown {
    return { votes: copy(this.votes), exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { votes, exercised } = state as State;
    this.votes = new Map(copy(votes));
    this.exercised = exercised;
  }
}

export const voteOnce: Invariant = {
  name: 'raft.vote-once',
  expectation: 'always',
  statement: 'A server votes for at most one candidate in a term, and remembers over a crash.',
  source: 'Raft paper, figure 2 (votedFor) and §5.2',
  create: (context) => new VoteOnce(context),
};
