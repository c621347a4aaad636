/**
 * The state store as the committed log makes it: each entry that a leader commits is applied once more
 * here, by the same rules, to a store that no server has and no bug is planted in. What clients are told
 * is compared with it.
 */
import type { ProcessIndex } from '../../core/machine.ts';
import type { NoteKind } from '../../core/machine.ts';
import type { Observer } from '../../core/observer.ts';
import { EntryType } from '../../protocol/raft/types.ts';
import type { Entry } from '../../protocol/raft/types.ts';
import type { StoreCommand } from '../../consul/state/commands.ts';
import { applyCommand } from '../../consul/state/fsm.ts';
import type { Session } from '../../consul/state/rows.ts';
import { copyStore, createStore } from '../../consul/state/store.ts';
import type { LockDelay, Store } from '../../consul/state/store.ts';
import { rowOf } from '../../consul/state/table.ts';
import type { Commits } from '../commits.ts';

/** An entry that was just applied. */
export interface Applied {
  readonly index: number;
  readonly command: StoreCommand;
  /** What the store returned. */
  readonly result: unknown;
  /** When a leader was first seen to have committed it. */
  readonly micros: number;
  readonly leader: ProcessIndex;
  /** Lock-delays that it starts. */
  readonly delays: readonly LockDelay[];
  /** The session that it ends, as it was; of an entry that destroys one alone. */
  readonly ended: Session | undefined;
}

interface State {
  readonly store: Store;
  readonly index: number;
  readonly gap: boolean;
}

export class StoreReplay implements Observer {
  readonly wants: readonly NoteKind[] = [];
  private store = createStore();
  /** Everything up to here is in the store. */
  private index = 0;
  /** Entries were missing, behind a snapshot: nothing is known any more. */
  private gap = false;
  /** By index, and good up to `index` only: what lies behind belongs to another future. */
  private readonly results: unknown[] = [];
  private readonly digests: (number | undefined)[] = [];
  /** Indexes by digest, of the commands up to `indexed`: they are asked for seldom, and then often. */
  private readonly indexes = new Map<number, number>();
  private indexed = 0;
  private readonly listeners: ((applied: Applied) => void)[] = [];
  private readonly commits: Commits;
  private readonly clock: { readonly now: number };
  private listening = false;

  constructor(commits: Commits, clock: { readonly now: number }) {
    this.commits = commits;
    this.clock = clock;
  }

  onNote(): void {}

  /** Nobody pays for it who does not ask; `listener` is told of each entry. */
  start(listener?: (applied: Applied) => void): void {
    if (listener !== undefined) this.listeners.push(listener);
    if (this.listening) return;
    this.listening = true;
    this.commits.onLeader((process) => this.catchUp(process));
  }

  private catchUp(leader: ProcessIndex): void {
    const { log } = this.commits.log;
    for (let index = this.index + 1; index <= log.lastIndex && !this.gap; index++) {
      const entry = log.entry(index);
      if (entry === undefined) this.gap = true;
      else this.apply(entry, leader);
    }
  }

  private apply(entry: Entry, leader: ProcessIndex): void {
    this.index = entry.index;
    this.digests[entry.index] = undefined;
    if (entry.type !== EntryType.command) return;
    const { store } = this;
    const command = entry.data as StoreCommand;
    // Other state machines have commands of their own.
    if (command.op === undefined) return;
    const ended = command.op === 'session-destroy' ? rowOf(store.sessions, command.id) : undefined;
    const result = applyCommand(store, entry);
    this.results[entry.index] = result;
    this.digests[entry.index] = command.digest;
    if (this.listeners.length > 0) {
      const { index } = entry;
      const delays = store.lockDelays;
      const micros = this.clock.now;
      const applied: Applied = { index, command, result, micros, leader, delays, ended };
      for (const listener of this.listeners) listener(applied);
    }
    store.lockDelays = [];
    store.tombstoneHint = 0;
  }

  /** Index under which a command was committed; 0: it was not, as far as is known. */
  indexOf(digest: number): number {
    while (this.indexed < this.index) {
      const known = this.digests[++this.indexed];
      if (known !== undefined) this.indexes.set(known, this.indexed);
    }
    const index = this.indexes.get(digest) ?? 0;
    return index <= this.index && this.digests[index] === digest ? index : 0;
  }

  /** What the store makes of the command at an index; undefined where there is another, or none. */
  resultAt(index: number, digest: number): unknown {
    if (index > this.index || this.digests[index] !== digest) return undefined;
    return this.results[index];
  }

  /** The log is known without a gap. */
  get complete(): boolean {
    return this.listening && !this.gap;
  }

  save(): unknown {
    const { store, index, gap } = this;
    return { store: copyStore(store), index, gap } satisfies State;
  }

  restore(state: unknown): void {
    const { store, index, gap } = state as State;
    this.store = copyStore(store);
    this.index = index;
    this.gap = gap;
    this.indexes.clear();
    this.indexed = 0;
  }
}
