/** Metrics of a Raft cluster (design §11), in the measured part of a run. */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { RaftNote } from '../protocol/raft/vocabulary.ts';
import { LEADERSHIP_NOTES, LeadershipMeasure } from './leadership.ts';
import type { MeasuredPart } from './load.ts';
import { REPLICATION_NOTES, ReplicationMeasure } from './replication.ts';

interface State {
  readonly leadership: unknown;
  readonly replication: unknown;
}

export class RaftMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [...new Set([...LEADERSHIP_NOTES, ...REPLICATION_NOTES])];
  private readonly leadership: LeadershipMeasure;
  private readonly replication: ReplicationMeasure;
  /** Indexed by process. */
  private readonly isServer: Uint8Array;

  constructor(
    world: World,
    servers: readonly { readonly process: ProcessIndex }[],
    part: MeasuredPart,
  ) {
    const processes = new Set(servers.map(({ process }) => process));
    this.isServer = Uint8Array.from(world.processes, ({ index }) => (processes.has(index) ? 1 : 0));
    this.leadership = new LeadershipMeasure(world, part);
    this.replication = new ReplicationMeasure(world, part);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    if (this.isServer[process] === 0) return;
    this.leadership.onNote(kind, process, a);
    this.replication.onNote(kind, process);
  }

  /** Those that come with every entry. */
  handlerOf(kind: NoteKind): NoteHandler | undefined {
    const { isServer, leadership, replication } = this;
    switch (kind) {
      case RaftNote.dispatched:
        return (process, first, last) => {
          if (isServer[process] === 1) replication.onDispatched(process, first, last);
        };
      case RaftNote.committed:
        return (process, index) => {
          if (isServer[process] === 0) return;
          leadership.onCommitted(process);
          replication.onCommitted(process, index);
        };
      case RaftNote.appended:
        return (process, first, last, leads) => {
          if (isServer[process] === 1) replication.onAppended(first, last, leads === 1);
        };
      default:
        return undefined;
    }
  }

  /** Writes what only the end of a run tells. */
  finish(): void {
    this.leadership.finish();
  }

  save(): unknown {
    const { leadership, replication } = this;
    return { leadership: leadership.save(), replication: replication.save() } satisfies State;
  }

  restore(state: unknown): void {
    const { leadership, replication } = state as State;
    this.leadership.restore(leadership);
    this.replication.restore(replication);
  }
}
