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

interface CommittedState {
  readonly entries: readonly Entry[];
  readonly terms: readonly number[];
}

export class CommittedLog {
  /** entries[i] has index i + 1. */
  entries: Entry[] = [];
  /** Term of the server that committed each entry first. */
  private terms: number[] = [];
  /** Answer to the last question of `lastBefore`, kept up to date entry by entry. */
  private asked = { term: 0, upTo: 0, last: 0 };
  private readonly servers: Servers;

  constructor(servers: Servers) {
    this.servers = servers;
  }

  /** The commit index of this server has moved. */
  onCommitted(process: ProcessIndex): void {
    const state = this.servers.raft(process);
    if (state === undefined) return;
    const log = this.servers.durable(process).entries;
    const { commitIndex, term } = state;
    for (let i = this.entries.length; i < commitIndex && log[i] !== undefined; i++) {
      this.entries.push(log[i]);
      this.terms.push(term);
    }
  }

  /** Highest index that was committed in an earlier term than this one; 0 for none. */
  lastBefore(term: number): number {
    const { asked, terms } = this;
    if (asked.term !== term) this.asked = { term, upTo: 0, last: 0 };
    const { asked: memory } = this;
    for (; memory.upTo < terms.length; memory.upTo++) {
      if (terms[memory.upTo] < term) memory.last = memory.upTo + 1;
    }
    return memory.last;
  }

  save(): unknown {
    return { entries: this.entries.slice(), terms: this.terms.slice() } satisfies CommittedState;
  }

  restore(state: unknown): void {
    const { entries, terms } = state as CommittedState;
    this.entries = entries.slice();
    this.terms = terms.slice();
    this.asked = { term: 0, upTo: 0, last: 0 };
  }
}
