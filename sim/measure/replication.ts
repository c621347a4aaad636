/** How long entries take: from the leader's hands to a commit, and from its log to its followers'. */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import { clear } from '../core/fifo.ts';
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
  /** By index: when a leader had stored the entry there, the last time; -1 for never. */
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

  /** Whoever stops leading never learns what becomes of these. */
  onNote(kind: NoteKind, process: ProcessIndex): void {
    const stops = kind === RaftNote.becameFollower || kind === KernelNote.crashed;
    if (stops) this.waiting[process].length = 0;
  }

  onDispatched(process: ProcessIndex, first: number, last: number): void {
    this.waiting[process].push({ first, last, micros: this.world.now });
  }

  private measured(micros: number): boolean {
    return micros >= this.part.fromMicros && micros < this.part.untilMicros;
  }

  /** Each entry of a batch counts; a commit may cut a batch in two. */
  onCommitted(process: ProcessIndex, index: number): void {
    const waiting = this.waiting[process];
    if (waiting.length === 0) return;
    const { now, metrics } = this.world;
    let done = 0;
    for (; done < waiting.length && waiting[done].first <= index; done++) {
      const { first, last, micros } = waiting[done];
      const until = Math.min(last, index);
      if (this.measured(micros)) {
        metrics.record(this.commitLatency, now - micros, until - first + 1);
      }
      if (last <= index) continue;
      waiting[done] = { first: index + 1, last, micros };
      break;
    }
    if (done === waiting.length) clear(waiting);
    else if (done > 0) waiting.splice(0, done);
  }

  onAppended(first: number, last: number, leads: boolean): void {
    if (leads) this.onLeaderAppended(first, last);
    else this.onFollowerAppended(first, last);
  }

  private onLeaderAppended(first: number, last: number): void {
    const { appended } = this;
    // One after the other: a list with holes is slow to read.
    while (appended.length < first) appended.push(-1);
    for (let i = first; i <= last; i++) appended[i] = this.world.now;
  }

  /** What the leader stored together is counted together; an entry from before the run has no time. */
  private onFollowerAppended(first: number, last: number): void {
    const { now, metrics } = this.world;
    const { appended } = this;
    const end = Math.min(last + 1, appended.length);
    for (let i = first; i < end;) {
      const micros = appended[i];
      const from = i;
      while (i < end && appended[i] === micros) i++;
      if (micros < 0 || !this.measured(micros)) continue;
      metrics.record(this.replicationLag, now - micros, i - from);
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
