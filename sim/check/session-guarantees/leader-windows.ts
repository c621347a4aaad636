/**
 * Watches a run for the times in which a leader may give stale answers: after another was elected
 * and before it notices, and after its own election until it has applied an entry of its term.
 */
import type { NoteKind, ProcessIndex } from '../../core/machine.ts';
import type { NoteHandler, Observer } from '../../core/observer.ts';
import { KernelNote } from '../../core/observer.ts';
import { Role } from '../../protocol/raft/types.ts';
import type { RaftState } from '../../protocol/raft/types.ts';
import { RaftNote } from '../../protocol/raft/vocabulary.ts';
import type { LeaderWindow } from './consul-modes.ts';

/** What it has to know of the run; a `CheckContext` will do. */
export interface LeaderView {
  readonly world: { readonly now: number };
  readonly servers: readonly { readonly process: ProcessIndex }[];
  raft(process: ProcessIndex): Pick<RaftState, 'role' | 'term'> | undefined;
  /** Name of the server's host. */
  name(process: ProcessIndex): string;
}

interface Leading {
  readonly term: number;
  /** Start of the time in which it is not ready; -1 once it is. */
  unreadyFrom: number;
  /** Start of the time in which another leads; -1 while none does. */
  replacedFrom: number;
}

export class LeaderWindows implements Observer {
  readonly wants: readonly NoteKind[] = [
    RaftNote.becameLeader,
    RaftNote.becameFollower,
    RaftNote.applied,
    KernelNote.crashed,
  ];
  readonly #view: LeaderView;
  #leading = new Map<ProcessIndex, Leading>();
  #closed: LeaderWindow[] = [];
  /** Some leader may not have applied an entry of its term yet. */
  #unready = false;

  constructor(view: LeaderView) {
    this.#view = view;
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, _b: number, c: number): void {
    const { now } = this.#view.world;
    if (kind === RaftNote.becameLeader) {
      this.#replaceOthers(process, now);
      this.#leading.set(process, { term: a, unreadyFrom: now, replacedFrom: -1 });
      this.#unready = true;
      return;
    }
    const leading = this.#leading.get(process);
    if (leading === undefined) return;
    if (kind !== RaftNote.applied) {
      this.#end(process, leading);
      this.#leading.delete(process);
    } else if (c === leading.term && leading.unreadyFrom >= 0) {
      this.#close('unready', process, leading.unreadyFrom);
      leading.unreadyFrom = -1;
      this.#unready = this.#someUnready();
    }
  }

  handlerOf(kind: NoteKind): NoteHandler | undefined {
    if (kind !== RaftNote.applied) return undefined;
    return (process, index, prefix, term) => {
      if (this.#unready) this.onNote(kind, process, index, prefix, term);
    };
  }

  #someUnready(): boolean {
    return [...this.#leading.values()].some(({ unreadyFrom }) => unreadyFrom >= 0);
  }

  /** A cluster that starts formed has a leader that never became one, so states are asked. */
  #replaceOthers(newest: ProcessIndex, now: number): void {
    for (const { process } of this.#view.servers) {
      const state = this.#view.raft(process);
      if (process === newest || state?.role !== Role.leader) continue;
      const known = this.#leading.get(process);
      if (known === undefined) {
        this.#leading.set(process, { term: state.term, unreadyFrom: -1, replacedFrom: now });
      } else if (known.replacedFrom < 0) {
        known.replacedFrom = now;
      }
    }
  }

  /** All windows so far; those that are open end now. */
  windows(): LeaderWindow[] {
    const closed = this.#closed;
    this.#closed = closed.slice();
    for (const [process, leading] of this.#leading) this.#end(process, leading);
    const all = this.#closed;
    this.#closed = closed;
    return all;
  }

  save(): unknown {
    const leading = Array.from(this.#leading, ([process, one]) => [process, { ...one }] as const);
    return { leading, closed: this.#closed.slice() };
  }

  restore(state: unknown): void {
    const { leading, closed } = state as {
      leading: readonly (readonly [ProcessIndex, Leading])[];
      closed: readonly LeaderWindow[];
    };
    this.#leading = new Map(leading.map(([process, one]) => [process, { ...one }]));
    this.#closed = closed.slice();
    this.#unready = this.#someUnready();
  }

  #end(process: ProcessIndex, { unreadyFrom, replacedFrom }: Leading): void {
    if (unreadyFrom >= 0) this.#close('unready', process, unreadyFrom);
    if (replacedFrom >= 0) this.#close('replaced', process, replacedFrom);
  }

  #close(kind: LeaderWindow['kind'], process: ProcessIndex, fromMicros: number): void {
    const host = this.#view.name(process);
    this.#closed.push({ kind, host, fromMicros, toMicros: this.#view.world.now });
  }
}
