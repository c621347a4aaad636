/**
 * Every commit of every server, told to those whom it concerns: most invariants want to know of few
 * of them, and all would look at the same state.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import { Role } from '../protocol/raft/types.ts';
import type { RaftDurable, RaftState } from '../protocol/raft/types.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import { CommittedLog } from './committed.ts';
import type { LogBook } from './log-book.ts';

type Listener = (process: ProcessIndex, state: RaftState) => void;

interface Servers {
  readonly book: Pick<LogBook, 'first'>;
  raft(process: ProcessIndex): RaftState | undefined;
  durable(process: ProcessIndex): RaftDurable;
}

interface State {
  readonly log: unknown;
  readonly byFollowers: number;
  readonly configurations: readonly number[];
}

export class Commits implements Observer {
  readonly wants: readonly NoteKind[] = [RaftNote.committed];
  readonly log: CommittedLog;
  /** Commits of followers so far. */
  byFollowers = 0;
  /** By process: index of the last configuration that it has told about. */
  private configurations: number[] = [];
  private readonly leading: Listener[] = [];
  private readonly configuring: Listener[] = [];
  private readonly servers: Servers;

  constructor(servers: Servers) {
    this.servers = servers;
    this.log = new CommittedLog(servers);
  }

  /** A server has committed while it leads. */
  onLeader(listener: Listener): void {
    this.leading.push(listener);
  }

  /** A server has committed another configuration than the last time. */
  onConfiguration(listener: Listener): void {
    this.configuring.push(listener);
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    this.onCommitted(process);
  }

  handlerOf(): NoteHandler {
    return (process) => this.onCommitted(process);
  }

  private onCommitted(process: ProcessIndex): void {
    const state = this.servers.raft(process);
    if (state === undefined) return;
    this.log.onCommitted(process, state);
    const { role, latestIndex, commitIndex } = state;
    if (role === Role.leader) {
      for (const listener of this.leading) listener(process, state);
    } else if (role === Role.follower) {
      this.byFollowers++;
    }
    if (this.configurations[process] === latestIndex || latestIndex > commitIndex) return;
    for (const listener of this.configuring) listener(process, state);
    this.configurations[process] = latestIndex;
  }

  save(): unknown {
    const { log, byFollowers, configurations } = this;
    const saved: State = {
      log: log.save(),
      byFollowers,
      configurations: configurations.slice(),
    };
    return saved;
  }

  restore(state: unknown): void {
    const { log, byFollowers, configurations } = state as State;
    this.log.restore(log);
    this.byFollowers = byFollowers;
    this.configurations = configurations.slice();
  }
}
