/**
 * `raft.one-serving-leader`: a leader answers reads from memory, so the lease has to end its reign
 * soon after another was elected. What the lease cannot see is taken out of the time that counts:
 * pauses of the program, writes that hold up the main goroutine, and a clock that is slow.
 */
import { KernelNote } from '../core/observer.ts';
import { Role } from '../protocol/raft/types.ts';
import { RAFT_MACHINE, RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { inSeconds } from './invariant.ts';

/** Beyond the lease: how late it is checked, and what is on its way when the other is elected. */
const EPSILON_MICROS = 100_000;

/** Code of a pause that lets timers run (KernelNote.paused). */
const IO_PAUSE = 2;

/** An old leader, since another was elected or since it runs again. */
interface Reign {
  readonly successor: ProcessIndex;
  readonly sinceMicros: number;
  /** The same by its own clock. */
  readonly localMicros: number;
  /** Time for which writes have held up its main goroutine. */
  readonly stalledMicros: number;
  /** Since when a batch is on its way to its disk, or -1. */
  readonly dispatchedMicros: number;
  /** The program stands still: nothing counts until it goes on, and it may be killed before. */
  readonly frozen: boolean;
  readonly told: boolean;
}

interface State {
  readonly reigns: readonly (readonly [ProcessIndex, Reign])[];
  readonly exercised: number;
}

class OneServingLeader implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [
    RaftNote.becameLeader,
    RaftNote.becameFollower,
    RaftNote.becameCandidate,
    RaftNote.dispatched,
    RaftNote.appended,
    KernelNote.crashed,
    KernelNote.paused,
    KernelNote.resumed,
  ];
  /** Old leaders that stopped after another was elected. */
  exercised = 0;
  private reigns = new Map<ProcessIndex, Reign>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    if (kind === RaftNote.becameLeader) {
      this.reigns.delete(process);
      this.watchOthers(process, a);
      return;
    }
    const reign = this.reigns.size === 0 ? undefined : this.reigns.get(process);
    if (reign === undefined) return;
    switch (kind) {
      case RaftNote.dispatched:
        this.reigns.set(process, { ...reign, dispatchedMicros: this.context.world.now });
        return;
      case RaftNote.appended:
        this.reigns.set(process, {
          ...reign,
          stalledMicros: this.stalled(process, reign),
          dispatchedMicros: -1,
        });
        return;
      case KernelNote.paused:
        if (a !== IO_PAUSE && !reign.frozen) {
          const told = this.judgeReign(process, reign) || reign.told;
          this.reigns.set(process, { ...reign, frozen: true, told });
        }
        return;
      case KernelNote.resumed:
        this.reigns.set(process, this.begin(process, reign.successor, reign.told));
        return;
      default:
        this.exercised++;
        if (!reign.frozen) this.judgeReign(process, reign);
        this.reigns.delete(process);
    }
  }

  /** A cluster that starts formed has a leader that never became one, so states are asked. */
  private watchOthers(elected: ProcessIndex, term: number): void {
    for (const { process } of this.context.servers) {
      const state = this.context.raft(process);
      if (process === elected || this.reigns.has(process)) continue;
      if (state?.role !== Role.leader || state.term >= term) continue;
      this.reigns.set(process, this.begin(process, elected, false));
    }
  }

  private begin(process: ProcessIndex, successor: ProcessIndex, told: boolean): Reign {
    const { now, processes } = this.context.world;
    return {
      successor,
      sinceMicros: now,
      localMicros: processes[process].host.clock.monotonic(now),
      stalledMicros: 0,
      dispatchedMicros: this.isWriting(process) ? now : -1,
      frozen: processes[process].status !== 'running',
      told,
    };
  }

  private isWriting(process: ProcessIndex): boolean {
    const dispatching = this.context.raft(process)?.leaderState?.dispatching;
    return dispatching !== undefined && dispatching !== null;
  }

  private stalled(process: ProcessIndex, reign: Reign): number {
    const { sinceMicros, stalledMicros, dispatchedMicros } = reign;
    if (dispatchedMicros < 0 && !this.isWriting(process)) return stalledMicros;
    const from = dispatchedMicros < 0 ? sinceMicros : dispatchedMicros;
    return stalledMicros + this.context.world.now - from;
  }

  onSecond(): void {
    for (const [process, reign] of this.reigns) {
      if (this.context.world.processes[process].status !== 'running') continue;
      if (this.judgeReign(process, reign)) this.reigns.set(process, { ...reign, told: true });
    }
  }

  /** True once something was reported. The paper's machine has no leader loop, no lease, no promise. */
  private judgeReign(process: ProcessIndex, reign: Reign): boolean {
    const { raft, world } = this.context;
    const state = raft(process) ?? this.memoryOf(process);
    if (reign.told || state === undefined || state.leaderState === null) return false;
    const limit = state.config.leaseMicros + EPSILON_MICROS;
    const { clock } = world.processes[process].host;
    const reigned = world.now - reign.sinceMicros;
    if (reigned <= limit) return false;
    const stalled = this.stalled(process, reign);
    if (reigned - stalled <= limit) return this.tell(process, reign, 'raft#503');
    const local = clock.monotonic(world.now) - reign.localMicros;
    if (local - stalled <= limit) return this.tell(process, reign, 'consul#54');
    return this.tell(process, reign, '');
  }

  private memoryOf(process: ProcessIndex): ReturnType<CheckContext['raft']> {
    const { slotByNumber } = this.context.world.processes[process];
    return slotByNumber[RAFT_MACHINE]!.state as ReturnType<CheckContext['raft']>;
  }

  /** Documented behaviour has a reference. */
  private tell(process: ProcessIndex, reign: Reign, reference: string): true {
    const { name, report } = this.context;
    const whom = `${name(process)} leads beside ${name(reign.successor)}`;
    const message = `${whom}, elected ${inSeconds(reign.sinceMicros)}, for longer than its lease`;
    const details = reference === '' ? {} : ({ status: 'allowed', reference } as const);
    report(message, [process, reign.successor], details);
    return true;
  }

  save(): unknown {
    return { reigns: [...this.reigns], exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { reigns, exercised } = state as State;
    this.reigns = new Map(reigns);
    this.exercised = exercised;
  }
}

export const oneServingLeader: Invariant = {
  name: 'raft.one-serving-leader',
  expectation: 'always',
  statement:
    'Once another is elected, an old leader stops within its lease, by its clock and while it runs.',
  source: 'hashicorp/raft:raft.go (checkLeaderLease)',
  occasional: true,
  create: (context) => new OneServingLeader(context),
};
