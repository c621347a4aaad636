/**
 * `leader.established`: a leader in Raft's eyes is of little use before Consul has taken over its
 * duties. Once faults have healed, whoever leads runs one leader loop, which is past its barrier, and
 * nobody else runs one.
 *
 * A leader that gets no barrier, for instance since leadership is being handed over at that moment,
 * waits for its next interval: until then that is how Consul is (consul §2.6).
 */
import { describe } from '../../core/procedure.ts';
import { leaderLoop, RECONCILE_MICROS } from '../../consul/leader/loop.ts';
import type { LeaderState } from '../../consul/leader/state.ts';
import { LEADER_MACHINE, LeaderNote } from '../../consul/leader/vocabulary.ts';
import { Role } from '../../protocol/raft/types.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex, ReportDetails } from '../invariant.ts';

interface State {
  readonly exercised: number;
  readonly failures: readonly (readonly [ProcessIndex, number])[];
}

class LeaderEstablished implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [LeaderNote.began, LeaderNote.barrierFailed];
  /** Leader loops seen. */
  exercised = 0;
  /** When each leader last got no barrier. */
  private failures = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex): void {
    if (kind === LeaderNote.began) this.exercised++;
    else this.failures.set(process, this.context.world.now);
  }

  pending(): string | null {
    return this.unready()?.[1] ?? null;
  }

  pendingDetails(): ReportDetails {
    const process = this.unready()?.[0] ?? -1;
    const { world } = this.context;
    const failed = this.failures.get(process);
    const { loop } = this.stateOf(process)!;
    if (this.context.raft(process)?.role !== Role.leader) return {};
    if (failed === undefined || loop?.waitingFor !== 'events') return {};
    if (world.now - failed > RECONCILE_MICROS) return {};
    return { status: 'allowed', reference: 'consul §2.6' };
  }

  /** The first server that is not as it should be, and how it is. */
  private unready(): [ProcessIndex, string] | null {
    const { servers, world } = this.context;
    for (const { process } of servers) {
      if (world.processes[process].status !== 'running') continue;
      const sentence = this.about(process);
      if (sentence !== null) return [process, sentence];
    }
    return null;
  }

  private stateOf(process: ProcessIndex): LeaderState | undefined {
    const slot = this.context.world.processes[process]?.slotByNumber[LEADER_MACHINE];
    return slot?.state as LeaderState | undefined;
  }

  private about(process: ProcessIndex): string | null {
    const { name, raft } = this.context;
    const state = this.stateOf(process);
    if (state === undefined) return null;
    const { loop, ready } = state;
    const leads = raft(process)!.role === Role.leader;
    if (!leads) return loop === null ? null : `${name(process)} does its duties without leading`;
    if (loop === null) return `${name(process)} leads without a leader loop`;
    if (ready) return null;
    return `${name(process)} leads without being ready: ${describe(leaderLoop, loop)}`;
  }

  save(): unknown {
    return { exercised: this.exercised, failures: [...this.failures] } satisfies State;
  }

  restore(state: unknown): void {
    const { exercised, failures } = state as State;
    this.exercised = exercised;
    this.failures = new Map(failures);
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
