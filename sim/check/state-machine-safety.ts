/**
 * `raft.state-machine-safety`: the reason for all the rest. Servers that apply the same commands in
 * the same order hold the same data; one different entry and they never agree again.
 */
import type { Entry } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { sameEntry, scanDifference } from './scan.ts';

interface State {
  readonly entries: readonly Entry[];
  readonly servers: readonly ProcessIndex[];
  readonly exercised: number;
}

class StateMachineSafety implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.applied];
  /** Entries applied where something had been applied before, by another server or an earlier life. */
  exercised = 0;
  /** By array index: what was applied there first, and by whom. */
  private entries: Entry[] = [];
  private servers: ProcessIndex[] = [];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, index: number, prefix: number): void {
    const { name, report, durable } = this.context;
    const at = index - 1;
    const entry = durable(process).entries[at];
    if (entry === undefined || entry.prefix !== prefix) {
      report(`${name(process)} applies an entry ${index} that its log does not hold`, [process]);
      return;
    }
    const known = this.entries[at];
    if (known === undefined) {
      this.entries[at] = entry;
      this.servers[at] = process;
      return;
    }
    this.exercised++;
    if (!sameEntry(known, entry)) this.report(process, at, entry.term);
  }

  /** What a server has applied stays in its log as it was applied. */
  onSecond(): void {
    const { context } = this;
    for (const { process } of context.servers) {
      const state = context.raft(process);
      if (state === undefined) continue;
      const log = context.durable(process).entries;
      const last = Math.min(state.fsmIndex, this.entries.length);
      const at = scanDifference(log, this.entries, last, context.world.now);
      if (at >= 0) this.report(process, at, log[at]?.term ?? 0);
    }
  }

  /** `at` is an array index; `term` that of the entry now there, 0 for none. */
  private report(process: ProcessIndex, at: number, term: number): void {
    const { name, report } = this.context;
    const server = this.servers[at];
    const first = `${name(server)} applied entry ${at + 1} of term ${this.entries[at].term}`;
    const then = term === 0 ? 'has lost it' : `has applied another one, of term ${term}`;
    report(`${first}, ${name(process)} ${then}`, [server, process]);
  }

  save(): unknown {
    const { entries, servers, exercised } = this;
    return { entries: entries.slice(), servers: servers.slice(), exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { entries, servers, exercised } = state as State;
    this.entries = entries.slice();
    this.servers = servers.slice();
    this.exercised = exercised;
  }
}

export const stateMachineSafety: Invariant = {
  name: 'raft.state-machine-safety',
  expectation: 'always',
  statement: 'If a server has applied an entry at an index, no server applies another one there.',
  source: 'Raft paper, figure 3 (State Machine Safety) and §5.4.3',
  create: (context) => new StateMachineSafety(context),
};
