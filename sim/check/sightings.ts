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

/** Mostly an index is seen with one term only: that one lies in columns. `i` is an array index. */
export class Sightings {
  private entries: Entry[] = [];
  private before: number[] = [];
  private servers: ProcessIndex[] = [];
  private others = new Map<number, readonly Sighting[]>();

  /** Is this very entry, behind the same log, what was seen at `i` first? By which server, or -1. */
  seenBy(i: number, entry: Entry, before: number): ProcessIndex {
    return this.entries[i] === entry && this.before[i] === before ? this.servers[i] : -1;
  }

  find(i: number, term: number): Sighting | undefined {
    const entry = this.entries[i];
    if (entry?.term === term) return { entry, before: this.before[i], server: this.servers[i] };
    return this.others.get(i)?.find((sighting) => sighting.entry.term === term);
  }

  /** The first sighting of its index and term. */
  add(i: number, sighting: Sighting): void {
    if (this.entries[i] !== undefined) {
      this.others.set(i, [...(this.others.get(i) ?? []), sighting]);
      return;
    }
    this.entries[i] = sighting.entry;
    this.before[i] = sighting.before;
    this.servers[i] = sighting.server;
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
