/**
 * `raft.state-machine-safety`: the reason for all the rest. Servers that apply the same commands in
 * the same order hold the same data; one different entry and they never agree again.
 *
 * Every application is compared as it is told. Once a second the scan compares what each server has
 * applied with its log, in the windows of the book, wherever the first to apply had another entry
 * than the book, and at the end of the log.
 */
import type { NoteHandler } from '../core/observer.ts';
import { entryIn } from '../protocol/raft/log.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { KeptLog } from './kept-log.ts';
import type { KeptLogState } from './kept-log.ts';
import { sameEntry } from './scan.ts';

interface Captured {
  readonly digest: number;
  readonly server: ProcessIndex;
}

interface State {
  readonly states: ReadonlyMap<number, Captured>;
  readonly log: KeptLogState;
  readonly servers: readonly ProcessIndex[];
  readonly exercised: number;
}

class StateMachineSafety implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [RaftNote.applied, RaftNote.captured, RaftNote.restored];
  /**
   * Entries applied where something had been applied before, by another server or an earlier life,
   * and states captured or restored where one was known.
   */
  exercised = 0;
  /** What was applied first at each index, and by whom. */
  private log: KeptLog;
  private servers: ProcessIndex[] = [];
  /** State that was captured first at an index, and by whom. */
  private states = new Map<number, Captured>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.log = new KeptLog(context.book);
  }

  onNote(kind: NoteKind, process: ProcessIndex, index: number, b: number, digest: number): void {
    if (kind === RaftNote.applied) this.onApplied(process, index, b);
    else if (kind === RaftNote.captured) this.onState(process, index, digest);
    else this.onRestored(process, index, b, digest);
  }

  handlerOf(kind: NoteKind): NoteHandler | undefined {
    if (kind !== RaftNote.applied) return undefined;
    return (process, index, prefix) => this.onApplied(process, index, prefix);
  }

  /** A snapshot is evidence too: servers that have applied as much hold the same data. */
  private onState(process: ProcessIndex, index: number, digest: number): void {
    const known = this.states.get(index);
    if (known === undefined) {
      this.states.set(index, { digest, server: process });
      return;
    }
    this.exercised++;
    if (known.digest === digest) return;
    const { name, report } = this.context;
    const both = `${name(known.server)} and ${name(process)}`;
    report(`The states of ${both} at index ${index} differ`, [known.server, process]);
  }

  private onRestored(process: ProcessIndex, index: number, prefix: number, digest: number): void {
    this.onState(process, index, digest);
    const known = this.log.entry(index);
    if (known === undefined || known.prefix === prefix) return;
    const { name, report } = this.context;
    const server = this.servers[index];
    const what = `a snapshot up to index ${index} that is not of the log that ${name(server)}`;
    report(`${name(process)} restores ${what} has applied`, [server, process]);
  }

  private onApplied(process: ProcessIndex, index: number, prefix: number): void {
    const entry = entryIn(this.context.durable(process).log, index);
    if (entry === undefined || entry.prefix !== prefix) {
      const { name, report } = this.context;
      report(`${name(process)} applies an entry ${index} that its log does not hold`, [process]);
      return;
    }
    const known = this.log.entry(index);
    if (known === undefined) {
      this.log.put(entry);
      this.servers[index] = process;
      return;
    }
    this.exercised++;
    if (!sameEntry(known, entry)) this.report(process, index, entry.term);
  }

  /** What a server has applied stays in its log as it was applied. */
  onSecond(): void {
    const { book, durable, raft, servers } = this.context;
    for (const { process } of servers) {
      const state = raft(process);
      if (state === undefined) continue;
      const last = Math.min(state.fsmIndex, this.log.lastIndex);
      const index = book.difference(process, this.log, last);
      if (index > 0) this.report(process, index, entryIn(durable(process).log, index)?.term ?? 0);
    }
  }

  /** `term` is that of the entry now there, 0 for none. */
  private report(process: ProcessIndex, index: number, term: number): void {
    const { name, report } = this.context;
    const server = this.servers[index];
    const known = this.log.entry(index)!;
    const first = `${name(server)} applied entry ${index} of term ${known.term}`;
    const then = term === 0 ? 'has lost it' : `has applied another one, of term ${term}`;
    report(`${first}, ${name(process)} ${then}`, [server, process]);
  }

  save(): unknown {
    const { log, servers, exercised } = this;
    const states = new Map(this.states);
    return { states, log: log.save(), servers: servers.slice(), exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { log, servers, exercised } = state as State;
    this.states = new Map((state as State).states);
    this.log = new KeptLog(this.context.book, log);
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
