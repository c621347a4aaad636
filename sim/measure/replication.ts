/** How long entries take: from the leader's hands to a commit, and from its log to its followers'. */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import { KernelNote } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import type { MeasuredPart } from './load.ts';

export const REPLICATION_NOTES: readonly NoteKind[] = [
  RaftNote.dispatched,
  RaftNote.committed,
  RaftNote.appended,
  RaftNote.becameFollower,
  KernelNote.crashed,
];

/** Entries first..last that a leader has handed to its disk together, at `micros`. Immutable. */
interface Batch {
  readonly first: number;
  readonly last: number;
  readonly micros: number;
}

interface State {
  readonly waiting: readonly (readonly Batch[])[];
  readonly appended: readonly number[];
}

export class ReplicationMeasure {
  /** By process: what it leads and has not committed yet, ascending. */
  private waiting: Batch[][];
  /** By index: when a leader had stored the entry there, the last time. */
  private appended: number[] = [];
  private readonly world: World;
  private readonly part: MeasuredPart;
  private readonly commitLatency: number;
  private readonly replicationLag: number;

  constructor(world: World, part: MeasuredPart) {
    this.world = world;
    this.part = part;
    this.waiting = world.processes.map(() => []);
    this.commitLatency = world.metrics.id('raft.commit-latency', 'time');
    this.replicationLag = world.metrics.id('raft.replication-lag', 'time');
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    switch (kind) {
      case RaftNote.dispatched:
        this.waiting[process].push({ first: a, last: b, micros: this.world.now });
        return;
      case RaftNote.committed:
        if (this.waiting[process].length > 0) this.onCommitted(process, a);
        return;
      case RaftNote.appended:
        if (c === 1) this.onLeaderAppended(a, b);
        else this.onFollowerAppended(a, b);
        return;
      default:
        // Whoever stops leading never learns what becomes of these.
        this.waiting[process] = [];
    }
  }

  private measured(micros: number): boolean {
    return micros >= this.part.fromMicros && micros < this.part.untilMicros;
  }

  /** Each entry of a batch counts; a commit may cut a batch in two. */
  private onCommitted(process: ProcessIndex, index: number): void {
    const { now, metrics } = this.world;
    const waiting = this.waiting[process];
    let done = 0;
    for (; done < waiting.length && waiting[done].first <= index; done++) {
      const { first, last, micros } = waiting[done];
      const until = Math.min(last, index);
      for (let i = first; i <= until && this.measured(micros); i++) {
        metrics.record(this.commitLatency, now - micros);
      }
      if (last <= index) continue;
      waiting[done] = { first: index + 1, last, micros };
      break;
    }
    waiting.splice(0, done);
  }

  private onLeaderAppended(first: number, last: number): void {
    for (let i = first; i <= last; i++) this.appended[i] = this.world.now;
  }

  /** An entry from before the run has no time. */
  private onFollowerAppended(first: number, last: number): void {
    const { now, metrics } = this.world;
    for (let i = first; i <= last; i++) {
      const micros = this.appended[i];
      if (micros === undefined || !this.measured(micros)) continue;
      metrics.record(this.replicationLag, now - micros);
    }
  }

  save(): unknown {
    const waiting = this.waiting.map((batches) => batches.slice());
    return { waiting, appended: this.appended.slice() } satisfies State;
  }

  restore(state: unknown): void {
    const { waiting, appended } = state as State;
    this.waiting = waiting.map((batches) => batches.slice());
    this.appended = appended.slice();
  }
}
