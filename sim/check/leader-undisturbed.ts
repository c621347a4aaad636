/**
 * `raft.leader-undisturbed`: servers that hear from a leader answer nobody's pre-vote. So a term is raised
 * against a leader only by a candidate that found a quorum which did not follow it at every moment of the
 * candidacy, or at the leader's own word (TimeoutNow, of its term).
 *
 * Candidates whose configuration is not the leader's are left alone: both may count other quorums. So are
 * clusters with releases that know no pre-vote.
 */
import { KernelNote } from '../core/observer.ts';
import { Role, quorumSize } from '../protocol/raft/types.ts';
import type { RaftState } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

interface State {
  readonly since: readonly (readonly [ProcessIndex, number])[];
  readonly candidacies: readonly (readonly [ProcessIndex, number])[];
  readonly handed: readonly string[];
  readonly exercised: number;
}

class LeaderUndisturbed implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    RaftNote.leaderKnown,
    RaftNote.becameCandidate,
    RaftNote.preVote,
    RaftNote.election,
    RaftNote.handingOver,
    KernelNote.started,
  ];
  /** Elections begun. */
  exercised = 0;
  /** Since when each server has known the leader that it knows; from the beginning where it is not told. */
  private since = new Map<ProcessIndex, number>();
  /** When each candidate began to ask: votes from before do not count for it. */
  private candidacies = new Map<ProcessIndex, number>();
  /** `target/term` of every TimeoutNow sent. */
  private handed = new Set<string>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number): void {
    const { now } = this.context.world;
    switch (kind) {
      case RaftNote.becameCandidate:
      case RaftNote.preVote:
        this.candidacies.set(process, now);
        return;
      case RaftNote.handingOver:
        this.handed.add(`${a}/${b}`);
        return;
      case RaftNote.election:
        this.onElection(process, a);
        return;
      default:
        this.since.set(process, now);
    }
  }

  private onElection(process: ProcessIndex, term: number): void {
    const candidate = this.context.raft(process);
    if (candidate === undefined) return;
    this.exercised++;
    if (candidate.transferCandidate && this.handed.has(`${process}/${term - 1}`)) return;
    const asked = this.candidacies.get(process) ?? 0;
    for (const { process: leader } of this.context.servers) {
      if (leader === process || !this.isDisturbed(leader, candidate, term, asked)) continue;
      const { name, report } = this.context;
      const what = `${name(process)} raises the term to ${term} against ${name(leader)}`;
      report(`${what}, which a quorum has followed all the time`, [process, leader]);
    }
  }

  /** A quorum has followed this leader since before the candidate asked for its first vote. */
  private isDisturbed(
    process: ProcessIndex,
    candidate: RaftState,
    term: number,
    asked: number,
  ): boolean {
    const { raft, world } = this.context;
    const leader = raft(process);
    if (leader?.role !== Role.leader || leader.term >= term) return false;
    if (leader.latestIndex !== candidate.latestIndex) return false;
    if (world.processes[process].status !== 'running') return false;
    let followers = 0;
    for (const { id, voter } of leader.latest.servers) {
      const state = raft(id);
      if (!voter || state === undefined) continue;
      if (!state.config.preVote) return false;
      if (id === candidate.self || state.leader !== process || state.term !== leader.term) continue;
      if ((this.since.get(id) ?? 0) < asked) followers++;
    }
    return followers >= quorumSize(leader.latest);
  }

  save(): unknown {
    const { since, candidacies, handed, exercised } = this;
    return {
      since: [...since],
      candidacies: [...candidacies],
      handed: [...handed],
      exercised,
    } satisfies State;
  }

  restore(state: unknown): void {
    const { since, candidacies, handed, exercised } = state as State;
    this.since = new Map(since);
    this.candidacies = new Map(candidacies);
    this.handed = new Set(handed);
    this.exercised = exercised;
  }
}

export const leaderUndisturbed: Invariant = {
  name: 'raft.leader-undisturbed',
  expectation: 'always',
  statement: 'Nobody raises the term against a leader that a quorum follows, but at its own word.',
  source: 'Raft thesis, §9.6 and §4.2.3; hashicorp/raft:raft.go (requestVote, requestPreVote)',
  occasional: true,
  create: (context) => new LeaderUndisturbed(context),
};
