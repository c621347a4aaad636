/** The first log in which each (index, term) was seen: what any later sighting has to agree with. */
import type { ProcessIndex } from '../core/machine.ts';
import type { Entry } from '../protocol/raft/types.ts';

/** Immutable. */
export interface Sighting {
  readonly entry: Entry;
  /** Prefix of the log before the entry. */
  readonly before: number;
  readonly server: ProcessIndex;
}

interface State {
  readonly entries: readonly Entry[];
  readonly before: readonly number[];
  readonly servers: readonly ProcessIndex[];
  readonly others: readonly (readonly [number, readonly Sighting[]])[];
}

/** Mostly an index is seen with one term only: that one lies in columns. */
export class Sightings {
  private entries: Entry[] = [];
  private before: number[] = [];
  private servers: ProcessIndex[] = [];
  private others = new Map<number, readonly Sighting[]>();

  /** Is this very entry, behind the same log, what was seen at `index` first? By which server, or -1. */
  seenBy(index: number, entry: Entry, before: number): ProcessIndex {
    return this.entries[index] === entry && this.before[index] === before
      ? this.servers[index]
      : -1;
  }

  find(index: number, term: number): Sighting | undefined {
    const entry = this.entries[index];
    if (entry?.term === term)
      return { entry, before: this.before[index], server: this.servers[index] };
    return this.others.get(index)?.find((sighting) => sighting.entry.term === term);
  }

  /** The first sighting of its index and term. */
  add(index: number, sighting: Sighting): void {
    if (this.entries[index] !== undefined) {
      this.others.set(index, [...(this.others.get(index) ?? []), sighting]);
      return;
    }
    this.entries[index] = sighting.entry;
    this.before[index] = sighting.before;
    this.servers[index] = sighting.server;
  }

  save(): unknown {
    return {
      entries: this.entries.slice(),
      before: this.before.slice(),
      servers: this.servers.slice(),
      others: [...this.others],
    } satisfies State;
  }

  restore(state: unknown): void {
    const { entries, before, servers, others } = state as State;
    this.entries = entries.slice();
    this.before = before.slice();
    this.servers = servers.slice();
    this.others = new Map(others);
  }
}
