/**
 * `leader.established`: a leader in Raft's eyes is of little use before Consul has taken over its
 * duties. Once faults have healed, whoever leads runs one leader loop, which is past its barrier, and
 * nobody else runs one.
 */
import { describe } from '../../core/procedure.ts';
import { leaderLoop } from '../../consul/leader/loop.ts';
import type { LeaderState } from '../../consul/leader/state.ts';
import { LEADER_MACHINE, LeaderNote } from '../../consul/leader/vocabulary.ts';
import { Role } from '../../protocol/raft/types.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';

class LeaderEstablished implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [LeaderNote.began];
  /** Leader loops seen. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(): void {
    this.exercised++;
  }

  pending(): string | null {
    const { servers, world } = this.context;
    for (const { process } of servers) {
      if (world.processes[process].status !== 'running') continue;
      const sentence = this.about(process);
      if (sentence !== null) return sentence;
    }
    return null;
  }

  private about(process: ProcessIndex): string | null {
    const { name, raft, world } = this.context;
    const slot = world.processes[process].slotByNumber[LEADER_MACHINE];
    if (slot === undefined) return null;
    const { loop, ready } = slot.state as LeaderState;
    const leads = raft(process)!.role === Role.leader;
    if (!leads) return loop === null ? null : `${name(process)} does its duties without leading`;
    if (loop === null) return `${name(process)} leads without a leader loop`;
    if (ready) return null;
    return `${name(process)} leads without being ready: ${describe(leaderLoop, loop)}`;
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const leaderEstablished: Invariant = {
  name: 'leader.established',
  expectation: 'eventually',
  statement:
    'When all faults have healed, the leader runs one leader loop and is ready for consistent reads.',
  source: 'hashicorp/consul:agent/consul/leader.go; consul#3545, consul#2896',
  create: (context) => new LeaderEstablished(context),
};
