/**
 * The log as leaders have committed it: the first entry committed at each index, and the term in
 * which that happened. A commit index says nothing about what was committed, so the entry is read
 * from the log of the server that advanced it.
 */
import type { ProcessIndex } from '../core/machine.ts';
import { copyLog, createLog, entryIn, lastIndexOf, putEntry } from '../protocol/raft/log.ts';
import type { RaftLog } from '../protocol/raft/log.ts';
import type { RaftDurable, RaftState } from '../protocol/raft/types.ts';
import { Deviations } from './deviations.ts';

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
  readonly log: RaftLog;
  readonly segments: readonly Segment[];
}

export class CommittedLog {
  log: RaftLog = createLog();
  /** Where that is not the book. */
  deviations = new Deviations();
  private segments: Segment[] = [];
  private readonly servers: Servers;

  constructor(servers: Servers) {
    this.servers = servers;
  }

  /** The commit index of this server has moved. */
  onCommitted(process: ProcessIndex): void {
    const state = this.servers.raft(process);
    if (state === undefined) return;
    const { log, segments } = this;
    const { commitIndex, term } = state;
    if (commitIndex <= lastIndexOf(log)) return;
    const own = this.servers.durable(process).log;
    for (let index = lastIndexOf(log) + 1; index <= commitIndex; index++) {
      const entry = entryIn(own, index);
      // A snapshot may stand for it.
      if (entry !== undefined) putEntry(log, entry);
    }
    const last = Math.max(lastIndexOf(log), commitIndex);
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
    const { log, segments } = this;
    return { log: copyLog(log), segments: segments.slice() } satisfies CommittedState;
  }

  restore(state: unknown): void {
    const { log, segments } = state as CommittedState;
    this.log = copyLog(log);
    this.deviations = new Deviations();
    this.segments = segments.slice();
  }
}
