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
  readonly entries: readonly (Entry | undefined)[];
  readonly before: Int32Array;
  readonly servers: Int32Array;
  readonly breaks: readonly number[];
  readonly others: readonly (readonly [number, readonly Sighting[]])[];
}

const CAPACITY_INITIAL = 1024;

/** Mostly an index is seen with one term only: that one lies in columns, by index. */
export class Sightings {
  /** First entry seen at each index; undefined where none was. */
  entries: (Entry | undefined)[] = [undefined];
  /** Indexes whose first entry was not seen behind the first entry before it. */
  breaks: number[] = [];
  private before = new Int32Array(CAPACITY_INITIAL);
  private servers = new Int32Array(CAPACITY_INITIAL);
  private others = new Map<number, readonly Sighting[]>();

  /** Is this very entry, behind the same log, what was seen at `index` first? By which server, or -1. */
  seenBy(index: number, entry: Entry, before: number): ProcessIndex {
    const { entries } = this;
    if (index >= entries.length || entries[index] !== entry) return -1;
    return this.before[index] === before ? this.servers[index] : -1;
  }

  find(index: number, term: number): Sighting | undefined {
    const entry = index < this.entries.length ? this.entries[index] : undefined;
    if (entry?.term === term)
      return { entry, before: this.before[index], server: this.servers[index] };
    return this.others.get(index)?.find((sighting) => sighting.entry.term === term);
  }

  /** The first sighting of its index and term. */
  add(index: number, sighting: Sighting): void {
    const { entries } = this;
    // By one after the other: a list with holes is slow to read.
    while (entries.length <= index) entries.push(undefined);
    if (entries[index] !== undefined) {
      this.others.set(index, [...(this.others.get(index) ?? []), sighting]);
      return;
    }
    const { entry, before, server } = sighting;
    if (index >= this.before.length) this.grow(2 * index);
    entries[index] = entry;
    this.before[index] = before;
    this.servers[index] = server;
    if ((entries[index - 1]?.prefix ?? 0) !== before) this.breaks.push(index);
    const next = index + 1;
    if (entries[next] !== undefined && this.before[next] !== entry.prefix) this.breaks.push(next);
  }

  private grow(capacity: number): void {
    const { before, servers } = this;
    this.before = new Int32Array(capacity);
    this.servers = new Int32Array(capacity);
    this.before.set(before);
    this.servers.set(servers);
  }

  save(): unknown {
    const { length } = this.entries;
    return {
      entries: this.entries.slice(),
      before: this.before.slice(0, length),
      servers: this.servers.slice(0, length),
      breaks: this.breaks.slice(),
      others: [...this.others],
    } satisfies State;
  }

  restore(state: unknown): void {
    const { entries, before, servers, breaks, others } = state as State;
    if (entries.length > this.before.length) this.grow(2 * entries.length);
    this.entries = entries.slice();
    this.before.set(before);
    this.servers.set(servers);
    this.breaks = breaks.slice();
    this.others = new Map(others);
  }
}
