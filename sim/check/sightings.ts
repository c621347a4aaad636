/** The first log in which each (index, term) was seen: what any later sighting has to agree with. */
import type { ProcessIndex } from '../core/machine.ts';
import { EntryType } from '../protocol/raft/types.ts';
import type { Entry } from '../protocol/raft/types.ts';

/** Immutable. */
export interface Sighting {
  readonly entry: Entry;
  /** Prefix of the log before the entry. */
  readonly before: number;
  readonly server: ProcessIndex;
}

interface State {
  readonly base: number;
  readonly entries: readonly (Entry | undefined)[];
  readonly before: Int32Array;
  readonly servers: Int32Array;
  readonly breaks: readonly number[];
  readonly configurations: readonly number[];
  readonly others: readonly (readonly [number, readonly Sighting[]])[];
}

const CAPACITY_INITIAL = 1024;

/**
 * Mostly an index is seen with one term only: that one lies in columns, by index less `base`. What is
 * before that has been forgotten.
 */
export class Sightings {
  /** Index of the first place of the columns. */
  base = 0;
  /** First entry seen at each index; undefined where none was. */
  entries: (Entry | undefined)[] = [undefined];
  /** Indexes whose first entry was not seen behind the first entry before it. */
  breaks: number[] = [];
  /** Indexes whose first entry is a configuration. */
  configurations: number[] = [];
  private before = new Int32Array(CAPACITY_INITIAL);
  private servers = new Int32Array(CAPACITY_INITIAL);
  private others = new Map<number, readonly Sighting[]>();

  /** The entry that was seen first at an index. */
  first(index: number): Entry | undefined {
    const at = index - this.base;
    return at >= 0 && at < this.entries.length ? this.entries[at] : undefined;
  }

  /** Is this very entry, behind the same log, what was seen at `index` first? By which server, or -1. */
  seenBy(index: number, entry: Entry, before: number): ProcessIndex {
    const { entries } = this;
    const at = index - this.base;
    if (at < 0 || at >= entries.length || entries[at] !== entry) return -1;
    return this.before[at] === before ? this.servers[at] : -1;
  }

  find(index: number, term: number): Sighting | undefined {
    const entry = this.first(index);
    const at = index - this.base;
    if (entry?.term === term) return { entry, before: this.before[at], server: this.servers[at] };
    return this.others.get(index)?.find((sighting) => sighting.entry.term === term);
  }

  /** The first sighting of its index and term. Of what has been forgotten nothing is known again. */
  add(index: number, sighting: Sighting): void {
    const { base, entries } = this;
    const at = index - base;
    if (at < 0) return;
    // By one after the other: a list with holes is slow to read.
    while (entries.length <= at) entries.push(undefined);
    if (entries[at] !== undefined) {
      this.others.set(index, [...(this.others.get(index) ?? []), sighting]);
      return;
    }
    const { entry, before, server } = sighting;
    if (at >= this.before.length) this.grow(2 * at);
    entries[at] = entry;
    this.before[at] = before;
    this.servers[at] = server;
    if (entry.type === EntryType.configuration) this.configurations.push(index);
    if ((this.first(index - 1)?.prefix ?? 0) !== before && index > base) this.breaks.push(index);
    const next = at + 1;
    if (entries[next] !== undefined && this.before[next] !== entry.prefix) {
      this.breaks.push(index + 1);
    }
  }

  /** Forgets what stands before an index. */
  forget(index: number): void {
    const count = Math.min(index - this.base, this.entries.length - 1);
    if (count <= 0) return;
    this.base += count;
    this.entries = this.entries.slice(count);
    this.before.copyWithin(0, count);
    this.servers.copyWithin(0, count);
    this.breaks = this.breaks.filter((one) => one > this.base);
    this.configurations = this.configurations.filter((one) => one >= this.base);
    for (const one of this.others.keys()) if (one < this.base) this.others.delete(one);
  }

  private grow(capacity: number): void {
    const { before, servers } = this;
    this.before = new Int32Array(capacity);
    this.servers = new Int32Array(capacity);
    this.before.set(before);
    this.servers.set(servers);
  }

  save(): unknown {
    const { base, entries } = this;
    const { length } = entries;
    return {
      base,
      entries: entries.slice(),
      before: this.before.slice(0, length),
      servers: this.servers.slice(0, length),
      breaks: this.breaks.slice(),
      configurations: this.configurations.slice(),
      others: [...this.others],
    } satisfies State;
  }

  restore(state: unknown): void {
    const { base, entries, before, servers, breaks, configurations, others } = state as State;
    if (entries.length > this.before.length) this.grow(2 * entries.length);
    this.base = base;
    this.entries = entries.slice();
    this.before.set(before);
    this.servers.set(servers);
    this.breaks = breaks.slice();
    this.configurations = configurations.slice();
    this.others = new Map(others);
  }
}
