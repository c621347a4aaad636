/**
 * The log as leaders have committed it: the first entry committed at each index, and the term in
 * which that happened. A commit index says nothing about what was committed, so the entry is read
 * from the log of the server that advanced it.
 */
import type { ProcessIndex } from '../core/machine.ts';
import { entryIn } from '../protocol/raft/log.ts';
import type { RaftDurable, RaftState } from '../protocol/raft/types.ts';
import { KeptLog } from './kept-log.ts';
import type { KeptLogState } from './kept-log.ts';
import type { LogBook } from './log-book.ts';

interface Servers {
  readonly book: Pick<LogBook, 'first'>;
  durable(process: ProcessIndex): RaftDurable;
}

/** Entries up to index `last`, from the segment before on, were committed first in `term`. */
interface Segment {
  readonly term: number;
  readonly last: number;
}

interface CommittedState {
  readonly log: KeptLogState;
  readonly segments: readonly Segment[];
}

export class CommittedLog {
  log: KeptLog;
  private segments: Segment[] = [];
  private readonly servers: Servers;

  constructor(servers: Servers) {
    this.servers = servers;
    this.log = new KeptLog(servers.book);
  }

  /** The commit index of this server has moved; `state` is what it then is. */
  onCommitted(process: ProcessIndex, { commitIndex, term }: RaftState): void {
    const { log, segments } = this;
    if (commitIndex <= log.lastIndex) return;
    const own = this.servers.durable(process).log;
    for (let index = log.lastIndex + 1; index <= commitIndex; index++) {
      const entry = entryIn(own, index);
      // A snapshot may stand for it.
      if (entry !== undefined) log.put(entry);
    }
    const last = Math.max(log.lastIndex, commitIndex);
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
    return { log: log.save(), segments: segments.slice() } satisfies CommittedState;
  }

  restore(state: unknown): void {
    const { log, segments } = state as CommittedState;
    this.log = new KeptLog(this.servers.book, log);
    this.segments = segments.slice();
  }
}
