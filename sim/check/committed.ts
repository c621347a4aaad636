/**
 * The log as leaders have committed it: the first entry committed at each index, and the term in
 * which that happened. A commit index says nothing about what was committed, so the entry is read
 * from the log of the server that advanced it.
 */
import type { ProcessIndex } from '../core/machine.ts';
import type { Entry, RaftDurable, RaftState } from '../protocol/raft/types.ts';

interface Servers {
  raft(process: ProcessIndex): RaftState | undefined;
  durable(process: ProcessIndex): RaftDurable;
}

/** Entries up to index `last`, from the segment before on, were committed first in `term`. */
interface Segment {
  readonly term: number;
  readonly last: number;
}

interface CommittedState {
  readonly entries: readonly Entry[];
  readonly segments: readonly Segment[];
}

export class CommittedLog {
  /** entries[i] has index i + 1. */
  entries: Entry[] = [];
  private segments: Segment[] = [];
  private readonly servers: Servers;

  constructor(servers: Servers) {
    this.servers = servers;
  }

  /** The commit index of this server has moved. */
  onCommitted(process: ProcessIndex): void {
    const state = this.servers.raft(process);
    if (state === undefined) return;
    const { entries, segments } = this;
    const { commitIndex, term } = state;
    if (commitIndex <= entries.length) return;
    const log = this.servers.durable(process).entries;
    for (let i = entries.length; i < commitIndex && log[i] !== undefined; i++) entries.push(log[i]);
    const last = entries.length;
    if (segments.at(-1)?.term === term) segments[segments.length - 1] = { term, last };
    else segments.push({ term, last });
  }

  /** Highest index that was committed in an earlier term than this one; 0 for none. */
  lastBefore(term: number): number {
    const { segments } = this;
    for (let i = segments.length - 1; i >= 0; i--) {
      if (segments[i].term < term) return segments[i].last;
    }
    return 0;
  }

  save(): unknown {
    const { entries, segments } = this;
    return { entries: entries.slice(), segments: segments.slice() } satisfies CommittedState;
  }

  restore(state: unknown): void {
    const { entries, segments } = state as CommittedState;
    this.entries = entries.slice();
    this.segments = segments.slice();
  }
}
