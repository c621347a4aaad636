/**
 * `raft.backoff-ends`: a follower that answers heartbeats is back, and a leader that still waits out a
 * backoff before it sends the entries keeps it from catching up, and from leading.
 */
import { Role } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

/** Heartbeats wait no longer than half a heartbeat timeout, 2.5 s at the largest multiplier in use. */
const SECONDS_MAX = 4;

interface Wait {
  readonly peer: ProcessIndex;
  /** By the leader's clock. */
  readonly fromMicros: number;
  readonly untilMicros: number;
  /** For how long the peer has answered meanwhile. */
  readonly seconds: number;
}

interface State {
  readonly waits: readonly (readonly [string, readonly [ProcessIndex, Wait]])[];
  readonly exercised: number;
}

class BackoffEnds implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.backoff];
  /** Backoffs seen. */
  exercised = 0;
  /** By leader and peer. */
  private waits = new Map<string, readonly [leader: ProcessIndex, wait: Wait]>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  private local(process: ProcessIndex): number {
    const { now, processes } = this.context.world;
    return processes[process].host.clock.monotonic(now);
  }

  onNote(_kind: NoteKind, process: ProcessIndex, peer: ProcessIndex, delayMicros: number): void {
    this.exercised++;
    const fromMicros = this.local(process);
    const wait = { peer, fromMicros, untilMicros: fromMicros + delayMicros, seconds: 0 };
    this.waits.set(`${process}/${peer}`, [process, wait]);
  }

  onSecond(): void {
    for (const [key, [process, wait]] of this.waits) {
      const seconds = this.answered(process, wait);
      if (seconds < 0) this.waits.delete(key);
      else this.waits.set(key, [process, { ...wait, seconds }]);
      if (seconds < SECONDS_MAX) continue;
      this.waits.delete(key);
      const { name, report } = this.context;
      const { peer } = wait;
      const whom = `${name(peer)}, which has answered heartbeats for ${seconds} s`;
      report(`${name(process)} sends nothing to ${whom}`, [process, peer]);
    }
  }

  /** Seconds for which the peer has answered; -1 once the wait is over. */
  private answered(
    process: ProcessIndex,
    { peer, fromMicros, untilMicros, seconds }: Wait,
  ): number {
    const { raft, world } = this.context;
    const state = raft(process);
    const now = this.local(process);
    if (state?.role !== Role.leader || now >= untilMicros) return -1;
    if (world.processes[process].status !== 'running') return 0;
    const contact = state.replications.find((one) => one?.peer === peer)?.lastContact ?? 0;
    return contact > fromMicros && now - contact < state.config.heartbeatMicros ? seconds + 1 : 0;
  }

  save(): unknown {
    return { waits: [...this.waits], exercised: this.exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { waits, exercised } = state as State;
    this.waits = new Map(waits);
    this.exercised = exercised;
  }
}

export const backoffEnds: Invariant = {
  name: 'raft.backoff-ends',
  expectation: 'always',
  statement: 'A follower that answers heartbeats is sent entries within four seconds.',
  source: 'consul#1674; hashicorp/raft:replication.go (replicateTo, heartbeat)',
  occasional: true,
  create: (context) => new BackoffEnds(context),
};
