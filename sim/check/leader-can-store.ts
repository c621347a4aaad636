/**
 * `raft.leader-can-store`: a leader whose log refuses a write steps down, and is the first to know that
 * nobody leads. If it stands again before it has stored anything, the others get no chance, and the
 * cluster has a leader that can do nothing, again and again.
 */
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';

/** Heartbeat timeouts of silence after which there may be nobody else. */
const SILENT_TIMEOUTS = 10;

class LeaderCanStore implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.election];
  /** Elections begun. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, term: number): void {
    this.exercised++;
    const { name, raft, report, world } = this.context;
    const state = raft(process);
    if (state === undefined || !state.logFailed || state.transferCandidate) return;
    const { clock } = world.processes[process].host;
    const silentMicros = clock.monotonic(world.now) - state.lastContact;
    if (silentMicros > SILENT_TIMEOUTS * state.config.heartbeatMicros) return;
    report(`${name(process)} stands for term ${term} although its log takes nothing`, [process]);
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const leaderCanStore: Invariant = {
  name: 'raft.leader-can-store',
  expectation: 'always',
  statement: 'A server whose log takes nothing lets the others stand for election first.',
  source: 'raft#614',
  occasional: true,
  create: (context) => new LeaderCanStore(context),
};
