/**
 * `raft.one-leader`: safety alone is cheap, a cluster that does nothing is safe. Once faults have
 * healed the servers must agree on one leader again.
 */
import type { Process } from '../core/process.ts';
import { Role, isMember, isVoter } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

class OneLeader implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.becameLeader];
  /** Leaders seen. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(): void {
    this.exercised++;
  }

  pending(): string | null {
    const { name, raft } = this.context;
    const leaders = this.running().filter((process) => raft(process)!.role === Role.leader);
    if (leaders.length === 0) return `No server leads: ${this.states()}`;
    const [leader] = leaders;
    if (leaders.length > 1) {
      return leaders.map((process) => `${name(process)} leads ${this.term(process)}`).join(', ');
    }
    const { latest } = raft(leader)!;
    if (!isVoter(latest, leader))
      return `${name(leader)} leads ${this.term(leader)} without a vote`;
    for (const process of this.running()) {
      const state = raft(process)!;
      // Who is outside the configuration hears of nobody.
      if (!isMember(latest, process)) continue;
      if (state.leader === leader && state.term === raft(leader)!.term) continue;
      const whom = state.leader < 0 ? 'no leader' : `${name(state.leader)} as leader`;
      const follows = `${name(process)} knows ${whom} in ${this.term(process)}`;
      return `${name(leader)} leads ${this.term(leader)}, but ${follows}`;
    }
    return null;
  }

  private running(): ProcessIndex[] {
    const { processes } = this.context.world;
    const runs = ({ status }: Process): boolean => status === 'running';
    return this.context.servers
      .map(({ process }) => process)
      .filter((process) => runs(processes[process]));
  }

  private term(process: ProcessIndex): string {
    return `term ${this.context.raft(process)!.term}`;
  }

  private states(): string {
    const { name, raft, servers, world } = this.context;
    const texts = servers.map(({ process }) => {
      const { status } = world.processes[process];
      const role = raft(process)?.role === Role.candidate ? 'a candidate' : 'a follower';
      return `${name(process)} is ${status === 'running' ? `${role} in ${this.term(process)}` : status}`;
    });
    return texts.join(', ');
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const oneLeader: Invariant = {
  name: 'raft.one-leader',
  expectation: 'eventually',
  statement:
    'When all faults have healed, one voter leads and all members that run, voters or not, follow it.',
  source: 'Raft paper, §5.2 and §5.6 (timing and availability)',
  create: (context) => new OneLeader(context),
};
